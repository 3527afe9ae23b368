"""Helpers of the tests on workflow files: registries, and a pencil that draws documents node by node."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import comfyui_workflow_templates

from darkroom.engine.graph import Graph
from darkroom.engine.read import Conversion, read_workflow, runnable
from darkroom.engine.registry import Registry, spec_from_object_info

DATA = Path(__file__).parent.parent / "data"
TEMPLATES = Path(comfyui_workflow_templates.__file__).parent / "templates"
GOLDEN = Path(__file__).parent.parent.parent.parent / "shared" / "golden" / "conversions"

Raw = dict[str, Any]

UUID = "11111111-2222-3333-4444-555555555555"
OTHER = "99999999-2222-3333-4444-555555555555"

TOYS: Raw = {
    "Source": {
        "input": {"required": {"seed": ["INT", {}], "text": ["STRING", {"dynamicPrompts": True, "default": "?"}]}},
        "output": ["A"],
        "output_name": ["A"],
    },
    "Mix": {
        "input": {
            "required": {"a": ["A"], "amount": ["FLOAT", {"default": 0.5}], "mode": [["add", "multiply"]]},
            "optional": {"b": ["A"], "c": ["B"], "steps": ["INT", {"default": 3}]},
        },
        "output": ["A", "B"],
        "output_name": ["A", "B"],
    },
    "Number": {"input": {"required": {"value": ["INT", {}]}}, "output": ["INT"], "output_name": ["INT"]},
    "Show": {
        "input": {"required": {"a": ["A"], "filename_prefix": ["STRING", {"default": "out"}]}},
        "output": [],
        "output_node": True,
        "display_name": "Show It",
    },
    "Any": {"input": {"required": {"source": ["*", {}]}}, "output": [], "output_node": True},
    "Forced": {
        "input": {
            "required": {"x": ["FLOAT", {}], "count": ["INT", {"forceInput": True}], "y": ["FLOAT", {"default": 9.0}]}
        },
        "output": ["A"],
    },
    "Picture": {"input": {"required": {"image": [["a.png"], {"image_upload": True}]}}, "output": ["A"]},
    "Resize": {
        "input": {
            "required": {
                "how": [
                    "COMFY_DYNAMICCOMBO_V3",
                    {
                        "options": [
                            {"key": "by", "inputs": {"required": {"factor": ["FLOAT", {"default": 2.0}]}}},
                            {
                                "key": "to",
                                "inputs": {"required": {"width": ["INT", {}], "height": ["INT", {}], "like": ["A"]}},
                            },
                        ]
                    },
                ],
                "method": [["area", "nearest"]],
            }
        },
        "output": ["A"],
    },
    "Lists": {"input": {"required": {"points": ["STRING", {}]}}, "output": ["A"]},
}


@cache
def toys() -> Registry:
    return Registry(spec_from_object_info(id, info) for id, info in TOYS.items())


@cache
def signatures() -> Registry:
    """The node types that the golden conversions were recorded with."""
    infos: Raw = {}
    for name in ("comfyui_object_info_0.3.64.json", "comfyui_cloud_object_info.json"):
        infos.update(json.loads((DATA / name).read_text()))
    return Registry(spec_from_object_info(id, info) for id, info in infos.items())


@cache
def template_files() -> tuple[Path, ...]:
    """The graph files of the templates package; its other JSON files are lists and schemas about them."""
    return tuple(path for path in sorted(TEMPLATES.rglob("*.json")) if b'"nodes"' in path.read_bytes()[:200_000_000])


class Pencil:
    """Draws one canvas: the workflow itself or the inside of a subgraph."""

    def __init__(self) -> None:
        self.nodes: list[Raw] = []
        self.links: list[list[Any]] = []
        self.definitions: list[Raw] = []
        self.extra: Raw = {}

    def node(self, type: str, values: Any = None, *, id: Any = None, **more: Any) -> Raw:
        """A node with the sockets of its toy definition; `inputs` and `outputs` give those of other types."""
        info = TOYS.get(type, {})
        sockets = {**info.get("input", {}).get("required", {}), **info.get("input", {}).get("optional", {})}
        wires = [(name, given[0]) for name, given in sockets.items() if given[0] in ("A", "B", "*")]
        inputs = more.pop("inputs", wires)
        outputs = more.pop("outputs", [(each, each) for each in info.get("output", [])])
        raw: Raw = {
            "id": len(self.nodes) + 1 if id is None else id,
            "type": type,
            "pos": [0, 0],
            "size": [100, 100],
            "flags": {},
            "order": 0,
            "mode": 0,
            "inputs": [{"name": name, "type": of, "link": None} for name, of in inputs],
            "outputs": [{"name": name, "type": of, "links": []} for name, of in outputs],
            "properties": {},
            **more,
        }
        if values is not None:
            raw["widgets_values"] = values
        self.nodes.append(raw)
        return raw

    def wire(self, origin: Raw, slot: int, target: Raw, name: str, type: str = "A") -> int:
        """Connect an output to an input; an input that the target has no socket for is a setting turned into one."""
        index = next((at for at, each in enumerate(target["inputs"]) if each["name"] == name), None)
        if index is None:
            index = len(target["inputs"])
            target["inputs"].append({"name": name, "type": type, "widget": {"name": name}, "link": None})
        id = len(self.links) + 1
        target["inputs"][index]["link"] = id
        if "outputs" in origin:
            origin["outputs"][slot]["links"].append(id)
        self.links.append([id, origin["id"], slot, target["id"], index, type])
        return id

    def document(self, **more: Any) -> Raw:
        ids = [raw["id"] for raw in self.nodes if isinstance(raw["id"], int)]
        return {
            "last_node_id": max(ids, default=0),
            "last_link_id": len(self.links),
            "nodes": self.nodes,
            "links": self.links,
            "groups": [],
            "config": {},
            "extra": self.extra,
            "version": 0.4,
            **({"definitions": {"subgraphs": self.definitions}} if self.definitions else {}),
            **more,
        }

    def subgraph(self, id: str, inputs: list[tuple[str, str]], outputs: list[tuple[str, str]]) -> Inside:
        inside = Inside(id, inputs, outputs)
        self.definitions.append(inside.definition)
        return inside


class Inside(Pencil):
    """The inside of a subgraph: `input` and `output` wire its walls."""

    def __init__(self, id: str, inputs: list[tuple[str, str]], outputs: list[tuple[str, str]]) -> None:
        super().__init__()
        self.definition: Raw = {
            "id": id,
            "name": f"subgraph {id[:4]}",
            "version": 1,
            "inputNode": {"id": -10, "bounding": [0, 0, 1, 1]},
            "outputNode": {"id": -20, "bounding": [0, 0, 1, 1]},
            "inputs": [{"id": f"in-{name}", "name": name, "type": of, "linkIds": []} for name, of in inputs],
            "outputs": [{"id": f"out-{name}", "name": name, "type": of, "linkIds": []} for name, of in outputs],
            "nodes": self.nodes,
            "links": [],
            "groups": [],
        }

    def _write(self, link: list[Any]) -> None:
        keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
        self.definition["links"].append(dict(zip(keys, link, strict=True)))

    def wire(self, origin: Raw, slot: int, target: Raw, name: str, type: str = "A") -> int:
        id = super().wire(origin, slot, target, name, type)
        self._write(self.links[-1])
        return id

    def input(self, slot: int, target: Raw, name: str, type: str = "A") -> None:
        id = self.wire({"id": -10}, slot, target, name, type)
        self.definition["inputs"][slot]["linkIds"].append(id)

    def output(self, origin: Raw, origin_slot: int, slot: int, type: str = "A") -> None:
        id = len(self.links) + 1
        self.links.append([id, origin["id"], origin_slot, -20, slot, type])
        if "outputs" in origin:
            origin["outputs"][origin_slot]["links"].append(id)
        self.definition["outputs"][slot]["linkIds"].append(id)
        self._write(self.links[-1])


def converted(pencil: Pencil, **more: Any) -> Conversion:
    """The conversion of what was drawn."""
    return runnable(read_workflow(pencil.document()), toys(), **more)


def graph_of(pencil: Pencil) -> Graph:
    """The runnable graph of a drawing without errors."""
    conversion = converted(pencil)
    assert [problem for problem in conversion.problems if not problem.warning] == []
    return conversion.graph


def inputs_of(pencil: Pencil, id: int | str) -> dict[str, Any]:
    return dict(graph_of(pencil).nodes[str(id)].inputs)


def folded(values: Any = None, **more: Any) -> tuple[Pencil, Inside, Raw]:
    """Source -> [Mix in a subgraph, its amount shown outside] -> Show; ids 1, 2:5, 3."""
    pencil = Pencil()
    inside = pencil.subgraph(UUID, [("a", "A"), ("amount", "FLOAT")], [("A", "A")])
    mix = inside.node("Mix", [0.25, "multiply", 8], id=5)
    inside.input(0, mix, "a")
    inside.input(1, mix, "amount", "FLOAT")
    inside.output(mix, 0, 0)
    source = pencil.node("Source", [1, "fixed", ""])
    instance = pencil.node(UUID, values, inputs=[("a", "A")], outputs=[("A", "A")], **more)
    show = pencil.node("Show")
    pencil.wire(source, 0, instance, "a")
    pencil.wire(instance, 0, show, "a")
    return pencil, inside, instance
