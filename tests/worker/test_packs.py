"""Packs load in the worker, and reach the server and browsers from there."""

import asyncio
from pathlib import Path

import aiohttp

from darkroom.frames.definitions import spec_of
from darkroom.frames.messages import PackMessage, Ready, RunJob
from darkroom.worker.main import main
from tests.worker.talking import api, process

PACK = """
import torch
from aiohttp import web
from comfy.utils import ProgressBar
from server import PromptServer

class Twice:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("INT", {"default": 1})}, "hidden": {"prompt": "PROMPT"}}
    RETURN_TYPES = ("INT",)
    FUNCTION = "go"
    OUTPUT_NODE = True
    CATEGORY = "toys"

    def go(self, value, prompt):
        ProgressBar(2).update(1)
        PromptServer.instance.send_sync("toy.said", {"prompt": sorted(prompt)})
        return {"ui": {"value": [2 * value, torch.is_inference_mode_enabled()]}, "result": (2 * value,)}

@PromptServer.instance.routes.get("/toy/hello")
async def hello(request):
    return web.json_response({"hello": "there"})

def on_prompt(body):
    body["seen"] = True
    return body

PromptServer.instance.add_on_prompt_handler(on_prompt)
NODE_CLASS_MAPPINGS = {"ToyTwice": Twice}
"""


def pack(base: Path) -> tuple[Path, ...]:
    folder = base / "custom_nodes"
    for name, source in (("toy", PACK), ("broken", "import nothing_of_that_name")):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(source)
    return (folder,)


async def hello(socket: str) -> object:
    async with (
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(socket)) as session,
        session.get("http://worker/toy/hello") as response,
    ):
        return await response.json()


def test_a_pack_has_nodes_routes_hooks_and_messages(tmp_path: Path) -> None:
    with process(main, tmp_path, custom_nodes=pack(tmp_path)) as (talk, _):
        ready = talk.until(lambda message: isinstance(message, Ready))
        assert asyncio.run(hello(ready.socket)) == {"hello": "there"}
        body = talk.ask("on_prompt", body={"prompt": {}}).data["body"]
        definitions = talk.ask("definitions").data["definitions"]
        talk.send(RunJob("a", 1, api(_1=("ToyTwice", {"value": 4})), ["1"], client="me"))
        done = talk.done()
    assert done.ui == {"1": {"value": [8, True]}}
    (said,) = [each for each in talk.heard if isinstance(each, PackMessage)]
    assert (said.event, said.data) == ("toy.said", {"prompt": ["1"]})
    assert talk.events("progress")[0].data == {"node": "1", "display_node": "1", "value": 1, "maximum": 2}
    assert body == {"prompt": {}, "seen": True} and ready.on_prompt
    assert [list(each) for each in ready.routes if each[0] == "GET"] == [["GET", "/toy/hello"]]
    assert definitions == list(ready.definitions)
    assert [spec_of(each).id for each in definitions] == ["ToyTwice"]
    assert [each["pack"] for each in ready.failures] == ["broken"]
    assert "nothing_of_that_name" in ready.failures[0]["message"]


def test_packs_may_be_switched_off(tmp_path: Path) -> None:
    with process(main, tmp_path, custom_nodes=pack(tmp_path), disable_all_custom_nodes=True) as (talk, _):
        ready = talk.until(lambda message: isinstance(message, Ready))
    assert not ready.definitions and not ready.socket and not ready.failures
