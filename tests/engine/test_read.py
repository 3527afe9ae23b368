"""Reading: which files are workflows, what is said of those that are none, and of those that are broken in part."""

import json
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from darkroom.engine.graph import Link
from darkroom.engine.problems import WorkflowError
from darkroom.engine.read import BYTES, kind_of, read_any, read_api, read_json, read_workflow, runnable
from tests.engine.drawings import Pencil, Raw, toys


def simple() -> Pencil:
    pencil = Pencil()
    source = pencil.node("Source", [7, "fixed", "a tree"])
    show = pencil.node("Show", ["out"])
    pencil.wire(source, 0, show, "a")
    return pencil


def refusal(data: Any) -> str:
    """The one message with which a file is refused."""
    with pytest.raises(WorkflowError) as caught:
        read_any(data, "broken.json", toys())
    assert len(caught.value.problems) == 1
    message = str(caught.value)
    assert message.startswith("broken.json: ") and "\n" not in message
    return message


def problems_of(document: Raw) -> list[Any]:
    return read_any(document, "odd.json", toys()).problems


def test_a_drawn_workflow_and_api_json_are_told_apart() -> None:
    drawn = simple().document()
    api = {"1": {"class_type": "Source", "inputs": {"seed": 1, "text": ""}}}
    assert kind_of(drawn) == "ui"
    assert kind_of(api) == "api"
    assert read_any(drawn, "w", toys()).workflow is not None
    assert read_any(api, "w", toys()).workflow is None


@pytest.mark.parametrize("keep", [1, 40, 200, -2, -1])
def test_a_truncated_file_is_refused(keep: int) -> None:
    text = json.dumps(simple().document())
    assert "it ends too early" in refusal(text[:keep])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"\xef\xbb\xbf", "it is empty"),
        (b"hello", "it is no JSON"),
        (b"{'nodes': []}", "it is no JSON"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe\xfd", "it is a picture"),
        (b"\xff\xfe\x00\xd8", "it is no text"),
        (b"[]", "it is []"),
        (b"3", "it is 3"),
        (b"null", "it is None"),
        (b"{}", "it is an empty object"),
        (b'{"nodes": 3}', 'its "nodes" is 3'),
        (b'{"theme": "dark", "zoom": 2}', "it is an object with 'theme', 'zoom'"),
        (b'{"nodes": [], "x": ' + b"9" * 5000 + b"}", "thousands of digits"),
    ],
)
def test_what_is_no_workflow_is_refused_with_what_it_is(data: bytes, said: str) -> None:
    assert said in refusal(data)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"nodes": ' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}",
        '{"nodes": [], "extra": ' + "[" * 300 + "]" * 300 + "}",
    ],
    ids=["open", "closed", "objects", "parsed"],
)
def test_a_file_nested_100_000_deep_is_refused(text: str) -> None:
    message = refusal(text)
    assert "nested too deep" in message or "it ends too early" in message


def test_a_file_over_the_limit_is_refused_before_it_is_read() -> None:
    assert "101 MiB" in refusal(b" " * (BYTES + 2**20))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_encoding_of_json_is_read(encoding: str) -> None:
    pencil = simple()
    pencil.nodes[0]["title"] = "Wälder 森"
    data = json.dumps(pencil.document(), ensure_ascii=False).encode(encoding)
    assert read_any(data, "w", toys()).graph.nodes["1"].title == "Wälder 森"


def test_nan_and_infinity_are_read() -> None:
    text = '{"1": {"class_type": "Source", "inputs": {"seed": NaN, "text": Infinity}, "is_changed": [NaN]}}'
    node = read_any(text, "w", toys()).graph.nodes["1"]
    assert math.isnan(node.inputs["seed"]) and node.inputs["text"] == math.inf
    assert math.isnan(node.is_changed[0])


def test_the_workflow_in_a_pictures_metadata_counts_before_its_prompt() -> None:
    drawn = simple().document()
    api = {"9": {"class_type": "Source", "inputs": {}}}
    assert set(read_any({"prompt": api, "workflow": drawn}, "p", toys()).graph.nodes) == {"1", "2"}
    assert set(read_any({"prompt": json.dumps(api), "workflow": json.dumps(drawn)}, "p", toys()).graph.nodes) == {
        "1",
        "2",
    }
    assert set(read_any({"prompt": api}, "p", toys()).graph.nodes) == {"9"}


def test_the_body_of_a_post_is_read() -> None:
    api = {"9": {"class_type": "Source", "inputs": {}}}
    body = {"prompt": api, "client_id": "x", "extra_data": {}}
    assert set(read_any(body, "p", toys()).graph.nodes) == {"9"}
    body["extra_data"] = {"extra_pnginfo": {"workflow": simple().document()}}
    assert set(read_any(body, "p", toys()).graph.nodes) == {"1", "2"}


def test_api_json_gives_links_values_and_titles() -> None:
    graph = read_api(
        {
            "4": {"class_type": "Source", "inputs": {"seed": 1, "text": ""}, "_meta": {"title": "Sky"}},
            "5:1": {"class_type": "Mix", "inputs": {"a": ["4", 0], "b": [4, 0.0], "mode": {"__value__": [1, 2]}}},
        }
    )
    assert graph.nodes["4"].title == "Sky"
    assert graph.nodes["5:1"].inputs == {"a": Link("4", 0), "b": Link("4", 0), "mode": [1, 2]}


@pytest.mark.parametrize(
    ("node", "type", "said"),
    [
        (3, "missing_node_type", "it is 3"),
        ({"inputs": {}}, "missing_node_type", "it has None"),
        ({"class_type": 3, "inputs": {}}, "missing_node_type", "it has 3"),
        ({"class_type": "Source", "inputs": [1]}, "wrong_type", '"inputs" is [1]'),
        ({"class_type": "Source", "inputs": {"seed": [1]}}, "bad_linked_input", "it is [1]"),
        ({"class_type": "Source", "inputs": {"seed": ["1", "0"]}}, "bad_linked_input", "it is ['1', '0']"),
        ({"class_type": "Source", "inputs": {"seed": ["1", -1]}}, "bad_linked_input", "it is ['1', -1]"),
        ({"class_type": "Source", "inputs": {"seed": ["99", 0]}}, "dangling_link", "it is linked to node '99'"),
    ],
)
def test_malformed_api_json_is_refused_with_the_node(node: Any, type: str, said: str) -> None:
    document = {"1": {"class_type": "Source", "inputs": {}}, "7": node}
    with pytest.raises(WorkflowError) as caught:
        read_api(document, "w")
    [problem] = caught.value.problems
    assert (problem.type, problem.node) == (type, "7")
    assert said in str(problem) and "node 7" in str(problem)


def test_every_problem_of_api_json_is_told_at_once() -> None:
    document = {str(id): {"class_type": "Source", "inputs": {"seed": ["gone", 0]}} for id in range(5)}
    with pytest.raises(WorkflowError) as caught:
        read_api(document)
    assert len(caught.value.problems) == 5


def test_a_dangling_link_is_repaired_with_a_warning() -> None:
    pencil = simple()
    pencil.links.clear()
    conversion = runnable(read_workflow(pencil.document()), toys())
    assert "a" not in conversion.graph.nodes["2"].inputs
    [problem] = conversion.problems
    assert (problem.type, problem.node, problem.input, problem.warning) == ("dangling_link", "2", "a", True)
    assert str(problem).startswith("Show (node 2), input a: it names link 1 which is not in the file; ")


def test_a_slot_with_a_wrong_link_gets_the_one_that_ends_there() -> None:
    pencil = simple()
    pencil.nodes[1]["inputs"][0]["link"] = 77
    loaded = read_any(pencil.document(), "w", toys())
    assert loaded.graph.nodes["2"].inputs["a"] == Link("1", 0)
    assert all(problem.type == "dangling_link" and problem.warning for problem in loaded.problems)


def test_a_link_from_a_missing_node_is_repaired_with_a_warning() -> None:
    pencil = simple()
    del pencil.nodes[0]
    [problem] = problems_of(pencil.document())
    assert (problem.type, problem.node, problem.input, problem.warning) == ("dangling_link", "2", "a", True)


def test_a_link_that_only_its_origin_knows_is_connected() -> None:
    pencil = simple()
    pencil.nodes[1]["inputs"][0]["link"] = None
    loaded = read_any(pencil.document(), "w", toys())
    assert loaded.graph.nodes["2"].inputs["a"] == Link("1", 0)
    assert [problem.type for problem in loaded.problems] == ["dangling_link"]


def test_a_link_that_no_end_knows_is_no_wire() -> None:
    pencil = simple()
    pencil.nodes[1]["inputs"][0]["link"] = None
    pencil.nodes[0]["outputs"][0]["links"] = []
    loaded = read_any(pencil.document(), "w", toys())
    assert "a" not in loaded.graph.nodes["2"].inputs
    assert [problem.type for problem in loaded.problems] == ["dangling_link"]


def test_a_duplicate_node_id_is_an_error_and_the_first_counts() -> None:
    pencil = simple()
    pencil.node("Picture", ["a.png", "image"], id=1)
    loaded = read_any(pencil.document(), "w", toys())
    [problem] = loaded.problems
    assert (problem.type, problem.node, problem.warning) == ("duplicate_node_id", "1", False)
    assert "a Source and a Picture" in str(problem)
    assert loaded.graph.nodes["1"].type == "Source"


def test_ids_that_are_equal_as_text_are_duplicates() -> None:
    pencil = simple()
    pencil.node("Picture", ["a.png", "image"], id="1")
    assert [problem.type for problem in problems_of(pencil.document())] == ["duplicate_node_id"]


def test_an_id_that_an_inner_node_has_as_well_is_an_error() -> None:
    pencil = Pencil()
    inside = pencil.subgraph("s" * 36, [], [])
    inside.node("Source", [1, "fixed", "x"], id=4)
    pencil.node("s" * 36, id=3)
    pencil.node("Picture", ["a.png", "image"], id="3:4")
    assert [(problem.type, problem.node) for problem in problems_of(pencil.document())] == [
        ("duplicate_node_id", "3:4")
    ]


def test_a_duplicate_subgraph_id_is_an_error() -> None:
    pencil = simple()
    pencil.subgraph("s" * 36, [], [])
    pencil.subgraph("s" * 36, [], [])
    [problem] = problems_of(pencil.document())
    assert (problem.type, problem.warning) == ("duplicate_subgraph_id", False)


@pytest.mark.parametrize(
    ("place", "value", "error"),
    [
        (("nodes", 0), 3, False),
        (("nodes", 0), None, False),
        (("nodes", 0, "id"), None, True),
        (("nodes", 0, "id"), {"a": 1}, True),
        (("nodes", 0, "id"), True, True),
        (("nodes", 0, "id"), 1.5, True),
        (("nodes", 0, "id"), math.inf, True),
        (("nodes", 0, "type"), 3, True),
        (("nodes", 0, "type"), None, True),
        (("nodes", 0, "mode"), "muted", False),
        (("nodes", 0, "mode"), 99, False),
        (("nodes", 0, "inputs"), "none", False),
        (("nodes", 0, "inputs"), [3], False),
        (("nodes", 0, "outputs"), {"a": 1}, False),
        (("nodes", 0, "outputs"), [[1]], False),
        (("nodes", 0, "properties"), "x", False),
        (("nodes", 0, "widgets_values"), "x", False),
        (("nodes", 1, "inputs", 0, "link"), {"id": 1}, False),
        (("links",), {"a": 1}, False),
        (("links", 0), [1, 2], False),
        (("links", 0), "x", False),
        (("links", 0), [1, 1, "first", 2, 0, "A"], False),
        (("definitions",), 3, False),
        (("definitions",), {"subgraphs": 3}, False),
        (("definitions",), {"subgraphs": [3]}, False),
        (("definitions",), {"subgraphs": [{"id": 3}]}, False),
        (("definitions",), {"subgraphs": [{"id": "x", "nodes": 3}]}, False),
        (("definitions",), {"subgraphs": [{"id": "x", "nodes": [], "inputs": 3}]}, False),
        (("definitions",), {"subgraphs": [{"id": "x", "nodes": [], "inputs": [3]}]}, False),
    ],
)
def test_a_field_of_wrong_type_is_reported_and_the_rest_is_read(
    place: tuple[str | int, ...], value: Any, error: bool
) -> None:
    document = json.loads(json.dumps(simple().document()))
    holder: Any = document
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    problems = problems_of(document)
    assert "wrong_type" in {problem.type for problem in problems}
    assert any(not problem.warning for problem in problems) == error
    assert all(len(str(problem)) < 400 for problem in problems)


@pytest.mark.parametrize("value", [None, [], {}])
def test_fields_that_are_missing_or_empty_are_no_problem(value: Any) -> None:
    document = simple().document()
    document["nodes"][0] |= {"inputs": value, "properties": value, "widgets_values": value, "title": value}
    document |= {"groups": value, "definitions": value, "extra": value}
    assert problems_of(document) == []


@pytest.mark.parametrize("id", ["__proto__", "", " ", "a.b", "1:2:3", "\ud800", "\x00\n", "x" * 10_000, 10**4000, -5])
def test_hostile_and_huge_ids_are_only_ids(id: Any) -> None:
    pencil = Pencil()
    source = pencil.node("Source", [1, "fixed", "x"], id=id)
    show = pencil.node("Show", ["out"], id="show")
    pencil.wire(source, 0, show, "a")
    loaded = read_any(json.dumps(pencil.document()), "w", toys())
    if id == "":
        assert [problem.type for problem in loaded.problems if not problem.warning] == ["wrong_type"]
    else:
        assert loaded.problems == []
        assert loaded.graph.nodes["show"].inputs["a"] == Link(str(id), 0)


def test_hostile_keys_are_only_keys() -> None:
    keys = ["__proto__", "__class__", "constructor", "\ud800", "", "nodes\x00", "a" * 100_000]
    pencil = simple()
    document = pencil.document(**{key: {"x": 1} for key in keys})
    pencil.nodes[0]["properties"] = dict.fromkeys(keys, 1)
    pencil.nodes[0]["widgets_values"] = dict.fromkeys(keys, 2) | {"seed": 3}
    loaded = read_any(json.dumps(document), "w", toys())
    assert loaded.problems == []
    assert loaded.graph.nodes["1"].inputs["seed"] == 3


def test_messages_can_be_printed_whatever_the_file_holds() -> None:
    pencil = simple()
    pencil.nodes[1]["inputs"][0] |= {"link": 77, "name": "\ud800"}
    for problem in problems_of(pencil.document()):
        assert str(problem).encode("utf-8")


def test_a_chain_of_100_000_nodes_is_read_and_converted() -> None:
    count = 100_000
    nodes: list[Raw] = [{"id": 0, "type": "Source", "outputs": [{"name": "A", "type": "A", "links": [0]}]}]
    for id in range(1, count):
        slot = {"name": "a", "type": "A", "link": id - 1}
        nodes.append({"id": id, "type": "Mix", "inputs": [slot], "outputs": [{"name": "A", "type": "A"}]})
    links = [[id - 1, id - 1, 0, id, 0, "A"] for id in range(1, count)]
    conversion = runnable(read_workflow({"nodes": nodes, "links": links}), toys())
    assert len(conversion.graph) == count
    assert conversion.graph.nodes[str(count - 1)].inputs["a"] == Link(str(count - 2), 0)


@contextmanager
def counted_lines() -> Iterator[Callable[[], int]]:
    """Counts the lines of Python that run inside the block, which no load of the machine changes."""
    count = 0

    def trace(_frame: object, event: str, _arg: object) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield lambda: count
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("mode", ["reroutes", "bypassed"])
def test_following_long_wires_takes_work_in_proportion(mode: str) -> None:
    def lines(count: int) -> int:
        type, state = ("Reroute", 0) if mode == "reroutes" else ("Mix", 4)
        nodes: list[Raw] = [{"id": 0, "type": "Source", "outputs": [{"name": "A", "type": "A"}]}]
        links = []
        for id in range(1, count):
            slots = [{"name": "a", "type": "A", "link": id}]
            outputs = [{"name": "A", "type": "A"}]
            nodes.append({"id": id, "type": type, "mode": state, "inputs": slots, "outputs": outputs})
            nodes.append({"id": -id, "type": "Show", "inputs": [{"name": "a", "type": "A", "link": -id}]})
            links += [[id, id - 1, 0, id, 0, "A"], [-id, id, 0, -id, 0, "A"]]
        with counted_lines() as run:
            conversion = runnable(read_workflow({"nodes": nodes, "links": links}), toys())
        assert all(conversion.graph.nodes[str(-id)].inputs["a"] == Link("0", 0) for id in range(1, count))
        return run()

    # Ten times the nodes in a hundred times the work would be quadratic.
    assert lines(2000) < 12 * lines(200)


def test_reading_leaves_the_document_as_it_was() -> None:
    document = simple().document()
    before = json.dumps(document)
    read_any(document, "w", toys(), values={("1", "seed"): 9})
    assert json.dumps(document) == before


def test_read_json_takes_text_and_bytes() -> None:
    assert read_json('{"a": 1}') == read_json(b'{"a": 1}') == read_json('\ufeff{"a": 1}') == {"a": 1}
