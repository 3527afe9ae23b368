"""Random graphs, and ways to draw the same graph differently: what a conversion must see through."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from darkroom.engine.graph import Graph, Link, Node
from tests.engine.drawings import Raw, toys

MODES = ("add", "multiply")


def random_graph(rng: Random) -> Graph:
    """A graph of toy nodes, each wired to some before it, every setting given."""
    ids = [str(id) for id in rng.sample(range(1, 100), rng.randint(1, 9))]
    outputs: dict[str, list[Link]] = {"A": [], "B": [], "INT": []}
    nodes: dict[str, Node] = {}
    for id in ids:
        type = rng.choice(["Source", "Number", "Mix", "Mix", "Show"])
        inputs: dict[str, Any] = {
            "Source": {"seed": rng.randrange(2**40), "text": rng.choice(["", "a tree", "true"])},
            "Number": {"value": rng.randrange(100)},
            "Mix": {"amount": rng.random(), "mode": rng.choice(MODES), "steps": rng.randrange(9)},
            "Show": {"filename_prefix": "x"},
        }[type]
        sockets = {"Source": {"seed": "INT"}, "Mix": {"a": "A", "b": "A", "c": "B", "steps": "INT"}, "Show": {"a": "A"}}
        for name, of in sockets.get(type, {}).items():
            if outputs[of] and rng.random() < 0.6:
                inputs[name] = rng.choice(outputs[of])
        spec = toys().get(type)
        nodes[id] = Node(id, type, inputs, (spec.display_name if spec else None) or type)
        for slot, of in enumerate({"Source": ["A"], "Number": ["INT"], "Mix": ["A", "B"]}.get(type, [])):
            outputs[of].append(Link(id, slot))
    return Graph(nodes, "random")


def largest(document: Raw) -> int:
    """The largest id of a node or link anywhere, so that new ids collide with none."""
    holders = [document, *document.get("definitions", {}).get("subgraphs", [])]
    ids = [node["id"] for holder in holders for node in holder["nodes"]]
    links = [link[0] if isinstance(link, list) else link["id"] for holder in holders for link in holder["links"]]
    return max([*ids, *links, 0])


def by_id(document: Raw) -> dict[int, Raw]:
    return {node["id"]: node for node in document["nodes"]}


def put_between(document: Raw, link: list[Any], raw: Raw, type: str) -> None:
    """Lead a wire through a new node of one input and one output."""
    new = largest(document) + 1
    origin, slot, target, at = link[1:5]
    raw |= {"id": new, "properties": {}, "inputs": [{"name": "a", "type": type, "link": link[0]}], "widgets_values": []}
    raw["outputs"] = [{"name": "A", "type": type, "links": [new + 1]}]
    nodes = by_id(document)
    nodes[target]["inputs"][at]["link"] = new + 1
    link[3:5] = [new, 0]
    document["nodes"].append(raw)
    document["links"].append([new + 1, new, 0, target, at, link[5]])
    assert nodes[origin]["outputs"][slot]["links"].count(link[0]) == 1


def reroute(document: Raw, rng: Random) -> None:
    if document["links"]:
        put_between(document, rng.choice(document["links"]), {"type": "Reroute"}, "*")


def bypassed(document: Raw, rng: Random) -> None:
    links = [link for link in document["links"] if link[5] == "A"]
    if links:
        put_between(document, rng.choice(links), {"type": "Mix", "mode": 4}, "A")


def muted(document: Raw, rng: Random) -> None:
    """A muted node beside the others, that reads one of them."""
    new = largest(document) + 1
    raw: Raw = {
        "id": new,
        "type": "Show",
        "properties": {},
        "mode": 2,
        "inputs": [{"name": "a", "type": "A", "link": None}],
    }
    sources = [node for node in document["nodes"] if node.get("outputs") and node["outputs"][0]["type"] == "A"]
    if sources:
        origin = rng.choice(sources)
        raw["inputs"][0]["link"] = new + 1
        origin["outputs"][0]["links"].append(new + 1)
        document["links"].append([new + 1, origin["id"], 0, new, 0, "A"])
    document["nodes"].insert(rng.randint(0, len(document["nodes"])), raw)


def note(document: Raw, rng: Random) -> None:
    document["nodes"].insert(0, {"id": largest(document) + 1, "type": "Note", "widgets_values": ["hello"]})


def free_settings(document: Raw) -> list[tuple[Raw, str]]:
    """Whole-number settings that no wire feeds."""
    names = {"Source": "seed", "Mix": "steps", "Number": "value"}
    found = []
    for node in document["nodes"]:
        name = names.get(node["type"])
        if name and node.get("mode", 0) == 0 and all(slot["name"] != name for slot in node["inputs"]):
            found.append((node, name))
    return found


def take_value(node: Raw, name: str) -> Any:
    """The value of a setting, leaving another in its place that must not be seen."""
    at = node["properties"]["widget_names"].index(name)
    value = node["widgets_values"][at]
    node["widgets_values"] = [*node["widgets_values"][:at], -77, *node["widgets_values"][at + 1 :]]
    return value


def primitive(document: Raw, rng: Random) -> None:
    settings = free_settings(document)
    if not settings:
        return
    node, name = rng.choice(settings)
    new = largest(document) + 1
    node["inputs"].append({"name": name, "type": "INT", "widget": {"name": name}, "link": new + 1})
    document["nodes"].append(
        {
            "id": new,
            "type": "PrimitiveNode",
            "outputs": [{"name": "INT", "type": "INT", "links": [new + 1]}],
            "widgets_values": [take_value(node, name), "fixed"],
        }
    )
    document["links"].append([new + 1, new, 0, node["id"], len(node["inputs"]) - 1, "INT"])


def fold(document: Raw, rng: Random) -> tuple[set[int], int]:
    """Fold some nodes into a subgraph; gives their ids and that of the instance."""
    nodes = by_id(document)
    chosen = set(rng.sample(sorted(nodes), rng.randint(1, len(nodes))))
    new = largest(document) + 1
    definitions = document.setdefault("definitions", {"subgraphs": []})["subgraphs"]
    id = f"{len(definitions):08d}-aaaa-bbbb-cccc-dddddddddddd"
    inside: Raw = {"id": id, "name": id, "inputs": [], "outputs": [], "links": []}
    inside["nodes"] = [node for node in document["nodes"] if node["id"] in chosen]
    instance: Raw = {"id": new, "type": id, "properties": {}, "inputs": [], "outputs": [], "widgets_values": []}
    new, ports = new + 1, {}
    outer = []
    for link in document["links"]:
        link_id, origin, slot, target, at, type = link
        if origin in chosen and target in chosen:
            inside["links"].append(as_object(link))
        elif target in chosen:
            if (origin, slot) not in ports:
                ports[origin, slot] = len(instance["inputs"])
                inside["inputs"].append({"name": f"in {link_id}", "type": type, "linkIds": []})
                instance["inputs"].append({"name": f"in {link_id}", "type": type, "link": link_id})
                outer.append([link_id, origin, slot, instance["id"], ports[origin, slot], type])
            else:
                nodes[origin]["outputs"][slot]["links"].remove(link_id)
            port = ports[origin, slot]
            new += 1
            inside["links"].append(as_object([new, -10, port, target, at, type]))
            inside["inputs"][port]["linkIds"].append(new)
            nodes[target]["inputs"][at]["link"] = new
        elif origin in chosen:
            if (origin, slot) not in ports:
                ports[origin, slot] = len(instance["outputs"])
                new += 1
                inside["outputs"].append({"name": f"out {link_id}", "type": type, "linkIds": [new]})
                instance["outputs"].append({"name": f"out {link_id}", "type": type, "links": []})
                inside["links"].append(as_object([new, origin, slot, -20, ports[origin, slot], type]))
                nodes[origin]["outputs"][slot]["links"].append(new)
            nodes[origin]["outputs"][slot]["links"].remove(link_id)
            instance["outputs"][ports[origin, slot]]["links"].append(link_id)
            outer.append([link_id, instance["id"], ports[origin, slot], target, at, type])
        else:
            outer.append(link)
    promote(inside, instance, new + 1, rng)
    document["links"] = outer
    document["nodes"] = [node for node in document["nodes"] if node["id"] not in chosen] + [instance]
    definitions.append(inside)
    return chosen, instance["id"]


def promote(inside: Raw, instance: Raw, new: int, rng: Random) -> None:
    """Show some of the settings inside on the instance, whose values count from then on."""
    given = {}
    for node, name in free_settings(inside):
        if rng.random() < 0.5:
            port = len(inside["inputs"])
            node["inputs"].append({"name": name, "type": "INT", "widget": {"name": name}, "link": new})
            inside["inputs"].append({"name": f"set {new}", "type": "INT", "linkIds": [new]})
            inside["links"].append(as_object([new, -10, port, node["id"], len(node["inputs"]) - 1, "INT"]))
            given[f"set {new}"] = take_value(node, name)
            new += 1
    # A wired number may lead to a setting and then has a value too; where one is, values go by name.
    wired = any(port["type"] == "INT" for port in instance["inputs"])
    instance["widgets_values"] = given if wired else list(given.values())


def as_object(link: list[Any]) -> Raw:
    return dict(zip(("id", "origin_id", "origin_slot", "target_id", "target_slot", "type"), link, strict=True))


def disguise(document: Raw, rng: Random) -> Callable[[str], str]:
    """Draw a document's graph differently, in place; gives the new id of each old one."""
    names: dict[str, str] = {}

    def now(id: str) -> str:
        return names.get(id, id)

    olds = [str(node["id"]) for node in document["nodes"]]
    for _ in range(rng.randint(0, 8)):
        change = rng.choice([reroute, bypassed, muted, note, primitive, fold])
        if change is not fold:
            change(document, rng)
            continue
        chosen, instance = fold(document, rng)
        for old in olds:
            if int(now(old).split(":")[0]) in chosen:
                names[old] = f"{instance}:{now(old)}"
    return now
