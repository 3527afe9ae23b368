"""From the drawn to the runnable graph. The only place where this happens: the editor sends what it shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from darkroom.engine.drawn.drawing import BYPASSED, MUTED, DrawnNode, tag
from darkroom.engine.drawn.links import Origin, Resolver, Value
from darkroom.engine.drawn.placeholders import expanded, placeholders_filled
from darkroom.engine.drawn.scopes import NODES, Definitions, Scope, child_of, oversized, renamed
from darkroom.engine.drawn.widgets import MISSING, Known
from darkroom.engine.drawn.workflow import Workflow
from darkroom.engine.graph import Graph, Node
from darkroom.engine.problems import Problem
from darkroom.engine.running.describe import shown
from darkroom.engine.spec import NodeSpec, Specs


@dataclass(frozen=True, slots=True)
class Conversion:
    """The runnable graph of a drawing, what was found on the way, and the workflow with the given values in it.

    unknown: ids of nodes in the graph whose type the registry does not know
    """

    graph: Graph
    problems: list[Problem]
    workflow: Workflow
    unknown: tuple[str, ...] = ()


def runnable(
    workflow: Workflow,
    registry: Specs,
    *,
    values: Mapping[tuple[str, str], Any] | None = None,
    rng: Random | None = None,
    now: datetime | None = None,
    most: int = NODES,
) -> Conversion:
    """The graph that a drawing stands for.

    values: by (node id or title, input name), put into the drawing first
    rng: expands dynamic prompts ("{a|b}", comments) with it; without it they stay as written
    now: fills the placeholders of file names ("%date:yyyy%", "%Node.widget%") with it; without it they stay
    most: nodes that its subgraphs may unfold to; above it nothing is unfolded
    """
    for (node, name), value in (values or {}).items():
        workflow = workflow.with_value(node, name, value, registry)
    workflow = workflow.with_specs(registry)
    converter = _Converter(workflow, registry)
    problems = [*workflow.problems]
    too_large = oversized(workflow.drawing, converter.definitions, most)
    if too_large is not None:
        return Conversion(Graph({}, workflow.source), [*problems, too_large], workflow)
    nodes = converter.nodes()
    problems += converter.problems
    if rng is not None:
        nodes = expanded(nodes, converter.known, rng)
    if now is not None:
        nodes = placeholders_filled(nodes, converter.known, converter.search_names, now)
    return Conversion(Graph(nodes, workflow.source), problems, workflow, tuple(converter.unknown))


class _Converter:
    """The conversion of one workflow."""

    def __init__(self, workflow: Workflow, registry: Specs) -> None:
        self.known = Known(registry)
        self.definitions = Definitions(workflow.document, workflow.subgraphs, self.known)
        self.resolver = Resolver(self.definitions)
        self.root = Scope(workflow.drawing)
        self.problems: list[Problem] = []
        self.unknown: list[str] = []
        self.search_names: dict[str, str] = {}
        """By node id: the name that placeholders know the node by."""

    def nodes(self) -> dict[str, Node]:
        # Wires can lead into any scope, so all scopes exist before the first wire is followed.
        active = list(self.unfolded())
        found: dict[str, Node] = {}
        for scope, node in active:
            id = f"{scope.prefix}{node.id}"
            if id in found:
                came = f"a node has the id {shown(id)}, which a node inside a subgraph has as well"
                self.problems.append(
                    Problem("duplicate_node_id", came, "", "give one of them another id", node=id, node_type=node.type)
                )
                continue
            found[id] = self.converted(scope, node, id)
        return _without_dead_links(found)

    def unfolded(self) -> Iterator[tuple[Scope, DrawnNode]]:
        """Every node that runs, in the order of the file, those inside a subgraph in its place."""
        stack = [(self.root, iter(self.root.drawing.nodes.values()))]
        while stack:
            scope, nodes = stack[-1]
            for node in nodes:
                if node.mode in (MUTED, BYPASSED) or self.resolver.is_virtual(node):
                    continue
                subgraph = self.definitions.get(node.type)
                if subgraph is not None:
                    child = child_of(scope, node, subgraph, self.definitions)
                    scope.children[node.id] = child
                    stack.append((child, iter(subgraph.drawing.nodes.values())))
                    break
                problem = self.definitions.missing(node)
                if problem is not None:
                    self.problems.append(problem)
                    continue
                yield scope, node
            else:
                stack.pop()

    def converted(self, scope: Scope, node: DrawnNode, id: str) -> Node:
        type = renamed(node.type, self.known)
        if type != node.type:
            node = node.with_type(type)
        spec = self.known.spec(type)
        if spec is None:
            self.unknown.append(id)
        inputs = self.settings(scope, node, spec, id)
        declared = {each.name: each.type for each in spec.inputs} if spec is not None else {}
        for slot in node.inputs:
            if slot.link is None:
                continue
            origin: Origin = self.resolver.origin(scope, slot.link, declared.get(slot.name) or tag(slot.type))
            if isinstance(origin, Value):
                inputs[slot.name] = origin.value
            elif origin is not None:
                inputs[slot.name] = origin
        name = node.properties.get("Node name for S&R")
        self.search_names[id] = name if isinstance(name, str) and name else node.title or type
        title = node.title or (spec.display_name if spec is not None else None) or type
        return Node(id, type, inputs, title)

    def settings(self, scope: Scope, node: DrawnNode, spec: NodeSpec | None, id: str) -> dict[str, Any]:
        """The values of a node's settings by name; the controls and buttons among them stay behind."""
        values = self.definitions.node_values(node)
        widgets = self.known.widgets_at(node)
        inputs: dict[str, Any] = {}
        if spec is None or widgets is None:
            inputs.update(values)
            return inputs
        for widget in widgets:
            if not widget.sent:
                continue
            value = values.get(widget.name, MISSING) if widget.stored else MISSING
            if value is None or value is MISSING:
                value = widget.default
            if scope.overrides:
                value = scope.overrides.get((node.id, widget.name), value)
            if value is not MISSING:
                inputs[widget.name] = value
        if spec.any_input:
            declared = self.known.widget_names(node.type)
            inputs.update({name: value for name, value in values.items() if name not in declared})
        sampler = inputs.get("sampler_name")
        if isinstance(sampler, str) and sampler.startswith("sample_") and node.type in ("KSampler", "KSamplerAdvanced"):
            inputs["sampler_name"] = sampler.removeprefix("sample_")
        self.warn_of_surplus(node, len(values), id)
        return inputs

    def warn_of_surplus(self, node: DrawnNode, named: int, id: str) -> None:
        surplus = len(node.values) - named
        if surplus <= 0 or isinstance(node.values, Mapping):
            return
        names = self.definitions.value_names(node)
        spare = [value for name, value in zip(names, node.values, strict=False) if not name]
        if all(value is None or value == "" for value in spare):
            return
        self.problems.append(
            Problem(
                "surplus_widget_value",
                f"it has {len(node.values)} values for {named} settings; left out: {shown(spare)}",
                "",
                "look whether its settings are what they should be",
                node=id,
                node_type=node.type,
                title=node.title,
                warning=True,
            )
        )


def _without_dead_links(nodes: dict[str, Node]) -> dict[str, Node]:
    """Without the wires from nodes that do not run: their inputs count as not connected."""
    for id, node in nodes.items():
        dead = [name for name, link in node.links() if link.source not in nodes]
        if dead:
            inputs = {name: value for name, value in node.inputs.items() if name not in dead}
            nodes[id] = Node(id, node.type, inputs, node.title)
    return nodes
