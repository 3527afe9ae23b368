"""What is known of values before anything runs, and what nodes and validators say against it."""

import asyncio
import dataclasses
from collections.abc import Callable
from typing import Annotated, Any

import pytest

from darkroom.engine.check import check, facts_of
from darkroom.engine.define import Int, Text, Wire, node
from darkroom.engine.facts import Facts, Trouble
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.registry import Registry
from tests.engine.check_toys import ToyFiles, graph, picture, registry


def test_facts_flow_along_the_links() -> None:
    facts = facts_of(picture(), registry(), ToyFiles())
    assert facts["load"] == (
        Facts(type="MODEL", family="sd1", channels=4, source="sd15.safetensors"),
        Facts(type="VAE", family="sd1", channels=4),
    )
    assert facts["sample"] == (Facts(type="LATENT", channels=4, width=512, height=768, batch=1),)
    assert facts["decode"] == (Facts(type="IMAGE"),)
    assert facts["save"] == ()


def test_a_file_name_of_windows_and_a_name_in_a_subfolder_give_a_path() -> None:
    checked = picture(load=("Load", {"name": "sub\\juggernaut_xl.safetensors"}))
    assert facts_of(checked, registry(), ToyFiles())["load"][0].family == "sdxl"


def test_what_is_wrong_missing_or_unknown_is_left_unsaid() -> None:
    checked = picture(load=("Load", {"name": "none"}), empty=("Empty", {"width": "x"}), strange=("Unknown", {}))
    facts = facts_of(checked, registry(), ToyFiles())
    assert facts["load"] == (Facts(type="MODEL"), Facts(type="VAE"))
    assert facts["empty"] == (Facts(type="LATENT", channels=4, batch=1),)
    assert "strange" not in facts


def test_a_number_that_comes_over_a_link_is_known_where_its_maker_tells_it() -> None:
    checked = graph(
        five=("Five", {"value": "640"}),
        empty=("Empty", {"width": Link("five", 0), "height": Link("half", 0)}),
        half=("Half", {"number": Link("five", 0)}),
    )
    facts = facts_of(checked, registry(), ToyFiles())
    assert facts["empty"] == (Facts(type="LATENT", channels=4, width=640, batch=1),)
    assert facts["five"] == (Facts(type="INT", value=640),)


def test_the_default_of_an_optional_setting_is_known_and_a_literal_on_a_wire_arrives_as_facts() -> None:
    seen: list[dict[str, Any]] = []

    def tells(known: Any) -> tuple[Facts, ...]:
        seen.append(dict(known))
        return ()

    @node("See", category="toy", final=True, facts=tells)
    def see(
        a: Annotated[object, Wire("*")],
        b: Annotated[object, Wire("IMAGE")] | None = None,
        *,
        c: Annotated[int, Int()] | None = None,
        d: Annotated[str, Text()] = "x",
    ) -> None: ...

    spec = dataclasses.replace(
        see.spec,
        inputs=tuple(
            dataclasses.replace(each, kind="optional") if each.name == "d" else each for each in see.spec.inputs
        ),
    )
    facts_of(graph(a=("See", {"a": 3})), Registry([spec]), ToyFiles())
    assert seen == [{"a": Facts(value=3), "d": "x"}]


def test_nodes_on_circles_have_no_facts_beyond_their_types() -> None:
    checked = picture(empty=("Sample", {"model": Link("load", 0), "latent": Link("sample", 0)}))
    assert facts_of(checked, registry(), ToyFiles())["sample"] == (Facts(type="LATENT"),)


def test_a_mismatch_that_facts_show_is_reported_on_node_and_input() -> None:
    @node("Wide", category="toy", facts=lambda known: (Facts(channels=16),))
    def wide() -> Annotated[object, Wire("LATENT")]: ...

    problems = check(picture(empty=("Wide", {})), Registry([*registry(), wide.spec]), ToyFiles())
    assert [str(each) for each in problems] == [
        "Sample (node sample), input latent: wants 4 channels, but 16 channels come; use another latent."
    ]
    assert problems[0].type == "custom_validation_failed" and not problems[0].warning


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        (lambda known: known["none"], "KeyError: 'none'"),
        (lambda known: (Facts(),), "it gave 1 where a Facts for each of 2 outputs fits"),
        (lambda known: Facts(), "it gave Facts("),
        (lambda known: None, "it gave None where"),
        (lambda known: (None, 3), "it gave 2 where"),
    ],
)
def test_a_facts_function_that_fails_is_a_warning_that_names_node_and_function(
    facts: Callable[..., Any], what: str
) -> None:
    known = Registry(dataclasses.replace(each, facts=facts) if each.id == "Load" else each for each in registry())
    (problem,) = check(picture(), known, ToyFiles())
    assert (problem.type, problem.node, problem.warning) == ("facts_failed", "load", True)
    assert "test_check_facts" in problem.came and what in problem.came
    assert facts_of(picture(), known, ToyFiles())["load"] == (Facts(type="MODEL"), Facts(type="VAE"))


def test_a_troubles_function_that_fails_is_a_warning_and_may_itself_give_warnings() -> None:
    def fails(known: Any) -> list[Trouble]:
        raise ValueError("no")

    def warns(known: Any) -> list[Trouble]:
        return [Trouble(None, "it is slow", "", "wait", warning=True)]

    for troubles, said in ((fails, "ValueError: no"), (warns, "it is slow; wait.")):
        known = Registry(
            dataclasses.replace(each, troubles=troubles) if each.id == "Invert" else each for each in registry()
        )
        found = check(
            picture(
                save=("Save", {"images": Link("inv", 0), "prefix": ""}), inv=("Invert", {"image": Link("decode", 0)})
            ),
            known,
            ToyFiles(),
        )
        assert [each.warning for each in found] == [True] and said in str(found[0])


def chain(size: int) -> Graph:
    """Samplers behind each other, the last one first in the file."""
    nodes = {
        "load": Node("load", "Load", {"name": "sd15.safetensors"}),
        "0": Node("0", "Empty", {"width": 64, "height": 64}),
    }
    settings = {"model": Link("load", 0), "steps": 20, "cfg": 8.0, "method": "area", "loud": False}
    for number in range(1, size):
        nodes[str(number)] = Node(str(number), "Sample", {**settings, "latent": Link(str(number - 1), 0)})
    nodes["look"] = Node("look", "Look", {"anything": Link(str(size - 1), 0)})
    return Graph(dict(reversed(nodes.items())))


def test_facts_cross_a_long_chain() -> None:
    long = chain(20_000)
    assert facts_of(long, registry(), ToyFiles())["19999"][0].width == 64
    assert check(long, registry(), ToyFiles()) == []


def validated(validate: Callable[..., Any], inputs: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    @node("Even", category="toy", final=True, validate=validate)
    def even(
        image: Annotated[object, Wire("IMAGE")] | None = None,
        *,
        even: Annotated[int, Int(max=9)] = 0,
        other: Annotated[int, Int(max=9)] = 0,
    ) -> None: ...

    known = Registry([*registry(), even.spec])
    found = check(graph(a=("Even", inputs), b=("Five", {"value": 5})), known)
    return [(each.type, each.input, each.details) for each in found]


def test_a_custom_validator_replaces_range_and_choice_tests_of_its_parameters_only() -> None:
    def validate(even: int) -> Any:
        return True if even % 2 == 0 else f"{even} is not even"

    assert validated(validate, {"even": "12", "other": 1}) == []
    assert validated(validate, {"even": 13, "other": 10}) == [
        ("value_bigger_than_max", "other", "other"),
        ("custom_validation_failed", "even", "even - 13 is not even"),
    ]


def test_a_validator_is_not_asked_about_an_input_that_is_missing() -> None:
    def validate(even: int) -> Any:
        raise AssertionError(even)

    assert validated(validate, {"other": 1}) == [("required_input_missing", "even", "even")]


def test_a_validator_of_any_name_gets_every_input_and_fails_them_all() -> None:
    seen = {}

    def validate(**inputs: Any) -> bool:
        seen.update(inputs)
        return False

    failed = validated(validate, {"even": 99, "other": Link("b", 0), "stray": 3})
    assert seen == {"even": 99, "other": None}
    assert failed == [("custom_validation_failed", "even", "even"), ("custom_validation_failed", "other", "other")]


def test_a_validator_that_asks_for_types_judges_links_itself() -> None:
    def validate(input_types: dict[str, str]) -> Any:
        return input_types == {"image": "INT"} or f"got {input_types}"

    inputs = {"image": Link("b", 0), "even": 0, "other": 0}
    assert validated(validate, inputs) == []
    assert validated(lambda even: True, inputs)[0][0] == "return_type_mismatch"


def test_an_async_validator_is_awaited_and_one_that_raises_is_reported() -> None:
    async def slow(even: int) -> str:
        await asyncio.sleep(0)
        return "late"

    async def inside_a_loop() -> list[tuple[str, str | None, str]]:
        return validated(slow, {"even": 1, "other": 1})

    assert asyncio.run(inside_a_loop()) == [("custom_validation_failed", "even", "even - late")]
    assert validated(lambda even: 1 // 0, {"even": 1, "other": 1}) == [
        ("exception_during_validation", None, "integer division or modulo by zero")
    ]
