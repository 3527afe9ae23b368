"""What nodes may do wrong: each fails as itself, and never takes the job, the cache or the memory with it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from darkroom.engine.events import Finished
from darkroom.engine.graph import Link
from darkroom.engine.results import Expand, Shown
from tests.engine.toys import Bench, make, toy, wire


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class Hostile:
    """Refuses to be looked at, as a proxy of a closed connection does."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"nobody may ask for {name}")


def raising(error: BaseException) -> Callable[..., Any]:
    def function() -> Any:
        raise error

    return function


def endless() -> Any:
    return endless()


def generator() -> Iterator[int]:
    yield 1


async def coroutine() -> int:
    return 5


def expanding(result: object, inputs: object = None) -> Callable[..., Any]:
    graph = {"a": {"class_type": "Range", "inputs": {} if inputs is None else inputs}}
    return lambda: Expand(graph, (result,))


FAILURES: dict[str, tuple[Callable[..., Any], str]] = {
    "leaves python": (raising(SystemExit(1)), "1"),
    "has no memory": (raising(MemoryError()), "MemoryError"),
    "never returns": (endless, "maximum recursion depth"),
    "raises something bare": (raising(BaseException("bare")), "bare"),
    "raises what has no words": (raising(Mute()), "Mute, whose message fails: RuntimeError"),
    "shows no dict": (lambda: Shown([1], (1,)), "what it shows is a list, not a dict of lists"),  # type: ignore[arg-type]
    "gives no tuple": (lambda: Shown({}, 5), "its result is an int, not a tuple of 1 values"),  # type: ignore[arg-type]
    "links to an output below zero": (expanding(Link("a", -1)), "takes output -1 of node x.0.0.a, which has 2 outputs"),
    "links to an output too far": (expanding(Link("a", 2)), "takes output 2 of node x.0.0.a, which has 2 outputs"),
    "gives inputs that are no dict": (expanding(Link("a", 0), [1]), "inputs of node a of the graph it expands into"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_misbehaving_node_fails_as_itself_and_the_job_ends_in_order(name: str) -> None:
    function, message = FAILURES[name]
    bench = Bench(toy("X", function))
    outcome = bench.run(make(x=("X",), s=("Show", {"value": "@x"})))
    assert outcome.outcome == "failed"
    assert outcome.error is not None and outcome.error.node == "x"
    assert message in outcome.error.message
    assert isinstance(bench.events[-1], Finished)
    assert bench.value(make(n=("Number", {"value": 3})), "n") == 3


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.parametrize(("function", "kind"), [(generator, "a generator"), (coroutine, "a coroutine")])
def test_a_value_that_can_be_read_only_once_is_refused(function: Callable[..., Any], kind: str) -> None:
    outcome = Bench(toy("X", function)).run(make(x=("X",), s=("Show", {"value": "@x"})))
    assert outcome.error is not None
    assert f"it returned {kind}, which can be read only once" in outcome.error.message


def test_a_value_that_does_not_let_itself_be_measured_is_used_but_not_kept() -> None:
    bench = Bench(toy("X", Hostile), toy("Use", lambda value: 7, [wire("value")]))
    graph = make(x=("X",), u=("Use", {"value": "@x"}))
    assert bench.value(graph, "u") == 7
    assert bench.value(graph, "x") is not None
    outcome = bench.run(graph, targets=["x"])
    assert outcome.ran == ("x",)
    assert outcome.reasons["x"] == "could not be kept: its size cannot be told (Hostile: RuntimeError)"


def test_a_link_to_an_output_that_its_node_lacks_fails_the_node_that_reads_it() -> None:
    for slot in (-1, 2):
        graph = make(r=("Range",), a=("Add", {"a": Link("r", slot)}))
        error = Bench().run(graph, targets=["a"]).error
        assert error is not None and error.node == "a"
        assert error.message == f"a link takes output {slot} of node r, which has 2 outputs"


class Big:
    pass


@pytest.mark.parametrize("fails", [True, False])
def test_a_finished_job_holds_no_values_until_the_collector_comes(fails: bool) -> None:
    made: list[weakref.ref[Big]] = []

    def big() -> Big:
        value = Big()
        made.append(weakref.ref(value))
        return value

    def use(value: Big) -> int:
        if fails:
            raise ValueError("as planned")
        return 1

    bench = Bench(toy("Big", big), toy("Use", use, [wire("value")]), budget=0)
    graph = make(b=("Big",), u=("Use", {"value": "@b"}))
    gc.disable()
    try:
        outcome = bench.run(graph, targets=["b", "u"])
        assert outcome.outcome == ("failed" if fails else "done")
        del outcome
        assert made[0]() is None
    finally:
        gc.enable()
