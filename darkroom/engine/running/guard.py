"""Catches nodes that change what they are handed; for tests and for authors, as it reads every byte of every input."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from darkroom.engine.running.size import attributes


class MutationError(Exception):
    """A node changed one of its inputs."""


def fingerprints(arguments: Mapping[str, Any]) -> dict[str, bytes]:
    """A hash of each argument's content, down to the numbers of its tensors and arrays."""
    return {name: fingerprint(value) for name, value in arguments.items()}


def compare(before: Mapping[str, bytes], arguments: Mapping[str, Any]) -> None:
    """Raises MutationError naming the inputs whose content is no longer what it was."""
    changed = [name for name, value in arguments.items() if fingerprint(value) != before[name]]
    if changed:
        raise MutationError(
            f"it changed what it was handed as {', '.join(changed)}; other nodes read the same value, "
            "so a node must work on a copy"
        )


def fingerprint(value: Any) -> bytes:
    """Hash a value: numbers and text, the structure of containers, and the content of tensors, arrays and objects."""
    digest = blake2b(digest_size=16)
    seen: dict[int, int] = {}
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, (int, float, complex, str, bytes, bytearray, type(None))):
            digest.update(f"{type(each).__name__} {each!r};".encode("utf-8", "surrogatepass"))
            continue
        if id(each) in seen:
            digest.update(b"again %d;" % seen[id(each)])
            continue
        seen[id(each)] = len(seen)
        digest.update(type(each).__name__.encode())
        stack.extend(_open(each, digest))
    return digest.digest()


def _open(value: Any, digest: blake2b) -> list[Any]:
    """Hash what can be hashed of a compound value at once; return what it is made of."""
    if isinstance(value, Mapping):
        digest.update(b"{%d" % len(value))
        return [part for item in value.items() for part in item]
    if isinstance(value, (list, tuple)):
        digest.update(b"[%d" % len(value))
        return list(value)
    if isinstance(value, (set, frozenset)):
        digest.update(repr(sorted(map(repr, value))).encode())
        return []
    content = _content(value)
    if content is not None:
        digest.update(f"{getattr(value, 'shape', '')} {getattr(value, 'dtype', '')}".encode())
        digest.update(content)
        return []
    return [] if callable(value) and not hasattr(value, "__dict__") else attributes(value)


def _content(value: Any) -> bytes | None:
    """The bytes of a tensor, an array or a picture; None for anything else."""
    if callable(getattr(value, "detach", None)):
        tensor = value.detach().cpu()
        # numpy has no bfloat16 and no float8; float32 holds every value of them.
        exact = tensor.float() if str(tensor.dtype).startswith(("torch.bfloat16", "torch.float8")) else tensor
        return bytes(exact.contiguous().numpy().tobytes())
    tobytes = getattr(value, "tobytes", None)
    return bytes(tobytes()) if callable(tobytes) else None
