"""What a node is handed, what makes it run again and why, and how long its results live."""

from __future__ import annotations

import gc
import math
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from darkroom.engine.events import (
    Event,
    Finished,
    Preview,
    Progress,
    Text,
)
from darkroom.engine.graph import Link
from darkroom.engine.results import Expand
from darkroom.engine.run import Run
from darkroom.engine.spec import FileChoice, FileMentions, InputSpec
from tests.engine.toys import Bench, Disk, make, setting, toy, wire

SUM = {"one": ("Number", {"value": 2}), "two": ("Add", {"a": "@one", "b": 3}), "out": ("Show", {"value": "@two"})}


LOAD = toy(
    "Load", lambda name: str(name), [InputSpec("name", "COMBO", choices=FileChoice("checkpoints", extra=("none",)))]
)


def test_a_file_choice_arrives_as_a_path_and_a_changed_file_runs_anew() -> None:
    disk = Disk(a="1")
    bench = Bench(LOAD, disk=disk)
    graph = make(load=("Load", {"name": "a.bin"}))
    assert bench.value(graph, "load") == str(Path("/disk/checkpoints/a.bin"))
    assert bench.run(graph, targets=["load"]).ran == ()
    disk.stamps["a.bin"] = "2"
    outcome = bench.run(graph, targets=["load"])
    assert (outcome.ran, outcome.reasons["load"]) == (("load",), "file 'a.bin' changed")
    assert bench.value(make(load=("Load", {"name": "none"})), "load") == "none"


def names_in_text(text: str) -> list[str]:
    return [f"{word[1:]}.bin" for word in text.split() if word.startswith("@")]


MENTIONS = FileMentions("embeddings", names_in_text)
SAY = toy("Say", lambda text: text, [InputSpec("text", "STRING", mentions=MENTIONS)])


@pytest.mark.parametrize("wired", [False, True])
def test_a_file_that_a_text_names_runs_its_node_anew_when_it_changes_comes_or_goes(wired: bool) -> None:
    disk = Disk(a="1", c="1")
    bench = Bench(SAY, toy("Words", lambda: "one @a two @b"), disk=disk)
    text = Link("words", 0) if wired else "one @a two @b"
    graph = make(words=("Words",), say=("Say", {"text": text}), end=("Show", {"value": "@say"}))

    def runs() -> bool:
        return "say" in bench.run(graph).ran

    assert [runs(), runs()] == [True, False]
    disk.stamps["c.bin"] = "2"
    assert not runs()
    disk.stamps["a.bin"] = "2"
    assert [runs(), runs()] == [True, False]
    disk.stamps["b.bin"] = "1"
    assert [runs(), runs()] == [True, False]
    del disk.stamps["a.bin"]
    assert [runs(), runs()] == [True, False]
    disk.stamps["a.bin"] = "2"
    assert not runs()


def test_the_reason_says_that_a_file_named_in_a_text_changed() -> None:
    disk = Disk(a="1")
    bench = Bench(SAY, disk=disk)
    graph = make(say=("Say", {"text": "see @a"}))
    assert bench.value(graph, "say") == "see @a"
    disk.stamps["a.bin"] = "2"
    assert bench.run(graph, targets=["say"]).reasons["say"] == "a file that text names changed"


def test_a_text_inside_an_expansion_is_looked_at_for_files_too() -> None:
    disk = Disk(a="1")
    inner = {"x": {"class_type": "Say", "inputs": {"text": "see @a"}}}
    bench = Bench(SAY, toy("Grow", lambda: Expand(inner, (Link("x", 0),))), disk=disk)
    graph = make(grow=("Grow",), end=("Show", {"value": "@grow"}))
    assert "grow" in bench.run(graph).ran
    assert bench.run(graph).ran == ()
    disk.stamps["a.bin"] = "2"
    assert "grow" in bench.run(graph).ran


def test_a_missing_file_fails_its_node() -> None:
    outcome = Bench(LOAD).run(make(load=("Load", {"name": "b.bin"})), targets=["load"])
    assert outcome.error is not None
    assert outcome.error.message == "there is no b.bin in checkpoints"


def test_a_file_named_over_a_wire_is_looked_at_anew_in_each_run() -> None:
    disk = Disk(a="1")
    bench = Bench(LOAD, toy("Name", lambda: "a.bin"), disk=disk)
    graph = make(name=("Name",), load=("Load", {"name": "@name"}), end=("Show", {"value": "@load"}))
    assert bench.run(graph).ran == ("name", "load", "end")
    assert bench.run(graph).ran == ()
    disk.stamps["a.bin"] = "2"
    assert bench.run(graph).ran == ("load", "end")
    disk.stamps["a.bin"] = "1"
    assert bench.run(graph).ran == ()


def test_a_missing_setting_takes_its_default() -> None:
    bench = Bench()
    assert bench.value(make(n=("Number",)), "n") == 1
    assert bench.run(make(n=("Number", {"value": 1})), targets=["n"]).ran == ()


def test_undeclared_inputs_reach_only_nodes_that_take_any() -> None:
    join = toy("Join", lambda **values: ",".join(f"{name}={values[name]}" for name in sorted(values)), any_input=True)
    bench = Bench(join)
    graph = make(x=("Number", {"value": 5}), y=("Number", {"value": 6}), j=("Join", {"x": "@x", "y": "@y", "z": 9}))
    assert bench.value(graph, "j") == "x=5,y=6,z=9"
    assert bench.run(make(n=("Number", {"value": 5, "extra": "@n"})), targets=["n"]).outcome == "done"


def test_a_raw_link_is_handed_over_as_it_is_and_computes_nothing() -> None:
    bench = Bench(toy("Raw", lambda a: a, [wire("a", rawLink=True)]))
    graph = make(one=("Number", {"value": 1}), raw=("Raw", {"a": "@one"}))
    outcome = bench.run(graph, targets=["raw"])
    assert (outcome.ran, outcome.outputs["raw"]) == (("raw",), ([Link("one", 0)],))
    assert bench.run(make(one=("Number", {"value": 2}), raw=("Raw", {"a": "@one"})), targets=["raw"]).ran == ("raw",)


def test_hidden_inputs_are_filled_by_their_tags() -> None:
    hidden = [
        InputSpec(name, tag, "hidden")
        for name, tag in (("id", "UNIQUE_ID"), ("all", "PROMPT"), ("png", "EXTRA_PNGINFO"))
    ]
    bench = Bench(toy("Hidden", lambda id, all, png: (id, len(all), png), hidden))
    graph = make(h=("Hidden",), n=("Number",))
    assert bench.value(graph, "h", extra_pnginfo={"workflow": 1}) == ("h", 2, {"workflow": 1})
    more = toy("Key", lambda key=None: key, [InputSpec("key", "API_KEY", "hidden")])
    assert Bench(more).value(make(k=("Key",)), "k", hidden={"API_KEY": lambda: "secret"}) == "secret"
    assert Bench(more).value(make(k=("Key",)), "k") is None
    bench.cache.clear()
    another: dict[str, Any] = {"PROMPT": lambda: {"another": 1}}
    assert bench.value(make(h=("Hidden",)), "h", prompt={}, hidden=another) == ("h", 1, {})


def test_a_node_may_report_progress_pictures_and_text() -> None:
    def work(run: Run) -> str:
        for step in range(2):
            run.progress(step + 1, 2, preview=lambda: "picture")
        run.text("half way")
        return f"{run.node_id} {sorted(run.prompt)} {run.extra_pnginfo}"

    bench = Bench(toy("Work", work, run_parameter="run"))
    assert bench.value(make(w=("Work",)), "w") == "w ['w'] {}"
    assert [(event.value, event.maximum) for event in bench.of(Progress)] == [(1, 2), (2, 2)]
    assert bench.of(Preview)[0].picture() == "picture"
    assert bench.of(Text) == [Text("w", "w", "half way")]


def test_change_tests_decide_whether_a_node_runs_again() -> None:
    answers: dict[str, Any] = {"constant": "same", "nan": math.nan}

    def changed(mode: str) -> Any:
        if mode == "raise":
            raise RuntimeError("no fingerprint")
        return answers[mode]

    bench = Bench(toy("Watch", lambda mode: 7, [setting("mode", "STRING")], changed=changed))

    def again(mode: str) -> tuple[tuple[str, ...], str]:
        graph = make(w=("Watch", {"mode": mode}), s=("Show", {"value": "@w"}))
        bench.run(graph)
        outcome = bench.run(graph)
        return outcome.ran, outcome.reasons["w"]

    assert again("constant") == ((), "nothing changed since it ran")
    assert again("nan") == (("w", "s"), "runs each time: its change test gives NaN")
    assert again("raise") == (("w", "s"), "runs each time: its change test failed (RuntimeError: no fingerprint)")
    bench.run(make(w=("Watch", {"mode": "constant"})), targets=["w"])
    answers["constant"] = "other"
    outcome = bench.run(make(w=("Watch", {"mode": "constant"})), targets=["w"])
    assert (outcome.ran, outcome.reasons["w"]) == (("w",), "its change test gives another answer")


def test_a_node_that_is_not_cached_runs_each_time_with_all_that_reads_it() -> None:
    bench = Bench(toy("Clock", lambda: 3, cached=False))
    graph = make(c=("Clock",), plus=("Add", {"a": "@c", "b": 1}))
    bench.run(graph, targets=["plus"])
    outcome = bench.run(graph, targets=["plus"])
    assert outcome.ran == ("c", "plus")
    assert outcome.reasons == {
        "c": "not cached by declaration",
        "plus": "input a comes from node c, which runs each time",
    }
    assert bench.cache.statistics().entries == 0


def test_every_run_says_why_each_step_ran_or_did_not() -> None:
    bench = Bench()
    assert bench.run(make(**SUM)).reasons == dict.fromkeys(("one", "two", "out"), "first run")
    assert set(bench.run(make(**SUM)).reasons.values()) == {"nothing changed since it ran"}
    edited = bench.run(make(**{**SUM, "two": ("Add", {"a": "@one", "b": 7})})).reasons
    assert edited == {
        "one": "nothing changed since it ran",
        "two": "b 3 -> 7",
        "out": "input value comes from node two, which re-ran",
    }
    back = bench.run(make(**SUM)).reasons
    assert back["two"] == "an earlier run had the same recipe"
    rewired = make(**{**SUM, "more": ("Add", {"a": "@one", "b": 9}), "out": ("Show", {"value": "@more"})})
    assert (
        bench.run(rewired).reasons["out"] == "input value comes from node more output 0, before from node two output 0"
    )


def test_an_evicted_result_says_so_when_it_runs_again() -> None:
    bench = Bench(toy("Big", lambda seed: bytes(600_000), [setting("seed")]), budget=1_000_000)
    bench.run(make(b=("Big", {"seed": 1})), targets=["b"])
    for seed in range(2, 6):
        bench.run(make(b=("Big", {"seed": seed})), targets=["b"])
    outcome = bench.run(make(b=("Big", {"seed": 1})), targets=["b"])
    assert outcome.ran == ("b",)
    assert "the earlier result for this was evicted to free 20" in outcome.reasons["b"]


def test_a_value_is_freed_after_its_last_reader() -> None:
    class Heavy:
        pass

    alive: list[bool] = []
    kept: list[weakref.ref[Heavy]] = []

    def heavy() -> Heavy:
        value = Heavy()
        kept.append(weakref.ref(value))
        return value

    def look(a: Any) -> int:
        alive.append(kept[0]() is not None)
        return 1

    bench = Bench(toy("Heavy", heavy), toy("Look", look, [wire("a")]), toy("Read", lambda a: 1, [wire("a")]), budget=0)
    graph = make(h=("Heavy",), r=("Read", {"a": "@h"}), l=("Look", {"a": "@r"}), l2=("Look", {"a": "@l"}))
    gc.disable()
    try:
        bench.run(graph, targets=["l2"])
    finally:
        gc.enable()
    assert alive == [False, False]


def test_a_chain_of_100_000_nodes_is_no_recursion() -> None:
    count = 100_000
    nodes = {"n0": ("Number", {"value": 0}), **{f"n{i}": ("Add", {"a": f"@n{i - 1}", "b": 1}) for i in range(1, count)}}
    bench = Bench()
    assert bench.executor.run(make(**nodes), targets=[f"n{count - 1}"]).outputs[f"n{count - 1}"] == ([count - 1],)


def test_a_node_that_changes_its_input_is_caught_by_the_guard() -> None:
    def spoil(data: dict[str, list[int]]) -> int:
        data["numbers"].append(1)
        return 1

    specs = (toy("Data", lambda: {"numbers": [1]}), toy("Spoil", spoil, [wire("data")]))
    graph = make(d=("Data",), s=("Spoil", {"data": "@d"}))
    outcome = Bench(*specs, guard=True).run(graph, targets=["s"])
    assert outcome.error is not None
    assert outcome.error.message.startswith("it changed what it was handed as data;")
    assert Bench(guard=True).run(make(**SUM)).outcome == "done"


def test_a_listener_sees_a_finished_event_last_whatever_happens() -> None:
    seen: list[Event] = []
    Bench().executor.run(make(x=("Number",)), targets=["x"], emit=seen.append)
    assert isinstance(seen[-1], Finished)


@pytest.mark.parametrize("change", ["array", "list", "object"])
def test_the_guard_sees_arrays_containers_and_objects(change: str) -> None:
    class Holder:
        def __init__(self) -> None:
            self.array = np.zeros(3)

    def spoil(value: Any) -> int:
        if change == "array":
            value[0]["samples"][1] += 1
        elif change == "list":
            value[1].append(1)
        else:
            value[2].array[0] = 5
        return 1

    specs = (toy("Data", lambda: ({"samples": np.zeros((2, 2))}, [1], Holder())), toy("Spoil", spoil, [wire("value")]))
    outcome = Bench(*specs, guard=True).run(make(d=("Data",), s=("Spoil", {"value": "@d"})), targets=["s"])
    assert outcome.error is not None
    assert "changed what it was handed as value" in outcome.error.message
