"""Graph expansion: nodes that give a graph to be run in their place."""

from __future__ import annotations

from typing import Any

from darkroom.engine.events import NodeCached, NodeFailed, NodeStarted
from darkroom.engine.graph import Link
from darkroom.engine.results import Blocked, Expand
from darkroom.engine.run import Run
from darkroom.engine.running.growing import GrowingGraph
from darkroom.engine.running.report import Origin
from darkroom.engine.spec import FileChoice, InputSpec
from tests.engine.toys import Bench, Disk, make, setting, toy, wire


def entry(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def countdown(count: int, total: int) -> Any:
    """count + (count - 1) + ... + 1 + total, by expanding into itself."""
    if count == 0:
        return total
    graph = {
        "1": entry("Number", value=count),
        "2": entry("Add", a=["1", 0], b=total),
        "3": entry("Countdown", count=count - 1, total=["2", 0]),
    }
    return Expand(graph, (Link("3", 0),))


COUNTDOWN = toy("Countdown", countdown, [setting("count"), setting("total", default=0)])


def expander(*inner: Any, **inputs: Any) -> Any:
    """A type that expands into given nodes, of which `end` is the result."""
    graph = {id: entry(kind, **more) for id, kind, more in inner}
    return toy("Grow", lambda **_: Expand(graph, (Link("end", 0),)), [*inputs.values()])


def test_a_node_may_expand_into_itself_until_it_is_done() -> None:
    bench = Bench(COUNTDOWN)
    graph = make(_1=("Countdown", {"count": 3, "total": 0}), out=("Show", {"value": "@1"}))
    assert bench.run(graph).ui == {"out": {"text": [6]}}
    started = [(event.node, event.display_node) for event in bench.of(NodeStarted)]
    inner = ["1.0.0.1", "1.0.0.2", "1.0.0.3"]
    deeper = [f"1.0.0.3.0.0.{n}" for n in (1, 2, 3)]
    deepest = [f"1.0.0.3.0.0.3.0.0.{n}" for n in (1, 2, 3)]
    assert started == [("1", "1"), *((id, "1") for id in inner + deeper + deepest), ("out", "out")]
    again = bench.run(graph)
    assert (again.ran, again.cached, again.ui) == ((), ("1", "out"), {"out": {"text": [6]}})


def test_an_expansion_2000_deep_is_no_recursion() -> None:
    assert Bench(COUNTDOWN).value(make(c=("Countdown", {"count": 2000})), "c") == 2000 * 2001 // 2


def test_steps_inside_an_expansion_are_cached_too() -> None:
    bench = Bench(COUNTDOWN)
    bench.run(make(c=("Countdown", {"count": 3})), targets=["c"])
    deeper = bench.run(
        make(c=("Countdown", {"count": 3, "total": 0}), d=("Countdown", {"count": 2, "total": 3})), targets=["d"]
    )
    assert (deeper.ran, deeper.outputs["d"]) == (("d",), ([6],))


def test_an_expanded_graph_may_read_nodes_outside_and_name_what_displays_it() -> None:
    def grow(a: Link) -> Expand:
        inner = entry("Add", a=[a.source, a.slot], b=1)
        return Expand({"end": {**inner, "override_display_id": "other"}}, (Link("end", 0),))

    bench = Bench(toy("Grow", grow, [wire("a", rawLink=True)]))
    graph = make(one=("Number", {"value": 1}), g=("Grow", {"a": "@one"}), other=("Number",))
    outcome = bench.run(graph, targets=["g"])
    assert (outcome.ran, outcome.outputs["g"]) == (("g", "one", "g.0.0.end"), ([2],))
    assert outcome.origins == {"g.0.0.end": Origin("g", "other", "g")}
    assert bench.of(NodeStarted)[-1].display_node == "other"
    assert bench.run(graph, targets=["g"]).ran == ()


def test_a_listener_may_look_up_where_nodes_come_from_while_they_run() -> None:
    graph = make(c=("Countdown", {"count": 2}))
    nodes = GrowingGraph(graph)
    parents: dict[str, str | None] = {}
    Bench(COUNTDOWN).executor.run(
        graph, targets=["c"], nodes=nodes, emit=lambda event: parents.update({event.node: nodes.parent(event.node)})
    )
    assert parents["c"] is None and "c" in parents.values()


def test_links_and_plain_values_mix_and_lists_expand_call_by_call() -> None:
    def grow(value: int, run: Run) -> Any:
        if value == 0:
            return Expand({}, (100, "none"))
        return Expand({"n": entry("Range", count=value)}, (Link("n", 0), f"call {getattr(run, 'call')}"))  # noqa: B009

    bench = Bench(toy("Grow", grow, [wire("value")], outputs=2, lists=[0], run_parameter="run"))
    graph = make(r=("Range", {"count": 3}), g=("Grow", {"value": "@r"}))
    outcome = bench.run(graph, targets=["g"])
    assert outcome.error is not None
    assert outcome.error.message == "its output out0 is a list, but it returned a int"
    bench = Bench(toy("Grow", grow, [wire("value")], outputs=2, run_parameter="run"))
    assert bench.run(graph, targets=["g"]).outputs["g"] == ([100, 0, 0, 1], ["none", "call 1", "call 2"])


def test_final_nodes_inside_an_expansion_run_and_show() -> None:
    bench = Bench(expander(("end", "Number", {"value": 3}), ("show", "Show", {"value": ["end", 0]})))
    outcome = bench.run(make(g=("Grow",)), targets=["g"])
    assert outcome.ui == {"g.0.0.show": {"text": [3]}}


def test_a_failure_inside_an_expansion_names_the_node_and_who_displays_it() -> None:
    def fail() -> None:
        raise ValueError("inside")

    bench = Bench(toy("Fail", fail), expander(("end", "Fail", {})))
    outcome = bench.run(make(g=("Grow",)), targets=["g"])
    assert outcome.error is not None
    assert (outcome.error.node, outcome.error.display_node, outcome.error.message) == ("g.0.0.end", "g", "inside")


def test_a_cycle_made_by_expansion_fails_the_node_that_made_it() -> None:
    def grow(a: int) -> Expand:
        return Expand({"end": entry("Add", a=["after", 0], b=1)}, (Link("end", 0),))

    bench = Bench(toy("Grow", grow, [wire("a")]))
    graph = make(
        one=("Number",),
        g=("Grow", {"a": "@one"}),
        after=("Add", {"a": "@g", "b": 1}),
        out=("Show", {"value": "@after"}),
    )
    outcome = bench.run(graph)
    assert outcome.outcome == "failed"
    error = bench.of(NodeFailed)[0]
    assert (error.node, error.display_node, error.exception_type) == ("g", "g", "graph.DependencyCycleError")
    assert "wait for each other" in error.message


def test_a_cycle_within_an_expanded_graph_and_an_endless_expansion_fail() -> None:
    inner = (("end", "Add", {"a": ["two", 0], "b": 1}), ("two", "Add", {"a": ["end", 0], "b": 1}))
    outcome = Bench(expander(*inner)).run(make(g=("Grow",)), targets=["g"])
    assert outcome.error is not None
    assert (outcome.error.node, outcome.error.exception_type) == ("g", "graph.DependencyCycleError")
    endless = Bench(expander(("end", "Grow", {}))).run(make(g=("Grow",)), targets=["g"])
    assert endless.error is not None
    assert endless.error.exception_type == "graph.DependencyCycleError"


def test_an_ill_formed_expansion_says_what_is_wrong() -> None:
    def failure(graph: Any) -> str:
        outcome = Bench(toy("Grow", lambda: Expand(graph, (Link("end", 0),)))).run(make(g=("Grow",)), targets=["g"])
        assert outcome.error is not None
        return outcome.error.message

    assert failure({"end": entry("Unknown")}).startswith("in the graph it expands into: ")
    assert "'Unknown' is unknown" in failure({"end": entry("Unknown")})
    assert "linked to nowhere, which does not exist" in failure({"end": entry("Add", a=["nowhere", 0])})
    assert "node end of the graph it expands into has no class_type" in failure({"end": {}})
    assert "is a list, not a dict of nodes" in failure([])
    assert "there already is one" in failure(
        {"g.x": entry("Number"), "end": entry("Number"), "g.0.0.end": entry("Number")}
    )


def test_a_file_read_inside_an_expansion_is_looked_at_anew_in_each_run() -> None:
    disk = Disk(a="1")
    load = toy(
        "Load", lambda name: disk.stamps[name.name], [InputSpec("name", "COMBO", choices=FileChoice("checkpoints"))]
    )
    bench = Bench(load, expander(("end", "Load", {"name": "a.bin"})), disk=disk)
    graph = make(g=("Grow",), out=("Show", {"value": "@g"}))
    assert bench.run(graph).ui["out"] == {"text": ["1"]}
    assert bench.run(graph).ran == ()
    disk.stamps["a.bin"] = "2"
    outcome = bench.run(graph)
    assert outcome.ui["out"] == {"text": ["2"]}
    assert outcome.ran == ("g", "g.0.0.end", "out")
    assert bench.run(graph).ran == ()


def test_what_runs_each_time_inside_an_expansion_runs_each_time() -> None:
    ticks: list[int] = []
    clock = toy("Clock", lambda: (ticks.append(1), len(ticks))[1], cached=False)
    nested = toy("Outer", lambda: Expand({"in": entry("Grow")}, (Link("in", 0),)))
    bench = Bench(clock, nested, expander(("end", "Clock", {})))
    graph = make(o=("Outer",), out=("Show", {"value": "@o"}))
    assert [bench.run(graph).ui["out"] for _ in range(3)] == [{"text": [1]}, {"text": [2]}, {"text": [3]}]


def test_an_expanded_graph_shares_results_with_equal_nodes_outside() -> None:
    bench = Bench(expander(("end", "Number", {"value": 5})))
    graph = make(n=("Number", {"value": 5}), g=("Grow",), sum=("Sum", {"a": "@n", "b": "@g"}))
    outcome = bench.run(graph, targets=["sum"])
    assert outcome.outputs["sum"] == ([10],)
    assert len([id for id in outcome.ran if id in ("n", "g.0.0.end")]) == 1
    assert len(bench.of(NodeCached)) == 1


def test_a_blocked_value_leaves_an_expansion_blocked() -> None:
    bench = Bench(toy("Shut", lambda: Blocked()), expander(("end", "Shut", {})))
    outcome = bench.run(make(g=("Grow",), out=("Show", {"value": "@g"})))
    assert (outcome.outcome, outcome.blocked, outcome.ui) == ("done", ("out",), {})


def test_results_outside_that_were_let_go_are_computed_again_if_an_expansion_reads_them() -> None:
    grow = toy("Grow", lambda a: Expand({"end": entry("Add", a=["deep", 0], b=1)}, (Link("end", 0),)), [wire("a")])
    bench = Bench(grow, budget=0)
    graph = make(deep=("Number", {"value": 1}), mid=("Add", {"a": "@deep", "b": 5}), g=("Grow", {"a": "@mid"}))
    assert bench.run(graph, targets=["g"]).outputs["g"] == ([2],)
