"""Async nodes, cancelling, and several jobs at one time."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from darkroom.engine.events import Finished, NodeCached, NodeFailed, NodeStarted
from darkroom.engine.graph import Graph, Link
from darkroom.engine.results import Blocked, Expand
from darkroom.engine.run import Run
from darkroom.engine.running.cancel import CancelToken
from darkroom.engine.running.flight import Mailbox
from darkroom.engine.running.report import Outcome
from tests.engine.toys import Bench, make, setting, toy, wire


async def sleepy(value: int, seconds: float) -> int:
    await asyncio.sleep(seconds)
    return value


SLEEPY = toy("Sleepy", sleepy, [setting("value"), setting("seconds", "FLOAT", default=0.2)], is_async=True)
PAIR = make(
    one=("Sleepy", {"value": 1, "seconds": 0.6}),
    two=("Sleepy", {"value": 2, "seconds": 0.6}),
    sum=("Sum", {"a": "@one", "b": "@two"}),
)


def timed(work: Callable[[], Outcome]) -> tuple[Outcome, float]:
    began = time.perf_counter()
    outcome = work()
    return outcome, time.perf_counter() - began


def test_async_nodes_overlap() -> None:
    bench = Bench(SLEEPY)
    outcome, seconds = timed(lambda: bench.run(PAIR, targets=["sum"]))
    assert outcome.outputs["sum"] == ([3],)
    assert seconds < 1.1
    assert bench.run(PAIR, targets=["sum"]).ran == ()
    assert outcome.timings["one"] >= 0.59


def test_async_calls_of_one_list_overlap() -> None:
    bench = Bench(SLEEPY)
    graph = make(r=("Range", {"count": 4}), s=("Sleepy", {"value": "@r", "seconds": 0.4}))
    outcome, seconds = timed(lambda: bench.run(graph, targets=["s"]))
    assert outcome.outputs["s"] == ([0, 1, 2, 3],)
    assert seconds < 1.5


def test_a_sync_node_runs_while_an_async_one_waits() -> None:
    bench = Bench(SLEEPY)
    graph = make(
        a=("Sleepy", {"value": 1, "seconds": 0.1}), n=("Number", {"value": 2}), sum=("Sum", {"a": "@a", "b": "@n"})
    )
    assert bench.run(graph, targets=["sum"]).ran == ("a", "n", "sum")


def test_a_job_runs_in_a_running_loop_too() -> None:
    bench = Bench(SLEEPY)

    async def both() -> tuple[Outcome, Outcome]:
        return await bench.executor.arun(PAIR, targets=["sum"]), bench.run(
            make(x=("Sleepy", {"value": 9})), targets=["x"]
        )

    first, second = asyncio.run(both())
    assert first.outputs["sum"] == ([3],)
    assert second.outputs["x"] == ([9],)


def test_a_failure_ends_the_async_nodes_that_are_still_under_way() -> None:
    ended: list[str] = []

    async def long() -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    async def bad() -> None:
        await asyncio.sleep(0.05)
        raise TimeoutError("too slow")

    bench = Bench(toy("Long", long, is_async=True), toy("Bad", bad, is_async=True))
    graph = make(long=("Long",), bad=("Bad",))
    outcome, seconds = timed(lambda: bench.run(graph, targets=["long", "bad"]))
    assert outcome.error is not None
    assert (outcome.error.node, outcome.error.message) == ("bad", "too slow")
    assert ended == ["cancelled"]
    assert seconds < 5
    assert bench.run(make(n=("Number",)), targets=["n"]).outcome == "done"


def test_a_sync_failure_ends_async_nodes_and_async_nodes_may_block_or_expand() -> None:
    def fail() -> None:
        raise ValueError("now")

    async def shut() -> Blocked:
        return Blocked()

    async def grow() -> Expand:
        inner = {"class_type": "Sleepy", "inputs": {"value": 4, "seconds": 0.01}}
        return Expand({"end": inner}, (Link("end", 0),))

    specs = (SLEEPY, toy("Fail", fail), toy("Shut", shut, is_async=True), toy("Grow", grow, is_async=True))
    failed = Bench(*specs).run(make(a=("Sleepy", {"value": 1, "seconds": 20.0}), f=("Fail",)), targets=["a", "f"])
    assert failed.outcome == "failed"
    blocked = Bench(*specs).run(make(s=("Shut",), out=("Show", {"value": "@s"})))
    assert blocked.blocked == ("out",)
    assert Bench(*specs).value(make(g=("Grow",)), "g") == 4


def test_a_coroutine_cancelled_from_inside_is_a_failure() -> None:
    async def quit() -> None:
        raise asyncio.CancelledError

    outcome = Bench(toy("Quit", quit, is_async=True)).run(make(q=("Quit",)), targets=["q"])
    assert outcome.error is not None
    assert outcome.error.message == "its coroutine was cancelled from inside"


def test_lazy_questions_and_change_tests_may_be_async() -> None:
    async def wanted(a: Any = None) -> list[str]:
        return [] if a is not None else ["a"]

    async def changed(a: Any) -> str:
        return "same"

    bench = Bench(toy("Lazy", lambda a=None: a, [wire("a", lazy=True)], wanted=wanted, changed=changed))
    graph = make(n=("Number", {"value": 3}), l=("Lazy", {"a": "@n"}))
    assert bench.value(graph, "l") == 3
    assert bench.run(graph, targets=["l"]).ran == ()


def stepping(run: Run) -> None:
    for step in range(2000):
        run.progress(step, 2000)
        time.sleep(0.005)


@pytest.mark.parametrize("kind", ["Steps", "Sleepy"])
def test_cancel_stops_a_node_between_its_steps(kind: str) -> None:
    bench = Bench(SLEEPY, toy("Steps", stepping, run_parameter="run"))
    inputs = {"value": 1, "seconds": 30.0} if kind == "Sleepy" else {}
    graph = make(before=("Number",), x=(kind, inputs))
    token = CancelToken()
    threading.Timer(0.1, token.cancel).start()
    outcome, seconds = timed(lambda: bench.run(graph, targets=["before", "x"], cancel=token))
    assert (outcome.outcome, outcome.stopped_at) == ("cancelled", "x")
    assert seconds < 5
    assert isinstance(bench.events[-1], Finished)
    assert (bench.events[-1].outcome, bench.events[-1].node) == ("cancelled", "x")
    assert not bench.of(NodeFailed)
    assert bench.run(graph, targets=["before"]).ran == ()


def test_cancel_stops_a_job_between_nodes() -> None:
    token = CancelToken()
    bench = Bench(toy("Stop", token.cancel), toy("Never", lambda a: a, [wire("a")]))
    outcome = bench.run(make(s=("Stop",), n=("Never", {"a": "@s"})), targets=["n"], cancel=token)
    assert (outcome.outcome, outcome.ran) == ("cancelled", ("s",))


def slow(calls: list[int], *, fail_first: bool = False) -> Any:
    def work(value: int) -> int:
        calls.append(value)
        time.sleep(0.5)
        if fail_first and len(calls) == 1:
            raise ValueError("the first one fails")
        return value

    return toy("Slow", work, [setting("value")])


def together(bench: Bench, graph: Graph, target: str, count: int = 2) -> list[Outcome]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: bench.executor.run(graph, targets=[target]), range(count)))


@pytest.mark.parametrize("budget", [0, 1 << 30])
def test_jobs_that_need_one_result_at_a_time_compute_it_once(budget: int) -> None:
    calls: list[int] = []
    bench = Bench(slow(calls), budget=budget)
    graph = make(s=("Slow", {"value": 5}), plus=("Add", {"a": "@s", "b": 1}))
    outcomes = together(bench, graph, "plus", 3)
    assert [each.outputs["plus"] for each in outcomes] == [([6],)] * 3
    assert calls == [5]
    reasons = sorted(each.reasons["s"] for each in outcomes)
    assert reasons == ["another job computed it at the same time"] * 2 + ["first run"]


def test_a_job_computes_for_itself_what_another_failed_to() -> None:
    calls: list[int] = []
    bench = Bench(slow(calls, fail_first=True))
    outcomes = together(bench, make(s=("Slow", {"value": 5})), "s")
    assert sorted(each.outcome for each in outcomes) == ["done", "failed"]
    assert calls == [5, 5]


def test_a_job_that_waits_for_another_can_be_cancelled() -> None:
    calls: list[int] = []
    bench = Bench(slow(calls))
    graph, token = make(s=("Slow", {"value": 5})), CancelToken()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(bench.executor.run, graph, targets=["s"])
        while not calls:
            time.sleep(0.001)
        threading.Timer(0.03, token.cancel).start()
        assert bench.run(graph, targets=["s"], cancel=token).outcome == "cancelled"
        assert not first.done()
        assert first.result().outcome == "done"


def test_jobs_that_hold_what_the_other_needs_do_not_wait_forever() -> None:
    """One computes A and then wants B, the other B and then A; each begins its own before it wants the other's."""
    begun = threading.Barrier(2)

    def grow(own: str, other: str) -> Any:
        if own == other:
            return 1
        begun.wait(timeout=5)
        inner = {"class_type": "Grow", "inputs": {"own": other, "other": other}}
        return Expand(
            {"end": inner, "leaf": {"class_type": "Grow", "inputs": {"own": own, "other": own}}}, (Link("end", 0),)
        )

    bench = Bench(toy("Grow", grow, [setting("own", "STRING"), setting("other", "STRING")]))
    graphs = [make(g=("Grow", {"own": "a", "other": "b"})), make(g=("Grow", {"own": "b", "other": "a"}))]
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda graph: bench.executor.run(graph, targets=["g"]), graphs))
    assert [each.outputs["g"] for each in outcomes] == [([1],), ([1],)]


def test_many_jobs_at_one_time_agree_with_one_alone() -> None:
    bench = Bench(SLEEPY)
    nodes: dict[str, Any] = {"n0": ("Number", {"value": 0})}
    for index in range(1, 60):
        nodes[f"n{index}"] = ("Sum", {"a": f"@n{index - 1}", "b": f"@n{index // 2}"})
    nodes["end"] = ("Add", {"a": "@n59", "b": 1})
    outcomes = together(bench, make(**nodes), "end", 8)
    assert {each.outcome for each in outcomes} == {"done"}
    assert sum(len([id for id in each.ran if id == "end"]) for each in outcomes) == 1


def test_events_of_async_nodes_begin_before_others_end() -> None:
    bench = Bench(SLEEPY)
    bench.run(PAIR, targets=["sum"])
    kinds = [type(event).__name__ for event in bench.events]
    assert kinds == [
        "Started",
        "NodeStarted",
        "NodeStarted",
        "NodeFinished",
        "NodeFinished",
        "NodeStarted",
        "NodeFinished",
        "Finished",
    ]
    assert {event.node for event in bench.of(NodeStarted)[:2]} == {"one", "two"}
    assert not bench.of(NodeCached)


@pytest.mark.timeout(30)
def test_a_signal_handler_may_ring_at_any_moment() -> None:
    mailbox = Mailbox()
    old = signal.signal(signal.SIGVTALRM, lambda number, frame: mailbox.ring())
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.0001, 0.0001)
    try:
        until = time.perf_counter() + 1.0
        turns = 0
        while time.perf_counter() < until:
            mailbox.ring()
            mailbox.wait()
            turns += 1
        assert turns > 100
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, old)
