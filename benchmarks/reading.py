"""How long reading, converting and checking a workflow of 1,000 nodes takes, and whether it grows in a straight line.

Targets: 100 ms for 1,000 nodes; per node at most twice as long at 10,000 nodes.
"""

from __future__ import annotations

import json
import statistics
import time

from benchmarks.graphs import ROOT, repeated
from benchmarks.measure import Row, finish
from darkroom.engine.check import check
from darkroom.engine.read import read_any
from darkroom.files.folders import Folders
from nodes.library import library

RUNS = 7


def seconds_to_read_and_check(nodes: int, runs: int) -> float:
    """Median over the runs of CPU seconds, from the bytes of a file to the list of its problems."""
    data = json.dumps(repeated(nodes)).encode()
    registry = library()
    seconds = []
    for _ in range(runs):
        files = Folders(ROOT)
        started = time.process_time()
        loaded = read_any(data, "benchmark.json", registry)
        problems = [*loaded.problems, *check(loaded.graph, registry, files)]
        seconds.append(time.process_time() - started)
        wrong = [problem for problem in problems if not problem.warning]
        if wrong:
            raise SystemExit(f"the benchmark's workflow does not check: {wrong[0]}")
    return statistics.median(seconds)


def main() -> None:
    """Measure both sizes in one run, print the rows, leave with 1 if one is missed."""
    seconds_to_read_and_check(50, 1)
    thousand = seconds_to_read_and_check(1000, RUNS)
    ten_thousand = seconds_to_read_and_check(10_000, 3)
    rows = [
        Row("read, convert and check a drawn workflow of 1,000 nodes", 100, thousand * 1000, "ms"),
        Row("the same per node, 10,000 nodes over 1,000", 2, ten_thousand / 10 / thousand),
    ]
    finish(rows, "make bench-reading")


if __name__ == "__main__":
    main()
