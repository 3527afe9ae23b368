"""Messages of a job: those that were recorded from a ComfyUI server, and what the traces do not show."""

from __future__ import annotations

import json
import runpy
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from darkroom.engine.events import Event, Finished
from darkroom.frames.codec import decoded, encoded
from darkroom.frames.messages import JobDone, JobEvent
from darkroom.frames.report import data_of, kind_of
from darkroom.service.contracts import Result, State
from darkroom.service.socket.messages import (
    MANY_NODES,
    Binary,
    Ending,
    JobMessages,
    Message,
    preview_frame,
    status,
    text_frame,
)
from tests.engine.test_execute_golden import NAMES, TRACES, graph_of, specs
from tests.engine.toys import Bench

RECORD = Path(__file__).parents[2] / "data" / "golden" / "record.py"


def told(event: Event, origins: Callable[[str], Mapping[str, str]]) -> JobEvent:
    """The frame of an engine's event, through the pipe and back."""
    message = decoded(encoded(JobEvent("PROMPT", 1, kind_of(event), {**data_of(event), **origins(event.node)})))
    assert isinstance(message, JobEvent)
    return message


def run(bench: Bench, prompt: Mapping[str, Any], alias: str) -> tuple[list[Message], Result]:
    """Run a prompt with the real executor, and translate what it tells."""
    bench.events.clear()
    outcome = bench.run(graph_of(dict(prompt)), prompt=prompt)
    targets = [id for id, node in prompt.items() if node["class_type"] == "GoldenShow"]
    messages = JobMessages(alias, prompt, targets, "CLIENT")

    def origins(id: str) -> Mapping[str, str]:
        origin = outcome.origins.get(id)
        return {} if origin is None else {"parent_node": origin.parent, "real_node": origin.real}

    said: list[Message] = []
    for event in bench.events:
        if not isinstance(event, Finished):
            said += messages.on(told(event, origins))
    error = None if outcome.error is None else {**data_of(outcome.error), **origins(outcome.error.node)}
    places = {id: {"parent": o.parent, "display": o.display, "real": o.real} for id, o in outcome.origins.items()}
    done = JobDone("PROMPT", 1, outcome.outcome, ui=outcome.ui, error=error, origins=places)
    ending = messages.done(done)
    return [*said, *ending.messages, *ending.last], ending.result


@pytest.mark.parametrize("name", [*NAMES, "coercion"])
def test_a_recorded_scenario_is_told_as_it_was_there(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(RECORD.parent))
    record = runpy.run_path(str(RECORD))
    bench = Bench(*specs())
    for index, recorded in enumerate(json.loads((TRACES / f"{name}.json").read_text())):
        prompt = recorded["prompt"]
        if name == "coercion":  # checking does it, before a prompt is queued
            prompt = json.loads(json.dumps(prompt))
            prompt["1"]["inputs"]["value"] = int(prompt["1"]["inputs"]["value"])
        said, result = run(bench, prompt, f"PROMPT{index}")
        plain = [{"type": each.event, "data": each.data} for each in said if each.event != "progress_state"]
        cleaned = record["clean"](json.loads(json.dumps(plain)), {})
        assert record["settled"](cleaned) == record["settled"](recorded["messages"])
        history = recorded["history"]
        assert result.outputs == history["outputs"] and result.meta == history["meta"]
        kept = record["clean"](json.loads(json.dumps(result.messages)), {})
        assert [event for event, _ in kept] == [event for event, _ in history["status"]["messages"]]
        assert (result.state is State.DONE) == history["status"]["completed"]
        assert {each.client for each in said} == {"CLIENT"}


def started(cached: Sequence[str] = ()) -> JobEvent:
    return JobEvent("j", 1, "started", {"cached": list(cached), "total": 3})


def event(kind: str, node: str = "1", blob: bytes = b"", **data: Any) -> JobEvent:
    return JobEvent("j", 1, kind, {"node": node, "display_node": node, **data}, blob)


def job(client: str | None = "c", **options: Any) -> JobMessages:
    prompt = {id: {"class_type": f"Type{id}", "inputs": {}} for id in ("1", "2", "3")}
    return JobMessages("j", prompt, ["2", "3"], client, now=lambda: 1234, **options)


def fed(messages: JobMessages, *events: JobEvent) -> list[Message]:
    return [message for each in events for message in messages.on(each)]


def types(messages: Sequence[Message]) -> list[Any]:
    return [each.event for each in messages]


def all_of(ending: Ending) -> list[Message]:
    return [*ending.messages, *ending.last]


def test_each_node_is_told_in_order() -> None:
    said = fed(
        job(), started(), event("node_started"), event("progress", value=1, maximum=4),
        event("node_finished", ui={"text": ["x"]}),
    )  # fmt: skip
    assert types(said) == [
        *("execution_start", "execution_cached", "progress_state", "executing"),
        *("progress_state", "progress", "executed", "progress_state"),
    ]
    assert said[0].data == {"prompt_id": "j", "timestamp": 1234}
    assert said[5].data == {"value": 1, "max": 4, "prompt_id": "j", "node": "1"}
    states = [each.data["nodes"]["1"] for each in said if each.event == "progress_state"]
    assert [(each["state"], each["value"], each["max"]) for each in states] == [
        *(("running", 0, 1), ("running", 1, 4), ("finished", 4, 4)),
    ]
    assert states[0].keys() == {
        *("value", "max", "state", "node_id", "prompt_id", "display_node_id", "parent_node_id", "real_node_id"),
    }


def test_nodes_of_an_expansion_name_the_node_that_is_drawn() -> None:
    inner = {"node": "1.0.0.2", "display_node": "1", "parent_node": "1", "real_node": "1"}
    messages = job()
    said = fed(messages, started(), JobEvent("j", 1, "node_started", inner))
    assert said[-1].data == {"node": "1.0.0.2", "display_node": "1", "prompt_id": "j"}
    place = said[-2].data["nodes"]["1.0.0.2"]
    assert (place["display_node_id"], place["parent_node_id"], place["real_node_id"]) == ("1", "1", "1")
    assert messages.display_node == "1" and messages.node == ("1", "Type1")
    failure = {**inner, "message": "no", "exception_type": "ValueError", "traceback": ["t"], "inputs": {"a": ["1"]}}
    ending = messages.done(JobDone("j", 1, "failed", error=failure))
    assert ending.result.error == {
        "prompt_id": "j",
        "node_id": "1",
        "node_type": "Type1",
        "executed": [],
        "exception_message": "no\n",
        "exception_type": "ValueError",
        "traceback": ["t"],
        "current_inputs": {"a": ["1"]},
        "timestamp": 1234,
        "current_outputs": ["1", "2", "3", "1.0.0.2"],
    }


def test_cached_targets_are_executed_again_and_with_null_where_they_show_nothing() -> None:
    said = fed(
        job(), started(["1", "2", "3"]), event("node_cached", "1", ui=None), event("node_cached", "2", ui=None),
        event("node_cached", "3", ui={"text": ["x"]}),
    )  # fmt: skip
    assert said[1].data["nodes"] == ["1", "2", "3"]
    assert [(each.data["node"], each.data["output"]) for each in said[2:]] == [("2", None), ("3", {"text": ["x"]})]


def test_a_block_with_words_is_an_error_beside_the_run_and_a_silent_one_is_not_told() -> None:
    messages = job()
    said = fed(messages, started(), event("node_blocked", "2", message="no"), event("node_blocked", "3", message=None))
    assert types(said[2:]) == ["execution_error"] and "timestamp" not in said[2].data
    assert said[2].data["exception_type"] == "ExecutionBlocked" and said[2].data["node_type"] == "Type2"
    result = messages.done(JobDone("j", 1, "done")).result
    assert [name for name, _ in result.messages] == ["execution_start", "execution_cached", "execution_success"]


def test_an_interruption_is_told_to_all_and_the_rest_to_the_client() -> None:
    messages = job()
    fed(messages, started(), event("node_started"))
    ending = messages.done(JobDone("j", 1, "cancelled", stopped_at="1"))
    assert [(each.event, each.client) for each in all_of(ending)] == [
        *(("execution_interrupted", None), ("executing", "c")),
    ]
    interrupted = ending.messages[-1].data
    assert (interrupted["node_id"], interrupted["node_type"]) == ("1", "Type1")
    assert ending.result.state is State.CANCELLED


def test_without_a_client_progress_and_interruption_go_to_all_and_nothing_else_is_told() -> None:
    messages = job(client=None)
    said = fed(messages, started(), event("node_started"), event("progress", value=1, maximum=2))
    said += fed(messages, event("preview", blob=b"x", format="JPEG"), event("node_finished", ui={"a": [1]}))
    assert {each.client for each in said} == {None}
    assert set(types(said)) == {"progress_state", "progress"}
    ending = messages.done(JobDone("j", 1, "done", ui={"1": {"a": [1]}}))
    assert not all_of(ending)
    assert [name for name, _ in ending.result.messages][-1] == "execution_success"


def test_a_dead_worker_fails_the_node_that_ran_last() -> None:
    messages = job()
    fed(messages, started(), event("node_started", "1"), event("node_finished", "1", ui={"a": [1]}))
    fed(messages, event("node_started", "2"))
    ending = messages.died(State.FAILED, "it crashed")
    assert types(all_of(ending)) == ["progress_state", "execution_error", "executing"]
    assert ending.messages[0].data["nodes"]["2"]["state"] == "error"
    error = ending.result.error
    assert error is not None and (error["node_id"], error["exception_message"]) == ("2", "it crashed\n")
    assert ending.result.outputs == {"1": {"a": [1]}}


def test_a_job_that_could_not_begin_has_a_whole_story_all_the_same() -> None:
    ending = job().done(JobDone("j", 1, "failed", error={"message": "no such node"}))
    assert types(all_of(ending)) == ["execution_start", "execution_cached", "execution_error", "executing"]
    assert job().died(State.CANCELLED, "").result.messages[-1][1]["node_id"] == ""


def test_previews_are_framed_as_the_client_understands_them() -> None:
    assert preview_frame("PNG", b"png", None) == (Binary.PREVIEW, b"\0\0\0\2png")
    kind, payload = preview_frame("JPEG", b"jpg", {"node_id": "1"})
    length = int.from_bytes(payload[:4], "big")
    assert kind == 4 and json.loads(payload[4 : 4 + length]) == {"node_id": "1", "image_type": "image/jpeg"}
    assert payload[4 + length :] == b"jpg"
    (plain,) = fed(job(), event("preview", blob=b"x", format="JPEG"))
    assert plain == Message(Binary.PREVIEW, b"\0\0\0\1x", "c")
    (rich,) = fed(job(with_metadata=lambda: True), event("preview", blob=b"x", format="JPEG"))
    assert rich.event is Binary.PREVIEW_WITH_METADATA
    assert set(json.loads(rich.data[4:-1])) == {
        *("node_id", "prompt_id", "display_node_id", "parent_node_id", "real_node_id", "image_type"),
    }


def test_texts_are_binary_with_their_node() -> None:
    assert text_frame("ü", "a") == b"\0\0\0\2\xc3\xbca"
    assert text_frame("1", "half of \ud800") == b"\0\0\0\x011half of ?"
    assert fed(job(), event("text", text="hi")) == [Message(Binary.TEXT, b"\0\0\0\x011hi", "c")]


def test_status_has_the_shape_that_clients_know() -> None:
    assert status(3) == {"status": {"exec_info": {"queue_remaining": 3}}}


def test_a_thousand_cached_nodes_cost_less_than_ten_milliseconds() -> None:
    ids = [str(n) for n in range(1000)]
    prompt = {id: {"class_type": "T", "inputs": {}} for id in ids}
    events = [started(ids), *(event("node_cached", id, reason="cached", ui={"a": [1]}) for id in ids)]
    best = 1.0
    for _ in range(5):
        messages = JobMessages("j", prompt, ids, "c")
        began = time.thread_time()
        fed(messages, *events)
        messages.done(JobDone("j", 1, "done"))
        best = min(best, time.thread_time() - began)
    assert best < 0.010


def test_the_states_of_many_nodes_are_not_sent_at_every_change_but_at_the_end() -> None:
    now = 0.0
    messages = JobMessages("j", {}, [], "c", clock=lambda: now)
    said = fed(messages, started())
    for n in range(1000):
        now += 0.001
        said += fed(messages, event("node_started", str(n)), event("node_finished", str(n), ui=None))
    states = [each for each in said if each.event == "progress_state"]
    assert len(states) < 2 * MANY_NODES + 1000 * 0.001 / 0.05 + 2
    assert messages.withheld
    last = messages.done(JobDone("j", 1, "done")).messages[0]
    assert last.event == "progress_state" and len(last.data["nodes"]) == 1000
    assert not messages.withheld


def test_states_are_snapshots() -> None:
    messages = job()
    first = fed(messages, started(), event("node_started"))[2]
    fed(messages, event("node_finished", ui=None))
    assert first.data["nodes"]["1"]["state"] == "running"


def test_states_are_not_made_while_nobody_listens() -> None:
    assert types(fed(job(watched=lambda: False), event("node_started"))) == ["executing"]
