"""Weight files are told by their headers, and broken ones by what is wrong with them."""

import json
from pathlib import Path

import pytest

from darkroom.files.folders import Folders
from darkroom.worker.headers import facts_of

STARTER = Path(__file__).parents[2]


@pytest.fixture
def files(tmp_path: Path) -> Folders:
    for folder in ("checkpoints", "loras"):
        (tmp_path / "models" / folder).mkdir(parents=True)
    return Folders(tmp_path)


def test_the_starter_models_are_told_by_their_headers() -> None:
    files = Folders(STARTER)
    model = facts_of(files, "checkpoints", "starter.safetensors")
    assert (model["kind"], model["family"], model["format"]) == ("checkpoint", "sd1", "safetensors")
    assert model["precision"] in ("F16", "F32", "BF16") and model["parameters"] > 1_000_000
    lora = facts_of(files, "loras", "starter_dusk.safetensors")
    assert lora["kind"] == "lora" and lora["rank"] > 0


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "trouble"),
        (b"<!doctype html>", "trouble"),
        (b"\xff" * 40, "trouble"),
        ((1 << 40).to_bytes(8, "little") + b"{}", "trouble"),
        ((20).to_bytes(8, "little") + b'{"a": {"dtype": 1}} ', "trouble"),
        (b"PK\x03\x04" + b"\0" * 40, "format"),
    ],
)
def test_a_broken_file_says_so_and_is_not_read(files: Folders, data: bytes, key: str) -> None:
    (files.models / "checkpoints" / "odd.safetensors").write_bytes(data)
    told = facts_of(files, "checkpoints", "odd.safetensors")
    assert set(told) == {key} and told[key]


def test_a_file_that_is_gone_is_trouble(files: Folders) -> None:
    assert "trouble" in facts_of(files, "checkpoints", "none.safetensors")
    assert "trouble" in facts_of(files, "nowhere", "none.safetensors")


def test_the_precision_is_that_of_most_bytes(files: Folders) -> None:
    header = {
        "small": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
        "large": {"dtype": "F16", "shape": [100], "data_offsets": [8, 208]},
    }
    text = json.dumps(header).encode()
    path = files.models / "checkpoints" / "mixed.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"\0" * 208)
    told = facts_of(files, "checkpoints", "mixed.safetensors")
    assert (told["precision"], told["parameters"]) == ("F16", 102)
