"""How long `darkroom check` takes as a whole process on a 20-node workflow.

Target: at most 0.5 s from start to end (median of the runs).
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.graphs import repeated
from benchmarks.measure import Row, finish

RUNS = 9
TARGET_SECONDS = 0.5


def seconds_of_one_check(file: Path) -> float:
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "darkroom", "check", str(file)], capture_output=True, check=False)
    elapsed = time.perf_counter() - started
    if done.returncode != 0:
        raise SystemExit(f"darkroom check ended with {done.returncode}: {done.stderr.decode()}")
    return elapsed


def main() -> None:
    """Measure, print the row, leave with 1 if it is missed."""
    workflow = repeated(20)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "twenty.json"
        file.write_text(json.dumps(workflow))
        seconds_of_one_check(file)
        median = statistics.median(seconds_of_one_check(file) for _ in range(RUNS))
    claim = f"`darkroom check` from start to end, {len(workflow['nodes'])} nodes, median of {RUNS}"
    finish([Row(claim, TARGET_SECONDS, median, "s")], "make bench-check")


if __name__ == "__main__":
    main()
