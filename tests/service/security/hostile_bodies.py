"""Hostile bodies: framing, packing, JSON and graphs."""

from __future__ import annotations

import gzip
import json
from typing import Any

from tests.service.security.hostile import Case, post

FRAMES = [
    post("two lengths", "/prompt", b"{}", 400, headers="Content-Length: 2\r\nContent-Length: 3\r\n"),
    post(
        "length and chunks", "/prompt", b"0\r\n\r\n", 400, headers="Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
    ),
    post("a negative length", "/prompt", b"", 400, headers="Content-Length: -1\r\n"),
    post("a length in words", "/prompt", b"", 400, headers="Content-Length: many\r\n"),
    post("a length with a sign", "/prompt", b"{}", 400, headers="Content-Length: +2\r\n"),
    post("a length beyond numbers", "/prompt", b"", 400, 413, headers=f"Content-Length: {10**30}\r\n"),
    post("a length beyond the limit", "/prompt", b"", 413, headers=f"Content-Length: {2**40}\r\n"),
    post("a chunk of no size", "/prompt", b"zz\r\n{}\r\n0\r\n\r\n", 400, headers="Transfer-Encoding: chunked\r\n"),
    post(
        "a chunk longer than it says", "/prompt", b"1\r\n{}\r\n0\r\n\r\n", 400, headers="Transfer-Encoding: chunked\r\n"
    ),
    post("a chunk of 2^64 bytes", "/prompt", b"ffffffffffffffffff\r\n", 400, headers="Transfer-Encoding: chunked\r\n"),
    post("chunks in chunks", "/prompt", b"0\r\n\r\n", 400, headers="Transfer-Encoding: chunked, chunked\r\n"),
    post("an encoding nobody knows", "/prompt", b"", 400, 501, headers="Transfer-Encoding: rot13\r\n"),
    post("a body that stops early", "/prompt", b'{"prompt":', 400, 0, headers="Content-Length: 100\r\n", closing=True),
    post(
        "chunks that stop early", "/prompt", b"5\r\nab", 400, 0, headers="Transfer-Encoding: chunked\r\n", closing=True
    ),
    post("gzip that is none", "/prompt", b"not gzip", 400, headers="Content-Encoding: gzip\r\n"),
    post("half of gzip", "/prompt", gzip.compress(b"{}" * 999)[:-12], 400, headers="Content-Encoding: gzip\r\n"),
    post("a bomb", "/prompt", gzip.compress(bytes(300_000_000), 9), 400, 413, headers="Content-Encoding: gzip\r\n"),
]

PICTURE = {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}}
SAVED = {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}}


def graph(title: str, nodes: dict[str, Any], *statuses: int, **more: Any) -> Case:
    """A POST of API JSON."""
    return post(title, "/prompt", json.dumps({"prompt": nodes, **more}).encode(), *(statuses or (400,)))


def width(title: str, value: bytes) -> Case:
    """A graph of which one number is something else, written as it is."""
    picture = (
        b'{"class_type": "EmptyImage", "inputs": {"width": ' + value + b', "height": 8, "batch_size": 1, "color": 0}}'
    )
    saved = json.dumps(SAVED).encode()
    return post(title, "/prompt", b'{"prompt": {"1": ' + picture + b', "2": ' + saved + b"}}", 400)


FINE = {"1": PICTURE, "2": SAVED}

NUMBERS = [
    *(width(f"{value} as a width", value.encode()) for value in ("NaN", "Infinity", "-Infinity", "1e999", "-1e999")),
    *(width(f"a width of {count} digits", b"9" * count) for count in (20, 400, 4200)),
    width("a width of 5,000 digits", b"9" * 5000),
    width("a link to slot 1e999", b'["1", 1e999]'),
    width("a link to slot NaN", b'["1", NaN]'),
    width("a link to slot -1", b'["1", -1]'),
    width("a link to slot 10^20", b'["1", 100000000000000000000]'),
    post("a number of 100,000 digits", "/prompt", b'{"number": ' + b"9" * 100_000 + b"}", 400),
    post(
        "a queue number that is infinite", "/prompt", json.dumps({"prompt": FINE, "number": float("inf")}).encode(), 400
    ),
    post("a queue number that is NaN", "/prompt", json.dumps({"prompt": FINE, "number": float("nan")}).encode(), 400),
    post("NaN in settings", "/settings", b'{"a": NaN}', 400),
    post("infinity in settings", "/settings", b'{"a": 1e999}', 400),
    post("NaN in a workflow to compare", "/api/darkroom/workflows/a/diff", b'{"workflow": {"a": NaN}}', 400),
]
TEXTS = [
    post("a lone surrogate", "/prompt", b'{"prompt": {"\\ud800": {"class_type": "A", "inputs": {}}}}', 400),
    width("a lone surrogate as a width", b'"\\ud800"'),
    graph(
        "a lone surrogate in a file name",
        {**FINE, "2": {**SAVED, "inputs": {"images": ["1", 0], "filename_prefix": "\ud800"}}},
    ),
    graph("a lone surrogate as a client", FINE, client_id="\udfff"),
    graph("a lone surrogate as a job", FINE, prompt_id="\udfff"),
    graph("NUL in a job's id", FINE, prompt_id="a\0b"),
    post("a lone surrogate in a workflow", "/api/darkroom/workflows/open", b'"\\ud800"', 400),
    post("prototype keys", "/prompt", b'{"__proto__": {"admin": true}, "prompt": {"__proto__": {}}}', 400),
    graph("a node called __proto__", {"__proto__": []}),
    graph("a class called __class__", {"1": {"class_type": "__class__", "inputs": {}}}),
    graph(
        "inputs called __proto__", {"1": {"class_type": "EmptyImage", "inputs": {"__proto__": {"a": 1}}}, "2": SAVED}
    ),
    post("equal keys", "/prompt", b'{"prompt": {"1": {"class_type": "A", "class_type": "B", "inputs": {}}}}', 400),
    graph("markup as a class", {"1": {"class_type": "<script>alert(1)</script>", "inputs": {}}}),
    graph(
        "markup as a title",
        {"1": {"class_type": "A", "inputs": {}, "_meta": {"title": "<img src=x onerror=alert(1)>"}}},
    ),
    graph("escapes as a class", {"1": {"class_type": "\x1b[31m\r\nforged", "inputs": {}}}),
    post("markup as a status", "/api/jobs", b"{}", 404, 405),
]
SHAPES = [
    post("no body", "/prompt", b"", 400),
    post("no JSON", "/prompt", b"prompt=1", 400, headers="Content-Type: application/x-www-form-urlencoded\r\n"),
    post("half of JSON", "/prompt", b'{"prompt": {', 400),
    post("JSON that is no object", "/prompt", b"[1, 2]", 400),
    post("text alone", "/prompt", b'"prompt"', 400),
    post("JSON in UTF-16", "/prompt", '{"prompt": {}}'.encode("utf-16"), 400),
    post("bytes that are no UTF-8", "/prompt", b'{"prompt": "\xff\xfe"}', 400),
    post("JSON 100,000 deep", "/prompt", b"[" * 100_000 + b"]" * 100_000, 400),
    post("JSON 101 deep", "/prompt", b"[" * 101 + b"]" * 101, 400),
    post("settings 100,000 deep", "/settings", b"[" * 100_000 + b"]" * 100_000, 400),
    post("a workflow file 100,000 deep", "/api/darkroom/workflows/open", b"[" * 100_000, 400),
    post("17 MiB of JSON", "/prompt", b'"' + b"a" * (17 * 2**20) + b'"', 413),
    post("a million objects", "/prompt", b"[" + b"{}," * 1_000_000 + b"{}]", 413),
    post("a million lists to open", "/api/darkroom/workflows/open", b'{"nodes": [' + b"[]," * 1_000_000 + b"0]}", 413),
    post("3 MiB of settings", "/settings", b'{"a": "' + b"a" * (3 * 2**20) + b'"}', 413),
    post("2 MiB to interrupt", "/interrupt", b" " * (2 * 2**20), 413),
    post("a prompt that is a list", "/prompt", b'{"prompt": [1]}', 400),
    post("a prompt that is text", "/prompt", b'{"prompt": "1"}', 400),
    post("a list of ids that holds an object", "/queue", b'{"delete": [{}]}', 400),
    post("a list of ids that is none", "/history", b'{"delete": "all"}', 400),
    post("settings that are a list", "/settings", b"[]", 400),
    post("a subscription of nobody", "/internal/logs/subscribe", b"{}", 404, 405),
]
DRAWN = {"version": 0.4, "last_node_id": 1, "last_link_id": 0, "links": [], "groups": [], "config": {}, "extra": {}}


def drawn_node(id: int, type: str) -> dict[str, Any]:
    place = {"pos": [0, 0], "size": [1, 1], "flags": {}, "order": 0, "mode": 0}
    return {"id": id, "type": type, **place, "inputs": [], "outputs": [], "properties": {}, "widgets_values": []}


def subgraph(id: str, *types: str) -> dict[str, Any]:
    ends = {"inputNode": {"id": -10, "bounding": [0, 0, 1, 1]}, "outputNode": {"id": -20, "bounding": [0, 0, 1, 1]}}
    nodes = [drawn_node(number, type) for number, type in enumerate(types, 1)]
    empty: dict[str, Any] = {each: [] for each in ("inputs", "outputs", "widgets", "groups", "links")}
    return {
        "id": id,
        "name": id,
        "version": 1,
        "revision": 0,
        "state": {},
        "config": {},
        **ends,
        **empty,
        "nodes": nodes,
    }


def nested(*subgraphs: dict[str, Any]) -> dict[str, Any]:
    return {**DRAWN, "nodes": [drawn_node(1, "s0")], "definitions": {"subgraphs": list(subgraphs)}}


def levels(count: int) -> dict[str, Any]:
    """Subgraphs in subgraphs, ten of each, so that 10^count nodes stand in the last ones."""
    return nested(*(subgraph(f"s{n}", *[f"s{n + 1}"] * 10) for n in range(count)), subgraph(f"s{count}", "EmptyImage"))


CHAIN = {str(n): {"class_type": "ImageInvert", "inputs": {"image": [str(n - 1), 0]}} for n in range(2, 3000)}
WRONG = {f"w{n}": {"class_type": "ImageInvert", "inputs": {"image": [f"w{n + 1}", 0], "more": 1}} for n in range(1500)}
WRONG["w1500"] = {"class_type": "EmptyImage", "inputs": {}}
ENDS = {f"o{n}": {"class_type": "SaveImage", "inputs": {"images": ["w0", 0]}} for n in range(1500)}
GRAPHS = [
    graph("a node nobody knows", {"1": {"class_type": "<script>", "inputs": {}}}),
    graph("a graph of nothing", {}),
    graph("20,001 nodes", {str(n): 1 for n in range(20_001)}, 413),
    graph("a text of 3 MiB", {"1": {"class_type": "CLIPTextEncode", "inputs": {"text": "a" * (3 * 2**20)}}}, 413),
    graph("an id of 300 letters", {"n" * 300: PICTURE, "2": SAVED}),
    graph("an id of a million letters", {"n" * 1_000_000: PICTURE, "2": SAVED}),
    graph("an id that is empty", {"": PICTURE, "2": SAVED}),
    graph("NUL in an id", {"1\0": PICTURE, "2": SAVED}),
    graph("a lone surrogate as an id", {"\ud800": PICTURE, "2": SAVED}),
    graph("a node that needs itself", {"1": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}}, "2": SAVED}),
    graph(
        "a circle of 3,000 nodes",
        {**CHAIN, "1": {"class_type": "ImageInvert", "inputs": {"image": ["2999", 0]}}, "2": SAVED},
    ),
    graph("1,500 wrong nodes before 1,500 outputs", {**WRONG, **ENDS}),
    graph(
        "a file name that climbs",
        {"1": PICTURE, "2": {**SAVED, "inputs": {"images": ["1", 0], "filename_prefix": "../x"}}},
    ),
    graph("targets that are objects", FINE, partial_execution_targets=[{}]),
    graph("300,000 targets", FINE, partial_execution_targets=[str(n) for n in range(3, 300_003)]),
    graph("nodes to run to that are objects", FINE, darkroom={"run_to": [{}]}),
    graph("nodes to run to in a list", FINE, darkroom=[]),
    graph("300,000 nodes to run to", FINE, darkroom={"run_to": [str(n) for n in range(3, 300_003)]}),
    graph(
        "100,000 nodes to run to in 10,000 nodes",
        {f"{n}:{n}": PICTURE for n in range(10_000)},
        darkroom={"run_to": [f"x{n}" for n in range(100_000)]},
    ),
    graph("secrets that are no object", FINE, extra_data="api_key_comfy_org"),
    graph("a job's id that is a list", FINE, prompt_id=[1]),
    graph("a job's id of 300 letters", FINE, prompt_id="a" * 300),
    post("a subgraph in itself", "/prompt", json.dumps({"workflow": nested(subgraph("s0", "s0", "s0"))}).encode(), 400),
    post("10^5 nodes in subgraphs", "/prompt", json.dumps({"workflow": levels(5)}).encode(), 400),
    post("10^50 nodes in subgraphs", "/prompt", json.dumps({"workflow": levels(50)}).encode(), 400),
]
