"""Broken and hostile workflow files: one clear message, a non-zero exit code, nothing half-written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from darkroom.cli import main
from darkroom.commands.exits import BAD_FILE, FAILED_CHECK

ROOT = Path(__file__).parent.parent.parent
TEXT_TO_IMAGE = ROOT / "workflows" / "text_to_image.json"


def drawn() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(TEXT_TO_IMAGE.read_text())
    return content


def node_of_type(content: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(node for node in content["nodes"] if node["type"] == kind)
    return found


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A base folder with the shipped models and an empty output."""
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "models").symlink_to(ROOT / "models")
    return folder


def outcome(base: Path, file: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    """Exit code and what was said, of `darkroom run`; asserts that nothing was left behind."""
    code = main(["run", str(file), "--base", str(base), *more])
    said = capsys.readouterr().err
    output = base / "output"
    assert not output.exists() or not [path for path in output.rglob("*") if path.is_file()]
    assert "Traceback" not in said
    return code, said


UNREADABLE: dict[str, bytes] = {
    "empty.json": b"",
    "truncated.json": TEXT_TO_IMAGE.read_bytes()[:1500],
    "prose.json": b"once upon a time",
    "binary.json": bytes(range(256)) * 4,
    "number.json": b"42",
    "list.json": b"[1, 2, 3]",
    "deep.json": b'{"nodes":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "page.json": b"<!doctype html><title>404</title>",
    "nothing.json": b"{}",
    "nodes_are_text.json": b'{"nodes": "all of them", "links": []}',
    "not_a_picture.png": b"\x89PNG\r\n\x1a\nand then nothing",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_is_no_workflow_is_refused_by_name(
    name: str, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / name
    file.write_bytes(UNREADABLE[name])
    code, said = outcome(base, file, capsys)
    assert code == BAD_FILE
    assert name in said
    assert len(said.strip().splitlines()) == 1


def test_a_missing_file_and_a_folder_are_refused_by_name(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (tmp_path / "absent.json", tmp_path):
        code, said = outcome(base, path, capsys)
        assert code == BAD_FILE
        assert path.name in said


def unknown_type(content: dict[str, Any]) -> None:
    node_of_type(content, "KSampler")["type"] = "KSampelr"


def cycle(content: dict[str, Any]) -> None:
    sampler = node_of_type(content, "KSampler")
    link = next(link for link in content["links"] if link[3] == sampler["id"] and link[5] == "LATENT")
    link[1], link[2] = sampler["id"], 0


def wrong_wire(content: dict[str, Any]) -> None:
    loader, sampler = node_of_type(content, "CheckpointLoaderSimple"), node_of_type(content, "KSampler")
    link = next(link for link in content["links"] if link[3] == sampler["id"] and link[5] == "LATENT")
    link[1], link[2] = loader["id"], 2


def out_of_range(content: dict[str, Any]) -> None:
    values = node_of_type(content, "KSampler")["widgets_values"]
    values[2] = 0


def not_a_number(content: dict[str, Any]) -> None:
    node_of_type(content, "KSampler")["widgets_values"][3] = "plenty"


def unknown_choice(content: dict[str, Any]) -> None:
    node_of_type(content, "KSampler")["widgets_values"][4] = "eulre"


def missing_file(content: dict[str, Any]) -> None:
    node_of_type(content, "CheckpointLoaderSimple")["widgets_values"] = ["startre.safetensors"]


def dangling(content: dict[str, Any]) -> None:
    sampler = node_of_type(content, "KSampler")
    content["links"] = [link for link in content["links"] if not (link[3] == sampler["id"] and link[5] == "MODEL")]


def escaping(content: dict[str, Any]) -> None:
    node_of_type(content, "SaveImage")["widgets_values"] = ["../../../escaped"]


MUTATIONS: dict[str, tuple[Callable[[dict[str, Any]], None], str, str]] = {
    "unknown type": (unknown_type, "KSampelr", "KSampler"),
    "cycle": (cycle, "latent_image", "comes back"),
    "wrong wire": (wrong_wire, "latent_image", "LATENT"),
    "out of range": (out_of_range, "steps", "1"),
    "not a number": (not_a_number, "cfg", "plenty"),
    "unknown choice": (unknown_choice, "sampler_name", "euler"),
    "missing file": (missing_file, "ckpt_name", "starter.safetensors"),
    "dangling": (dangling, "model", "MODEL"),
    "escaping": (escaping, "filename_prefix", "output"),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_workflow_with_a_mistake_names_node_input_and_remedy(
    name: str, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mutate, *wanted = MUTATIONS[name]
    content = drawn()
    mutate(content)
    file = tmp_path / "mistaken.json"
    file.write_text(json.dumps(content))
    code, said = outcome(base, file, capsys)
    assert code == FAILED_CHECK
    for word in ("mistaken.json", *wanted):
        assert word in said


def test_a_duplicate_id_is_told(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = drawn()
    content["nodes"].append({**node_of_type(content, "VAEDecode")})
    file = tmp_path / "twice.json"
    file.write_text(json.dumps(content))
    code = main(["check", str(file), "--base", str(base)])
    said = capsys.readouterr().err
    assert "twice.json" in said
    assert str(node_of_type(content, "VAEDecode")["id"]) in said
    assert code == FAILED_CHECK


def test_wrong_types_everywhere_never_crash_the_reader(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each field of the file in turn becomes something else; check answers with an exit code each time."""
    replacements: list[Any] = [None, -1, 1e400, "text", [], {}, [[[]]], {"a": {"b": []}}, True]
    file = tmp_path / "odd.json"
    for field in ("nodes", "links", "groups", "extra", "definitions", "version", "last_node_id"):
        for value in replacements:
            file.write_text(json.dumps({**drawn(), field: value}))
            assert main(["check", str(file), "--base", str(base)]) in (0, BAD_FILE, FAILED_CHECK)
    for field in ("id", "type", "pos", "size", "flags", "mode", "inputs", "outputs", "properties", "widgets_values"):
        for value in replacements:
            content = drawn()
            node_of_type(content, "KSampler")[field] = value
            file.write_text(json.dumps(content))
            assert main(["check", str(file), "--base", str(base)]) in (0, BAD_FILE, FAILED_CHECK)
    assert "Traceback" not in capsys.readouterr().err


def test_a_chain_100_000_deep_is_checked(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nodes: dict[str, Any] = {
        "0": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}}
    }
    for index in range(1, 100_000):
        nodes[str(index)] = {"class_type": "ImageInvert", "inputs": {"image": [str(index - 1), 0]}}
    nodes["last"] = {"class_type": "PreviewImage", "inputs": {"images": ["99999", 0]}}
    file = tmp_path / "chain.json"
    file.write_text(json.dumps(nodes))
    assert main(["check", str(file), "--base", str(base)]) == 0, capsys.readouterr().err
