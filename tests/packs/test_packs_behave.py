"""What nodes of packs may do, and what comes of it, whether results are kept or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from darkroom.engine.events import NodeBlocked, NodeFailed, NodeStarted, Progress
from darkroom.engine.problems import Problem
from tests.packs.making import PLENTY, Bench, loaded, node, texts, write_pack
from tests.packs.toys import SOURCE


@pytest.fixture(params=[PLENTY, 0], ids=["kept", "nothing kept"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with loaded(write_pack(tmp_path / "packs", "toys", SOURCE), base=tmp_path, budget=request.param) as made:
        assert not made.loaded.failures
        yield made


def toys(bench: Bench) -> Any:
    return bench.loaded.modules["toys"]


def show(*sources: str, all: bool = False) -> dict[str, Any]:
    return {f"show {id}": node("ShowAll" if all else "Show", value=[id, 0]) for id in sources}


def value(bench: Bench, prompt: dict[str, Any], id: str = "1", **more: Any) -> Any:
    """What the first output of a node is."""
    outcome = bench.run({**prompt, **show(id)}, **more)
    return texts(outcome)[f"show {id}"][0]


def kept(bench: Bench) -> bool:
    return bench.cache.statistics().budget_bytes > 0


@pytest.mark.parametrize(
    ("mask", "ran", "result"), [(0.0, ["a"], 10), (1.0, ["b"], 20), (0.5, ["a", "b"], 15)], ids=["a", "b", "both"]
)
def test_only_the_lazy_inputs_that_a_node_asks_for_run(bench: Bench, mask: float, ran: list[str], result: int) -> None:
    prompt = {"a": node("Number", value=10), "b": node("Number", value=20)}
    assert value(bench, {**prompt, "1": node("Mix", mask=mask, a=["a", 0], b=["b", 0])}) == result
    assert [id for id in bench.ran() if id in "ab"] == ran


def test_lazy_inputs_of_a_mapped_node_are_the_union_of_what_its_calls_ask_for(bench: Bench) -> None:
    prompt = {
        "masks": node("Range", count=2),
        "a": node("Number", value=10),
        "b": node("Number", value=20),
        "1": node("Mix", mask=["masks", 0], a=["a", 0], b=["b", 0]),
    }
    assert texts(bench.run({**prompt, **show("1", all=True)})) == {"show 1": [[10, 20]]}
    assert {"a", "b"} <= set(bench.ran())


def test_the_question_for_lazy_inputs_may_be_async(bench: Bench) -> None:
    assert value(bench, {"a": node("Number", value=4), "1": node("AsyncLazy", a=["a", 0])}) == 4


def test_a_lazy_input_of_a_node_that_never_asks_is_computed(bench: Bench) -> None:
    assert value(bench, {"a": node("Number", value=4), "1": node("PassLazy", value=["a", 0])}) == 4


def test_a_second_equal_prompt_runs_nothing_and_an_edit_only_what_follows(bench: Bench) -> None:
    prompt = {
        "a": node("Number", value=1),
        "b": node("TakesMore", value=["a", 0]),
        "c": node("Number", value=7),
        **show("b", "c"),
    }
    first = texts(bench.run(prompt))
    assert texts(bench.run(prompt)) == first
    assert bench.ran() == ([] if kept(bench) else bench.ran())
    bench.run({**prompt, "a": node("Number", value=2)})
    assert set(bench.ran()) == ({"a", "b", "show b"} if kept(bench) else set(prompt))


def test_equal_nodes_of_one_prompt_share_a_result(bench: Bench) -> None:
    texts(bench.run({"a": node("Number", value=1), "b": node("Number", value=1), **show("a", "b")}))
    assert toys(bench).CALLS == [1]


def test_after_a_failure_later_prompts_run(bench: Bench) -> None:
    outcome = bench.run({"1": node("Fail", value=3), **show("1")})
    assert outcome.error is not None
    assert (outcome.error.node, outcome.error.message) == ("1", "no 3")
    assert outcome.error.traceback[0].lstrip().startswith(f'File "{toys(bench).__file__}"')
    assert value(bench, {"1": node("Number", value=3)}) == 3


def types_of(problems: list[Problem]) -> list[tuple[str | None, str, str | None]]:
    return [(each.node, each.type, each.input) for each in problems if not each.warning]


def test_a_validator_with_kwargs_judges_all_inputs(bench: Bench) -> None:
    prompt = {"1": node("Kwargs", n=99, m=0), **show("1")}
    assert bench.problems(prompt) == []
    refused = bench.problems({**prompt, "1": node("Kwargs", n=5, m=0)})
    assert types_of(refused) == [("1", "custom_validation_failed", "n"), ("1", "custom_validation_failed", "m")]
    linked = {**prompt, "0": node("Number", value=1), "1": node("Kwargs", n=["0", 0], m=0)}
    assert bench.problems(linked) == []


def test_a_validator_may_ask_for_the_id_of_its_node(bench: Bench) -> None:
    (refused,) = bench.problems({"7": node("KnowsItself", value=1), **show("7")})
    assert (refused.input, refused.came) == ("value", "7 {} None")


def test_a_validator_that_takes_input_types_judges_links_itself(bench: Bench) -> None:
    words = {"0": node("Words", text="abc"), "1": node("Types", value=["0", 0]), **show("1")}
    assert bench.problems(words) == []
    assert value(bench, words) == 3
    number = {**words, "0": node("Number", value=1)}
    assert [each.type for each in bench.problems(number)] == ["custom_validation_failed"]


def test_a_change_test_sees_settings_and_the_node_but_no_links(bench: Bench) -> None:
    prompt = {"0": node("Number", value=5), "1": node("Changed", value=2, link=["0", 0])}
    assert value(bench, prompt) == 5
    assert toys(bench).Changed.seen[0] == (2, None, "1", {})


@pytest.mark.parametrize(("mode", "runs"), [(2, 1), (1, 2), (3, 1)], ids=["same", "nan", "math.nan"])
def test_a_constant_change_test_keeps_a_result_and_a_new_nan_never(bench: Bench, mode: int, runs: int) -> None:
    prompt = {"0": node("Number", value=5), "1": node("Changed", value=mode, link=["0", 0])}
    value(bench, prompt)
    value(bench, prompt)
    assert toys(bench).CALLS.count("changed") == (runs if kept(bench) else 2)


def test_a_change_test_that_does_not_take_all_inputs_fails_and_the_node_runs_each_time(bench: Bench) -> None:
    for _ in range(2):
        value(bench, {"1": node("BrokenChange", value=5)})
    assert toys(bench).CALLS.count("broken change") == 2


def test_variadic_inputs_take_any_name_and_each_says_itself_whether_it_is_lazy_or_raw(bench: Bench) -> None:
    prompt = {
        "0": node("Number", value=5),
        "9": node("Fail", value=1),
        "1": node(
            "Variadic", b=["0", 0], lazy_yes=["0", 0], lazy_no=["9", 0], raw=["9", 0], z=9, list={"__value__": [1]}
        ),
    }
    wanted = "b=5,lazy_no=None,lazy_yes=5,list={'__value__': [1]},raw=['9', 0],z=9"
    assert value(bench, prompt) == wanted


def test_links_of_undeclared_names_reach_a_function_that_takes_them_and_values_do_not(bench: Bench) -> None:
    assert value(bench, {"0": node("Number", value=5), "1": node("TakesMore", value=1, x=["0", 0], y=100)}) == 6


def test_an_optional_setting_that_is_not_sent_has_the_functions_default_and_not_the_widgets(bench: Bench) -> None:
    assert value(bench, {"1": node("OwnDefault", n=3)}) == 3


@pytest.mark.parametrize(
    ("kind", "inputs", "result"),
    [
        ("While", {"count": 4, "total": 0}, 10),
        ("CountTo", {"count": 3}, 3),
        ("Mixed", {"n": 2}, 200),
        ("Mixed", {"n": 3}, 3),
        ("SameIds", {"n": 8}, 8),
        ("Static", {"value": 1}, 2),
        ("OfClass", {"value": 1}, 3),
        ("TooFew", {"value": 1}, 1),
        ("TooMany", {"value": 1}, 1),
        ("Progress", {"value": 1}, 1),
        ("AsyncProgress", {"value": 1}, 1),
    ],
)
def test_loops_expansions_and_odd_returns_give_the_right_value(
    bench: Bench, kind: str, inputs: dict[str, Any], result: int
) -> None:
    for _ in range(2):
        assert value(bench, {"1": node(kind, **inputs)}) == result


def test_an_output_that_was_not_returned_is_none(bench: Bench) -> None:
    outcome = bench.run({"1": node("TooFew", value=1), "2": node("ShowAll", value=["1", 1])})
    assert texts(outcome) == {"2": [[None]]}


def test_calls_of_one_mapped_node_may_expand_or_not(bench: Bench) -> None:
    prompt = {"0": node("Range", count=4), "1": node("Mixed", n=["0", 0]), **show("1", all=True)}
    prompt["second"] = node("ShowAll", value=["1", 1])
    assert texts(bench.run(prompt)) == {"show 1": [[0, 1, 200, 3]], "second": [[0, -1, 2, -3]]}


def test_expansions_of_two_nodes_may_use_the_same_ids(bench: Bench) -> None:
    prompt = {"1": node("SameIds", n=1), "2": node("SameIds", n=2), **show("1", "2")}
    assert texts(bench.run(prompt)) == {"show 1": [1], "show 2": [2]}


def test_a_failure_inside_an_expansion_is_one_of_the_drawn_node(bench: Bench) -> None:
    outcome = bench.run({"1": node("FailInside", value=3), **show("1")})
    assert outcome.outcome == "failed"
    (failed,) = bench.of(NodeFailed)
    assert (failed.node, failed.display_node, failed.message) == ("1.0.0.1", "1", "no 3")


def test_a_cycle_that_an_expansion_makes_names_the_node_that_expanded(bench: Bench) -> None:
    outcome = bench.run({"1": node("Cycle", value=3), **show("1")})
    assert outcome.error is not None
    assert (outcome.error.display_node, outcome.error.exception_type) == ("1", "graph.DependencyCycleError")


def test_a_raw_link_is_handed_on_and_the_prompt_can_be_looked_at(bench: Bench) -> None:
    assert value(bench, {"0": node("Number", value=6), "1": node("Raw", value=["0", 0])}) == 6
    assert "0" not in bench.ran()


def test_a_blocker_stops_its_branch_and_tells_its_message_once(bench: Bench) -> None:
    prompt = {"0": node("Range", count=3), "1": node("BlockOdd", value=["0", 0]), "2": node("Show", value=["1", 0])}
    assert texts(bench.run(prompt)) == {"2": [0, 2]}
    assert [each.message for each in bench.of(NodeBlocked)] == ["odd"]


def test_a_blocker_in_a_list_takes_out_only_itself(bench: Bench) -> None:
    prompt = {"1": node("ListWithHole", count=3), "2": node("Show", value=["1", 0])}
    assert texts(bench.run(prompt)) == {"2": [0, 2]}


@pytest.mark.parametrize(("kind", "message"), [("BlockAll", None), ("AsyncBlock", "not now")])
def test_a_blocker_alone_blocks_all_outputs_while_others_finish(bench: Bench, kind: str, message: str | None) -> None:
    prompt = {"1": node(kind, value=1), "2": node("Number", value=2), **show("1", "2")}
    assert texts(bench.run(prompt)) == {"show 2": [2]}
    assert [each.message for each in bench.of(NodeBlocked)] == [message]


@pytest.mark.parametrize("kind", ["Meet", "AsyncInside"])
def test_async_nodes_run_side_by_side_also_inside_expansions(bench: Bench, kind: str) -> None:
    prompt = {"1": node(kind, value=1), "2": node(kind, value=2), **show("1", "2")}
    assert texts(bench.run(prompt)) == {"show 1": [1], "show 2": [2]}
    assert sorted(toys(bench).CALLS) == ["meet 1", "meet 2"]


@pytest.mark.parametrize(("mode", "error"), [(0, "RuntimeError"), (1, "TimeoutError")])
def test_an_async_failure_or_time_out_fails_the_node_and_later_prompts_run(bench: Bench, mode: int, error: str) -> None:
    outcome = bench.run({"1": node("AsyncFail", value=mode), **show("1")})
    assert outcome.error is not None
    assert (outcome.error.node, outcome.error.exception_type) == ("1", error)
    assert value(bench, {"1": node("Number", value=1)}) == 1


def test_a_failure_ends_async_nodes_under_way(bench: Bench) -> None:
    outcome = bench.run({"1": node("WaitForever", value=0), "2": node("Fail", value=2), **show("1", "2")})
    assert outcome.error is not None
    assert outcome.error.node == "2"


def test_a_cancelled_job_leaves_an_async_node(bench: Bench) -> None:
    def stop(event: Any) -> None:
        if type(event) is NodeStarted and event.node == "1":
            bench.host.cancel.cancel()

    assert bench.run({"1": node("WaitForever", value=0), **show("1")}, stop).outcome == "cancelled"


def test_a_node_that_interrupts_its_job_cancels_it(bench: Bench) -> None:
    assert bench.run({"1": node("StopItself", value=1), **show("1")}).outcome == "cancelled"


def test_an_instance_keeps_state_while_its_node_stays_in_the_prompt(bench: Bench) -> None:
    def count(n: int, **more: Any) -> dict[str, Any]:
        return {"1": node("Count", value=n), **more}

    assert [value(bench, count(n)) for n in range(3)] == [1, 2, 3]
    assert value(bench, count(9, **{"2": node("Count", value=0)}), "2") == 1
    assert value(bench, {"5": node("Count", value=50)}, "5") == 1
    assert value(bench, count(10)) == 1
    bench.loaded.forget()
    assert value(bench, count(11)) == 1


def test_what_an_output_node_shows_is_kept_item_by_item_and_none_shows_nothing(bench: Bench) -> None:
    assert bench.run({"1": node("Nothing", value=1)}).ui == {}
    assert bench.run({"1": node("UiOnly", value=1)}).ui == {"1": {"text": ["a", "b"]}}


def test_hidden_inputs_are_filled_where_their_tag_is_known(bench: Bench) -> None:
    assert value(bench, {"1": node("Hidden")}) == "None None unfilled"
    given = {"extra_pnginfo": {"a": 1}, "hidden": {"API_KEY_COMFY_ORG": lambda: "secret"}}
    assert value(bench, {"1": node("Hidden", odd="sent")}, **given) == "{'a': 1} secret sent"


@pytest.mark.parametrize("kind", ["Progress", "AsyncProgress"])
def test_progress_carries_the_id_of_its_node(bench: Bench, kind: str) -> None:
    value(bench, {"7": node(kind, value=1)}, "7")
    assert [(each.node, each.value, each.maximum) for each in bench.of(Progress)] == [("7", 1, 2)]
