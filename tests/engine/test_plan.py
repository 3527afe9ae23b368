"""Planning: what is needed, in which order, and what follows from that."""

from __future__ import annotations

import pytest

from darkroom.engine.graph import Graph
from darkroom.engine.problems import WorkflowError
from darkroom.engine.running.plan import Plan, plan
from tests.engine.toys import TOYS, make, toy, wire

REGISTRY = {spec.id: spec for spec in TOYS}
REGISTRY["Lazy"] = toy("Lazy", lambda a=None, b=None: a, [wire("a", lazy=True), wire("b")], wanted=lambda **_: ["a"])
REGISTRY["Raw"] = toy("Raw", lambda a: a, [wire("a", rawLink=True)])
REGISTRY["Slow"] = toy("Slow", lambda a: a, [wire("a")], is_async=True)

DIAMOND = make(
    top=("Number", {"value": 1}),
    left=("Add", {"a": "@top", "b": 1}),
    right=("Add", {"a": "@top", "b": 2}),
    join=("Sum", {"a": "@left", "b": "@right"}),
    out=("Show", {"value": "@join"}),
    alone=("Number", {"value": 9}),
)


def order(made: Plan) -> list[str]:
    return [step.id for step in made.steps]


def problem(graph: Graph, targets: list[str] | None = None) -> str:
    with pytest.raises(WorkflowError) as caught:
        plan(graph, REGISTRY, targets)
    return str(caught.value)


def test_steps_come_after_what_they_read_and_nothing_else_is_planned() -> None:
    steps = order(plan(DIAMOND, REGISTRY))
    assert sorted(steps) == ["join", "left", "out", "right", "top"]
    assert steps.index("top") < min(steps.index("left"), steps.index("right"))
    assert steps[-2:] == ["join", "out"]
    assert plan(DIAMOND, REGISTRY).targets == ("out",)


def test_targets_may_be_any_nodes() -> None:
    assert order(plan(DIAMOND, REGISTRY, ["left", "alone"])) == ["top", "left", "alone"]


def test_the_plan_knows_readers_and_the_last_of_them() -> None:
    made = plan(DIAMOND, REGISTRY)
    assert set(made.consumers["top"]) == {"left", "right"}
    assert made.consumers["join"] == ("out",)
    assert made.last_reader["top"] == made.consumers["top"][-1]
    assert "out" not in made.last_reader


def test_the_plan_knows_lazy_wires_and_counts_raw_links_as_no_reading() -> None:
    graph = make(
        x=("Number",),
        y=("Number",),
        lazy=("Lazy", {"a": "@x", "b": "@y"}),
        raw=("Raw", {"a": "@x"}),
        s=("Show", {"value": "@lazy"}),
    )
    made = plan(graph, REGISTRY, ["s", "raw"])
    assert made.lazy == {"lazy": ("a",)}
    assert made.consumers["x"] == ("lazy",)


def test_final_and_async_steps_go_first_then_those_that_feed_final_ones() -> None:
    graph = make(
        a=("Number",),
        b=("Add", {"a": "@a"}),
        c=("Add", {"a": "@b"}),
        d=("Add", {"a": "@c"}),
        out=("Show", {"value": "@d"}),
        slow=("Slow", {"a": "@a"}),
        show=("Show", {"value": "@slow"}),
    )
    assert plan(graph, REGISTRY).ranks == {"out": 0, "d": 1, "c": 2, "slow": 0, "show": 0}


def test_a_cycle_names_its_nodes_and_does_not_hang() -> None:
    graph = make(a=("Add", {"a": "@b"}), b=("Add", {"a": "@c"}), c=("Add", {"a": "@a"}), out=("Show", {"value": "@a"}))
    assert "its result is needed to compute itself (a <- b <- c <- a)" in problem(graph)
    assert "(a <- a)" in problem(make(a=("Add", {"a": "@a"})), ["a"])


def test_unknown_types_missing_nodes_and_empty_graphs_are_told() -> None:
    assert "'Strange' is unknown" in problem(make(a=("Strange",)), ["a"])
    assert "it is linked to node gone, which does not exist" in problem(make(a=("Add", {"a": "@gone"})), ["a"])
    assert "there is no node z" in problem(make(a=("Number",)), ["z"])
    assert "nothing in this workflow shows or saves" in problem(make(a=("Number",)))
    assert "nothing in this workflow shows or saves" in problem(DIAMOND, [])


def test_what_is_not_needed_may_be_broken() -> None:
    graph = make(a=("Strange",), b=("Add", {"a": "@gone"}), n=("Number",), out=("Show", {"value": "@n"}))
    assert order(plan(graph, REGISTRY)) == ["n", "out"]
