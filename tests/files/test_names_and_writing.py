"""Saved files get free names, appear whole or not at all, and nobody overwrites another's."""

import multiprocessing
import os
import re
from pathlib import Path

import pytest

from darkroom.files import write
from darkroom.files.names import BadName, fill_placeholders, save_next, save_place
from darkroom.files.write import write_new, write_whole


def saved(prefix: str, directory: Path, data: bytes = b"x", **size: int) -> str:
    place = save_place(prefix, directory, **size)
    name, _ = save_next(place, data, "png", place.counter)
    return f"{place.subfolder}/{name}" if place.subfolder else name


def test_the_counter_is_one_more_than_the_largest_number(tmp_path: Path) -> None:
    for name in ("a_00007_.png", "a_3_.webp", "a_x_.png", "ab_00099_.png", "a_00012", "a_"):
        (tmp_path / name).write_bytes(b"")
    assert save_place("a", tmp_path).counter == 13
    assert save_place("b", tmp_path).counter == 1
    assert saved("a", tmp_path) == "a_00013_.png"


@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        ("a", "a_00001_.png"),
        ("day/a", "day/a_00001_.png"),
        ("day\\a", "day/a_00001_.png"),
        ("x/../a", "a_00001_.png"),
        ("./a", "a_00001_.png"),
        ("day/", "day_00001_.png"),
        ("", "picture_00001_.png"),
        ("..a", "..a_00001_.png"),
        ("世界 12:30", "世界 12:30_00001_.png"),
        ("%width%x%height%%unknown%", "8x6%unknown%_00001_.png"),
        ("batch%batch_num%", "batch0_00001_.png"),
    ],
)
def test_the_prefix_gives_folder_and_name(prefix: str, name: str, tmp_path: Path) -> None:
    assert saved(prefix, tmp_path, width=8, height=6) == name
    assert (tmp_path / name).read_bytes() == b"x"


def test_date_placeholders_are_local_time_in_two_digits() -> None:
    text = fill_placeholders("%year%-%month%-%day% %hour%.%minute%.%second%", 0, 0)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d", text)


@pytest.mark.parametrize("prefix", ["../a", "a/../../b", "..", "/tmp/a", "..\\a", "C:\\a", "C:a", "a\0b", "a\nb"])
def test_a_prefix_that_leaves_the_folder_is_refused(prefix: str, tmp_path: Path) -> None:
    output = tmp_path / "output"
    output.mkdir()
    with pytest.raises(BadName, match="name"):
        save_place(prefix, output)
    assert list(tmp_path.rglob("*")) == [output]


def test_an_absolute_prefix_inside_the_folder_is_fine(tmp_path: Path) -> None:
    assert saved(str(tmp_path / "day" / "a"), tmp_path) == "day/a_00001_.png"


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    output = tmp_path / "output"
    output.mkdir()
    (output / "away").symlink_to(tmp_path)
    with pytest.raises(BadName, match="link"):
        save_place("away/a", output)


@pytest.mark.parametrize("prefix", ["x" * 300, "file/a"])
def test_a_prefix_that_no_file_system_takes_is_refused(prefix: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BadName):
        save_place(prefix, tmp_path)


def test_a_taken_name_is_passed_over(tmp_path: Path) -> None:
    place = save_place("a", tmp_path)
    (tmp_path / "a_00001_.png").write_bytes(b"another process")
    assert save_next(place, b"mine", "png", place.counter) == ("a_00002_.png", 3)
    assert (tmp_path / "a_00001_.png").read_bytes() == b"another process"


def save_many(directory: Path, who: int) -> None:
    for number in range(40):
        saved("a", directory, f"{who}-{number}".encode())


def test_two_processes_never_overwrite_each_other(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=save_many, args=(tmp_path, who)) for who in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    contents = {path.read_text() for path in tmp_path.iterdir()}
    assert contents == {f"{who}-{number}" for who in range(3) for number in range(40)}


@pytest.mark.parametrize("writer", [write_whole, write_new])
@pytest.mark.parametrize("broken", ["fsync", "link", "replace"])
def test_a_stop_in_the_middle_leaves_nothing_half_written(
    writer: object, broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    if broken == "replace":
        monkeypatch.setattr(Path, "replace", stop)
    else:
        monkeypatch.setattr(os, broken, stop)
    used = {"fsync": True, "link": writer is write_new, "replace": writer is write_whole}[broken]
    path = tmp_path / "a.png"
    if used:
        with pytest.raises(KeyboardInterrupt):
            writer(path, b"new")  # type: ignore[operator]
        assert list(tmp_path.iterdir()) == []
    else:
        writer(path, b"new")  # type: ignore[operator]
        assert [each.name for each in tmp_path.iterdir()] == ["a.png"]


def test_an_old_file_stays_whole_until_the_new_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    write_whole(path, b"old")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.png"]


def test_without_hard_links_names_are_still_taken_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no hard links here")

    monkeypatch.setattr(write.os, "link", refuse)
    assert write_new(tmp_path / "a.png", b"one")
    assert not write_new(tmp_path / "a.png", b"two")
    assert (tmp_path / "a.png").read_bytes() == b"one"
    assert [each.name for each in tmp_path.iterdir()] == ["a.png"]


def test_a_full_or_missing_folder_is_an_error_not_a_loop(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_new(tmp_path / "gone" / "a.png", b"x")


def test_a_listener_hears_of_a_new_file_before_it_appears(tmp_path: Path) -> None:
    heard: list[tuple[bool, bytes, Path, bool]] = []

    def listen(part: Path, path: Path, durable: bool) -> None:
        heard.append((path.exists(), part.read_bytes(), path, durable))

    with write.announced(listen):
        assert write_new(tmp_path / "a", b"1", durable=False)
        assert not write_new(tmp_path / "a", b"2")
        assert write_new(tmp_path / "b", b"3")
    assert write_new(tmp_path / "c", b"4")
    assert heard == [(False, b"1", tmp_path / "a", False), (False, b"3", tmp_path / "b", True)]


def test_what_a_listener_raises_ends_the_write_and_leaves_nothing(tmp_path: Path) -> None:
    def refuse(part: Path, path: Path, durable: bool) -> None:
        raise OSError("the journal is full")

    with write.announced(refuse), pytest.raises(OSError, match="journal"):
        write_new(tmp_path / "a", b"1")
    assert not list(tmp_path.iterdir())
