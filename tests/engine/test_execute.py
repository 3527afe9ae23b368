"""What one job does: order, events, lists, lazy inputs, blocked values, failures."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from darkroom.engine.events import (
    Finished,
    NodeBlocked,
    NodeCached,
    NodeFailed,
    NodeFinished,
    NodeStarted,
    Started,
)
from darkroom.engine.results import Blocked, Shown
from tests.engine.toys import Bench, make, setting, toy, wire

SUM = {"one": ("Number", {"value": 2}), "two": ("Add", {"a": "@one", "b": 3}), "out": ("Show", {"value": "@two"})}


def ids(events: list[Any]) -> list[str]:
    return [event.node for event in events]


def test_a_graph_runs_once_then_comes_from_the_cache_then_only_downstream_of_an_edit() -> None:
    bench = Bench()
    first = bench.run(make(**SUM))
    assert (first.outcome, first.ran, first.cached, first.ui) == (
        "done",
        ("one", "two", "out"),
        (),
        {"out": {"text": [5]}},
    )
    second = bench.run(make(**SUM))
    assert (second.ran, second.cached, second.ui) == ((), ("one", "two", "out"), {"out": {"text": [5]}})
    third = bench.run(make(**{**SUM, "two": ("Add", {"a": "@one", "b": 4})}))
    assert (third.ran, third.cached, third.ui) == (("two", "out"), ("one",), {"out": {"text": [6]}})


def test_events_tell_the_whole_story_in_order() -> None:
    bench = Bench()
    bench.run(make(**SUM))
    kinds = [type(event) for event in bench.events]
    assert kinds == [Started, *[NodeStarted, NodeFinished] * 3, Finished]
    assert bench.events[0] == Started(cached=(), total=3)
    assert bench.of(NodeFinished)[-1].ui == {"text": [5]}
    bench.run(make(**SUM))
    assert [type(event) for event in bench.events] == [Started, *[NodeCached] * 3, Finished]
    assert bench.events[0] == Started(cached=("one", "two", "out"), total=3)
    assert bench.of(NodeCached)[-1].ui == {"text": [5]}


def test_the_same_graph_under_other_ids_hits_the_cache() -> None:
    bench = Bench()
    bench.run(make(**SUM))
    renamed = make(_91=("Number", {"value": 2}), _92=("Add", {"a": "@91", "b": 3}), x=("Show", {"value": "@92"}))
    assert bench.run(renamed).ran == ()


def test_two_equal_nodes_of_one_graph_run_once() -> None:
    bench = Bench(budget=0)
    graph = make(a=("Number", {"value": 4}), b=("Number", {"value": 4}), sum=("Sum", {"a": "@a", "b": "@b"}))
    outcome = bench.run(graph, targets=["sum"])
    assert outcome.outputs["sum"] == ([8],)
    assert len(outcome.ran) == 2
    assert [each.reason for each in bench.of(NodeCached)] == [
        f"the same recipe as node {outcome.ran[0]}, which ran for both"
    ]


def test_nodes_that_ask_for_it_do_not_share_a_result() -> None:
    bench = Bench(toy("Own", lambda value: value, [setting("value")], per_node=True))
    graph = make(a=("Own", {"value": 1}), b=("Own", {"value": 1}), sum=("Sum", {"a": "@a", "b": "@b"}))
    assert set(bench.run(graph, targets=["sum"]).ran) == {"a", "b", "sum"}
    assert bench.run(graph, targets=["sum"]).ran == ()


def test_only_what_the_targets_need_runs() -> None:
    bench = Bench()
    graph = make(
        a=("Number", {"value": 1}), b=("Number", {"value": 2}), x=("Show", {"value": "@a"}), y=("Show", {"value": "@b"})
    )
    assert bench.run(graph, targets=["y"]).ran == ("b", "y")
    assert bench.run(graph).ran == ("a", "x")


def test_an_output_runs_as_soon_as_it_is_ready_and_before_other_work() -> None:
    def fail(value: int) -> None:
        raise ValueError("golden failure")

    bench = Bench(toy("Raise", fail, [wire("value")]))
    graph = make(
        one=("Number", {"value": 5}),
        two=("Raise", {"value": "@one"}),
        out=("Show", {"value": "@two"}),
        fine=("Show", {"value": "@one"}),
    )
    outcome = bench.run(graph)
    assert outcome.ran == ("one", "fine", "two")
    assert outcome.outcome == "failed"
    assert outcome.ui == {"fine": {"text": [5]}}


def test_a_list_output_calls_its_reader_once_for_each_element() -> None:
    graph = make(
        range=("Range", {"count": 3}),
        plus=("Add", {"a": "@range", "b": 10}),
        sum=("Total", {"values": "@plus"}),
        each=("Show", {"value": "@plus"}),
        total=("Show", {"value": "@sum"}),
        count=("Show", {"value": "@range.1"}),
    )
    ui = Bench().run(graph).ui
    assert ui == {"each": {"text": [10, 11, 12]}, "total": {"text": [33]}, "count": {"text": [3]}}


def test_a_shorter_list_repeats_its_last_element() -> None:
    graph = make(
        long=("Range", {"count": 4}), short=("Range", {"count": 2}), sum=("Sum", {"a": "@long", "b": "@short"})
    )
    assert Bench().value(graph, "sum") == [0, 2, 3, 4]


def test_an_empty_list_beside_a_value_says_which_input_is_empty() -> None:
    graph = make(none=("Range", {"count": 0}), plus=("Add", {"a": "@none", "b": 1}))
    outcome = Bench().run(graph, targets=["plus"])
    assert outcome.error is not None
    assert outcome.error.message == "input a is an empty list, while b has 1 element(s)"
    total = make(none=("Range", {"count": 0}), sum=("Total", {"values": "@none"}))
    assert Bench().value(total, "sum") == 0


def test_all_inputs_empty_make_one_call_without_arguments() -> None:
    bench = Bench(toy("Count", lambda **inputs: len(inputs), [wire("a")]))
    assert bench.value(make(none=("Range", {"count": 0}), n=("Count", {"a": "@none"})), "n") == 0


def test_a_node_that_takes_lists_cannot_change_those_in_the_cache() -> None:
    def grab(values: list[int]) -> int:
        values.append(100)
        return len(values)

    bench = Bench(toy("Grab", grab, [wire("values")], input_is_list=True))
    graph = make(r=("Range", {"count": 2}), g=("Grab", {"values": "@r"}), t=("Total", {"values": "@r"}))
    outcome = bench.run(graph, targets=["g", "t"])
    assert outcome.outputs == {"g": ([3],), "t": ([1],)}


class Pair(NamedTuple):
    small: int
    large: int


def test_functions_return_values_tuples_and_what_they_show() -> None:
    bench = Bench(
        toy("Pair", lambda: Pair(1, 2), outputs=2),
        toy("Both", lambda: Shown({"text": ["hi"]}, (7,))),
        toy("None", lambda: None),
        toy("OneTuple", lambda: (3,)),
        toy("Quiet", lambda: None, outputs=0, final=True),
    )
    graph = make(p=("Pair",), b=("Both",), n=("None",), o=("OneTuple",), q=("Quiet",))
    outcome = bench.run(graph, targets=["p", "b", "n", "o", "q"])
    assert outcome.outputs == {"p": ([1], [2]), "b": ([7],), "n": ([None],), "o": ([3],), "q": ()}
    assert outcome.ui == {"b": {"text": ["hi"]}}


@pytest.mark.parametrize(
    ("returned", "outputs", "lists", "message"),
    [
        ((1, 2), 3, (), "it returned 2 values, but has 3 outputs: out0, out1, out2"),
        (5, 2, (), "it returned one int, but has 2 outputs: out0, out1"),
        (None, 2, (), "it returned one NoneType, but has 2 outputs: out0, out1"),
        (5, 0, (), "it returned a int, but has no outputs"),
        ("text", 1, (0,), "its output out0 is a list, but it returned a str"),
        (Shown({}, (1,)), 2, (), "it returned 1 values, but has 2 outputs: out0, out1"),
    ],
)
def test_a_result_that_does_not_fit_the_definition_fails_the_node(
    returned: Any, outputs: int, lists: tuple[int, ...], message: str
) -> None:
    outcome = Bench(toy("Odd", lambda: returned, outputs=outputs, lists=lists)).run(make(odd=("Odd",)), targets=["odd"])
    assert outcome.error is not None
    assert outcome.error.message == message


PICK = toy(
    "Pick",
    lambda first, a=None, b=None: a if first else b,
    [setting("first", "BOOLEAN"), wire("a", lazy=True), wire("b", lazy=True)],
    wanted=lambda first, a=None, b=None: [
        name for name, value in (("a", a), ("b", b)) if (name == "a") == first and value is None
    ],
)


def lazy(first: Any, **more: Any) -> Any:
    return make(
        one=("Number", {"value": 1}),
        two=("Number", {"value": 2}),
        pick=("Pick", {"first": first, "a": "@one", "b": "@two"}),
        **more,
    )


def test_a_lazy_input_is_computed_only_if_asked_for() -> None:
    bench = Bench(PICK)
    outcome = bench.run(lazy(True), targets=["pick"])
    assert outcome.outputs["pick"] == ([1],)
    assert outcome.ran == ("one", "pick")
    assert ids(bench.of(NodeStarted)) == ["pick", "one", "pick"]
    assert bench.run(lazy(False), targets=["pick"]).ran == ("two", "pick")


def test_a_cached_lazy_input_is_given_only_if_asked_for() -> None:
    seen: list[Any] = []
    spec = toy(
        "See", lambda a=None: seen.append(a), [wire("a", lazy=True)], wanted=lambda a=None: (), final=True, outputs=0
    )
    bench = Bench(spec)
    graph = make(one=("Number", {"value": 1}), see=("See", {"a": "@one"}))
    bench.run(graph, targets=["one"])
    bench.run(graph)
    assert seen == [None]


def test_lazy_names_of_all_list_elements_are_united() -> None:
    bench = Bench(PICK)
    graph = make(
        flags=("Range", {"count": 2}),
        a=("Number", {"value": 10}),
        b=("Number", {"value": 20}),
        pick=("Pick", {"first": "@flags", "a": "@a", "b": "@b"}),
    )
    outcome = bench.run(graph, targets=["pick"])
    assert outcome.outputs["pick"] == ([20, 10],)
    assert set(outcome.ran) == {"flags", "a", "b", "pick"}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (["first"], "it asked for its lazy input 'first', which is a setting and known already"),
        (["nothing"], "it asked for its lazy input 'nothing', which is not connected"),
        ("a", "its question for lazy inputs answered 'a', not a list of input names"),
    ],
)
def test_asking_for_what_is_no_lazy_input_fails_the_node(answer: Any, message: str) -> None:
    spec = toy("Ask", lambda **_: 1, [setting("first"), wire("a", lazy=True)], wanted=lambda **_: answer)
    graph = make(one=("Number",), ask=("Ask", {"first": 1, "a": "@one"}))
    outcome = Bench(spec).run(graph, targets=["ask"])
    assert outcome.error is not None
    assert outcome.error.message == message


GATE = toy(
    "Gate",
    lambda value, message: Blocked(message) if value == 1 else value,
    [wire("value"), setting("message", "STRING", default=None)],
)


def test_a_silently_blocked_value_stops_its_branch_only() -> None:
    bench = Bench(GATE)
    graph = make(
        one=("Number", {"value": 1}),
        gate=("Gate", {"value": "@one", "message": None}),
        shut=("Show", {"value": "@gate"}),
        open=("Show", {"value": "@one"}),
    )
    outcome = bench.run(graph)
    assert (outcome.outcome, outcome.ui, outcome.blocked) == ("done", {"open": {"text": [1]}}, ("shut",))
    assert bench.of(NodeBlocked) == [NodeBlocked("shut", "shut", None)]


def test_a_message_of_a_blocked_value_is_told_at_its_first_readers_and_again_when_cached() -> None:
    bench = Bench(GATE)
    graph = make(
        one=("Number", {"value": 1}),
        gate=("Gate", {"value": "@one", "message": "not today"}),
        next=("Add", {"a": "@gate", "b": 1}),
        shut=("Show", {"value": "@next"}),
    )
    bench.run(graph)
    assert bench.of(NodeBlocked) == [NodeBlocked("next", "next", "not today"), NodeBlocked("shut", "shut", None)]
    assert bench.run(graph).ran == ()
    assert bench.of(NodeBlocked) == [NodeBlocked("next", "next", "not today")]


def test_a_blocked_element_of_a_list_stops_only_its_own_call() -> None:
    bench = Bench(GATE)
    graph = make(
        range=("Range", {"count": 3}),
        gate=("Gate", {"value": "@range", "message": None}),
        plus=("Add", {"a": "@gate", "b": 10}),
        show=("Show", {"value": "@plus"}),
    )
    assert bench.run(graph).ui == {"show": {"text": [10, 12]}}


def test_a_failing_node_is_told_with_its_inputs_and_where_it_failed() -> None:
    def divide(a: int, text: str) -> float:
        return a / 0

    bench = Bench(toy("Divide", divide, [wire("a"), setting("text", "STRING")]))
    graph = make(one=("Number", {"value": 3}), bad=("Divide", {"a": "@one", "text": "x" * 5000}))
    outcome = bench.run(graph, targets=["bad"])
    assert outcome.outcome == "failed"
    assert bench.of(NodeFailed) == [outcome.error]
    error = outcome.error
    assert error is not None
    assert (error.node, error.display_node, error.message) == ("bad", "bad", "division by zero")
    assert error.exception_type == "ZeroDivisionError"
    assert error.inputs["a"] == [3]
    assert len(error.inputs["text"][0]) < 500
    assert "a / 0" in error.traceback[0]
    assert bench.events[-1] == Finished("", "", "failed", outcome.seconds)
    assert bench.run(graph, targets=["bad"]).cached == ("one",)


def test_an_input_whose_repr_fails_does_not_hide_the_error() -> None:
    class Shy:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    def fail(a: Any) -> None:
        raise KeyError("missing")

    bench = Bench(toy("Shy", Shy), toy("Fail", fail, [wire("a")]))
    outcome = bench.run(make(s=("Shy",), f=("Fail", {"a": "@s"})), targets=["f"])
    assert outcome.error is not None
    assert outcome.error.message == "'missing'"
    assert "Shy" in outcome.error.inputs["a"][0]


def test_a_node_that_leaves_python_fails_like_any_other() -> None:
    def leave() -> None:
        raise SystemExit(3)

    outcome = Bench(toy("Leave", leave)).run(make(x=("Leave",)), targets=["x"])
    assert outcome.error is not None
    assert outcome.error.exception_type == "SystemExit"


def test_a_node_known_by_description_only_fails_with_a_word_on_what_to_do() -> None:
    spec = toy("Far", len)
    object.__setattr__(spec, "function", None)
    outcome = Bench(spec).run(make(x=("Far",)), targets=["x"])
    assert outcome.error is not None
    assert "install the pack" in outcome.error.message


def test_a_value_that_a_lazy_input_may_still_ask_for_is_not_let_go() -> None:
    bench = Bench(PICK, budget=0)
    graph = make(
        one=("Number", {"value": 1}),
        first=("Add", {"a": "@one", "b": 0}),
        pick=("Pick", {"first": "@first", "a": "@one", "b": "@one"}),
        after=("Add", {"a": "@first", "b": 5}),
    )
    outcome = bench.run(graph, targets=["after", "pick"])
    assert outcome.outputs["pick"] == ([1],)
    assert len(bench.of(NodeFinished)) == 4
