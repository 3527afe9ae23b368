"""`execution`: the few names of it that mean something here."""

from __future__ import annotations

from darkroom.engine.results import Blocked as ExecutionBlocker
from darkroom.packs.lacking import lacking
from darkroom.packs.shims.execution_validation import validate_node_input

__all__ = ["ExecutionBlocker", "validate_node_input"]

__getattr__ = lacking("execution", "jobs are run by another executor in another process than the queue")
