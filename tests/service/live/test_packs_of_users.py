"""Packs through a real server: their routes, messages, browser files, handlers, validators, and where failures show."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from benchmarks.live import LiveServer, running
from tests.service.live.driving import PACKS, Client, eventually, node, refusal


@pytest.fixture
def client(connect: Callable[..., Client]) -> Client:
    return connect("packs")


def shout(words: str, **more: Any) -> dict[str, Any]:
    return {"1": node("Shout", words=words, **more)}


def test_every_pack_is_listed_with_what_it_brought_or_why_it_failed(server: LiveServer) -> None:
    told = server.get("/api/darkroom/packs")
    packs = {pack["name"]: pack for pack in told["packs"]}
    assert told["is_loaded"] is True
    assert list(packs) == ["broken", "caching", "example_pack", "odd", "serving", "single"]
    assert {name: pack["nodes"] for name, pack in packs.items() if name != "example_pack"} == {
        "broken": 0,
        "caching": 3,
        "odd": 3,
        "serving": 2,
        "single": 7,
    }
    assert packs["example_pack"]["nodes"] > 0
    assert all(0 <= pack["seconds"] < 20 for pack in packs.values())
    assert not packs["serving"]["failures"]
    (failure,) = packs["broken"]["failures"]
    assert failure["where"] == f"{server.base}/custom_nodes/broken/__init__.py:4"
    assert failure["message"] == (
        "ModuleNotFoundError: No module named 'a_package_that_nobody_has'; "
        "install the Python package that brings 'a_package_that_nobody_has'"
    )
    (failure,) = packs["odd"]["failures"]
    assert "Undescribable" in failure["message"]
    assert "no inputs today" in failure["message"]
    log = server.log.read_text()
    assert log.count("Pack broken failed: ModuleNotFoundError: No module named 'a_package_that_nobody_has';") == 1
    assert "node types came from 6 packs in " in log


def test_routes_of_a_pack_stand_under_both_names(server: LiveServer) -> None:
    for prefix in ("", "/api"):
        got = requests.get(f"{server.url}{prefix}/serving/hello", params={"name": "a b&c"}, timeout=20)
        assert got.json() == {"hello": "a b&c", "prestarted": "yes"}
        posted = requests.post(f"{server.url}{prefix}/serving/echo/x%20y", data=b"grass", timeout=20)
        assert (posted.status_code, posted.text) == (201, "x y: grass")
        assert requests.get(f"{server.url}{prefix}/serving/nothing", timeout=20).status_code == 404
        assert requests.get(f"{server.url}{prefix}/serving/tell", timeout=20).status_code in (404, 405)


def test_a_route_that_fails_is_answered_and_harms_nothing(server: LiveServer) -> None:
    assert requests.get(f"{server.url}/serving/fail", timeout=20).status_code == 500
    assert requests.get(f"{server.url}/serving/hello", timeout=20).status_code == 200
    assert "a route of a pack that fails" in server.log.read_text()


def test_a_pack_sends_to_one_client_or_to_all(
    server: LiveServer, client: Client, connect: Callable[..., Client]
) -> None:
    other = connect("another")
    requests.post(f"{server.url}/serving/tell", json={"words": "one", "to": "packs"}, timeout=20)
    requests.post(f"{server.url}/serving/tell", json={"words": "all"}, timeout=20)
    other.wait("serving.news", words="all")
    client.wait("serving.news", words="all")
    assert [data["words"] for type, data in client.said if type == "serving.news"] == ["one", "all"]
    assert [data["words"] for type, data in other.said if type == "serving.news"] == ["all"]


def test_browser_files_of_a_pack_are_served(server: LiveServer) -> None:
    assert "/extensions/serving/shown.js" in server.get("/extensions")
    got = requests.get(f"{server.url}/extensions/serving/shown.js", timeout=20)
    assert got.text == 'export const shown = "serving";\n'
    assert "javascript" in got.headers["Content-Type"]
    for path in ("../__init__.py", "%2e%2e/__init__.py", "nothing.js"):
        assert requests.get(f"{server.url}/extensions/serving/{path}", timeout=20).status_code in (403, 404)


def test_a_handler_of_posted_prompts_rewrites_them(client: Client) -> None:
    entry = client.end_of(client.post(shout("from the handler")))
    assert entry["outputs"]["1"]["text"] == ["REWRITTEN"]
    assert entry["prompt"][2]["1"]["inputs"]["words"] == "rewritten"


def test_a_handler_that_fails_is_skipped(client: Client) -> None:
    entry = client.end_of(client.post(shout("as it was"), extra_data={"fail": True}))
    assert entry["outputs"]["1"]["text"] == ["AS IT WAS"]


def test_validators_answer_while_a_job_runs(server: LiveServer, client: Client) -> None:
    job = client.post({"1": node("Hold")})
    client.wait("executing", node="1", prompt_id=job)
    errors = refusal(server, shout("forbidden"))["node_errors"]["1"]["errors"]
    assert [(each["type"], each["details"]) for each in errors] == [
        ("custom_validation_failed", "words - it is forbidden")
    ]
    problems = server.post("/api/darkroom/check", {"prompt": shout("forbidden")})
    assert "it is forbidden" in json.dumps(problems)
    following = client.post(shout("allowed"))
    assert job in server.get("/api/darkroom/workers")["running"]
    requests.post(f"{server.url}/serving/release", timeout=20)
    assert client.end_of(job)["outputs"]["1"]["text"] == ["released"]
    assert client.end_of(following)["outputs"]["1"]["text"] == ["ALLOWED"]


def test_wildcards_link_to_everything_and_unions_to_their_parts(server: LiveServer, client: Client) -> None:
    prompt = {
        "1": node("Count", steps=3, seconds=0.0, name="linked"),
        "2": node("Pass", value=["1", 0]),
        "3": node("Wants", thing=["2", 0], either=["1", 0]),
    }
    assert client.end_of(client.post(prompt))["outputs"]["3"]["text"] == ["3 3"]
    prompt["3"]["inputs"]["thing"] = ["1", 0]
    (error,) = refusal(server, prompt)["node_errors"]["3"]["errors"]
    assert (error["type"], error["extra_info"]["input_name"]) == ("return_type_mismatch", "thing")
    assert error["details"] == "thing, received_type(INT) mismatch input_type(THING)"


def test_inputs_of_any_name_reach_a_node_that_claims_them_all(server: LiveServer, client: Client) -> None:
    prompt = {
        "1": node("Count", steps=3, seconds=0.0, name="gathered"),
        "22": node("Gather", colour=["1", 0], size=7, words="as they are"),
    }
    shown = client.end_of(client.post(prompt))["outputs"]["22"]
    assert "colour=3" in shown["text"]
    assert shown["id"] == ["22"]
    info = server.get("/object_info/Gather")["Gather"]
    assert (info["python_module"], info["output_node"]) == ("custom_nodes.odd", True)


def test_lists_of_choices_are_fresh(server: LiveServer, client: Client) -> None:
    before = server.get("/object_info/Shout")["Shout"]["input"]["optional"]["loud"][0]
    (server.base / "custom_nodes" / "serving" / "new.txt").write_text("")
    after = server.get("/object_info/Shout")["Shout"]["input"]["optional"]["loud"][0]
    assert set(after) - set(before) == {"new.txt"}
    assert server.get("/object_info/Shout")["Shout"]["display_name"] == "Shout it out"
    entry = client.end_of(client.post(shout("new choice", loud="new.txt")))
    assert entry["outputs"]["1"]["text"] == ["NEW CHOICE"]
    (error,) = refusal(server, shout("no choice", loud="old.txt"))["node_errors"]["1"]["errors"]
    assert error["type"] == "value_not_in_list"


def test_the_example_pack_runs(server: LiveServer) -> None:
    mine = [type for type, info in server.get("/object_info").items() if info["python_module"].endswith("example_pack")]
    assert mine
    assert all(server.get(f"/object_info/{type}")[type]["description"] for type in mine)


def test_definitions_are_remembered_until_a_pack_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path, packs=[PACKS / "odd"]) as live:
        live.ready()
        known = live.get("/object_info")["Gather"]
    monkeypatch.setenv("ODD_SECONDS", "3")
    with running(tmp_path) as live:
        assert live.get("/object_info")["Gather"] == known
        assert live.get("/api/darkroom/packs") == {"is_loaded": False, "packs": []}
    monkeypatch.delenv("ODD_SECONDS")
    pack = tmp_path / "custom_nodes" / "odd" / "__init__.py"
    pack.write_text(pack.read_text().replace("(Pass, Gather,", "(Pass,"))
    with running(tmp_path) as live:
        assert "Gather" not in live.get("/object_info")


def test_only_packs_of_the_whitelist_load_where_all_are_disabled(tmp_path: Path) -> None:
    flags = ("--disable-all-custom-nodes", "--whitelist-custom-nodes", "odd")
    with running(tmp_path, *flags, packs=[PACKS / "odd", PACKS / "serving"]) as live:
        found = live.get("/object_info")
        assert "Gather" in found
        assert "Shout" not in found
        eventually(lambda: live.get("/api/darkroom/packs")["is_loaded"])
        assert [pack["name"] for pack in live.get("/api/darkroom/packs")["packs"]] == ["odd"]
