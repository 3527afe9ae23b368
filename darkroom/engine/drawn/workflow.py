"""A drawn workflow: its JSON, kept whole with all that we do not know, and the typed view over it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from darkroom.engine.drawn.drawing import Drawing, Subgraph
from darkroom.engine.drawn.edit import found_nodes, with_value
from darkroom.engine.drawn.reading import Parts, read_parts
from darkroom.engine.problems import Problem, WorkflowError
from darkroom.engine.running.describe import shown
from darkroom.engine.spec import Specs


@dataclass(frozen=True, slots=True)
class Workflow:
    """document: the parsed JSON, never changed; everything else is read from it.

    problems: what was found odd or broken while reading
    specs: the node types that give settings their names, once they are known
    """

    document: Mapping[str, Any]
    source: str
    parts: Parts
    specs: Specs | None = field(default=None, compare=False)

    def __len__(self) -> int:
        return len(self.parts.drawing.nodes)

    @property
    def drawing(self) -> Drawing:
        return self.parts.drawing

    @property
    def subgraphs(self) -> Mapping[str, Subgraph]:
        return self.parts.subgraphs

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.parts.problems

    def with_specs(self, specs: Specs) -> Workflow:
        return dataclasses.replace(self, specs=specs)

    def find(self, wanted: str) -> list[str]:
        """Ids of the nodes of this id, else of this title, else of this type; inside subgraphs as "outer:inner"."""
        return found_nodes(self.parts, wanted)

    def with_value(self, node: str, name: str, value: Any, specs: Specs | None = None) -> Workflow:
        """The workflow with one setting of one node changed; a wire at that input is taken off.

        node: an id, or a title that one node has; inside subgraphs ids are "outer:inner". A setting that a subgraph's
              instance shows is set at the instance; any other one inside a subgraph changes all its instances.
        specs: the registry; not needed for a workflow that `read_any` or `runnable` gave
        Raises WorkflowError where there is no such node or setting.
        """
        specs = specs or self.specs
        if specs is None:
            raise TypeError("with_value needs the registry: settings have names only by the definition of their node")
        document = with_value(self.document, self.parts, specs, self.source, node, name, value)
        return dataclasses.replace(read_workflow(document, self.source), specs=specs)


def read_workflow(document: Mapping[str, Any], source: str = "workflow") -> Workflow:
    """The typed view of a drawn workflow.

    Raises WorkflowError if there is no list of nodes; everything smaller becomes one of the workflow's problems.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("nodes"), list):
        came = f'"nodes" is {shown(document.get("nodes"))}' if isinstance(document, Mapping) else "it is no object"
        raise WorkflowError(
            [Problem("no_workflow", came, 'a list "nodes"', "save the workflow again from its editor")], source
        )
    return Workflow(document, source, read_parts(document))
