"""A pack with routes, messages, browser files, a handler of posted prompts and a prestartup script."""

import os
import threading
from pathlib import Path

from aiohttp import web

from server import PromptServer

WEB_DIRECTORY = "./web"
routes = PromptServer.instance.routes
HOLD = threading.Event()


@routes.get("/serving/hello")
async def hello(request):
    return web.json_response({"hello": request.query.get("name", ""), "prestarted": os.environ.get("SERVING_BEGUN")})


@routes.post("/serving/echo/{what}")
async def echo(request):
    return web.Response(text=f"{request.match_info['what']}: {(await request.read()).decode()}", status=201)


@routes.post("/serving/tell")
async def tell(request):
    said = await request.json()
    PromptServer.instance.send_sync("serving.news", {"words": said["words"]}, said.get("to"))
    return web.json_response({})


@routes.get("/serving/fail")
async def fail(request):
    raise RuntimeError("a route of a pack that fails")


def rewrite(body):
    """Puts words into each Shout that asks for them; fails where it is told to."""
    for node in body.get("prompt", {}).values():
        if node.get("class_type") == "Shout" and node["inputs"].get("words") == "from the handler":
            node["inputs"]["words"] = "rewritten"
    if body.get("extra_data", {}).get("fail"):
        raise RuntimeError("a handler that fails")
    return body


PromptServer.instance.add_on_prompt_handler(rewrite)


class Shout:
    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"words": ("STRING", {"default": ""})},
            "optional": {"loud": (sorted(each.name for each in Path(__file__).parent.iterdir()),)},
        }

    RETURN_TYPES = ("STRING",)
    FUNCTION = "run"
    OUTPUT_NODE = True

    @classmethod
    def VALIDATE_INPUTS(cls, words):
        return "it is forbidden" if words == "forbidden" else True

    def run(self, words, loud=None):
        return {"ui": {"text": [words.upper()]}, "result": (words,)}


class Hold:
    """Runs until the pack's /serving/release is called."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {}}

    RETURN_TYPES = ("STRING",)
    FUNCTION = "run"
    OUTPUT_NODE = True

    @classmethod
    def IS_CHANGED(cls):
        return float("nan")

    def run(self):
        held = HOLD.wait(20)
        HOLD.clear()
        return {"ui": {"text": ["released" if held else "forgotten"]}, "result": ("",)}


@routes.post("/serving/release")
async def release(request):
    HOLD.set()
    return web.json_response({})


NODE_CLASS_MAPPINGS = {"Shout": Shout, "Hold": Hold}
NODE_DISPLAY_NAME_MAPPINGS = {"Shout": "Shout it out"}
