"""Headers of weight files: which tensors they hold, read without torch and without the tensors.

A safetensors file is the header's length in 8 bytes (little-endian), the header as JSON, then the tensors' bytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

MAXIMUM_HEADER_BYTES = 100_000_000
LENGTH_BYTES = 8

BITS = {
    "F64": 64, "I64": 64, "U64": 64, "C64": 64, "F32": 32, "I32": 32, "U32": 32, "F16": 16, "BF16": 16, "I16": 16,
    "U16": 16, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "I8": 8, "U8": 8, "BOOL": 8, "F4": 4,
}  # fmt: skip
"""Bits per number of each safetensors dtype; the size of others is not checked."""

DOWNLOAD_AGAIN = "download it again, and compare its size with the one given at the source"

SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"<!doctype", "is a web page, not weights", "download the file itself; the site may ask you to log in first"),
    (b"<html", "is a web page, not weights", "download the file itself; the site may ask you to log in first"),
    (b"version https://git-lfs", "is a Git LFS pointer, not the weights", "run `git lfs pull` where it was cloned"),
    (b"gguf", "is a GGUF file", "use the .safetensors version of this model"),
    (b"\x93numpy", "is a NumPy array file", "use the .safetensors version of this model"),
    (b"\x89hdf", "is an HDF5 file", "use the .safetensors version of this model"),
    (b"\x89png", "is a picture", "choose a file with weights"),
    (b"\xff\xd8\xff", "is a picture", "choose a file with weights"),
    (b"7z\xbc\xaf", "is a 7z archive", "unpack it and choose the file inside"),
    (b"rar!", "is a RAR archive", "unpack it and choose the file inside"),
    (b"\x1f\x8b", "is a gzip archive", "unpack it and choose the file inside"),
)
"""First bytes (lower case) of what people mistake for weights; what it is; what to do."""


class BadWeights(Exception):
    """A weight file that cannot be used. what: "is empty", ...; remedy: what its user can do, as a phrase."""

    def __init__(self, path: Path | str, what: str, remedy: str) -> None:
        self.path = Path(path)
        self.what = what
        self.remedy = remedy
        super().__init__(f"{self.path}: the file {what}; {remedy}.")


class PickledWeights(BadWeights):
    """Weights in a pickle, a format that can carry code; read only when the user allows it."""

    def __init__(self, path: Path | str) -> None:
        renamed = " although its name says safetensors" if Path(path).suffix in (".safetensors", ".sft") else ""
        super().__init__(
            path,
            f"is a pickle{renamed}, a format that can carry code",
            "use the .safetensors version of this model, or start with --allow-pickle to read the tensors in it",
        )


class TensorInfo(NamedTuple):
    """One tensor of a file. dtype: as safetensors writes it ("F16"); shape: outermost dimension first."""

    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """What a weight file says of itself."""

    tensors: Mapping[str, TensorInfo]
    metadata: Mapping[str, str]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Tensor name to shape, as `diffusion.families` wants it."""
        return {name: info.shape for name, info in self.tensors.items()}

    @property
    def nbytes(self) -> int:
        """Bytes of all tensors as stored."""
        return sum(math.prod(info.shape) * BITS.get(info.dtype, 0) // 8 for info in self.tensors.values())


def read_header(path: Path | str) -> Header:
    """Names, dtypes and shapes of the tensors in a .safetensors file, and its metadata.

    Raises PickledWeights for pickles (.ckpt, .pt, .bin), else BadWeights where the file is missing, empty, cut short,
    damaged, or something else than its name says.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise BadWeights(path, "is a folder", "choose a file, or load the folder with Load Diffusers Model")
        with path.open("rb") as file:
            start = file.read(64)
            _refuse_other_formats(path, start, size)
            length = int.from_bytes(start[:LENGTH_BYTES], "little")
            _refuse_bad_length(path, length, size)
            file.seek(LENGTH_BYTES)
            text = file.read(length)
    except FileNotFoundError:
        raise BadWeights(path, "does not exist", "check the name, or put the file there") from None
    except OSError as error:
        raise BadWeights(path, f"cannot be read ({error.strerror})", "check its permissions and the disk") from error
    return _parse(path, text, data_bytes=size - LENGTH_BYTES - length)


def _refuse_other_formats(path: Path, start: bytes, size: int) -> None:
    if size == 0:
        raise BadWeights(path, "is empty", "download or save it again")
    is_safetensors = start[LENGTH_BYTES : LENGTH_BYTES + 1] == b"{"
    is_pickle = start[:2] in (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
    if start.startswith(b"PK\x03\x04") or (is_pickle and not is_safetensors):
        raise PickledWeights(path)
    for signature, what, remedy in SIGNATURES:
        if start.lstrip().lower().startswith(signature):
            raise BadWeights(path, what, remedy)
    if size < LENGTH_BYTES + 2:
        raise BadWeights(path, f"is cut short: it has {size} bytes and no complete header", DOWNLOAD_AGAIN)
    if not is_safetensors:
        raise BadWeights(path, "is not in the safetensors format", "choose a .safetensors file with weights")


def _refuse_bad_length(path: Path, length: int, size: int) -> None:
    if length > MAXIMUM_HEADER_BYTES:
        what = f"is damaged: its header claims {length} bytes, and at most {MAXIMUM_HEADER_BYTES} are allowed"
        raise BadWeights(path, what, DOWNLOAD_AGAIN)
    if length + LENGTH_BYTES > size:
        what = f"is cut short inside its header: {length + LENGTH_BYTES} bytes wanted, {size} there"
        raise BadWeights(path, what, DOWNLOAD_AGAIN)


def _parse(path: Path, text: bytes, data_bytes: int) -> Header:
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadWeights(path, "is damaged: its header is not JSON", DOWNLOAD_AGAIN) from error
    if not isinstance(entries, dict):
        raise BadWeights(path, "is damaged: its header is not a JSON object", DOWNLOAD_AGAIN)
    metadata = entries.pop("__metadata__", None) or {}
    if not isinstance(metadata, dict):
        raise BadWeights(path, "is damaged: its metadata is not a JSON object", DOWNLOAD_AGAIN)
    tensors = {name: _tensor(path, name, entry, data_bytes) for name, entry in entries.items()}
    return Header(tensors, {key: str(value) for key, value in metadata.items()})


def _tensor(path: Path, name: str, entry: Any, data_bytes: int) -> TensorInfo:
    """One header entry, checked against the bytes that follow the header."""
    try:
        dtype, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
        numbers = [*shape, begin, end]
        sound = isinstance(dtype, str) and all(type(n) is int and n >= 0 for n in numbers) and begin <= end
    except (TypeError, KeyError, ValueError):
        sound = False
    if not sound:
        raise BadWeights(path, f"is damaged: its header does not describe tensor {name[:80]!r}", DOWNLOAD_AGAIN)
    if end > data_bytes:
        what = f"is cut short: tensor {name[:80]!r} ends at byte {end} of the data, and {data_bytes} are there"
        raise BadWeights(path, what, DOWNLOAD_AGAIN)
    if dtype in BITS and math.prod(shape) * BITS[dtype] != (end - begin) * 8:
        what = f"is damaged: tensor {name[:80]!r} of shape {shape} in {dtype} cannot fill {end - begin} bytes"
        raise BadWeights(path, what, DOWNLOAD_AGAIN)
    return TensorInfo(dtype, tuple(shape))
