"""The process itself: it starts without torch, hears its server die, and dies only of what ends processes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from darkroom.frames.messages import Hello, Ready, RunJob, Stop
from darkroom.worker.main import main
from tests.worker import entries
from tests.worker.talking import api, process

ROOT = Path(__file__).parent.parent.parent


def test_it_imports_without_torch() -> None:
    code = "import sys, darkroom.worker.main; assert not {'torch', 'PIL', 'aiohttp', 'numpy'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_it_says_hello_and_then_what_it_has(tmp_path: Path) -> None:
    with process(main, tmp_path) as (talk, worker):
        hello = talk.next()
        ready = talk.next()
    assert isinstance(hello, Hello) and (hello.pid, hello.device) == (worker.pid, "cpu")
    assert isinstance(ready, Ready) and ready.versions["pytorch_version"].startswith("2.")
    assert ready.device["type"] == "cpu" and ready.device["vram_total"] > 0
    assert not ready.definitions and not ready.failures


def test_it_ends_at_once_when_the_server_is_gone(tmp_path: Path) -> None:
    with process(main, tmp_path) as (talk, worker):
        talk.until(lambda message: isinstance(message, Ready))
        talk.connection.close()
        worker.join(5)
        assert worker.exitcode == 0


def test_a_node_that_leaves_ends_the_process_with_its_code(tmp_path: Path) -> None:
    with process(entries.toys, tmp_path) as (talk, worker):
        talk.send(RunJob("a", 1, api(_1=("Leave", {"code": 7})), ["1"]))
        talk.event("node_started")
        worker.join(20)
        assert worker.exitcode == 7


def test_what_nodes_print_goes_to_the_server_line_by_line(tmp_path: Path) -> None:
    with process(entries.toys, tmp_path) as (talk, _):
        talk.send(RunJob("a", 1, api(_1=("Speak", {"text": "one\ntwo"})), ["1"]))
        talk.done()
    assert [(each.level, each.text) for each in talk.printed] == [
        ("STDOUT", "one"),
        ("STDOUT", "two"),
        ("STDERR", "to stderr"),
        ("WARNING", "pack: careful"),
    ]


def test_what_is_no_message_is_skipped(tmp_path: Path) -> None:
    with process(main, tmp_path) as (talk, _):
        talk.connection.send_bytes(b"nonsense")
        assert talk.ask("memory").data["ram"]["total"] > 0


def test_an_interrupt_from_the_keyboard_does_not_end_it_and_a_stop_does(tmp_path: Path) -> None:
    with process(entries.toys, tmp_path) as (talk, worker):
        talk.until(lambda message: isinstance(message, Ready))
        os.kill(worker.pid, signal.SIGINT)
        talk.send(RunJob("a", 1, api(_1=("Speak", {"text": "still here"})), ["1"]))
        assert talk.done().outcome == "done"
        talk.send(Stop())
        worker.join(20)
        assert worker.exitcode == 0
