"""Folders lists what can be chosen, and no name leads out of its folder."""

import os
import time
from pathlib import Path

import pytest

from darkroom.files.folders import FOLDERS, Folders, safe_relative


def put(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def aged(folder: Path) -> None:
    """Make folders look settled, so that listings are cached."""
    then = time.time() - 60
    for each in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        os.utime(each, (then, then))


def test_names_are_recursive_sorted_and_written_with_slashes(tmp_path: Path) -> None:
    for name in ("b.safetensors", "sd/a.ckpt", "sd/xl/c.SAFETENSORS", "notes.txt", ".hidden/d.ckpt", ".e.ckpt"):
        put(tmp_path / "models" / "checkpoints" / name)
    assert Folders(tmp_path).names("checkpoints") == ("b.safetensors", "sd/a.ckpt", "sd/xl/c.SAFETENSORS")


def test_a_folder_that_is_not_there_lists_nothing(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    assert all(folders.names(key) == () for key in FOLDERS)
    assert folders.names("input") == ()


def test_links_are_followed_and_a_link_in_a_circle_ends(tmp_path: Path) -> None:
    place = tmp_path / "models" / "loras"
    put(place / "a.safetensors")
    put(tmp_path / "elsewhere" / "b.safetensors")
    (place / "more").symlink_to(tmp_path / "elsewhere")
    (place / "again").symlink_to(place)
    (place / "nowhere").symlink_to(tmp_path / "gone")
    (place / "self").symlink_to(place / "self")
    folders = Folders(tmp_path)
    assert folders.names("loras") == ("a.safetensors", "more/b.safetensors")
    assert folders.path("loras", "more/b.safetensors").read_bytes() == b"x"


def test_several_places_make_one_list_and_the_first_place_wins(tmp_path: Path) -> None:
    put(tmp_path / "models" / "text_encoders" / "a.pt", b"first")
    put(tmp_path / "models" / "clip" / "a.pt", b"second")
    put(tmp_path / "models" / "clip" / "b.pt")
    put(tmp_path / "output" / "clip" / "saved.pt")
    put(tmp_path / "other" / "extra.pt")
    folders = Folders(tmp_path, extra_paths={"clip": [tmp_path / "other"], "my_models": [tmp_path / "other"]})
    assert folders.names("text_encoders") == ("a.pt", "b.pt", "extra.pt", "saved.pt")
    assert folders.names("clip") == folders.names("text_encoders")
    assert folders.path("text_encoders", "a.pt").read_bytes() == b"first"
    assert folders.names("my_models") == ("extra.pt",)


def test_an_unknown_key_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="checkpoints"):
        Folders(tmp_path).names("checkpoint")


def test_diffusers_lists_folders_with_a_model_index(tmp_path: Path) -> None:
    place = tmp_path / "models" / "diffusers"
    put(place / "sd" / "model_index.json")
    put(place / "sd" / "unet" / "model_index.json")
    put(place / "people" / "me" / "model_index.json")
    put(place / "not_one" / "model.safetensors")
    folders = Folders(tmp_path)
    assert folders.names("diffusers") == ("people/me", "sd")
    assert folders.path("diffusers", "people/me") == place / "people" / "me"
    with pytest.raises(FileNotFoundError):
        folders.path("diffusers", "not_one")
    before = folders.stamp(place / "sd")
    put(place / "sd" / "unet" / "config.json")
    assert folders.stamp(place / "sd") != before


def test_input_lists_the_pictures_at_its_top(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", "notes.txt", "sub/c.png", ".d.png"):
        put(tmp_path / "input" / name)
    folders = Folders(tmp_path)
    assert folders.names("input") == ("a.JPG", "b.png")
    assert folders.path("input", "sub/c.png").is_file()
    assert folders.path("input", "sub\\c.png").is_file()


def test_annotated_names_are_looked_for_in_the_folder_they_name(tmp_path: Path) -> None:
    put(tmp_path / "input" / "x.png", b"input")
    put(tmp_path / "output" / "sub" / "x.png", b"output")
    put(tmp_path / "temp" / "x.png", b"temp")
    folders = Folders(tmp_path)
    assert folders.path("input", "x.png").read_bytes() == b"input"
    assert folders.path("input", "sub/x.png [output]").read_bytes() == b"output"
    assert folders.path("input", "x.png[temp]").read_bytes() == b"temp"
    with pytest.raises(FileNotFoundError):
        folders.path("input", "../output/sub/x.png [output]")


ESCAPES = [
    "../secret.png",
    "sub/../../secret.png",
    "..\\secret.png",
    "/etc/passwd",
    "\\secret.png",
    "C:\\secret.png",
    "C:secret.png",
    "x.png\0.txt",
    "",
    ".",
    "..",
    "x" * 5000,
    "link.png",
    "linked/secret.png",
    "../secret.png [output]",
]


@pytest.mark.parametrize("name", ESCAPES)
def test_a_name_that_leaves_the_input_folder_is_not_found(name: str, tmp_path: Path) -> None:
    put(tmp_path / "secret.png")
    put(tmp_path / "elsewhere" / "secret.png")
    put(tmp_path / "input" / "x.png")
    put(tmp_path / "output" / "x.png")
    (tmp_path / "input" / "link.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "input" / "linked").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError):
        Folders(tmp_path).path("input", name)


@pytest.mark.parametrize("name", ["../a.safetensors", "/a.safetensors", "notes.txt", "sub", "\0"])
def test_a_model_name_that_leaves_its_folder_or_is_no_model_is_not_found(name: str, tmp_path: Path) -> None:
    put(tmp_path / "models" / "a.safetensors")
    put(tmp_path / "models" / "loras" / "notes.txt")
    put(tmp_path / "models" / "loras" / "sub" / "a.safetensors")
    with pytest.raises(FileNotFoundError):
        Folders(tmp_path).path("loras", name)


def test_a_missing_file_says_where_it_was_looked_for_and_what_comes_nearest(tmp_path: Path) -> None:
    put(tmp_path / "models" / "loras" / "postcards_v2.safetensors")
    with pytest.raises(FileNotFoundError) as caught:
        Folders(tmp_path).path("loras", "postcards_v1.safetensors")
    assert str(tmp_path / "models" / "loras") in str(caught.value)
    assert "postcards_v2.safetensors" in str(caught.value)


def test_a_settled_folder_is_listed_once_and_again_after_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "models" / "loras"
    put(place / "sub" / "a.safetensors")
    aged(tmp_path)
    folders = Folders(tmp_path)
    folders.names("loras")
    listed: list[str] = []
    original = folders._list
    monkeypatch.setattr(folders, "_list", lambda folder: listed.append(folder) or original(folder))
    assert folders.names("loras") == ("sub/a.safetensors",)
    assert not listed
    put(place / "sub" / "b.safetensors")
    assert folders.names("loras") == ("sub/a.safetensors", "sub/b.safetensors")
    assert listed == ["loras"]


def test_a_file_added_in_the_same_instant_as_the_listing_is_seen(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    for number in range(20):
        put(tmp_path / "models" / "loras" / f"{number:02}.safetensors")
        assert len(folders.names("loras")) == number + 1


def test_the_stamp_changes_with_the_file(tmp_path: Path) -> None:
    path = put(tmp_path / "a.png", b"one")
    folders = Folders(tmp_path)
    first = folders.stamp(path)
    assert folders.stamp(path) == first
    replacement = put(tmp_path / "b.png", b"two")
    os.utime(replacement, ns=(path.stat().st_mtime_ns, path.stat().st_mtime_ns))
    replacement.replace(path)
    assert folders.stamp(path) != first


def test_the_stamp_of_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Folders(tmp_path).stamp(tmp_path / "gone")


def test_own_folders_can_be_elsewhere(tmp_path: Path) -> None:
    folders = Folders(tmp_path, output=tmp_path / "pictures", allow_pickle=True)
    assert folders.directory("output") == tmp_path / "pictures"
    assert folders.directory("temp") == tmp_path / "temp"
    assert folders.allow_pickle


@pytest.mark.parametrize("name", ["a/b.png", "a\\b.png", "./a.png", "a..b.png", "ü.png", "at 12:30.png"])
def test_plain_names_are_safe(name: str) -> None:
    assert safe_relative(name) is not None
