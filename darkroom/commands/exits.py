"""Exit codes of the `darkroom` command, and the error that carries one."""

from __future__ import annotations

DONE = 0
USAGE = 2
BAD_FILE = 3
FAILED_CHECK = 4
FAILED_RUN = 5
CANCELLED = 130
READER_GONE = 141
"""Whoever read the output closed it, as `| head -1` does; what a shell gives for such a process."""


class Stop(Exception):
    """Ends the command with a message for the user and an exit code."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)
