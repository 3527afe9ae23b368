"""The tokens of a prompt are counted while it is typed."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from safetensors.torch import save_file
from torch import zeros

from darkroom.service.http.app import build_app
from darkroom.service.http.routes import ROUTES
from darkroom.service.http.tokens import MOST_CHARACTERS
from nodes.embeddings import prompt_tokens
from nodes.library import library
from tests.service.fakes import fake_service

URL = "/api/darkroom/tokens"


def talk(folder: Path, work: Callable[[TestClient[Any, Any]], Awaitable[None]], *, counts: bool = True) -> None:
    async def run() -> None:
        service = fake_service(folder, library())
        if counts:
            service = dataclasses.replace(
                service, facts=dataclasses.replace(service.facts, prompt_tokens=prompt_tokens)
            )
        async with TestClient(TestServer(build_app(service, ROUTES))) as client:
            await work(client)

    asyncio.run(run())


def test_a_prompt_is_counted_with_the_beginnings_of_its_chunks(tmp_path: Path) -> None:
    async def work(client: TestClient[Any, Any]) -> None:
        said = await (await client.post(URL, json={"text": "a red house"})).json()
        assert said == {"tokens": 3, "room": 75, "chunks": [{"start": 0, "tokens": 3}], "warnings": []}
        text = "house " * 75 + "boat"
        said = await (await client.post(URL, json={"text": text})).json()
        assert said["chunks"] == [{"start": 0, "tokens": 75}, {"start": text.index("boat"), "tokens": 1}]

    talk(tmp_path, work)


def test_places_count_as_browsers_count_them(tmp_path: Path) -> None:
    async def work(client: TestClient[Any, Any]) -> None:
        said = await (await client.post(URL, json={"text": "😀 " + "house " * 75 + "boat"})).json()
        before = len(("😀 " + "house " * 75).encode("utf-16-le")) // 2
        # The smiley is made of several tokens, so the cut is some words before the end.
        assert (before - said["chunks"][1]["start"]) % len("house ") == 0
        assert said["chunks"][1]["start"] < before

    talk(tmp_path, work)


def test_an_embedding_counts_as_many_as_it_has_vectors(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "embeddings"
    folder.mkdir(parents=True)
    save_file({"emb_params": zeros(4, 768)}, folder / "style.safetensors")
    (folder / "broken.safetensors").write_bytes(b"no weights")

    async def work(client: TestClient[Any, Any]) -> None:
        said = await (
            await client.post(URL, json={"text": "cat embedding:style embedding:broken embedding:nobody"})
        ).json()
        assert said["tokens"] == 1 + 4 + 1
        assert len(said["warnings"]) == 1
        assert "nobody" in said["warnings"][0]

    talk(tmp_path, work)


def test_an_embedding_that_claims_to_be_endless_takes_no_memory(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "embeddings"
    folder.mkdir(parents=True)
    header = b'{"emb_params":{"dtype":"F32","shape":[1000000000000,0],"data_offsets":[0,0]}}'
    (folder / "endless.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)

    async def work(client: TestClient[Any, Any]) -> None:
        response = await client.post(URL, json={"text": "embedding:endless " * 1_000})
        assert response.status == 200
        assert (await response.json())["tokens"] <= 1_000 * 1_000

    talk(tmp_path, work)


def test_what_is_no_prompt_is_refused(tmp_path: Path) -> None:
    async def work(client: TestClient[Any, Any]) -> None:
        bodies: list[Any] = [{}, {"text": 1}, {"text": None}, []]
        for body in bodies:
            assert (await client.post(URL, json=body)).status == 400
        assert (await client.post(URL, json={"text": "a" * (MOST_CHARACTERS + 1)})).status == 413
        assert (await client.post(URL, json={"text": "a" * MOST_CHARACTERS})).status == 200

    talk(tmp_path, work)


def test_a_server_that_cannot_count_says_so(tmp_path: Path) -> None:
    async def work(client: TestClient[Any, Any]) -> None:
        assert (await client.post(URL, json={"text": "a"})).status == 404

    talk(tmp_path, work, counts=False)
