"""Nodes that only move numbers give what ComfyUI 0.8.0 gave, as recorded in golden/nodes.json."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.library import library
from tests.nodes.making import make

NODES = library()
CASES = json.loads((Path(__file__).parent.parent / "data" / "golden" / "nodes.json").read_text())
OURS = {name: case for name, case in CASES.items() if case["node"] in NODES}

EIGHT_BIT = 1 / 255
EXACT = 1e-5


def same(ours: Any, recorded: Any, tolerance: float) -> None:
    if isinstance(recorded, dict) and "values" in recorded:
        assert isinstance(ours, Tensor)
        assert list(ours.shape) == recorded["shape"]
        assert str(ours.dtype) == f"torch.{recorded['dtype']}"
        expected = torch.tensor(recorded["values"]).reshape(recorded["shape"])
        assert (ours - expected).abs().max().item() <= tolerance
    elif isinstance(recorded, dict):
        assert set(ours) == set(recorded)
        for key, value in recorded.items():
            same(ours[key], value, tolerance)
    elif isinstance(recorded, list):
        assert len(ours) == len(recorded)
        for one, other in zip(ours, recorded, strict=True):
            same(one, other, tolerance)
    else:
        assert ours == recorded


def test_enough_cases_are_compared() -> None:
    assert len(OURS) >= 55


@pytest.mark.parametrize("name", OURS)
def test_a_node_gives_the_recorded_numbers(name: str) -> None:
    case = OURS[name]
    spec = NODES.get(case["node"])
    inputs = {key: make(value) for key, value in case["inputs"].items()}
    result = spec.function(**inputs)
    outputs = list(result) if len(spec.outputs) > 1 else [result]
    method = case["inputs"].get("upscale_method")
    same(outputs, case["outputs"], EIGHT_BIT + 1e-6 if method == "lanczos" else EXACT)
