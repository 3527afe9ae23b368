"""Files that are dropped on the desk or pasted into it, as a browser hands them over."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

from PIL import Image

from tests.web.editing import Desk

DROP = """({files, text, at, kind, alt}) => {
  const carried = new DataTransfer();
  for (const {name, type, data} of files) {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    carried.items.add(new File([bytes], name, {type}));
  }
  if (text !== null) carried.setData("text/plain", text);
  if (kind === "paste") {
    document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: carried, bubbles: true, cancelable: true}));
    return;
  }
  const target = document.elementFromPoint(at[0], at[1]);
  const where = {dataTransfer: carried, clientX: at[0], clientY: at[1], altKey: alt, bubbles: true, cancelable: true};
  for (const type of ["dragenter", "dragover", "drop"]) target.dispatchEvent(new DragEvent(type, where));
}"""

KINDS = {".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg", ".json": "application/json"}

PROMPT = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "starter.safetensors"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["1", 1], "text": "a boat from a script"}},
}
"""A graph in API form, which has no places."""


def as_given(name: str, data: bytes) -> dict[str, str]:
    kind = KINDS.get(Path(name).suffix, "")
    return {"name": name, "type": kind, "data": base64.b64encode(data).decode()}


def drop(desk: Desk, name: str, data: bytes, at: tuple[float, float] | None = None, *, alt: bool = False) -> None:
    """Let a file fall on the canvas."""
    place = list(at or desk.empty_spot())
    desk.page.evaluate(DROP, {"files": [as_given(name, data)], "text": None, "at": place, "kind": "drop", "alt": alt})


def paste(desk: Desk, *, text: str | None = None, file: tuple[str, bytes] | None = None) -> None:
    """Paste a text or a file while nothing is being typed."""
    files = [] if file is None else [as_given(*file)]
    desk.page.evaluate(DROP, {"files": files, "text": text, "at": [0, 0], "kind": "paste", "alt": False})


def plain_picture(format: str = "PNG") -> bytes:
    """A picture that holds no workflow."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 200)).save(file, format)
    return file.getvalue()


def latent(workflow: object) -> bytes:
    """A file of tensors with a workflow in its header, as SaveLatent writes them."""
    header = json.dumps({"__metadata__": {"workflow": json.dumps(workflow)}}).encode()
    return len(header).to_bytes(8, "little") + header + bytes(64)
