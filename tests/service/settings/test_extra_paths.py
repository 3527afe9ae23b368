"""Files with further models folders, as interface section 10.11 describes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from darkroom.files.folders import Folders
from darkroom.service.settings.extra_paths import ExtraPaths, ExtraPathsError, read_extra_paths


def read(tmp_path: Path, content: str) -> ExtraPaths:
    file = tmp_path / "extra.yaml"
    file.write_text(content, encoding="utf-8")
    return read_extra_paths([file])


def test_paths_are_joined_to_the_base_path(tmp_path: Path) -> None:
    found = read(tmp_path, "a:\n  base_path: /models\n  checkpoints: ckpt\n  loras: |\n    one\n    two/three\n")
    assert found.folders["checkpoints"] == (Path("/models/ckpt"),)
    assert found.folders["loras"] == (Path("/models/one"), Path("/models/two/three"))


def test_a_relative_base_path_is_beside_the_file(tmp_path: Path) -> None:
    found = read(tmp_path, "a:\n  base_path: sub/..\n  vae: vae\nb:\n  vae: other\n")
    assert found.folders["vae"] == (tmp_path / "vae", tmp_path / "other")


def test_home_and_environment_are_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIGHTS", "/weights")
    found = read(tmp_path, "a:\n  base_path: $WEIGHTS\n  vae: vae\nb:\n  base_path: ~/m\n  vae: x\n")
    assert found.folders["vae"] == (Path("/weights/vae"), Path.home() / "m" / "x")


def test_default_sections_come_first(tmp_path: Path) -> None:
    found = read(tmp_path, "a:\n  vae: /one\nb:\n  is_default: true\n  vae: /two\n")
    assert found.folders["vae"] == (Path("/two"), Path("/one"))


def test_folders_of_packs_are_kept_apart_and_unknown_keys_are_new_folders(tmp_path: Path) -> None:
    found = read(tmp_path, "a:\n  custom_nodes: /packs\n  my_models: /mine\n  clip: /text\n")
    assert found.custom_nodes == (Path("/packs"),)
    folders = Folders(tmp_path, extra_paths=found.folders)
    assert folders.places("my_models") == (Path("/mine"),)
    assert Path("/text") in folders.places("text_encoders")


@pytest.mark.parametrize("content", ["", "# nothing\n", "a:\n", "a:\n  vae:\n"])
def test_what_is_empty_adds_nothing(content: str, tmp_path: Path) -> None:
    assert read(tmp_path, content) == ExtraPaths({}, ())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("- a\n", "wanted sections"),
        ("a: /path\n", "a: came '/path'"),
        ("a:\n  vae: 3\n", "a: vae: came 3"),
        ("a:\n  base_path: [x]\n", "base_path"),
        ("a:\n  is_default: maybe\n", "is_default: came 'maybe'"),
        ("a: {vae: [\n", "is no YAML"),
        ("a: !!python/object/apply:os.system ['true']\n", "is no YAML"),
        ("a: \0\n", "is no YAML"),
    ],
)
def test_an_error_says_where(content: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ExtraPathsError) as raised:
        read(tmp_path, content)
    assert "extra.yaml" in str(raised.value) and words in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExtraPathsError, match=r"no\.yaml: cannot be read"):
        read_extra_paths([tmp_path / "no.yaml"])
