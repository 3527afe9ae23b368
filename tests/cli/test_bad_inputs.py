"""Broken weights and pictures: the message names file, node and input; good but unusual pictures simply work."""

import json
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from darkroom.cli import main
from darkroom.commands.exits import BAD_FILE, DONE, FAILED_CHECK, FAILED_RUN

ROOT = Path(__file__).parent.parent.parent
TEXT_TO_IMAGE = ROOT / "workflows" / "text_to_image.json"


def safetensors_bytes(header: dict[str, Any], payload: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + payload


def zipped_pickle(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"state_dict": {}}))


GOOD_HEADER = {"weight": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}

WEIGHTS: dict[str, Callable[[Path], object]] = {
    "empty.safetensors": lambda path: path.write_bytes(b""),
    "short.safetensors": lambda path: path.write_bytes(b"\x10\0\0"),
    "truncated.safetensors": lambda path: path.write_bytes(safetensors_bytes(GOOD_HEADER, b"\0" * 7)),
    "huge_header.safetensors": lambda path: path.write_bytes(struct.pack("<Q", 1 << 60) + b"{}"),
    "page.safetensors": lambda path: path.write_bytes(b"<!doctype html><title>please log in</title>" * 9),
    "pickle.safetensors": lambda path: path.write_bytes(pickle.dumps({"weight": [1, 2, 3]})),
    "zip.safetensors": zipped_pickle,
    "other.safetensors": lambda path: path.write_bytes(safetensors_bytes(GOOD_HEADER, b"\0" * 16)),
    "weights.ckpt": zipped_pickle,
}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "base"
    (folder / "models" / "checkpoints").mkdir(parents=True)
    (folder / "input").mkdir()
    return folder


def saved(base: Path) -> list[Path]:
    output = base / "output"
    return [path for path in output.rglob("*") if path.is_file()] if output.exists() else []


@pytest.mark.parametrize("name", WEIGHTS)
def test_bad_weights_name_file_node_and_input(name: str, base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    WEIGHTS[name](base / "models" / "checkpoints" / name)
    code = main(["run", str(TEXT_TO_IMAGE), "--base", str(base), "--set", f"1.ckpt_name={name}"])
    said = capsys.readouterr().err
    assert code in (FAILED_CHECK, FAILED_RUN)
    assert name in said
    assert "node 1" in said
    assert "ckpt_name" in said
    assert "Traceback" not in said
    assert not saved(base)


def test_a_missing_checkpoint_says_where_to_put_it(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["run", str(TEXT_TO_IMAGE), "--base", str(base)])
    said = capsys.readouterr().err
    assert code == FAILED_CHECK
    assert "starter.safetensors" in said
    assert "checkpoints" in said


def test_pickle_weights_need_to_be_asked_for(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    zipped_pickle(base / "models" / "checkpoints" / "weights.ckpt")
    main(["run", str(TEXT_TO_IMAGE), "--base", str(base), "--set", "1.ckpt_name=weights.ckpt"])
    assert "--allow-pickle" in capsys.readouterr().err


LOOK_AT = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "x.png"}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "seen"}},
}


def look_at(base: Path, picture: str) -> int:
    file = base / "look.json"
    file.write_text(json.dumps({**LOOK_AT, "1": {"class_type": "LoadImage", "inputs": {"image": picture}}}))
    return main(["run", str(file), "--base", str(base)])


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds almost nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    size = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + size + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")


def gradient(mode: str) -> Image.Image:
    values = np.linspace(0, 255, 48 * 32 * 3).reshape(32, 48, 3).astype(np.uint8)
    return Image.fromarray(values).convert(mode)


def truncated(path: Path) -> None:
    gradient("RGB").resize((300, 300)).save(path)
    path.write_bytes(path.read_bytes()[:900])


BAD_PICTURES: dict[str, Callable[[Path], object]] = {
    "truncated.png": truncated,
    "empty.png": lambda path: path.write_bytes(b""),
    "zero.png": lambda path: path.write_bytes(png_header(0, 10)),
    "wide.png": lambda path: path.write_bytes(png_header(60_000, 60_000)),
    "text.png": lambda path: path.write_text("no picture"),
}


@pytest.mark.parametrize("name", BAD_PICTURES)
def test_bad_pictures_name_file_node_and_input(name: str, base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    BAD_PICTURES[name](base / "input" / name)
    code = look_at(base, name)
    said = capsys.readouterr().err
    assert code in (FAILED_CHECK, FAILED_RUN)
    for word in (name, "node 1", "image"):
        assert word in said
    assert "Traceback" not in said
    assert not saved(base)


def turned(path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    gradient("RGB").save(path, exif=exif)


def sixteen_bit(path: Path) -> None:
    values = np.linspace(0, 65535, 48 * 32).reshape(32, 48).astype(np.uint16)
    Image.fromarray(values).save(path)


def palette_with_alpha(path: Path) -> None:
    gradient("RGBA").quantize(16).save(path, transparency=0)


UNUSUAL: dict[str, tuple[Callable[[Path], object], tuple[int, int]]] = {
    "cmyk.jpg": (lambda path: gradient("CMYK").save(path), (48, 32)),
    "sixteen.png": (sixteen_bit, (48, 32)),
    "palette.png": (palette_with_alpha, (48, 32)),
    "turned.jpg": (turned, (32, 48)),
    "grey.png": (lambda path: gradient("LA").save(path), (48, 32)),
    "one.gif": (lambda path: gradient("P").save(path), (48, 32)),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_pictures_load_the_right_way_up(name: str, base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make, size = UNUSUAL[name]
    make(base / "input" / name)
    assert look_at(base, name) == DONE, capsys.readouterr().err
    (picture,) = saved(base)
    with Image.open(picture) as opened:
        assert opened.size == size
        pixels = np.asarray(opened.convert("L"), dtype=np.float32)
    assert pixels.max() - pixels.min() > 50


def test_a_picture_without_a_workflow_is_no_workflow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "plain.png"
    gradient("RGB").save(file)
    assert main(["check", str(file)]) == BAD_FILE
    assert "plain.png" in capsys.readouterr().err
