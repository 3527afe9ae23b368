"""Results on disk, so that a job which begins again after a crash or a restart goes on from what was computed.

One safetensors file per result: tensors as they are, and in the header how they stood in lists and dicts. Kept is what
took long, consists of tensors and plain values (latents, pictures, conditionings; no models), and shows nothing (what a
node showed may be a temporary file).
"""

from __future__ import annotations

import hashlib
import json
import logging
import queue
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from darkroom import diffusion
from darkroom.engine.running.cache import Stored
from darkroom.files.write import write_whole

log = logging.getLogger(__name__)

LEAST_SECONDS = 0.5
"""Results that took less are computed again as fast as they are read."""

LARGEST_BYTES = 512 * 2**20
SUFFIX = ".safetensors"
HEADER = "darkroom.result"
WAITING = 4
"""Results in the queue for the disk; more are not kept rather than held up."""

PLAIN = (bool, int, float, str, type(None))


class NotStorable(Exception):
    """A value that is neither plain nor made of tensors."""


class DiskCache:
    """A `Tier` in a folder, written by a thread of its own; several workers may share the folder.

    budget_bytes: the files that were used longest ago go first
    """

    def __init__(self, folder: Path, budget_bytes: int) -> None:
        self._folder = folder
        self._budget = budget_bytes
        folder.mkdir(parents=True, exist_ok=True)
        self._known = {bytes.fromhex(path.stem) for path in folder.glob("*" + SUFFIX) if _is_hex(path.stem)}
        self._waiting: queue.Queue[tuple[bytes, Stored]] = queue.Queue(WAITING)
        threading.Thread(target=self._write_all, name="results to disk", daemon=True).start()

    def offer(self, key: bytes, stored: Stored) -> None:
        """Queue a result for writing if it is worth it."""
        if stored.seconds < LEAST_SECONDS or stored.ui is not None or stored.blocked or key in self._known:
            return
        try:
            self._waiting.put_nowait((key, stored))
        except queue.Full:
            log.debug("the disk is too slow to keep a result of %.1f s", stored.seconds)

    def holds(self, key: bytes) -> bool:
        return key in self._known

    def load(self, key: bytes) -> Stored | None:
        """The result of a key, checked; a file that is damaged is removed."""
        path = self._path(key)
        try:
            stored = read(path)
            path.touch()
        except FileNotFoundError:
            self._known.discard(key)
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("a kept result is damaged and will be computed again: %s (%s)", path.name, error)
            self._known.discard(key)
            path.unlink(missing_ok=True)
            return None
        return stored

    def clear(self) -> None:
        """Forget every result."""
        self._known.clear()
        for path in self._folder.glob("*" + SUFFIX):
            path.unlink(missing_ok=True)

    def settle(self) -> None:
        """Wait until everything offered is written."""
        self._waiting.join()

    def _path(self, key: bytes) -> Path:
        return self._folder / (key.hex() + SUFFIX)

    def _write_all(self) -> None:
        while True:
            key, stored = self._waiting.get()
            try:
                data = packed(stored)
                if len(data) <= min(LARGEST_BYTES, self._budget):
                    write_whole(self._path(key), data)
                    self._known.add(key)
                    self._shrink()
            except NotStorable:
                pass
            except Exception as error:  # the thread must live: a full disk today may have room tomorrow
                log.warning("a result could not be kept on disk: %s", error)
            finally:
                del stored
                self._waiting.task_done()

    def _shrink(self) -> None:
        found = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in self._folder.glob("*" + SUFFIX))
        total = sum(size for _, size, _ in found)
        for _, size, path in found:
            if total <= self._budget:
                return
            path.unlink(missing_ok=True)
            total -= size
            if _is_hex(path.stem):
                self._known.discard(bytes.fromhex(path.stem))


def packed(stored: Stored) -> bytes:
    """A result as one safetensors file. Raises NotStorable."""
    tensors: dict[str, Any] = {}
    outputs = [[_flat(value, tensors) for value in values] for values in stored.outputs]
    said = json.dumps({"outputs": outputs, "seconds": stored.seconds})
    contents = diffusion.packed.to_bytes(tensors, {HEADER: said})
    return contents + hashlib.blake2b(contents, digest_size=16).digest()


def read(path: Path) -> Stored:
    """The result in a file. Raises OSError, or ValueError and its kin where it is damaged."""
    data = path.read_bytes()
    contents, digest = data[:-16], data[-16:]
    if hashlib.blake2b(contents, digest_size=16).digest() != digest:
        raise ValueError("its digest is wrong")
    tensors, header = diffusion.packed.from_bytes(contents)
    said = json.loads(header[HEADER])
    outputs = tuple([_whole(value, tensors) for value in values] for values in said["outputs"])
    return Stored(outputs, seconds=float(said["seconds"]))


def _flat(value: Any, tensors: dict[str, Any]) -> Any:
    """A value as JSON: tensors by name, containers as `{kind: contents}`."""
    if isinstance(value, PLAIN) and type(value) in PLAIN:
        return value
    if type(value) in (list, tuple):
        return {type(value).__name__: [_flat(each, tensors) for each in value]}
    if type(value) is dict and all(type(name) is str for name in value):
        return {"dict": {name: _flat(each, tensors) for name, each in value.items()}}
    if type(value).__module__ == "torch" and type(value).__name__ == "Tensor":
        name = str(len(tensors))
        tensors[name] = value.detach().cpu().contiguous().clone()
        return {"tensor": name}
    raise NotStorable(type(value).__name__)


def _whole(value: Any, tensors: Mapping[str, Any]) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, contents),) = value.items()
    if kind == "tensor":
        return tensors[contents]
    if kind == "dict":
        return {name: _whole(each, tensors) for name, each in contents.items()}
    made = [_whole(each, tensors) for each in contents]
    return tuple(made) if kind == "tuple" else made


def _is_hex(text: str) -> bool:
    try:
        bytes.fromhex(text)
    except ValueError:
        return False
    return True
