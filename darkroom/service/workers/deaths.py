"""Why a worker process ended, and whether the job that it ran is to blame."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

VMSTAT = Path("/proc/vmstat")
CGROUPS = Path("/proc/self/cgroup")
CGROUP_ROOT = Path("/sys/fs/cgroup")

_FAULTS = tuple(
    getattr(signal, name) for name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSYS", "SIGTRAP")
)
_MEMORY = "use a smaller size or batch, or close other programs that hold memory"
_NATIVE = "the fault is in native code that this node calls: update or remove its pack, or change the node's settings"
_LEFT = "a node must raise an error instead of leaving the process: update or remove its pack"
_SILENT = "raise --heartbeat-timeout if this node calls native code for long, or change its settings"
_NONSENSE = "update or remove the pack of this node"


@dataclass(frozen=True, slots=True)
class Death:
    """cause: what happened, as the end of "its worker ..."; remedy: what to do, or empty
    job_fails: the job is to blame, so it must not run again by itself
    """

    cause: str
    remedy: str = ""
    job_fails: bool = False


def death_of(exit_code: int | None, words: str, *, silent_for: float | None, out_of_memory: bool) -> Death:
    """What a process died of. exit_code: negative for a signal, None where it never began; words: what else is known.

    silent_for: seconds without a word after which the server killed it, or None
    """
    if silent_for is not None:
        return Death(f"said nothing for {silent_for:.0f} seconds and was stopped", _SILENT, True)
    if exit_code is None:
        return Death(words)
    if words:
        return Death(f"was stopped because {words}", _NONSENSE, True)
    if exit_code >= 0:
        return Death(f"left by itself with exit code {exit_code}", _LEFT, True)
    if -exit_code in _FAULTS:
        return Death(f"crashed ({_signal_name(-exit_code)})", _NATIVE, True)
    if out_of_memory:
        return Death("was killed by the system, which ran out of memory", _MEMORY, True)
    return Death(f"was killed from outside ({_signal_name(-exit_code)})")


class OomWatch:
    """The kernel's counts of processes killed for want of memory: of the machine, and of our cgroup.

    A count that rose since 5 to 10 seconds before a death explains it; `look` must be called now and then.
    """

    def __init__(self, files: Sequence[Path] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._files = tuple(_count_files() if files is None else files)
        self._clock = clock
        self._before = self._latest = self._counts()
        self._looked = clock()

    def look(self) -> None:
        """Take a count, at most each 5 seconds."""
        if self._clock() - self._looked >= 5:
            self._before, self._latest = self._latest, self._counts()
            self._looked = self._clock()

    def rose(self) -> bool:
        """Whether a process was killed since; it is told once."""
        now = self._counts()
        rose = any(after > before for before, after in zip(self._before, now, strict=True))
        self._before = self._latest = now
        return rose

    def _counts(self) -> list[int]:
        return [_count(path) for path in self._files]


def _count(path: Path) -> int:
    """The line "oom_kill <number>" of a file; 0 where there is none."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)


def _count_files() -> list[Path]:
    """The machine's counts, and those of our cgroup, also where the container shows it as the root."""
    try:
        lines = CGROUPS.read_text().splitlines()
    except OSError:
        lines = []
    own = [line.split(":", 2)[2].strip("/") for line in lines if line.startswith("0::")]
    return [VMSTAT, *{CGROUP_ROOT / each / "memory.events" for each in (*own, "")}]


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
