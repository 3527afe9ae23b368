"""The recorded traces of a ComfyUI server, run on toys that do what the golden pack's classes do."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from darkroom.engine.events import NodeBlocked, NodeStarted, Started
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.results import Blocked, Shown
from darkroom.engine.spec import InputSpec, NodeSpec
from tests.engine.test_execute_expand import COUNTDOWN
from tests.engine.toys import Bench, setting, toy, wire

TRACES = Path(__file__).parents[1] / "data" / "golden" / "traces"

# Not changed_nan: that server took a NaN for unchanged where it was the same object; ours runs such a node each time.
NAMES = [
    "async_overlap", "block_one_of_list", "block_silent", "block_with_message", "changed_constant", "changed_raise",
    "expand_loop", "lazy_first", "lazy_second", "list_empty", "list_mapping", "literal_list", "not_idempotent", "raise",
    "same_graph_other_ids", "success_then_cached_then_edited", "variadic_links",
]  # fmt: skip


def show(value: Any, unique_id: str, prompt: dict[str, Any]) -> Shown:
    return Shown({"text": [f"{value} @ {unique_id} of {len(prompt)}"]})


def lazy_pick(first: bool, a: Any = None, b: Any = None) -> Any:
    return a if first else b


def lazy_wanted(first: bool, a: Any = None, b: Any = None) -> list[str]:
    return [name for name, value in (("a", a), ("b", b)) if (name == "a") == first and value is None]


def fail(value: Any, message: str) -> None:
    raise ValueError(message)


def changed(mode: str) -> str:
    if mode == "raise":
        raise RuntimeError("no fingerprint")
    return "same"


async def sleepy(value: int, seconds: float) -> int:
    await asyncio.sleep(seconds)
    return value


def specs() -> list[NodeSpec]:
    calls: Counter[str] = Counter()

    def identity(value: int, unique_id: str) -> int:
        calls[unique_id] += 1
        return value + calls[unique_id] * 1000

    hidden = [InputSpec("unique_id", "UNIQUE_ID", "hidden"), InputSpec("prompt", "PROMPT", "hidden")]
    lazies = [setting("first", "BOOLEAN"), wire("a", lazy=True), wire("b", lazy=True)]
    join = lambda **values: ",".join(f"{name}={values[name]}" for name in sorted(values))
    block = lambda value, block, message: Blocked(message or None) if block else value
    return [
        toy("GoldenNumber", lambda value: value, [setting("value")]),
        toy("GoldenAdd", lambda a, b: a + b, [wire("a"), setting("b")]),
        toy("GoldenRange", lambda count: (list(range(count)), count), [setting("count")], outputs=2, lists=[0]),
        toy("GoldenSum", lambda values: sum(values), [wire("values")], input_is_list=True),
        toy("GoldenShow", show, [wire("value"), *hidden], outputs=0, final=True, per_node=True),
        toy("GoldenLazyPick", lazy_pick, lazies, wanted=lazy_wanted),
        toy("GoldenRaise", fail, [wire("value"), setting("message", "STRING")]),
        toy("GoldenBlock", block, [wire("value"), setting("block"), setting("message")]),
        toy("GoldenCountdown", COUNTDOWN.function or fail, COUNTDOWN.inputs),
        toy("GoldenChanged", lambda mode: 7, [setting("mode", "STRING")], changed=changed),
        toy("GoldenVariadic", join, any_input=True),
        toy("GoldenAsync", sleepy, [setting("value"), setting("seconds")], is_async=True),
        toy("GoldenIdentity", identity, [setting("value"), hidden[0]], per_node=True),
        COUNTDOWN,
    ]


def graph_of(prompt: dict[str, Any]) -> Graph:
    def read(value: Any) -> Any:
        return Link(value[0], value[1]) if isinstance(value, list) else value

    nodes = {
        id: Node(id, entry["class_type"], {name: read(value) for name, value in entry["inputs"].items()})
        for id, entry in prompt.items()
    }
    return Graph(nodes)


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_scenario_goes_as_it_went_there(name: str) -> None:
    bench = Bench(*specs())
    for recorded in json.loads((TRACES / f"{name}.json").read_text()):
        outcome = bench.run(graph_of(recorded["prompt"]), prompt=recorded["prompt"])
        messages = recorded["messages"]
        assert outcome.ui == recorded["history"]["outputs"]
        assert (outcome.outcome == "done") == recorded["history"]["status"]["completed"]
        cached = next(each["data"]["nodes"] for each in messages if each["type"] == "execution_cached")
        assert sorted(bench.of(Started)[0].cached) == sorted(cached)
        executing = [each["data"] for each in messages if each["type"] == "executing" and each["data"]["node"]]
        told = Counter((event.node, event.display_node) for event in bench.of(NodeStarted))
        assert told == Counter((each["node"], each["display_node"]) for each in executing)
        errors = [each["data"] for each in messages if each["type"] == "execution_error"]
        blocked = [
            (event.node, f"Execution Blocked: {event.message}") for event in bench.of(NodeBlocked) if event.message
        ]
        assert blocked == [
            (each["node_id"], each["exception_message"])
            for each in errors
            if each["exception_type"] == "ExecutionBlocked"
        ]
        failures = [each for each in errors if each["exception_type"] != "ExecutionBlocked"]
        assert len(failures) == (0 if outcome.error is None else 1)
        if outcome.error is not None:
            assert outcome.error.node == failures[0]["node_id"]
            assert outcome.error.exception_type == failures[0]["exception_type"]
            assert outcome.error.message == failures[0]["exception_message"].rstrip()
            assert outcome.error.inputs == failures[0]["current_inputs"]
