"""A job comes in as one frame, and what happens in it goes out as frames in order."""

import threading
from pathlib import Path
from typing import Any

import pytest

from darkroom.engine.graph import Link
from darkroom.engine.results import Expand, Shown
from darkroom.engine.run import Run
from darkroom.engine.spec import InputSpec
from darkroom.frames.messages import CancelJob, JobEvent, Stop
from tests.engine.toys import setting, toy, wire
from tests.worker.talking import api, worker

SHOWN = api(_1=("Number", {"value": 4}), _2=("Add", {"a": "@1", "b": 2}), _3=("Show", {"value": "@2"}))


def test_a_job_tells_its_events_in_order_and_then_its_end(tmp_path: Path) -> None:
    with worker(tmp_path) as talk:
        done = talk.run(SHOWN, "3")
        kinds = [(each.kind, each.data.get("node")) for each in talk.events()]
    nodes = [(kind, id) for id in "123" for kind in ("node_started", "node_finished")]
    assert kinds == [("started", None), *nodes]
    assert all((each.job, each.token) == ("job", 7) for each in talk.events())
    assert (done.outcome, done.ui, done.token) == ("done", {"3": {"text": [6]}}, 7)
    assert list(done.ran) == ["1", "2", "3"] and set(done.timings) == {"1", "2", "3"}


def test_a_second_job_finds_the_results_of_the_first(tmp_path: Path) -> None:
    with worker(tmp_path) as talk:
        talk.run(SHOWN, "3", "first")
        done = talk.run(SHOWN, "3", "second")
        cached = talk.events("node_cached")
    assert list(done.cached) == ["1", "2", "3"] and not done.ran
    assert cached[-1].data["ui"] == {"text": [6]}


def test_a_cache_of_mode_none_keeps_nothing(tmp_path: Path) -> None:
    with worker(tmp_path, cache="none") as talk:
        talk.run(SHOWN, "3", "first")
        assert list(talk.run(SHOWN, "3", "second").ran) == ["1", "2", "3"]


def test_a_cancelled_job_stops_within_its_step(tmp_path: Path) -> None:
    def steps(run: Run) -> Shown:
        for step in range(10_000_000):
            run.progress(step, 10_000_000)
        return Shown({})

    with worker(tmp_path, toy("Steps", steps, outputs=0, final=True, run_parameter="run")) as talk:
        talk.begin(api(_1=("Steps", {})), "1")
        talk.event("progress")
        talk.send(CancelJob("job"))
        done = talk.done()
        assert (done.outcome, done.stopped_at) == ("cancelled", "1")
        assert talk.run(SHOWN, "3", "next").outcome == "done"


def test_a_job_that_waits_can_be_cancelled_before_it_begins(tmp_path: Path) -> None:
    gate = threading.Event()
    with worker(tmp_path, toy("Gate", lambda: gate.wait(20) and Shown({}), outputs=0, final=True)) as talk:
        talk.begin(api(_1=("Gate", {})), "1", "first")
        talk.event("node_started")
        talk.begin(SHOWN, "3", "second")
        talk.send(CancelJob("second"))
        talk.ask("memory")  # what came before has been read
        gate.set()
        assert talk.done().outcome == "done"
        done = talk.done()
    assert (done.job, done.outcome, list(done.ran)) == ("second", "cancelled", [])


def test_questions_are_answered_while_a_job_runs(tmp_path: Path) -> None:
    gate = threading.Event()
    with worker(tmp_path, toy("Gate", lambda: gate.wait(20) and Shown({}), outputs=0, final=True)) as talk:
        talk.begin(api(_1=("Gate", {})), "1")
        talk.event("node_started")
        bad = api(_1=("Add", {"a": "@2"}), _2=("Nothing", {}), _3=("Show", {"value": "@1"}))
        problems = talk.ask("check", prompt=bad, targets=["3"]).data["problems"]
        memory = talk.ask("memory").data
        unknown = talk.ask("weather")
        gate.set()
        talk.done()
    assert problems[0]["node"] == "2" and "Nothing" in problems[0]["text"]
    assert memory["ram"]["process"] > 0 and memory["devices"][0]["type"] == "cpu" and "hits" in memory["cache"]
    assert unknown.error is not None and "weather" in unknown.error


def test_a_failed_node_is_told_with_its_inputs(tmp_path: Path) -> None:
    def fails(value: Any) -> Any:
        raise ValueError("no luck")

    with worker(tmp_path, toy("Fails", fails, [wire("value")])) as talk:
        prompt = api(_1=("Number", {"value": 4}), _2=("Fails", {"value": "@1"}), _3=("Show", {"value": "@2"}))
        done = talk.run(prompt, "3")
    (event,) = talk.events("node_failed")
    assert done.outcome == "failed" and done.error == event.data
    assert event.data["inputs"] == {"value": [4]}
    assert (event.data["exception_type"], event.data["message"]) == ("ValueError", "no luck")
    assert list(done.ran) == ["1", "2"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), GeneratorExit()])
def test_no_exception_of_a_node_ends_the_worker(error: BaseException, tmp_path: Path) -> None:
    def fails() -> Any:
        raise error

    with worker(tmp_path, toy("Fails", fails, outputs=0, final=True)) as talk:
        done = talk.run(api(_1=("Fails", {})), "1")
        assert done.outcome == "failed" and done.error is not None
        assert (done.error["node"], done.error["exception_type"]) == ("1", type(error).__name__)
        assert len(talk.events("node_failed")) == 1
        assert talk.run(SHOWN, "3", "next").outcome == "done"


def test_a_graph_that_cannot_begin_fails_its_job_in_words(tmp_path: Path) -> None:
    with worker(tmp_path) as talk:
        done = talk.run(api(_1=("Nothing", {})), "1")
        assert done.outcome == "failed" and done.error is not None and "Nothing" in done.error["message"]
        assert talk.run(SHOWN, "3", "next").outcome == "done"


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")])
def test_where_memory_runs_out_everything_is_dropped_and_tips_are_given(error: Exception, tmp_path: Path) -> None:
    def fails() -> Any:
        raise error

    with worker(tmp_path, toy("Fails", fails, outputs=0, final=True)) as talk:
        talk.run(SHOWN, "3", "first")
        done = talk.run(api(_1=("Fails", {})), "1")
        assert done.error is not None and "make the picture or the batch smaller" in done.error["message"]
        assert talk.ask("memory").data["cache"]["entries"] == 0


def test_nodes_that_came_by_expansion_name_their_parent_and_drawn_node(tmp_path: Path) -> None:
    def grow() -> Expand:
        return Expand({"inner": {"class_type": "Number", "inputs": {"value": 5}}}, (Link("inner", 0),))

    with worker(tmp_path, toy("Grow", grow)) as talk:
        done = talk.run(api(_1=("Grow", {}), _2=("Show", {"value": "@1"})), "2")
    inner = [each.data for each in talk.events() if each.data.get("node") == "1.0.0.inner"]
    assert inner and all(
        (each["parent_node"], each["real_node"], each["display_node"]) == ("1", "1", "1") for each in inner
    )
    assert done.origins == {"1.0.0.inner": {"parent": "1", "display": "1", "real": "1"}}
    assert all("parent_node" not in each.data for each in talk.events() if each.data.get("node") == "2")


def test_what_json_cannot_hold_does_not_stop_a_job(tmp_path: Path) -> None:
    knot: list[Any] = []
    knot.append(knot)
    odd = {("a", 1): {1, 2}, "knot": knot, "nan": float("nan"), "object": object}
    with worker(tmp_path, toy("Odd", lambda: Shown({"odd": [odd]}), outputs=0, final=True)) as talk:
        done = talk.run(api(_1=("Odd", {})), "1")
    assert done.outcome == "done" and "('a', 1)" in done.ui["1"]["odd"][0]


def test_secrets_reach_hidden_inputs_and_nothing_else(tmp_path: Path) -> None:
    hidden = [
        InputSpec(name, tag, "hidden")
        for name, tag in (("key", "API_KEY_COMFY_ORG"), ("token", "AUTH_TOKEN_COMFY_ORG"))
    ]
    spec = toy("Secret", lambda key, token: Shown({"text": [key, token]}), hidden, outputs=0, final=True)
    with worker(tmp_path, spec) as talk:
        done = talk.run(api(_1=("Secret", {})), "1", secrets={"API_KEY_COMFY_ORG": "hush"})
    assert done.ui == {"1": {"text": ["hush", None]}}


def test_a_stop_lets_the_current_job_end_and_begins_no_other(tmp_path: Path) -> None:
    gate = threading.Event()
    with worker(tmp_path, toy("Gate", lambda: gate.wait(20) and Shown({}), outputs=0, final=True)) as talk:
        talk.begin(api(_1=("Gate", {})), "1", "first")
        talk.event("node_started")
        talk.begin(SHOWN, "3", "second")
        talk.send(Stop())
        talk.ask("memory")
        gate.set()
        assert (talk.done().job) == "first"
    assert not any(isinstance(each, JobEvent) and each.job == "second" for each in talk.heard)


def test_without_metadata_files_carry_nothing_but_hidden_inputs_are_given(tmp_path: Path) -> None:
    def look(prompt: Any, run: Run) -> Shown:
        return Shown({"hidden": [prompt], "metadata": [run.prompt, run.extra_pnginfo]})

    spec = toy("Look", look, [InputSpec("prompt", "PROMPT", "hidden")], outputs=0, final=True, run_parameter="run")
    prompt = api(_1=("Look", {}))
    with worker(tmp_path, spec, cache="none") as talk:
        kept = talk.run(prompt, "1", "a", extra_pnginfo={"workflow": {"id": 1}}).ui["1"]
        withheld = talk.run(prompt, "1", "b", extra_pnginfo={"workflow": {"id": 1}}, metadata=False).ui["1"]
    assert kept == {"hidden": [prompt], "metadata": [prompt, {"workflow": {"id": 1}}]}
    assert withheld == {"hidden": [prompt], "metadata": [{}, {}]}


def test_text_of_a_node_is_told(tmp_path: Path) -> None:
    def speak(n: int, run: Run) -> Shown:
        run.text(f"at {n}")
        return Shown({})

    with worker(tmp_path, toy("Speak", speak, [setting("n")], outputs=0, final=True, run_parameter="run")) as talk:
        talk.run(api(_1=("Speak", {"n": 3})), "1")
    assert [each.data["text"] for each in talk.events("text")] == ["at 3"]
