"""A workflow from any kind of file: JSON as saved or exported, or a picture or tensors with their workflow inside."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from darkroom.engine.problems import Problem, WorkflowError
from darkroom.engine.read import kind_of, read_any, read_json, unwrapped
from darkroom.engine.spec import Specs
from darkroom.files.metadata import is_picture, read_metadata
from darkroom.frames.report import problem_as_json
from darkroom.service.contracts import Limits
from darkroom.service.http.body import refuse_many, too_large

EMPTY_PICTURE = Problem(
    "no_workflow",
    "the picture has no workflow inside",
    "a picture that was saved with its workflow",
    "open one as it was saved: chat programs and web sites take the workflow out",
)


EMPTY_TENSORS = Problem(
    "no_workflow",
    "the file of tensors has no workflow inside",
    "a latent that was saved with its workflow",
    "open a picture of the same run, or the workflow itself",
)

LENGTH_BYTES = 8
"""Of a safetensors file, which .latent files are too: the length of its JSON header, which comes next."""


def opened(
    data: bytes, source: str, specs: Specs, judge: Callable[[Mapping[str, Any]], None], limits: Limits
) -> dict[str, Any]:
    """What a file holds; nothing is run or fetched.

    judge: sees the document before it is read further, and raises where it is too large

    Gives {kind: "workflow" or "prompt", workflow or prompt: the JSON, problems, unknown: ids of unknown types}
    Raises WorkflowError where there is no workflow in it, Refused where its JSON is beyond the limits.
    """
    document = unwrapped(document_of(data, source, limits), source)
    judge(document)
    kind = "workflow" if kind_of(document, source) == "ui" else "prompt"
    try:
        loaded = read_any(document, source, specs)
        problems, unknown = loaded.problems, loaded.unknown
    except WorkflowError as error:  # the editor shows a damaged one, and what is wrong with it
        problems, unknown = error.problems, ()
    told = [problem_as_json(each) for each in problems]
    return json_safe({"kind": kind, kind: document, "problems": told, "unknown": list(unknown)})


def json_safe(value: Mapping[str, Any]) -> dict[str, Any]:
    """With null for NaN and infinities, which old pictures hold and no browser reads."""
    safe: dict[str, Any] = json.loads(json.dumps(value, default=str), parse_constant=lambda _word: None)
    return safe


def document_of(data: bytes, source: str, limits: Limits) -> Mapping[str, Any]:
    if is_picture(data):
        texts, empty = read_metadata(data), EMPTY_PICTURE
    elif is_tensors(data):
        texts, empty = tensor_texts(data, source, limits), EMPTY_TENSORS
    else:
        return read_json(bounded(data, limits), source)
    for key in ("workflow", "prompt"):
        if key in texts:
            text = texts[key][: limits.json_bytes + 1]  # what is longer is refused, without another copy of it
            return read_json(bounded(text.encode("utf-8", "surrogatepass"), limits), source)
    raise WorkflowError([empty], source)


def is_tensors(data: bytes) -> bool:
    """Whether a file begins as safetensors do. No text does: its first letters would be a length of many petabytes."""
    length = int.from_bytes(data[:LENGTH_BYTES], "little")
    return 2 <= length <= len(data) - LENGTH_BYTES and data[LENGTH_BYTES : LENGTH_BYTES + 1] == b"{"


def tensor_texts(data: bytes, source: str, limits: Limits) -> dict[str, str]:
    """The texts in the header of a safetensors file, by name. The tensors themselves need not be there."""
    length = int.from_bytes(data[:LENGTH_BYTES], "little")
    header = read_json(bounded(data[LENGTH_BYTES : LENGTH_BYTES + length], limits), source)
    found = header.get("__metadata__")
    return {name: text for name, text in found.items() if isinstance(text, str)} if isinstance(found, Mapping) else {}


def bounded(text: bytes, limits: Limits) -> bytes:
    """The text, if its JSON is not too large. Raises Refused with 413."""
    if len(text) > limits.json_bytes:
        raise too_large(limits.json_bytes)
    refuse_many(text, limits)
    return text
