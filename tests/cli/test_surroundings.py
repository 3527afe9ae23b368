"""What the world does to a command: closed pipes, signals, full disks, odd names, hostile text."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from darkroom.cli import main
from darkroom.commands.exits import BAD_FILE, CANCELLED, DONE, FAILED_CHECK, FAILED_RUN, READER_GONE, USAGE
from darkroom.commands.report import SHOWN_OF_A_KIND
from darkroom.commands.run import stopped_by_signals
from darkroom.engine.run import Cancelled
from darkroom.files.metadata import PNG_SIGNATURE

SMALL: dict[str, Any] = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 255}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "small"}},
}
NUMBER: dict[str, Any] = {
    "1": {"class_type": "PrimitiveInt", "inputs": {"value": 3}},
    "2": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}},
}


def written(folder: Path, content: dict[str, Any], name: str = "small.json") -> str:
    path = folder / name
    path.write_text(json.dumps(content))
    return str(path)


def command(*arguments: str, **more: Any) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "darkroom", *arguments], **more)


def test_a_reader_that_leaves_early_ends_the_command_without_a_traceback() -> None:
    with command("nodes", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == READER_GONE


def test_closed_streams_do_not_matter(tmp_path: Path) -> None:
    file = written(tmp_path, NUMBER)
    for closing in (">&-", "2>&-", ">&- 2>&-"):
        line = f'"{sys.executable}" -m darkroom check "{file}" {closing}'
        done = subprocess.run(["sh", "-c", line], capture_output=True, check=False)
        assert (done.returncode, done.stdout) == (DONE, b"")
        assert b"Traceback" not in done.stderr


def test_a_name_that_is_no_text_is_printed_as_the_bytes_it_is(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/pictures\xff"))
    file = written(tmp_path, SMALL)
    done = subprocess.run(
        [sys.executable, "-m", "darkroom", "run", file, "--base", str(tmp_path), "--out", str(folder)],
        capture_output=True,
        check=False,
    )
    assert done.returncode == DONE, done.stderr
    assert Path(os.fsdecode(done.stdout.rstrip(b"\n"))).is_file()
    assert b"pictures\xff/small_00001_.png" in done.stdout


def test_the_first_signal_cancels_and_the_second_is_no_failure_of_a_node() -> None:
    with pytest.raises(KeyboardInterrupt), stopped_by_signals() as cancel:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Cancelled):
            cancel.raise_if_cancelled()
        os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupt_at_any_moment_ends_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("darkroom.commands.opening.read_any", interrupted)
    assert main(["check", written(tmp_path, NUMBER)]) == CANCELLED
    assert capsys.readouterr().err == "darkroom: stopped\n"


def test_an_output_folder_that_cannot_be_is_refused_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, SMALL)
    for out in (Path(file), Path(file) / "inside"):
        assert main(["run", file, "--base", str(tmp_path), "--out", str(out)]) == USAGE
        assert f"--out {out}: {file} is no folder; choose another place" in capsys.readouterr().err
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert main(["run", file, "--base", str(tmp_path), "--out", str(tmp_path / "new")]) == USAGE
    assert f"nothing can be written in {tmp_path}; choose another place" in capsys.readouterr().err


def test_a_full_disk_is_told_with_the_folder_and_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("darkroom.files.write.os.fsync", full)
    assert main(["run", written(tmp_path, SMALL), "--base", str(tmp_path)]) == FAILED_RUN
    said = capsys.readouterr().err
    assert f"small_00001_.png cannot be written in {tmp_path / 'output'} (No space left on device); make room" in said
    assert list((tmp_path / "output").iterdir()) == []


def test_text_of_a_file_never_commands_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    title = {"title": "\x1b]0;owned\x07\ud800 \x9b31m"}
    unknown = {"1": {"class_type": "\x1b[2JNope", "inputs": {}, "_meta": title}}
    failing = {"1": {"class_type": "PrimitiveInt", "inputs": {"value": [[1]]}, "_meta": title}, **NUMBER}
    blocked = {**SMALL, "2": {**SMALL["2"], "_meta": title}}
    for content in (unknown, failing, blocked):
        for name in ("check", "run"):
            main([name, written(tmp_path, content, "\x1b[31mred.json"), "--base", str(tmp_path)])
            said = capsys.readouterr().err
            assert said and not set(said) & {"\x1b", "\x07", "\x9b", "\ud800"}


def test_a_prefix_with_half_a_character_is_found_by_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = {**SMALL, "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a\ud800"}}}
    assert main(["check", written(tmp_path, content), "--base", str(tmp_path)]) == FAILED_CHECK
    assert "holds half a character" in capsys.readouterr().err


def test_of_very_many_problems_of_one_kind_the_first_ones_are_printed_and_json_has_them_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count = SHOWN_OF_A_KIND + 17
    file = written(tmp_path, {str(id): {"class_type": "Nope", "inputs": {}} for id in range(count)})
    assert main(["check", file]) == FAILED_CHECK
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == SHOWN_OF_A_KIND + 1
    assert lines[-1] == "small.json: and 17 more like these (invalid prompt)"
    assert main(["check", file, "--json"]) == FAILED_CHECK
    assert len(capsys.readouterr().out.splitlines()) == count


def test_a_seed_outside_its_range_is_refused_rather_than_wrapped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in (-1, 2**64):
        assert main(["run", written(tmp_path, NUMBER), "--seed", str(seed)]) == USAGE
        assert f"--seed {seed}: wants a whole number from 0 to 18446744073709551615" in capsys.readouterr().err


def test_a_workflow_that_contains_itself_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inner = {"id": "loop", "name": "loop", "inputs": [], "outputs": [], "nodes": [{"id": 1, "type": "loop"}]}
    content = {"nodes": [{"id": 1, "type": "loop"}], "links": [], "definitions": {"subgraphs": [inner]}}
    assert main(["check", written(tmp_path, content)]) == FAILED_CHECK
    assert len(capsys.readouterr().err.splitlines()) == 1


def picture(folder: Path, **texts: str) -> str:
    chunks = b""
    for name, text in texts.items():
        body = name.encode() + b"\0" + text.encode()
        chunks += len(body).to_bytes(4, "big") + b"tEXt" + body + b"\0\0\0\0"
    path = folder / "picture.png"
    path.write_bytes(PNG_SIGNATURE + chunks)
    return str(path)


def test_a_picture_whose_drawn_workflow_is_broken_gives_its_prompt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", picture(tmp_path, workflow='{"nodes": [', prompt=json.dumps(NUMBER))]) == DONE
    assert main(["check", picture(tmp_path, workflow='{"nodes": [', prompt="")]) == BAD_FILE
    assert "picture.png (workflow)" in capsys.readouterr().err


def test_a_check_imports_no_event_loop() -> None:
    code = "import sys, darkroom.commands.check; print([m for m in ('asyncio', 'numpy', 'PIL') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_text_given_on_the_command_line_stays_as_it_was_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = {
        "1": {"class_type": "PrimitiveString", "inputs": {"value": "a"}, "_meta": {"title": "Words"}},
        "2": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}},
    }
    file = written(tmp_path, content)
    for given, meant in {"1.10": "1.10", "true": "true", "null": "null", '"1"': "1", "[1,0]": "[1,0]"}.items():
        assert main(["run", file, "--json", "--set", f"Words.value={given}"]) == DONE
        events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [each["ui"] for each in events if each.get("node") == "2" and each.get("ui")] == [{"text": [meant]}]
