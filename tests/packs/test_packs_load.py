"""Which packs are loaded and what they bring; a bad one is reported and stops no other."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from darkroom.engine.object_info import object_info
from darkroom.packs.host import QuietHost
from darkroom.packs.loading import source_digest
from tests.packs.making import loaded, node, write_pack

ROOT = Path(__file__).parents[2]

PACK = """
class {name}:
    INPUT_TYPES = classmethod(lambda cls: {{"required": {{"value": ("INT",)}}}})
    RETURN_TYPES, FUNCTION = ("INT",), "run"

    def run(self, value):
        return (value + {add},)

NODE_CLASS_MAPPINGS = {{"{id}": {name}}}
"""


def pack(name: str = "A", id: str = "A", add: int = 1) -> str:
    return PACK.format(name=name, id=id, add=add)


def test_folders_and_files_are_packs_and_disabled_ones_are_not(tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    for name in ("one/__init__.py", "two.py", "off.disabled/__init__.py", "__pycache__/__init__.py", "no/readme.py"):
        (packs / name).parent.mkdir(parents=True, exist_ok=True)
        (packs / name).write_text(pack(id=name))
    with loaded(packs, tmp_path / "missing", base=tmp_path) as bench:
        assert {spec.id for spec in bench.loaded.specs} == {"one/__init__.py", "two.py"}
        assert {spec.module for spec in bench.loaded.specs} == {"custom_nodes.one", "custom_nodes.two"}
        assert set(bench.loaded.seconds) == {"one", "two"}


def test_relative_imports_paths_and_scripts_before_the_start_work_as_packs_are_used_to(tmp_path: Path) -> None:
    folder = tmp_path / "packs" / "my.pack"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(
        "import os, sys\n"
        "assert os.environ.pop('EARLY_SCRIPT') == 'ran'\n"
        "sys.path.insert(0, os.path.dirname(__file__))\n"
        "import helper_of_my_pack\n"
        "from .nodes import NODE_CLASS_MAPPINGS\n"
        "WEB_DIRECTORY = './js'\n"
    )
    (folder / "nodes.py").write_text(pack(add=5))
    (folder / "helper_of_my_pack.py").write_text("")
    (folder / "prestartup_script.py").write_text("import os\nos.environ['EARLY_SCRIPT'] = 'ran'\n")
    (folder / "pyproject.toml").write_text('[project]\nname = "My Pack"\n[tool.comfy]\nweb = "dist"\n')
    (folder / "js").mkdir()
    (folder / "dist").mkdir()
    with loaded(tmp_path / "packs", base=tmp_path) as bench:
        assert bench.loaded.failures == ()
        assert bench.loaded.web == {"my.pack": str(folder / "js"), "My Pack": str(folder / "dist")}
        assert str(folder).replace(".", "_x_") in sys.modules
        prompt = {"1": node("A", value=1), "2": node("PreviewAny", source=["1", 0])}
        assert bench.run(prompt).ui["2"] == {"text": ["6"]}


def test_packs_do_not_replace_our_nodes_but_each_other(tmp_path: Path) -> None:
    packs = write_pack(tmp_path / "packs", "a", pack(id="KSampler") + pack(id="Same", add=1))
    with loaded(packs, base=tmp_path) as bench:
        assert [spec.id for spec in bench.loaded.specs] == ["Same"]
    write_pack(tmp_path / "later", "b", pack(id="Same", add=2))
    with loaded(packs, tmp_path / "later", base=tmp_path) as bench:
        assert [(spec.id, spec.module) for spec in bench.loaded.specs] == [("Same", "custom_nodes.b")]


BAD = {
    "raises": ("x = 1\nraise RuntimeError('no luck')\n", ":2", "RuntimeError: no luck; update the pack"),
    "syntax": ("x = 1\ndef f(:\n", ":2", "SyntaxError"),
    "leaves": ("import sys\nsys.exit(3)\n", ":2", "tried to end the whole program (exit code 3)"),
    "missing": (
        "import no_such_module_at_all\n",
        ":1",
        "install the Python package that brings 'no_such_module_at_all'",
    ),
    "lacks": (
        "from comfy.utils import no_such\n",
        ":1",
        "cannot import name 'no_such' from 'comfy.utils'; the pack needs",
    ),
    "deep": ("import comfy.unheard_of\n", ":1", "Darkroom has no module 'comfy.unheard_of'"),
    "hollow": ("from comfy.sd import VAE\n", ":1", "cannot import name 'VAE' from 'comfy.sd'; the pack needs"),
    "v3": ("async def comfy_entrypoint(): ...\n", "", "V3 way"),
    "v3_too": ("from comfy_api.latest import io\n", ":1", "V3 nodes are not supported yet"),
    "empty": ("", "", "no NODE_CLASS_MAPPINGS"),
    "no_method": (pack().replace('"run"', '"walk"'), "", "node A: ClassError: A.FUNCTION is 'walk'"),
    "bad_types": (pack().replace("lambda cls: ", "lambda cls: 1 / 0 or "), ":3", "node A: ZeroDivisionError"),
    "bad_input": (pack().replace('("INT",)}', "7}"), "", "not by (type, options)"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_pack_is_reported_with_its_place_and_a_remedy_and_the_others_load(tmp_path: Path, name: str) -> None:
    source, line, message = BAD[name]
    packs = write_pack(write_pack(tmp_path / "packs", name, source), "good", pack(id="Good"))
    with loaded(packs, base=tmp_path) as bench:
        assert [spec.id for spec in bench.loaded.specs] == ["Good"]
        (told,) = bench.loaded.failures
        assert told["pack"] == name
        assert told["where"].endswith(f"{name}.py{line}") or (not line and told["where"].endswith("packs"))
        assert message in told["message"]


def test_what_a_missing_package_needs_is_named_by_the_packs_own_list(tmp_path: Path) -> None:
    folder = tmp_path / "packs" / "needy"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("import no_such_module_at_all\n")
    (folder / "requirements.txt").write_text("no-such\n")
    with loaded(tmp_path / "packs", base=tmp_path) as bench:
        (told,) = bench.loaded.failures
        assert told["message"].endswith(f"python -m pip install -r {folder / 'requirements.txt'}")


def test_packs_can_be_disabled_but_for_some(tmp_path: Path) -> None:
    packs = write_pack(write_pack(tmp_path / "packs", "a", pack(id="A")), "b", pack(id="B"))
    with loaded(packs, base=tmp_path, disabled=True) as bench:
        assert bench.loaded.specs == ()
    with loaded(packs, base=tmp_path, disabled=True, whitelist=["b"]) as bench:
        assert [spec.id for spec in bench.loaded.specs] == ["B"]


def test_a_changed_source_changes_the_digest_and_with_it_the_keys(tmp_path: Path) -> None:
    packs = write_pack(tmp_path / "packs", "a", pack())
    before = source_digest([packs])
    assert source_digest([packs]) == before
    with loaded(packs, base=tmp_path) as bench:
        first = bench.loaded.specs[0].digest
    write_pack(packs, "a", pack(add=2))
    assert source_digest([packs]) != before
    with loaded(packs, base=tmp_path) as bench:
        assert bench.loaded.specs[0].digest != first


DESCRIBED = """
class Any(str):
    def __eq__(self, other): return True
    def __ne__(self, other): return False

NAMES = ["one"]

class Node:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {
            "old": (NAMES, {"default": "one"}), "loose": (tuple(NAMES),), "new": ("COMBO", {"options": NAMES}),
            "any": (Any("*"), {"forceInput": True})}, "optional": {"x": ("FLOAT", {"min": 0.5})},
            "hidden": {"id": "UNIQUE_ID"}}
    RETURN_TYPES = ("INT", Any("*"), ["a", "b"])
    RETURN_NAMES = ("number",)
    OUTPUT_IS_LIST = (True,)
    OUTPUT_TOOLTIPS = ("a number",)
    FUNCTION, CATEGORY, DESCRIPTION = "run", "a/b", "what it does"
    OUTPUT_NODE, DEPRECATED, EXPERIMENTAL = True, True, True
    def run(self, **given): return (list(given), 1, "a")

NODE_CLASS_MAPPINGS = {"Node": Node}
NODE_DISPLAY_NAME_MAPPINGS = {"Node": "A Node"}
"""


def test_a_class_is_described_as_its_author_wrote_it(tmp_path: Path) -> None:
    with loaded(write_pack(tmp_path / "packs", "a", DESCRIBED), base=tmp_path) as bench:
        assert bench.loaded.failures == ()
        bench.loaded.modules["a"].NAMES.append("two")
        assert object_info(bench.loaded.specs[0], bench.files) == {
            "input": {
                "required": {
                    "old": [["one", "two"], {"default": "one"}],
                    "loose": [["one", "two"]],
                    "new": ["COMBO", {"options": ["one", "two"]}],
                    "any": ["*", {"forceInput": True}],
                },
                "optional": {"x": ["FLOAT", {"min": 0.5}]},
                "hidden": {"id": "UNIQUE_ID"},
            },
            "input_order": {"required": ["old", "loose", "new", "any"], "optional": ["x"], "hidden": ["id"]},
            "output": ["INT", "*", ["a", "b"]],
            "output_is_list": [True, False, False],
            "output_name": ["number", "*", "['a', 'b']"],
            "output_tooltips": ["a number", None, None],
            "name": "Node",
            "display_name": "A Node",
            "description": "what it does",
            "python_module": "custom_nodes.a",
            "category": "a/b",
            "output_node": True,
            "deprecated": True,
            "experimental": True,
        }
        prompt: dict[str, Any] = {"0": node("PrimitiveString", value="x")}
        prompt["1"] = node("Node", old="two", loose="anything", new="two", any=["0", 0])
        assert bench.problems(prompt) == []
        prompt["1"]["inputs"]["old"] = "three"
        assert [each.type for each in bench.problems(prompt)] == ["value_not_in_list"]


ROUTES = """
from aiohttp import web
from server import PromptServer

server = PromptServer.instance

@server.routes.get("/mine/{name}")
async def mine(request):
    return web.json_response({"name": request.match_info["name"], "loop": server.loop is not None})

@server.routes.post("/mine")
async def post(request):
    server.send_sync("mine.event", await request.json(), "someone")
    return web.Response()

server.app.router.add_get("/direct/{rest:.*}", mine)
server.app.router.add_static("/files", str(__file__).rpartition("/")[0])
server.add_on_prompt_handler(lambda body: {**body, "seen": True})
NODE_CLASS_MAPPINGS = {}
"""


async def mute(request: web.Request) -> web.Response:
    return web.Response()


def test_routes_of_packs_are_served_by_the_application(tmp_path: Path) -> None:
    host = QuietHost()
    with loaded(write_pack(tmp_path / "packs", "a", ROUTES), base=tmp_path, host=host) as bench:
        app = bench.loaded.app
        assert app is not None
        for method, path in bench.loaded.routes:
            web.UrlDispatcher().add_route(method, path, mute)
        wanted = {
            ("GET", "/mine/{name}"),
            ("POST", "/mine"),
            ("GET", "/direct/{rest:.*}"),
            ("GET", "/files/{filename:.+}"),
        }
        assert {each for each in bench.loaded.routes if each[0] != "HEAD"} == wanted
        assert [handler({}) for handler in bench.loaded.on_prompt] == [{"seen": True}]

        async def ask() -> Any:
            async with TestClient(TestServer(app)) as client:
                await client.post("/mine", json={"a": 1})
                return await (await client.get("/mine/x")).json()

        assert asyncio.run(ask()) == {"name": "x", "loop": True}
    assert host.sent == [("mine.event", {"a": 1}, "someone")]


def test_without_routes_there_is_no_application(tmp_path: Path) -> None:
    with loaded(write_pack(tmp_path / "packs", "a", pack()), base=tmp_path) as bench:
        assert bench.loaded.app is None


def test_the_example_pack_works(tmp_path: Path) -> None:
    with loaded(ROOT / "custom_nodes", base=tmp_path) as bench:
        assert bench.loaded.failures == ()
        prompt = {
            "1": node("EmptyImage", width=2, height=2, batch_size=1, color=0x40A0F0),
            "2": node("ExamplePosterize", image=["1", 0], shades=2),
        }
        assert bench.problems({**prompt, "3": node("PreviewImage", images=["2", 0])}) == []
        image = bench.run(prompt, targets=["2"]).outputs["2"][0][0]
        assert image[0, 0, 0].tolist() == [0.0, 1.0, 1.0]


def test_loading_light_packs_needs_no_torch(tmp_path: Path) -> None:
    write_pack(tmp_path / "packs", "a", "import folder_paths, server, node_helpers, nodes\n" + pack())
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from pathlib import Path\n"
        "from darkroom.files.folders import Folders\n"
        "from darkroom.packs.host import QuietHost\n"
        "from darkroom.packs.loading import load_packs\n"
        "from nodes.library import library\n"
        f"base = Path({str(tmp_path)!r})\n"
        "packs = load_packs([base / 'packs'], library(), files=Folders(base), host=QuietHost())\n"
        "assert not packs.failures and len(packs.specs) == 1, packs.failures\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
