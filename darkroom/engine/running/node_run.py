"""What a running node may ask of its surroundings, as the executor provides it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from darkroom.engine.events import Emit, Preview, Progress, Text
from darkroom.engine.graph import Graph
from darkroom.engine.run import Files
from darkroom.engine.running.cancel import CancelToken
from darkroom.engine.write import to_api


@dataclass(frozen=True)
class Surroundings:
    """What all nodes of a job share."""

    files: Files
    emit: Emit
    cancel: CancelToken
    graph: Graph
    given_prompt: Mapping[str, Any] | None
    extra_pnginfo: Mapping[str, Any]

    @cached_property
    def prompt(self) -> Mapping[str, Any]:
        """The job's API JSON as it came, or else made from its graph when the first node asks."""
        return to_api(self.graph) if self.given_prompt is None else self.given_prompt


@dataclass(frozen=True, slots=True)
class NodeRun:
    """The `Run` of one call. call: which of the calls of a list-mapped node this is, from 0."""

    node_id: str
    display_node: str
    call: int
    job: Surroundings

    @property
    def files(self) -> Files:
        return self.job.files

    @property
    def prompt(self) -> Mapping[str, Any]:
        return self.job.prompt

    @property
    def extra_pnginfo(self) -> Mapping[str, Any]:
        return self.job.extra_pnginfo

    def progress(self, value: float, maximum: float, preview: Callable[[], Any] | None = None) -> None:
        self.job.cancel.raise_if_cancelled()
        self.job.emit(Progress(self.node_id, self.display_node, value, maximum))
        if preview is not None:
            self.job.emit(Preview(self.node_id, self.display_node, preview))

    def show(self, picture: Callable[[], Any]) -> None:
        self.job.emit(Preview(self.node_id, self.display_node, picture, whole=True))

    def text(self, text: str) -> None:
        self.job.emit(Text(self.node_id, self.display_node, text))

    def raise_if_cancelled(self) -> None:
        self.job.cancel.raise_if_cancelled()
