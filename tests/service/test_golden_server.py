"""The recorded answers of a real server, compared with ours by the recorders' own scripts."""

import subprocess
import sys
from pathlib import Path

from benchmarks.live import running

GOLDEN = Path(__file__).resolve().parents[1] / "data" / "golden"


def compared(script: str, port: int) -> str:
    done = subprocess.run(
        [sys.executable, str(GOLDEN / script), "compare", str(port)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done.stdout + done.stderr


def test_all_recorded_runs_repeat(tmp_path: Path) -> None:
    with running(tmp_path, packs=[GOLDEN / "golden_pack"]) as server:
        server.ready()
        said = compared("record.py", server.port)
    assert said.rstrip().endswith("33 passed, 0 failed"), said


def test_all_recorded_http_answers_repeat(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        server.ready()
        said = compared("http_record.py", server.port)
    assert said.rstrip().endswith("77 passed, 0 failed"), said
