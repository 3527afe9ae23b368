"""One way for all benchmarks to say what was claimed, what was measured, and how to measure it again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Row:
    """One claim. sense: whether the measured number may be at most or must be at least the target."""

    claim: str
    target: float
    measured: float
    unit: str = ""
    sense: Literal["at most", "at least"] = "at most"

    @property
    def met(self) -> bool:
        return self.measured <= self.target if self.sense == "at most" else self.measured >= self.target


def show(rows: Sequence[Row], command: str) -> None:
    """Print a Markdown table of claims: what, target, measured, command."""
    print("| claim | target | measured | command |")
    print("|---|---|---|---|")
    for row in rows:
        unit = f" {row.unit}" if row.unit else ""
        missed = "" if row.met else " (missed)"
        print(f"| {row.claim} | {row.sense} {row.target:g}{unit} | {row.measured:.3g}{unit}{missed} | `{command}` |")


def finish(rows: Sequence[Row], command: str) -> None:
    """Print the table, and leave with 1 if a target is missed."""
    show(rows, command)
    sys.exit(0 if all(row.met for row in rows) else 1)
