"""What is filled in when queueing: dynamic prompts and placeholders in file names."""

from datetime import datetime
from random import Random

import pytest

from darkroom.engine.drawn.placeholders import dated, dynamic_prompt
from tests.engine.drawings import Pencil, converted, inputs_of


def test_dynamic_prompts_and_placeholders_stay_unless_asked_for() -> None:
    pencil = Pencil()
    pencil.node("Source", [1, "fixed", "{a|b} // c"])
    pencil.node("Show", ["%date:yyyy%"])
    assert inputs_of(pencil, 1)["text"] == "{a|b} // c"
    assert inputs_of(pencil, 2)["filename_prefix"] == "%date:yyyy%"


def test_dynamic_prompts_follow_the_generator_they_are_given() -> None:
    pencil = Pencil()
    pencil.node("Source", [1, "fixed", "{a|b|c} x"])
    texts = [converted(pencil, rng=Random(seed)).graph.nodes["1"].inputs["text"] for seed in range(40)]
    assert set(texts) == {"a x", "b x", "c x"}
    assert texts == [converted(pencil, rng=Random(seed)).graph.nodes["1"].inputs["text"] for seed in range(40)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain, (weighted:1.2)", {"plain, (weighted:1.2)"}),
        ("a{b|c{d|e}}f", {"abf", "acdf", "acef"}),
        (r"\{a\|b\} \(c\)", {r"{a|b} \(c\)"}),
        ("a|b}c", {"a|b}c"}),
        ("{a", {"a"}),
        ("{a|b", {"a", "b"}),
        ("{}", {""}),
        ("a /* x\ny */ b", {"a  b"}),
        ("a // b\nc", {"a \nc"}),
        ("", set("") | {""}),
        ("\\", {"\\"}),
    ],
)
def test_a_dynamic_prompt_is_one_of_its_readings(text: str, wanted: set[str]) -> None:
    assert {dynamic_prompt(text, Random(seed)) for seed in range(60)} == wanted


def test_braces_100_000_deep_are_expanded() -> None:
    assert dynamic_prompt("{" * 100_000 + "a" + "}" * 100_000, Random(0)) == "a"


def test_placeholders_in_file_names_are_filled_in() -> None:
    pencil = Pencil()
    source = pencil.node("Source", [42, "fixed", 'a/b: "c"'], title="My Prompt")
    pencil.node("Mix", [8.0, "add", 3], properties={"Node name for S&R": "Blend"})
    show = pencil.node("Show", ["%date:yyyy-MM-dd hh.mm.ss%/%Blend.amount%_%My Prompt.seed%_%My Prompt.text%"])
    pencil.wire(source, 0, show, "a")
    nodes = converted(pencil, now=datetime(2026, 3, 4, 5, 6, 7)).graph.nodes
    assert nodes["3"].inputs["filename_prefix"] == "2026-03-04 05.06.07/8_42_a_b_ _c_"


@pytest.mark.parametrize(
    "prefix", ["%width%x%height%", "%nobody.seed%", "%Source.gone%", "100%", "%Show It.a%", "%a.b.c%"]
)
def test_placeholders_that_mean_nothing_here_stay(prefix: str) -> None:
    pencil = Pencil()
    source, show = pencil.node("Source", [42, "fixed", ""]), pencil.node("Show", [prefix])
    pencil.wire(source, 0, show, "a")
    nodes = converted(pencil, now=datetime(2026, 3, 4, 5, 6, 7)).graph.nodes
    assert nodes["2"].inputs["filename_prefix"] == prefix


def test_single_letters_of_a_date_are_not_padded() -> None:
    assert dated("d.M.yy h:m:s", datetime(2026, 3, 4, 5, 6, 7)) == "4.3.26 5:6:7"
