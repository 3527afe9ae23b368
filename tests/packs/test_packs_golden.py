"""The recorded scenarios of a ComfyUI server, with the golden pack itself, unchanged."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from darkroom.engine.events import NodeBlocked, NodeStarted, Progress, Started
from tests.packs.making import GOLDEN, PLENTY, Bench, loaded

TRACES = sorted(path.stem for path in (GOLDEN / "traces").glob("*.json"))


@pytest.fixture(params=[PLENTY, 0], ids=["kept", "nothing kept"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    packs = tmp_path / "custom_nodes"
    packs.mkdir()
    (packs / "golden_pack").symlink_to(GOLDEN / "golden_pack")
    with loaded(packs, base=tmp_path, budget=request.param) as made:
        assert not made.loaded.failures
        yield made


@pytest.mark.parametrize("name", TRACES)
def test_a_recorded_scenario_goes_as_it_went_there(name: str, bench: Bench) -> None:
    for number, recorded in enumerate(json.loads((GOLDEN / "traces" / f"{name}.json").read_text())):
        refused = recorded["body"].get("node_errors") or "error" in recorded["body"]
        problems = [each for each in bench.problems(recorded["prompt"]) if not each.warning]
        if recorded["status"] != 200:
            assert problems
            refuses_as_recorded(recorded["body"], problems)
            continue
        assert bool(problems) == bool(refused)
        targets = list(recorded["history"]["prompt"][4]) if "prompt" in recorded["history"] else None
        if refused:
            targets = list(recorded["history"]["outputs"])
        runs_as_recorded(bench, recorded, targets, name, number)


def refuses_as_recorded(body: dict[str, Any], problems: list[Any]) -> None:
    wanted = Counter((id, each["type"]) for id, entry in body["node_errors"].items() for each in entry["errors"])
    if wanted:
        # A link to a node that is not there is found by our reader, theirs is found one node later.
        same = {"dangling_link": "exception_during_inner_validation"}
        assert Counter((each.node, same.get(each.type, each.type)) for each in problems) == wanted


def runs_as_recorded(bench: Bench, recorded: dict[str, Any], targets: Any, name: str, number: int) -> None:
    outcome = bench.run(recorded["prompt"], **({"targets": targets} if targets else {}))
    messages = recorded["messages"]
    history = recorded["history"]
    if name != "progress":
        keeps_state = name == "not_idempotent" and number and not bench.cache.statistics().budget_bytes
        wanted = {"a": {"text": ["2001 @ a of 4"]}, "b": {"text": ["2001 @ b of 4"]}}
        assert outcome.ui == (wanted if keeps_state else history["outputs"])
    assert (outcome.outcome == "done") == history["status"]["completed"]
    errors = [each["data"] for each in messages if each["type"] == "execution_error"]
    blocked = [(each.node, f"Execution Blocked: {each.message}") for each in bench.of(NodeBlocked) if each.message]
    told = [each for each in errors if each["exception_type"] == "ExecutionBlocked"]
    assert blocked == [(each["node_id"], each["exception_message"]) for each in told]
    failures = [each for each in errors if each["exception_type"] != "ExecutionBlocked"]
    assert len(failures) == (0 if outcome.error is None else 1)
    if outcome.error is not None:
        assert outcome.error.node == failures[0]["node_id"]
        assert outcome.error.exception_type == failures[0]["exception_type"]
        assert outcome.error.message == failures[0]["exception_message"].rstrip()
        assert outcome.error.inputs == failures[0]["current_inputs"]
    progress = [each["data"] for each in messages if each["type"] == "progress"]
    assert [(each.node, each.value, each.maximum) for each in bench.of(Progress)] == [
        (each["node"], each["value"], each["max"]) for each in progress
    ]
    if bench.cache.statistics().budget_bytes:
        cached = next(each["data"]["nodes"] for each in messages if each["type"] == "execution_cached")
        assert sorted(bench.of(Started)[0].cached) == sorted(cached)
        executing = [each["data"] for each in messages if each["type"] == "executing" and each["data"]["node"]]
        started = Counter((event.node, event.display_node) for event in bench.of(NodeStarted))
        assert started == Counter((each["node"], each["display_node"]) for each in executing)
