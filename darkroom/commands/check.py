"""`darkroom check FILE`: everything that is wrong with a workflow, without torch and without weights."""

from __future__ import annotations

import argparse
import sys

from darkroom.commands.exits import DONE, FAILED_CHECK
from darkroom.commands.opening import errors, folders, opened, problems_of
from darkroom.commands.report import JsonLines, problem_lines
from darkroom.engine.problems import printable
from nodes.library import library


def check(options: argparse.Namespace) -> int:
    """Print every problem; DONE when the workflow can run."""
    registry = library()
    loaded = opened(options.file, registry, options.set)
    problems = problems_of(loaded, registry, folders(options))
    if options.json:
        JsonLines().problems(options.file.name, problems)
    else:
        for line in problem_lines(options.file.name, problems):
            print(line, file=sys.stderr)
    if errors(problems):
        return FAILED_CHECK
    if not options.json:
        print(printable(f"{options.file.name}: {len(loaded.graph)} nodes, ready to run"), file=sys.stderr)
    return DONE
