"""Weight files: headers without torch, and one clear error for each way in which a file can be wrong."""

import json
import pickle
import zipfile
from pathlib import Path

import pytest

from darkroom.files.weights import BadWeights, PickledWeights, TensorInfo, read_header


def safetensors(entries: object, data: bytes = b"", length: int | None = None) -> bytes:
    header = json.dumps(entries).encode()
    return (len(header) if length is None else length).to_bytes(8, "little") + header + data


def one(**entry: object) -> bytes:
    return safetensors({"a": entry}, bytes(4))


GOOD = {
    "a.weight": {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]},
    "b": {"dtype": "F32", "shape": [], "data_offsets": [12, 16]},
}


def test_names_dtypes_shapes_and_metadata_come_from_the_header(tmp_path: Path) -> None:
    path = tmp_path / "good.safetensors"
    path.write_bytes(safetensors({"__metadata__": {"format": "pt"}, **GOOD}, bytes(16)))
    header = read_header(path)
    assert header.tensors == {"a.weight": TensorInfo("F16", (2, 3)), "b": TensorInfo("F32", ())}
    assert header.metadata == {"format": "pt"}
    assert header.nbytes == 16
    assert header.shapes == {"a.weight": (2, 3), "b": ()}


WRONG = {
    "empty": (b"", "is empty"),
    "cut in the length": (b"\x10\x00\x00", "no complete header"),
    "cut in the header": (safetensors(GOOD, bytes(16))[:40], "cut short inside its header"),
    "cut in the tensors": (safetensors(GOOD, bytes(9)), "is cut short: tensor 'a.weight'"),
    "offsets outside": (one(dtype="F32", shape=[9], data_offsets=[900, 936]), "cut short"),
    "offsets backwards": (one(dtype="U8", shape=[0], data_offsets=[4, 0]), "not describe"),
    "size and shape differ": (one(dtype="F32", shape=[2], data_offsets=[0, 4]), "fill"),
    "no shape": (one(dtype="F32"), "does not describe tensor 'a'"),
    "entry is text": (safetensors({"a": "b"}), "does not describe tensor 'a'"),
    "negative shape": (one(dtype="F32", shape=[-1], data_offsets=[0, 4]), "describe"),
    "header is a list": (safetensors([1, 2]), "not in the safetensors format"),
    "header is no JSON": ((20).to_bytes(8, "little") + b"{" + b"x" * 19, "header is not JSON"),
    "header too deep": ((200_002).to_bytes(8, "little") + b'{"a":' + b"[" * 199_997, "header is not JSON"),
    "metadata is text": (safetensors({"__metadata__": "x"}), "metadata"),
    "header longer than allowed": (safetensors(GOOD, bytes(16), length=2**60), "claims"),
    "web page": (b"<!DOCTYPE html><html><body>Please log in</body></html>", "web page"),
    "web page after blanks": (b"\n\n  <html><body>Not found, sorry, not found</body></html>", "web page"),
    "LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS pointer"),
    "GGUF": (b"GGUF\x03\x00\x00\x00" + bytes(100), "GGUF"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "picture"),
    "noise": (bytes(range(1, 200)), "not in the safetensors format"),
    "zeros": (bytes(1000), "not in the safetensors format"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_bad_file_gives_one_error_with_its_path_what_it_is_and_what_to_do(case: str, tmp_path: Path) -> None:
    content, wanted = WRONG[case]
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(BadWeights) as caught:
        read_header(path)
    assert wanted in caught.value.what
    assert str(path) in str(caught.value)
    assert len(caught.value.remedy) > 10


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadWeights, match="does not exist"):
        read_header(tmp_path / "none.safetensors")
    with pytest.raises(BadWeights, match="is a folder"):
        read_header(tmp_path)


@pytest.mark.parametrize("name", ["model.ckpt", "model.safetensors"])
@pytest.mark.parametrize("protocol", [2, 4])
def test_a_pickle_is_refused_under_any_name(name: str, protocol: int, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(pickle.dumps({"a": list(range(50))}, protocol=protocol))
    with pytest.raises(PickledWeights, match="--allow-pickle"):
        read_header(path)


def test_a_zipped_torch_file_counts_as_a_pickle(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("model/data.pkl", b"x" * 100)
    with pytest.raises(PickledWeights):
        read_header(path)


def test_a_header_whose_length_looks_like_a_pickle_is_still_safetensors(tmp_path: Path) -> None:
    """0x0280 = 640: the first two bytes are those of a pickle of protocol 2."""
    header = json.dumps(GOOD).encode().ljust(0x0280)
    path = tmp_path / "good.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(16))
    assert path.read_bytes()[:2] == b"\x80\x02"
    assert set(read_header(path).tensors) == {"a.weight", "b"}
