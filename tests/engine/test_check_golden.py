"""What ComfyUI's server answered to wrong graphs, against what the check finds; recorded in golden/traces."""

import json
from pathlib import Path
from typing import Any

import pytest

from darkroom.engine.check import check
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.problems import Problem
from darkroom.engine.registry import Registry, spec_from_object_info
from darkroom.engine.spec import InputSpec, NodeSpec, OutputSpec

TRACES = Path(__file__).parent.parent / "data" / "golden" / "traces"

RECORDED = (
    *("validate_bad_link", "validate_choice", "validate_custom", "validate_missing_input", "validate_no_outputs"),
    *("validate_not_a_number", "validate_range", "validate_some_outputs", "validate_type", "validate_unknown_node"),
    *("coercion", "literal_list", "variadic_links", "empty_prompt"),
)

INT = (OutputSpec("INT", "INT"),)


def even_only(even: int | None) -> bool | str:
    return True if even is None or even % 2 == 0 else f"{even} is not even"


def recorded_pack() -> Registry:
    """The nodes that the recorded graphs use, as far as a check sees them."""
    number = InputSpec("value", "INT", options={"default": 1, "min": -100, "max": 100})
    modes = ("constant", "nan", "raise")
    image = {"input": {"required": {name: ["INT", {}] for name in ("width", "height", "batch_size", "color")}}}
    return Registry(
        [
            NodeSpec("GoldenNumber", (number,), INT),
            NodeSpec("GoldenAdd", (InputSpec("a", "INT", options={"forceInput": True}), InputSpec("b", "INT")), INT),
            NodeSpec("GoldenShow", (InputSpec("value", "*"),), final=True),
            NodeSpec("GoldenChanged", (InputSpec("mode", "COMBO", choices=modes),), INT),
            NodeSpec("GoldenValidate", (InputSpec("even", "INT"), InputSpec("other", "INT")), INT, validate=even_only),
            NodeSpec("GoldenVariadic", (), INT, any_input=True),
            spec_from_object_info("EmptyImage", {**image, "output": ["IMAGE"]}),
        ]
    )


def parsed(prompt: dict[str, Any]) -> Graph:
    """API JSON as the reader hands it on, of the shapes that occur here."""

    def value(given: Any) -> Any:
        if isinstance(given, list) and len(given) == 2:
            return Link(given[0], given[1])
        return given["__value__"] if isinstance(given, dict) and "__value__" in given else given

    return Graph(
        {
            id: Node(id, node.get("class_type", ""), {name: value(each) for name, each in node["inputs"].items()})
            for id, node in prompt.items()
        }
    )


def answers() -> list[Any]:
    found = []
    for name in RECORDED:
        for number, answer in enumerate(json.loads((TRACES / f"{name}.json").read_text())):
            # The first shape of a bad link, a list of three, is refused by the reader.
            if (name, number) != ("validate_bad_link", 0):
                found.append(pytest.param(answer, id=f"{name}-{number}"))
    return found


def as_error(problem: Problem) -> dict[str, Any]:
    return {"type": problem.type, "details": problem.details, "extra_info": dict(problem.extra)}


@pytest.mark.parametrize("answer", answers())
def test_the_check_finds_what_comfyuis_server_found(answer: dict[str, Any]) -> None:
    problems = check(parsed(answer["prompt"]), recorded_pack())
    nodes = answer["body"].get("node_errors", {})
    if "error" in answer["body"] and not nodes:
        assert [each.type for each in problems] == [answer["body"]["error"]["type"]]
        assert problems[0].details == answer["body"]["error"]["details"]
        return
    found: dict[str, list[dict[str, Any]]] = {}
    for problem in problems:
        found.setdefault(str(problem.node), []).append(as_error(problem))
    wanted = {id: sorted(each["type"] for each in of_node["errors"]) for id, of_node in nodes.items()}
    assert {id: sorted(each["type"] for each in errors) for id, errors in found.items()} == wanted
    for id, of_node in nodes.items():
        for theirs, ours in zip(of_node["errors"], found[id], strict=True):
            # Theirs names the input of the node behind, ours the one with the broken link.
            same = () if theirs["type"] == "exception_during_inner_validation" else ("details", "extra_info")
            assert {key: ours[key] for key in same} == {key: theirs[key] for key in same}


def test_a_circle_is_refused_as_by_comfyuis_server() -> None:
    (answer,) = json.loads((TRACES / "static_cycle.json").read_text())
    assert answer["status"] == 400
    assert [each.type for each in check(parsed(answer["prompt"]), recorded_pack())] == ["dependency_cycle"]
