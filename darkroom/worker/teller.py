"""Tells the server what happens in one job: the engine's events as frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from darkroom import worker
from darkroom.engine.events import Event, Finished, NodeFailed, NodeStarted, Preview, Progress
from darkroom.engine.running.growing import GrowingGraph
from darkroom.frames.messages import JobEvent, RunJob
from darkroom.frames.report import data_of, kind_of
from darkroom.worker.courier import Courier
from darkroom.worker.resources import MEMORY_TIPS, is_out_of_memory

INPUT_TEXT_SHOWN = 1000


class Teller:
    """The `emit` of one job. node: the one that was started last."""

    def __init__(self, courier: Courier, job: RunJob, nodes: GrowingGraph) -> None:
        self.node: str | None = None
        self._courier = courier
        self._job = job
        self._nodes = nodes

    def __call__(self, event: Event) -> None:
        if isinstance(event, Preview):
            self._preview(event)
        elif isinstance(event, Progress):
            self._courier.progress(self._frame(kind_of(event), data_of(event)))
        elif not isinstance(event, Finished):
            if isinstance(event, NodeStarted):
                self.node = event.node
            data = failure(event) if isinstance(event, NodeFailed) else data_of(event)
            self._courier.tell(self._frame(kind_of(event), data))

    def display(self, node: str) -> str:
        """The drawn node that shows what a node does."""
        return self._nodes.display(node)

    def _preview(self, event: Preview) -> None:
        """Send a picture: a node's result at once and whole, whatever the job says of previews."""
        if event.picture is None:
            return
        data = {"node": event.node, "display_node": event.display_node}
        if event.whole:
            frame = self._frame("preview", {**data, "format": "PNG"})
            self._courier.tell(replace(frame, blob=worker.pictures.png(event.picture())))
        elif self._job.preview != "none":
            frame = self._frame("preview", {**data, "format": "JPEG"})
            self._courier.preview(frame, event.picture, self._job.preview_size)

    def _frame(self, kind: str, data: dict[str, Any]) -> JobEvent:
        parent = self._nodes.parent(data["node"]) if "node" in data else None
        if parent is not None:
            data |= {"parent_node": parent, "real_node": self._nodes.real(data["node"])}
        return JobEvent(self._job.job, self._job.token, kind, data)


def failure(event: NodeFailed) -> dict[str, Any]:
    """The data of a failure: inputs as lists, and what to do where memory ran out."""
    data = data_of(event)
    data["inputs"] = inputs_shown(event.inputs)
    if is_out_of_memory(event.exception_type, event.message):
        data["message"] = f"{event.message}\n\n{MEMORY_TIPS}"
    return data


def inputs_shown(inputs: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The inputs of a call by name: numbers as they are, everything else as text that is not too long."""
    return {name: [_shown(each) for each in values] for name, values in inputs.items()}


def _shown(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float) else str(value)[:INPUT_TEXT_SHOWN]
