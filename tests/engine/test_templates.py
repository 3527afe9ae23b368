"""Other people's real workflows: all of them load, convert and save; those recorded convert as ComfyUI's editor did."""

import copy
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from darkroom.engine.read import read_any
from darkroom.engine.write import to_api, to_ui
from tests.engine.drawings import GOLDEN, signatures, template_files

RECORDED = sorted(GOLDEN.glob("*.json")) if GOLDEN.is_dir() else []


def without_names(document: Any) -> Any:
    """A written document less the `widget_names` that the writer adds."""
    document = copy.deepcopy(document)
    holders = [document, *document.get("definitions", {}).get("subgraphs", [])]
    for holder in holders:
        for node in holder["nodes"]:
            node.get("properties", {}).pop("widget_names", None)
    return document


def test_the_package_has_172_graph_files() -> None:
    assert len(template_files()) == 172


@pytest.mark.parametrize("path", template_files(), ids=lambda path: path.stem)
def test_a_template_loads_converts_and_saves_with_nothing_lost(path: Path) -> None:
    loaded = read_any(path.read_bytes(), path.name, signatures())
    assert not [problem for problem in loaded.problems if not problem.warning]
    assert all(loaded.graph.nodes[id].type not in signatures() for id in loaded.unknown)
    assert all(node.type in signatures() for node in loaded.graph if node.id not in loaded.unknown)
    assert loaded.workflow is not None
    written = json.loads(json.dumps(to_ui(loaded.workflow, signatures())))
    assert without_names(written) == json.loads(path.read_bytes())
    again = read_any(json.dumps(written), path.name, signatures())
    assert again.graph == loaded.graph


def test_unknown_nodes_are_kept_in_the_graph_and_named() -> None:
    path = next(path for path in template_files() if path.stem == "video_wan2_2_14B_animate")
    loaded = read_any(path.read_bytes(), path.name, signatures())
    names = {loaded.graph.nodes[id].type for id in loaded.unknown}
    assert names == {
        "PixelPerfectResolution",
        "DownloadAndLoadSAM2Model",
        "PointsEditor",
        "DWPreprocessor",
        "Sam2Segmentation",
        "DrawMaskOnImage",
        "BlockifyMask",
    }


def same(ours: Any, recorded: Any) -> bool:
    """Equal as JSON is: 8 and 8.0 are one number, but 1 is not true."""
    return ours == recorded and isinstance(ours, bool) == isinstance(recorded, bool)


def title_differs(id: str, ours: dict[str, Any], recorded: dict[str, Any], drawn: dict[str, Any]) -> bool:
    """Titles are equal, unless the signature gives none: then the editor took one from its own language files."""
    spec = signatures().get(recorded["class_type"])
    if spec is None or (spec.display_name is None and not drawn.get(id)):
        return False
    return bool(ours["_meta"]["title"] != recorded["_meta"]["title"])


def differences(ours: dict[str, Any], recorded: dict[str, Any], titles: dict[str, Any]) -> list[str]:
    found = [f"missing node {id} {recorded[id]['class_type']}" for id in recorded if id not in ours]
    found += [f"extra node {id} {ours[id]['class_type']}" for id in ours if id not in recorded]
    for id in ours.keys() & recorded.keys():
        if ours[id]["class_type"] != recorded[id]["class_type"]:
            found.append(f"type of {id}")
        if title_differs(id, ours[id], recorded[id], titles):
            found.append(f"title of {id}: {ours[id]['_meta']} instead of {recorded[id]['_meta']}")
        one, other = ours[id]["inputs"], recorded[id]["inputs"]
        for name in one.keys() | other.keys():
            if name not in one or name not in other or not same(one[name], other[name]):
                found.append(f"{id}.{name}: {one.get(name, 'nothing')!r} instead of {other.get(name, 'nothing')!r}")
    return found


@pytest.mark.skipif(not RECORDED, reason="../shared/golden/conversions is not beside this checkout")
def test_112_conversions_are_recorded() -> None:
    assert len(RECORDED) == 112


@pytest.mark.skipif(not RECORDED, reason="../shared/golden/conversions is not beside this checkout")
@pytest.mark.parametrize("golden", RECORDED, ids=lambda path: path.stem)
def test_a_conversion_equals_the_recorded_one(golden: Path) -> None:
    path = next(path for path in template_files() if path.stem.replace(" ", "_") == golden.stem)
    loaded = read_any(path.read_bytes(), path.name, signatures(), rng=Random(0))
    titles = {str(node["id"]): node.get("title") for node in json.loads(path.read_bytes())["nodes"]}
    assert differences(to_api(loaded.graph), json.loads(golden.read_bytes()), titles) == []
