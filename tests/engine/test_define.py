"""From a typed function to a node, and what the author of a wrong one is told."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pytest

from darkroom.engine.define import (
    Anything,
    Choice,
    DefinitionError,
    FileChoice,
    Float,
    Hidden,
    Int,
    Lazy,
    Maybe,
    Output,
    Text,
    Toggle,
    Wire,
    node,
)
from darkroom.engine.object_info import object_info
from darkroom.engine.results import Blocked, Expand, Shown
from darkroom.engine.run import Run

Image = Annotated["Tensor", Wire("IMAGE", shape="batch height width 3")]  # noqa: F821
Mask = Annotated["Tensor", Wire("MASK")]  # noqa: F821
Steps = Annotated[int, Int(min=1, max=10000)]
Radius = Annotated[float, Float(min=0.1, max=50, step=0.1, round=0.01, display="slider")]
Method = Annotated[str, Choice(["euler", "heun"])]


class Parts(NamedTuple):
    """image, mask and a list."""

    image: Image
    inverted: Mask
    tiles: list[Image]


@node("Blur", category="image/filter", display_name="Blur Picture", order="radius image", version="3")
def blur(
    image: Image,
    mask: Mask | None = None,
    *,
    radius: Radius = 2.0,
    method: Method = "euler",
    steps: Steps | None = None,
    name: Annotated[Path, FileChoice("checkpoints")],
    extra: Maybe[Steps] = 4,
    run: Run,
) -> Parts | Expand | Blocked:
    """Make a picture
    softer.

    This paragraph is for readers of the code: nothing of it is drawn.

    radius: in pixels;
        0.1 is hardly seen
    image, mask: what goes in
    tiles: pieces of it
    """
    return Parts(image, (radius, method, steps, name), [run])


def test_the_function_stays_as_it_is_and_can_be_called() -> None:
    assert blur("i", name=Path("n"), run="r").inverted == (2.0, "euler", None, Path("n"))
    assert blur.spec.function is blur and blur.__name__ == "blur"


def test_sockets_and_widgets_follow_from_the_signature() -> None:
    entry = object_info(blur.spec)
    assert entry["input"] == {
        "required": {
            "radius": [
                "FLOAT",
                {
                    "default": 2.0,
                    "min": 0.1,
                    "max": 50,
                    "step": 0.1,
                    "round": 0.01,
                    "display": "slider",
                    "tooltip": "in pixels; 0.1 is hardly seen",
                },
            ],
            "image": ["IMAGE", {"tooltip": "what goes in"}],
            "method": [["euler", "heun"], {"default": "euler"}],
            "name": [[], {}],
        },
        "optional": {
            "mask": ["MASK", {"tooltip": "what goes in"}],
            "steps": ["INT", {"min": 1, "max": 10000}],
            "extra": ["INT", {"default": 4, "min": 1, "max": 10000}],
        },
    }
    assert list(entry["input"]["required"]) == ["radius", "image", "method", "name"]
    assert entry["output"] == ["IMAGE", "MASK", "IMAGE"]
    assert entry["output_name"] == ["IMAGE", "inverted", "tiles"]
    assert entry["output_is_list"] == [False, False, True]
    assert entry["output_tooltips"] == [None, None, "pieces of it"]
    assert entry["description"] == "Make a picture softer."
    assert entry["python_module"] == blur.__module__
    assert (entry["category"], entry["display_name"]) == ("image/filter", "Blur Picture")


def test_what_is_handed_in_is_not_drawn() -> None:
    @node("A", category="toy")
    def hand(*, prompt: Annotated[dict[str, Any], Hidden("PROMPT")], run: Run | None = None) -> None:
        """Nothing drawn."""

    assert hand.spec.run_parameter == "run"
    assert [(each.name, each.type, each.kind) for each in hand.spec.inputs] == [("prompt", "PROMPT", "hidden")]
    assert object_info(hand.spec)["input"] == {"required": {}, "hidden": {"prompt": "PROMPT"}}


def test_every_marker_writes_the_options_that_object_info_has() -> None:
    @node("A", category="toy")
    def widgets(
        number: Annotated[int, Int(forceInput=True)],
        text: Annotated[str, Wire("STRING")],
        *,
        seed: Annotated[int, Int(min=0, max=2**64 - 1, control_after_generate=True)] = 0,
        prompt: Annotated[str, Text(multiline=True, dynamic_prompts=True, placeholder="say")],
        on: Annotated[bool, Toggle(label_on="yes", label_off="no")] = False,
        new: Annotated[str, Choice(("a",), old_combo=False, multiselect=False)],
        now: Annotated[str, Choice(lambda: "xy")] = "z",
        plain: float = 1.5,
    ) -> None:
        """Widgets."""

    required = object_info(widgets.spec)["input"]["required"]
    assert required == {
        "number": ["INT", {"forceInput": True}],
        "text": ["STRING", {"forceInput": True}],
        "seed": ["INT", {"default": 0, "min": 0, "max": 2**64 - 1, "control_after_generate": True}],
        "prompt": ["STRING", {"multiline": True, "dynamicPrompts": True, "placeholder": "say"}],
        "on": ["BOOLEAN", {"default": False, "label_on": "yes", "label_off": "no"}],
        "new": ["COMBO", {"multiselect": False, "options": ["a"]}],
        "now": [["x", "y"], {"default": "z"}],
        "plain": ["FLOAT", {"default": 1.5}],
    }


def test_lazy_inputs_and_inputs_of_any_name_are_known_as_such() -> None:
    def wanted(a: Any, b: Any) -> list[str]:
        return ["a"]

    @node("A", category="toy", wanted=wanted, per_node=True, cached=False, final=True)
    def choose(a: Lazy[Image], b: Lazy[Image] | None = None, **more: Any) -> Image:
        return a

    a, b = choose.spec.inputs
    assert (a.lazy, a.kind, b.lazy, b.kind) == (True, "required", True, "optional")
    assert choose.spec.any_input and choose.spec.wanted is wanted
    assert choose.spec.per_node and choose.spec.final and not choose.spec.cached


def test_results_may_be_none_one_named_one_or_a_list() -> None:
    @node("A", category="toy")
    def single() -> Annotated[Image, Output("picture", tooltip="soft")]: ...

    @node("B", category="toy")
    def several() -> list[Image]:
        """Make some.

        returns: all of them
        """
        return []

    @node("C", category="toy", final=True)
    def shows(anything: Anything) -> Shown: ...

    @node("D", category="toy")
    def nothing() -> None: ...

    found = [(each.name, each.type, each.is_list, each.tooltip) for each in single.spec.outputs + several.spec.outputs]
    assert found == [("picture", "IMAGE", False, "soft"), ("IMAGE", "IMAGE", True, "all of them")]
    assert shows.spec.outputs == nothing.spec.outputs == ()
    assert single.spec.outputs[0].shape == "batch height width 3"


def test_an_async_function_is_known_as_such() -> None:
    @node("A", category="toy")
    async def wait(*, seconds: float = 0.0) -> Annotated[float, Float()]:
        return seconds

    assert wait.spec.is_async and not blur.spec.is_async
    assert asyncio.run(wait()) == 0.0


def test_a_node_of_lists_may_say_so_in_its_annotations() -> None:
    @node("A", category="toy", input_is_list=True)
    def join(images: list[Image], *, size: list[Steps]) -> Image:
        return images

    assert [each.type for each in join.spec.inputs] == ["IMAGE", "INT"]


def made(source: str, tmp_path: Path, name: str = "blur.py") -> dict[str, Any]:
    """Run a file of nodes."""
    path = tmp_path / name
    path.write_text(f"from darkroom.engine.define import *\nfrom typing import Annotated\n{source}")
    scope: dict[str, Any] = {"__name__": "toy_pack"}
    exec(compile(path.read_text(), str(path), "exec", dont_inherit=True), scope)
    return scope


def test_the_digest_changes_with_source_and_version_only(tmp_path: Path) -> None:
    source = "\n@node('A', category='c'{more})\ndef a(*, x: int = 1) -> None:\n    return {result}\n"
    one = made(source.format(more="", result="(x,\n  1)"), tmp_path)["a"].spec.digest
    same = made("import os" + source.format(more="", result="(x,\n  1)"), tmp_path, "moved.py")["a"].spec.digest
    other = made(source.format(more="", result="(x,\n  2)"), tmp_path)["a"].spec.digest
    newer = made(source.format(more=", version='2'", result="(x,\n  1)"), tmp_path)["a"].spec.digest
    assert one == same and len({one, other, newer}) == 3


def test_a_function_without_a_source_file_has_a_digest_of_its_code() -> None:
    def digest(result: int) -> str:
        scope: dict[str, Any] = {"node": node}
        exec(f"@node('A', category='c')\ndef a() -> None:\n    return {result}", scope)
        found: str = scope["a"].spec.digest
        return found

    assert digest(1) == digest(1) != digest(2)


WRONG = [
    ("*, radius: Radius = 0", "radius=0 is outside 0.1..50"),
    ("*, method: Method = 'eular'", "method='eular' is not among its choices; did you mean 'euler'?"),
    ("*, steps: Steps = 2.5", "steps=2.5 is no INT"),
    ("*, steps: Steps = True", "steps=True is no INT"),
    ("*, image: Image", "image is a wire, and wires stand before the `*`"),
    ("steps: Steps", "steps is a setting, and settings stand after the `*`"),
    ("steps: 'Stebs'", "steps: the name 'Stebs' is not known when the file is imported; did you mean 'Steps'?"),
    ("image", "image has no annotation; write `image: Image` or another type alias"),
    ("image: dict", "image: the annotation says not what is drawn; use an alias"),
    ("*, image: Annotated[int, Int]", "image: Int is no marker; use Wire(...), Int(...), Float(...)"),
    ("*, names: Method = []", "names=[] is mutable, so calls could change it for each other; use a tuple or text"),
    ("image: Image = None", "image=None needs `| None` in its annotation"),
    ("image: Image | None", "image may be None but has no default; write `= None`"),
    ("image: Image = 3", "image=3: a wire has no default other than None"),
    ("images: list[Image]", "images: list[...] is for nodes with input_is_list=True"),
    ("*images: Image", "images: inputs are passed by name, so `*images` and `/` cannot be used"),
    ("image: Image, /", "image: inputs are passed by name, so `*image` and `/` cannot be used"),
]

ALIASES = """
Image = Annotated["Tensor", Wire("IMAGE")]
Radius = Annotated[float, Float(min=0.1, max=50)]
Steps = Annotated[int, Int(min=1, max=64)]
Method = Annotated[str, Choice(["euler", "heun"])]
"""


def fault(source: str, tmp_path: Path) -> str:
    with pytest.raises(DefinitionError) as caught:
        made(ALIASES + source, tmp_path)
    return str(caught.value)


@pytest.mark.parametrize(("signature", "said"), WRONG)
def test_a_wrong_parameter_is_reported_with_file_line_and_function(signature: str, said: str, tmp_path: Path) -> None:
    text = fault(f"\n@node('Blur', category='c')\ndef blur({signature}) -> Image: ...\n", tmp_path)
    assert text.startswith(f"{tmp_path / 'blur.py'}:9 blur: {said}")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def blur(image: Image): ...", "the result has no annotation"),
        ("def blur(image: Image) -> dict: ...", "the result: the annotation says no type"),
        ("def blur(image: Image) -> 'Imag': ...", "the result annotation Imag cannot be read"),
        ("def blur() -> Image:\n    yield 1", "it yields; return the outputs instead"),
        (
            "def blur(*, radius: Radius) -> Image:\n    '''Blur.\n\n    raduis: how far\n    '''",
            "the docstring describes 'raduis', which is no parameter; did you mean 'radius'?",
        ),
    ],
)
def test_a_wrong_result_body_or_docstring_is_reported(source: str, said: str, tmp_path: Path) -> None:
    assert re.search(
        rf"blur\.py:\d+ blur: {re.escape(said)}", fault(f"\n@node('B', category='c')\n{source}\n", tmp_path)
    )


def test_a_wrong_order_is_reported(tmp_path: Path) -> None:
    text = fault("\n@node('B', category='c', order='imag imag')\ndef b(image: Image) -> Image: ...\n", tmp_path)
    assert "order names 'imag', which is no parameter; did you mean 'image'?" in text
    assert "order names an input twice" in text


def test_all_faults_of_a_definition_are_reported_at_once(tmp_path: Path) -> None:
    text = fault("\n@node('B', category='c')\ndef b(a, *, radius: Radius = 0): ...\n", tmp_path)
    assert [line.partition(" b: ")[2][:12] for line in text.splitlines()] == [
        "a has no ann",
        "radius=0 is ",
        "the result h",
    ]


def test_the_path_is_short_where_the_file_lies_below_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "custom_nodes").mkdir()
    source = "from darkroom.engine.define import *\n@node('B', category='c')\ndef b(a) -> None: ...\n"
    (tmp_path / "custom_nodes" / "blur.py").write_text(source)
    root = str(Path(__file__).parent.parent.parent)
    code = f"import sys; sys.path.insert(0, {root!r}); import custom_nodes.blur"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "DefinitionError: custom_nodes/blur.py:2 b: a has no annotation" in done.stderr.replace("\\", "/")


def test_facts_troubles_and_changed_are_attached() -> None:
    functions: dict[str, Callable[..., Any]] = {
        name: (lambda *given, **more: ()) for name in ("facts", "troubles", "wanted", "changed", "validate")
    }

    @node("A", category="toy", **functions)
    def a() -> None: ...

    assert {name: getattr(a.spec, name) for name in functions} == functions
    assert dataclasses.replace(a.spec) == a.spec
