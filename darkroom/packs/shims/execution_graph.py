"""`comfy_execution.graph`: names around the graph of a job."""

from __future__ import annotations

from darkroom.engine.results import Blocked as ExecutionBlocker
from darkroom.engine.running.expanding import DependencyCycleError
from darkroom.packs.dynamic import DynamicPrompt, NodeNotFoundError
from darkroom.packs.lacking import lacking
from darkroom.packs.shims.graph_utils import is_link

__all__ = ["DependencyCycleError", "DynamicPrompt", "ExecutionBlocker", "NodeNotFoundError", "is_link"]

__getattr__ = lacking("comfy_execution.graph", "its executor works in another way")
