"""Random graphs with edits between runs, the executor against a naive recursive evaluator."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from darkroom.engine.events import NodeFinished
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.results import Blocked, Expand
from tests.engine.toys import Bench, setting, toy, wire

GRAPHS = 2000
RUNS_PER_GRAPH = 3


def pick(first: bool, a: Any = None, b: Any = None) -> Any:
    return a if first else b


def wanted(first: bool, a: Any = None, b: Any = None) -> list[str]:
    return [name for name, value in (("a", a), ("b", b)) if (name == "a") == first and value is None]


def gate(value: int) -> Any:
    return Blocked() if value % 3 == 0 else value


def expand(value: int, times: int) -> Any:
    """value + times, by a chain of that many nodes in place of this one."""
    if times <= 0:
        return value
    inner: dict[str, Any] = {"seed": {"class_type": "Number", "inputs": {"value": value}}}
    inner["add"] = {"class_type": "Add", "inputs": {"a": ["seed", 0], "b": 1}}
    inner["rest"] = {"class_type": "Grow", "inputs": {"value": ["add", 0], "times": times - 1}}
    return Expand(inner, (Link("rest", 0),))


SPECS = (
    toy("Grow", expand, [wire("value"), setting("times", default=0)]),
    toy("Gate", gate, [wire("value")]),
    toy("Pick", pick, [setting("first", "BOOLEAN"), wire("a", lazy=True), wire("b", lazy=True)], wanted=wanted),
    toy("Dice", lambda value: value * 2, [setting("value")], cached=False),
)


@dataclass
class Oracle:
    """Evaluates a graph by recursion, and knows which recipes were computed in earlier runs.

    A recipe is the node written out with all that it rests on, as nested tuples: what a key stands for.
    """

    known: set[Any] = field(default_factory=set)
    nodes: Mapping[str, Node] = field(default_factory=dict)
    values: dict[Any, list[Any]] = field(default_factory=dict)
    ran: list[Any] = field(default_factory=list)
    recipes: dict[str, Any] = field(default_factory=dict)

    def run(self, graph: Graph, targets: list[str]) -> dict[str, list[Any]]:
        self.nodes, self.values, self.ran, self.recipes = graph.nodes, {}, [], {}
        for id in targets:
            self.visit(self.recipe(id))
        computed = {recipe for recipe in self.ran if not self.changes(recipe)}
        self.known |= computed
        return {id: self.evaluate(self.recipe(id)) for id in targets}

    def recipe(self, id: str) -> Any:
        if id not in self.recipes:
            node = self.nodes[id]
            own = id if node.type == "Dice" else ""
            inputs = []
            for name, each in sorted(node.inputs.items()):
                inputs.append((name, self.recipe(each.source) if isinstance(each, Link) else ("=", each)))
            self.recipes[id] = (node.type, own, tuple(inputs))
        return self.recipes[id]

    def changes(self, recipe: Any) -> bool:
        """Whether a recipe is new in each run."""
        return recipe[0] == "Dice" or any(self.changes(each) for _, each in recipe[2] if each[0] != "=")

    def visit(self, recipe: Any) -> None:
        """Note what has to run so that a recipe's value is there: nothing, if it is known."""
        kind, _, inputs = recipe
        if recipe in self.ran or (recipe in self.known and not self.changes(recipe)):
            return
        given = dict(inputs)
        chosen = None if kind != "Pick" else "a" if given["first"][1] else "b"
        for name, each in inputs:
            if each[0] != "=" and chosen in (None, name):
                self.visit(each)
        if recipe not in self.ran:
            self.ran.append(recipe)
        if kind == "Grow" and given["times"][1] > 0:
            for value in self.evaluate(given["value"]):
                if value != "blocked":
                    self.visit(grown(value, given["times"][1]))

    def evaluate(self, recipe: Any) -> list[Any]:
        if recipe not in self.values:
            self.values[recipe] = self._evaluate(recipe)
        return self.values[recipe]

    def _evaluate(self, recipe: Any) -> list[Any]:
        kind, _, inputs = recipe
        if kind == "Pick":
            chosen = dict(inputs)["a" if dict(inputs)["first"][1] else "b"]
            return self.evaluate(chosen)
        given = {name: [each[1]] if each[0] == "=" else self.evaluate(each) for name, each in inputs}
        if kind == "Total":
            values = given["values"]
            return ["blocked"] if "blocked" in values else [sum(values)]
        if kind == "Range":
            return [number for count in given["count"] for number in ([count] if count == "blocked" else range(count))]
        longest = max(map(len, given.values()))
        calls = [{name: each[min(index, len(each) - 1)] for name, each in given.items()} for index in range(longest)]
        return ["blocked" if "blocked" in call.values() else NAIVE[kind](**call) for call in calls]


def grown(value: int, times: int) -> Any:
    """The recipe of the last node of the graph that Grow gives for a value."""
    seed = ("Number", "", (("value", ("=", value)),))
    add = ("Add", "", (("a", seed), ("b", ("=", 1))))
    return ("Grow", "", (("times", ("=", times - 1)), ("value", add)))


NAIVE: dict[str, Callable[..., Any]] = {
    "Number": lambda value: value,
    "Add": lambda a, b: a + b,
    "Sum": lambda a, b: a + b,
    "Dice": lambda value: value * 2,
    "Gate": lambda value: "blocked" if value % 3 == 0 else value,
    "Grow": lambda value, times: value + max(0, times),
}


def random_graph(dice: random.Random) -> Graph:
    nodes: dict[str, Node] = {}
    for index in range(dice.randint(2, 12)):
        nodes[f"n{index}"] = random_node(dice, f"n{index}", list(nodes))
    return Graph(nodes)


def random_node(dice: random.Random, id: str, before: list[str]) -> Node:
    def source() -> Link:
        # Mostly recent ones, so that depth and diamonds both occur.
        return Link(before[-1 - min(int(dice.expovariate(0.5)), len(before) - 1)], 0)

    if not before or dice.random() < 0.12:
        kind = dice.choices(["Number", "Range", "Dice"], [8, 3, 1])[0]
        return Node(id, kind, {"count" if kind == "Range" else "value": dice.randint(1, 3)})
    kind = dice.choices(["Add", "Sum", "Pick", "Gate", "Grow", "Total"], [6, 6, 4, 2, 2, 2])[0]
    if kind == "Add":
        return Node(id, kind, {"a": source(), "b": dice.randint(0, 2)})
    if kind == "Sum":
        return Node(id, kind, {"a": source(), "b": source()})
    if kind == "Pick":
        return Node(id, kind, {"first": dice.random() < 0.5, "a": source(), "b": source()})
    if kind == "Grow":
        return Node(id, kind, {"value": source(), "times": dice.randint(0, 2)})
    return Node(id, kind, {"values" if kind == "Total" else "value": source()})


def edited(dice: random.Random, graph: Graph) -> Graph:
    """The same graph with one node replaced, or with other ids, or as it was."""
    nodes = dict(graph.nodes)
    change = dice.random()
    if change < 0.7:
        ids = list(nodes)
        index = dice.randrange(len(ids))
        nodes[ids[index]] = random_node(dice, ids[index], ids[:index])
    elif change < 0.85:
        rename = {id: f"m{index}" for index, id in enumerate(nodes)} if "n0" in nodes else {}
        nodes = {rename.get(id, id): renamed(node, rename) for id, node in nodes.items()}
    return Graph(nodes)


def renamed(node: Node, names: dict[str, str]) -> Node:
    inputs = {
        name: Link(names.get(each.source, each.source), each.slot) if isinstance(each, Link) else each
        for name, each in node.inputs.items()
    }
    return Node(names.get(node.id, node.id), node.type, inputs)


def check(seed: int) -> None:
    dice = random.Random(seed)
    bench, oracle = Bench(*SPECS), Oracle()
    graph = random_graph(dice)
    for _ in range(RUNS_PER_GRAPH):
        targets = dice.sample(list(graph.nodes), dice.randint(1, min(3, len(graph))))
        expected = oracle.run(graph, targets)
        outcome = bench.run(graph, targets=targets)
        assert outcome.outcome == "done", (seed, outcome.error)
        got = {id: ["blocked" if type(each) is Blocked else each for each in outcome.outputs[id][0]] for id in targets}
        assert got == expected, (seed, graph)
        visited = [oracle.recipe(id) for id in (*outcome.ran, *outcome.blocked) if id in graph.nodes]
        assert len(visited) == len(set(visited)), (seed, "a step ran twice", outcome.ran)
        assert set(visited) <= set(oracle.ran), (seed, outcome.ran, outcome.blocked)
        assert len(outcome.ran) + len(outcome.blocked) == len(oracle.ran), (seed, outcome.ran, outcome.blocked)
        graph = edited(dice, graph)


@pytest.mark.parametrize("part", range(8))
def test_values_and_recomputed_steps_are_those_of_a_naive_evaluator(part: int) -> None:
    for seed in range(part * GRAPHS // 8, (part + 1) * GRAPHS // 8):
        check(seed)


def test_a_small_cache_changes_what_is_recomputed_but_no_value_and_nothing_runs_twice_in_a_run() -> None:
    for seed in range(GRAPHS, GRAPHS + 300):
        dice = random.Random(seed)
        bench, oracle = Bench(*SPECS, budget=dice.choice([0, 400, 1500])), Oracle()
        graph = random_graph(dice)
        for _ in range(RUNS_PER_GRAPH):
            targets = dice.sample(list(graph.nodes), min(2, len(graph)))
            expected = oracle.run(graph, targets)
            outcome = bench.run(graph, targets=targets)
            got = {
                id: ["blocked" if type(each) is Blocked else each for each in outcome.outputs[id][0]] for id in targets
            }
            assert got == expected, (seed, graph)
            started = [event.node for event in bench.of(NodeFinished)]
            # An expansion, or a lazy branch, may turn out late to need what nobody was known to need any more.
            if not outcome.origins and not any(node.type == "Pick" for node in graph):
                assert len(started) == len(set(started)), (seed, started)
            assert bench.cache.statistics().bytes <= bench.cache.statistics().budget_bytes
            graph = edited(dice, graph)
