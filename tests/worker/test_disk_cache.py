"""Results on disk survive the process, come back as they were, and damage is noticed."""

from pathlib import Path
from typing import Annotated, Any

import pytest
import torch

from darkroom.engine.define import Wire, node
from darkroom.engine.execute import Executor
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.registry import Registry
from darkroom.engine.results import Shown
from darkroom.engine.running.cache import Cache, Stored
from darkroom.files.folders import Folders
from darkroom.worker import disk_cache
from darkroom.worker.disk_cache import DiskCache

KEY, OTHER = b"\x01" * 32, b"\x02" * 32


def kept(folder: Path, stored: Stored, key: bytes = KEY, budget: int = 10**8) -> DiskCache:
    cache = DiskCache(folder, budget)
    cache.offer(key, stored)
    cache.settle()
    return cache


def test_a_conditioning_and_a_latent_come_back_bit_for_bit(tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(1)
    tensor = torch.randn(1, 77, 8, generator=generator)
    conditioning = [[tensor, {"pooled_output": tensor[:, 0], "strength": 0.5, "area": (1, 2, 3, 4), "none": None}]]
    latent = {"samples": tensor.to(torch.bfloat16), "batch_index": [0, 1]}
    kept(tmp_path, Stored(([conditioning], [latent, "text", 3]), seconds=2.0))
    found = DiskCache(tmp_path, 10**8).load(KEY)
    assert found is not None
    (((back, extra),),) = found.outputs[0]
    assert torch.equal(back, tensor)
    assert torch.equal(extra.pop("pooled_output"), tensor[:, 0])
    assert extra == {"strength": 0.5, "area": (1, 2, 3, 4), "none": None}
    assert found.outputs[1][0]["samples"].dtype is torch.bfloat16
    assert found.outputs[1][1:] == ["text", 3]
    assert found.seconds == 2.0


@pytest.mark.parametrize(
    "stored",
    [
        Stored(([1],), seconds=0.01),
        Stored(([1],), ui={"images": []}, seconds=5),
        Stored(([object()],), seconds=5),
        Stored(([{1: 2}],), seconds=5),
        Stored(([1],), seconds=5, blocked=("no",)),
    ],
    ids=["quick", "shows something", "an object", "odd keys", "blocked"],
)
def test_what_is_quick_shows_something_or_is_no_plain_data_is_not_kept(tmp_path: Path, stored: Stored) -> None:
    assert not kept(tmp_path, stored).holds(KEY)
    assert not list(tmp_path.glob("*.safetensors"))


@pytest.mark.parametrize("damage", ["cut", "changed", "emptied", "gone"])
def test_a_damaged_file_is_noticed_and_removed(tmp_path: Path, damage: str) -> None:
    kept(tmp_path, Stored(([torch.ones(100)],), seconds=2.0))
    (path,) = tmp_path.glob("*.safetensors")
    data = bytearray(path.read_bytes())
    if damage == "gone":
        path.unlink()
    else:
        data[200] ^= 1
        path.write_bytes(data[:-30] if damage == "cut" else b"" if damage == "emptied" else bytes(data))
    cache = DiskCache(tmp_path, 10**8)
    if damage == "gone":
        cache._known.add(KEY)
    assert cache.load(KEY) is None
    assert not cache.holds(KEY)
    assert not path.exists()


def test_the_longest_unused_goes_when_the_budget_is_spent(tmp_path: Path) -> None:
    cache = kept(tmp_path, Stored(([torch.ones(1000)],), seconds=2.0), budget=6000)
    cache.offer(OTHER, Stored(([torch.zeros(1000)],), seconds=2.0))
    cache.settle()
    assert (cache.holds(KEY), cache.holds(OTHER)) == (False, True)
    assert len(list(tmp_path.glob("*.safetensors"))) == 1


calls: list[int] = []

Picture = Annotated[Any, Wire("IMAGE")]


@node("Slow", category="test")
def slow(*, number: int = 1) -> Picture:
    """Takes long, as it seems."""
    calls.append(number)
    return torch.full((2, 2), float(number))


@node("Show", category="test", final=True)
def show(value: Picture) -> Shown:
    """Shows a value."""
    return Shown({"text": [str(value.sum().item())]})


def test_a_new_process_goes_on_from_the_results_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_cache, "LEAST_SECONDS", 0.0)
    registry = Registry.from_functions(slow, show)
    graph = Graph({"1": Node("1", "Slow", {"number": 7}), "2": Node("2", "Show", {"value": Link("1", 0)})})
    calls.clear()
    for run in range(2):
        tier = DiskCache(tmp_path / "results", 10**8)
        executor = Executor(registry, Folders(tmp_path), Cache(10**8, tier))
        outcome = executor.run(graph)
        tier.settle()
        assert outcome.ui["2"]["text"] == ["28.0"]
        assert calls == [7]
        assert outcome.cached == (() if run == 0 else ("1",))
