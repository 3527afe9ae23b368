"""Recipe keys: equal for equal recipes, different for all others."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkroom.engine.graph import Graph, Node
from darkroom.engine.running.key import Keyring, Unkeyable, encode
from darkroom.engine.running.plan import plan
from darkroom.engine.spec import FileChoice, InputSpec, NodeSpec
from tests.engine.toys import TOYS, Disk, make, setting, toy, wire

ANY = toy("Any", lambda value: value, [setting("value", "*")])


def key_of(value: Any, spec: NodeSpec = ANY, **more: Any) -> bytes:
    return keyring(Graph({"1": Node("1", spec.id, {"value": value}, **more)}), spec).keys["1"]


def keyring(graph: Graph, *specs: NodeSpec, disk: Disk | None = None, target: str = "1") -> Keyring:
    made = Keyring(disk or Disk(), {}, {})
    made.add(plan(graph, {spec.id: spec for spec in (*TOYS, *specs)}, [target]).steps)
    return made


DIFFERENT = [
    1, 1.0, True, "1", None, b"1", 0, False, 0.0, -0.0, "", [], (), {}, [1], (1,), [[1]], ["1"], {"a": 1}, {"a": 1.0},
    {"1": 1}, {1: 1}, [1, 2], [2, 1], "ab", ["a", "b"], ["ab"], [["a"], "b"], -1, 10**30, math.inf, -math.inf,
    {"a": None}, [None], Path("a"), "a", frozenset({1}), {"a": {"b": 1}}, {"a": [1]}, "\ud800",
]  # fmt: skip


def test_values_of_different_kind_or_content_give_different_keys() -> None:
    keys = [key_of(value) for value in DIFFERENT]
    assert len(set(keys)) == len(DIFFERENT)


def test_the_order_of_a_dict_does_not_count() -> None:
    assert key_of({"a": 1, "b": {"c": 2, "d": 3}}) == key_of({"b": {"d": 3, "c": 2}, "a": 1})


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4) | st.tuples(inner, inner),
    max_leaves=8,
)


def tagged(value: Any) -> Any:
    """The value with its types written out, so that == tells 1 from True and 0.0 from -0.0."""
    if isinstance(value, dict):
        return "dict", frozenset((name, tagged(each)) for name, each in value.items())
    if isinstance(value, (list, tuple)):
        return type(value).__name__, tuple(tagged(each) for each in value)
    return type(value).__name__, value, math.copysign(1, value) if isinstance(value, float) else None


@settings(max_examples=300, deadline=None)
@given(PLAIN, PLAIN)
def test_encodings_are_equal_exactly_when_values_are(one: Any, other: Any) -> None:
    assert (encode(one) == encode(other)) == (tagged(one) == tagged(other))


@pytest.mark.parametrize("value", [math.nan, [math.nan], {"a": math.nan}, object(), lambda: 0, [object()]])
def test_what_cannot_be_compared_has_no_encoding(value: Any) -> None:
    with pytest.raises(Unkeyable):
        encode(value)


def test_a_value_nested_too_deeply_has_no_encoding() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Unkeyable, match="nested too deeply"):
        encode(deep)


def test_a_step_that_cannot_be_keyed_is_fresh_with_all_that_reads_it() -> None:
    graph = make(x=("Any", {"value": math.nan}), plus=("Add", {"a": "@x", "b": 1}), _1=("Add", {"a": "@plus", "b": 1}))
    made = keyring(graph, ANY)
    assert made.fresh == {
        "x": "its setting value is NaN",
        "plus": "input a comes from node x, which runs each time",
        "1": "input a comes from node plus, which runs each time",
    }
    assert not set(keyring(graph, ANY).keys.values()) & set(made.keys.values())


def test_ids_do_not_count_unless_a_type_asks_for_it() -> None:
    one = keyring(make(a=("Number", {"value": 2}), _1=("Add", {"a": "@a", "b": 1})))
    two = keyring(make(b=("Number", {"value": 2}), _1=("Add", {"a": "@b", "b": 1})))
    assert one.keys["1"] == two.keys["1"]
    own = toy("Own", lambda: 1, per_node=True)
    ring = keyring(make(a=("Own",), b=("Own",), _1=("Sum", {"a": "@a", "b": "@b"})), own)
    assert ring.keys["a"] != ring.keys["b"]


def test_type_digest_input_name_slot_and_source_count() -> None:
    base = key_of(1)
    assert key_of(1, toy("Other", lambda value: value, [setting("value", "*")])) != base
    assert key_of(1, toy("Any", lambda value: value, [setting("value", "*")], digest="2")) != base
    two = toy("Two", lambda: (1, 2), outputs=2)
    wires = toy("Wires", lambda a=None, b=None: 1, [wire("a"), wire("b")])

    def wired(**inputs: str) -> bytes:
        return keyring(make(t=("Two",), n=("Number",), _1=("Wires", inputs)), two, wires).keys["1"]

    keys = [wired(a="@t"), wired(b="@t"), wired(a="@t.1"), wired(a="@n"), wired(a="@t", b="@t"), wired()]
    assert len(set(keys)) == len(keys)


def test_a_default_left_out_and_a_default_given_are_the_same() -> None:
    left_out, given_out = keyring(make(_1=("Number",))), keyring(make(_1=("Number", {"value": 1})))
    assert left_out.keys == given_out.keys


def test_a_file_counts_by_name_and_stamp() -> None:
    load = toy("Load", lambda name: 1, [InputSpec("name", "COMBO", choices=FileChoice("loras"))])
    graph = make(_1=("Load", {"name": "a.bin"}))
    keys = {keyring(graph, load, disk=Disk(a=stamp)).keys["1"] for stamp in "112"}
    assert len(keys) == 2
    missing = keyring(make(_1=("Load", {"name": "b.bin"})), load)
    assert "cannot be read" in missing.fresh["1"]


def test_a_change_test_sees_settings_and_paths_but_no_wires_and_an_answer_in_the_file_is_trusted() -> None:
    seen: list[dict[str, Any]] = []

    def changed(**inputs: Any) -> int:
        seen.append(inputs)
        return len(seen)

    inputs = [setting("value"), wire("a"), InputSpec("file", "COMBO", choices=FileChoice("input"))]
    watch = toy("Watch", lambda **_: 1, inputs, changed=changed)
    graph = make(n=("Number",), _1=("Watch", {"value": 3, "a": "@n", "file": "x.bin"}))
    first, second = (keyring(graph, watch, disk=Disk(x="1")).keys["1"] for _ in range(2))
    assert seen[0] == {"value": 3, "a": None, "file": Path("/disk/input/x.bin")}
    assert first != second
    told = Graph({"1": Node("1", "Watch", {"value": 3}, is_changed=["kept"])})
    assert keyring(told, watch).keys == keyring(told, watch).keys
    assert len(seen) == 2


def test_a_change_test_may_take_only_what_it_names() -> None:
    watch = toy("Watch", lambda **_: 1, [setting("value"), setting("other")], changed=lambda other: other)
    graph = make(_1=("Watch", {"value": 3, "other": 4}))
    assert keyring(graph, watch).fresh == {}
