"""Node types of packs: told by a worker, remembered for the next start, with fresh lists of choices."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from darkroom.engine.registry import Registry
from darkroom.engine.spec import NodeSpec
from darkroom.frames.definitions import described
from darkroom.frames.messages import Answer, Ready
from darkroom.service.catalogue import PackCatalogue
from nodes.library import library
from tests.service.fakes import FakeWorkers, fake_service
from tests.service.http.golden import Client, golden_specs, served

DEFINITIONS = [described(spec) for spec in golden_specs()]


def test_packs_are_known_from_the_last_start_of_the_same_sources(tmp_path: Path) -> None:
    file = tmp_path / "sub" / "packs.json"
    told = PackCatalogue(library(), FakeWorkers(Ready(definitions=DEFINITIONS)), file, "digest")
    assert "GoldenShow" in told.registry
    again = PackCatalogue(library(), FakeWorkers(), file, "digest")
    assert again.is_settled
    assert "GoldenShow" in again.registry
    assert again.is_judged("GoldenValidate")
    assert not again.is_judged("GoldenShow")
    other = PackCatalogue(library(), FakeWorkers(), file, "other digest")
    assert not other.is_settled
    assert "GoldenShow" not in other.registry


def test_a_worker_that_says_otherwise_is_believed(tmp_path: Path) -> None:
    file = tmp_path / "packs.json"
    workers = FakeWorkers(Ready(definitions=DEFINITIONS))
    catalogue = PackCatalogue(library(), workers, file, "digest")
    assert "GoldenShow" in catalogue.registry
    workers.greet(Ready(definitions=DEFINITIONS[:2]))
    assert "GoldenShow" not in catalogue.registry
    assert len(json.loads(file.read_text())["definitions"]) == 2


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"digest":"digest"}', b'{"digest":"digest","definitions":[5]}']
)
def test_a_broken_memory_is_made_anew(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "packs.json"
    file.write_bytes(content)
    workers = FakeWorkers()
    catalogue = PackCatalogue(library(), workers, file, "digest")
    workers.greet(Ready(definitions=DEFINITIONS))
    assert "GoldenShow" in catalogue.registry
    assert json.loads(file.read_text())["digest"] == "digest"


def test_ours_wins_where_a_pack_takes_a_name_of_it() -> None:
    taken = described(NodeSpec("KSampler", category="theirs"))
    catalogue = PackCatalogue(library(), FakeWorkers(Ready(definitions=[taken, {"id": "x"}])), None, "")
    found = catalogue.registry.get("KSampler")
    assert found is not None and found.category != "theirs"


def test_lists_of_choices_are_fresh_in_object_info(tmp_path: Path) -> None:
    fresh = json.loads(json.dumps(DEFINITIONS).replace('"constant"', '"just uploaded.png"'))
    workers = FakeWorkers(Ready(definitions=DEFINITIONS), {"definitions": Answer(1, {"definitions": fresh})})

    async def talk(client: Client) -> Any:
        every = await (await client.get("/object_info")).json()
        one = await (await client.get("/api/object_info/GoldenChanged")).json()
        return every, one

    every, one = served(fake_service(tmp_path, library(), workers=workers), talk)
    assert every["GoldenChanged"] == one["GoldenChanged"]
    assert one["GoldenChanged"]["input"]["required"]["mode"][0][0] == "just uploaded.png"
    assert "KSampler" in every


def test_a_node_that_cannot_be_described_is_left_out(tmp_path: Path) -> None:
    def fails() -> list[str]:
        raise OSError("gone")

    registry = Registry(golden_specs())
    broken = NodeSpec("Broken", (golden_specs()[9].inputs[0].__class__("a", "COMBO", choices=fails),))
    registry.add(broken)

    async def talk(client: Client) -> Any:
        return await (await client.get("/object_info")).json()

    found = served(fake_service(tmp_path, registry), talk)
    assert "Broken" not in found
    assert "GoldenShow" in found


def test_where_nothing_is_remembered_requests_wait_for_the_packs() -> None:
    class Slow(FakeWorkers):
        async def ready(self, timeout: float) -> bool:
            await asyncio.sleep(0)
            self.greet(Ready(definitions=DEFINITIONS))
            return True

    async def run() -> bool:
        catalogue = PackCatalogue(library(), Slow(), None, "")
        assert "GoldenShow" not in catalogue.registry
        await catalogue.settled()
        return "GoldenShow" in catalogue.registry

    assert asyncio.run(run())
