"""What POST /prompt answers to every recorded prompt of ComfyUI's server."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.service.fakes import fake_service
from tests.service.http.golden import Client, golden_registry, served

TRACES = Path(__file__).parent.parent.parent / "data" / "golden" / "traces"

RECORDED = sorted(path.stem for path in TRACES.glob("*.json"))


def kinds(body: dict[str, Any]) -> tuple[Any, ...]:
    """Types of errors, as the recorder compares them."""
    nodes = {id: sorted(each["type"] for each in said["errors"]) for id, said in body["node_errors"].items()}
    return body.get("error", {}).get("type"), nodes


def same_words(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Labels, details and extra_info of node errors; ours may say more."""
    for id, said in theirs.items():
        assert ours[id]["class_type"] == said["class_type"]
        assert ours[id]["dependent_outputs"] == said["dependent_outputs"]
        for mine, wanted in zip(ours[id]["errors"], said["errors"], strict=True):
            inner = wanted["type"] == "exception_during_inner_validation"  # ours names the input with the broken link
            keys = ("message",) if inner else ("message", "details", "extra_info")
            assert {key: mine[key] for key in keys} == {key: wanted[key] for key in keys}


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_prompt_gets_the_recorded_answer(name: str, tmp_path: Path) -> None:
    steps = json.loads((TRACES / f"{name}.json").read_text())

    async def talk(client: Client) -> list[tuple[int, dict[str, Any]]]:
        answers = []
        for step in steps:
            response = await client.post("/prompt", json={"prompt": step["prompt"], "client_id": "c"})
            answers.append((response.status, await response.json()))
        return answers

    for step, (status, body) in zip(steps, served(fake_service(tmp_path, golden_registry()), talk), strict=True):
        assert status == step["status"], body
        if status != 200 or step["body"]["node_errors"]:
            assert kinds(body) == kinds(step["body"])
            same_words(body["node_errors"], step["body"]["node_errors"])
        if "error" in step["body"] and name != "static_cycle":
            assert {key: body["error"][key] for key in ("message", "details")} == {
                key: step["body"]["error"][key] for key in ("message", "details")
            }
