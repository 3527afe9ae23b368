"""The `darkroom` command from end to end, with the starter."""

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from darkroom.cli import main
from darkroom.commands.exits import CANCELLED, DONE, FAILED_CHECK, USAGE

ROOT = Path(__file__).parent.parent.parent
WORKFLOWS = sorted((ROOT / "workflows").rglob("*.json"))
TEXT_TO_IMAGE = str(ROOT / "workflows" / "text_to_image.json")
QUICK = ["--set", "KSampler.steps=2"]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "base"
    folder.mkdir()
    for name in ("models", "input"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def pictures(base: Path) -> list[Path]:
    return sorted((base / "output").rglob("*.png"))


def pixels(path: Path) -> Any:
    with Image.open(path) as opened:
        return np.asarray(opened.convert("RGB"), dtype=np.float32)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_each_example_workflow_runs_and_saves_a_picture(
    workflow: Path, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(workflow), "--base", str(base), "--seed", "1"]) == DONE, capsys.readouterr().err
    (picture,) = pictures(base)
    assert str(picture) in capsys.readouterr().out
    assert pixels(picture).std() > 20


def test_a_saved_picture_runs_again_and_gives_the_same_picture(base: Path) -> None:
    assert main(["run", TEXT_TO_IMAGE, "--base", str(base), "--seed", "5", *QUICK]) == DONE
    (first,) = pictures(base)
    assert main(["run", str(first), "--base", str(base)]) == DONE
    _, second = pictures(base)
    assert np.array_equal(pixels(first), pixels(second))


def test_the_prompt_in_a_picture_is_api_json_that_runs_to_the_same_picture(base: Path) -> None:
    assert main(["run", TEXT_TO_IMAGE, "--base", str(base), "--seed", "5", *QUICK]) == DONE
    (first,) = pictures(base)
    with Image.open(first) as opened:
        prompt = json.loads(opened.info["prompt"])
        workflow = json.loads(opened.info["workflow"])
    assert {node["class_type"] for node in prompt.values()} >= {"KSampler", "SaveImage"}
    assert "steps" in json.dumps(workflow)
    file = base / "api.json"
    file.write_text(json.dumps(prompt))
    assert main(["run", str(file), "--base", str(base)]) == DONE
    assert np.array_equal(pixels(pictures(base)[0]), pixels(pictures(base)[1]))


def test_count_gives_as_many_pictures_each_with_the_next_seed(base: Path) -> None:
    assert main(["run", TEXT_TO_IMAGE, "--base", str(base), "--seed", "5", "--count", "3", *QUICK]) == DONE
    first, second, third = pictures(base)
    assert not np.array_equal(pixels(first), pixels(second))
    assert main(["run", TEXT_TO_IMAGE, "--base", str(base), "--seed", "7", *QUICK]) == DONE
    assert np.array_equal(pixels(third), pixels(pictures(base)[3]))


def test_json_prints_nothing_but_json_lines(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", TEXT_TO_IMAGE, "--base", str(base), "--json", *QUICK]) == DONE
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    kinds = [line["event"] for line in lines]
    assert kinds[0] == "started"
    assert kinds[-2:] == ["finished", "saved"]
    steps = [(line["value"], line["maximum"]) for line in lines if line["event"] == "progress"]
    assert steps[-1] == (2, 2)
    assert lines[-1]["paths"] == [str(path) for path in pictures(base)]


def test_set_takes_an_id_a_title_or_a_type(base: Path) -> None:
    for node in ("2", "What to see"):
        assert main(["check", TEXT_TO_IMAGE, "--base", str(base), "--set", f"{node}.text=a tent"]) == DONE
    assert main(["check", TEXT_TO_IMAGE, "--base", str(base), "--set", "KSampler.steps=0"]) == FAILED_CHECK


@pytest.mark.parametrize(
    ("edit", "word"),
    [
        ("KSampelr.steps=3", "KSampler"),
        ("nonsense", "NODE.INPUT=VALUE"),
        ("KSampler.model=3", "no setting"),
        ("KSampler.stesp=3", "steps"),
    ],
)
def test_a_set_that_fits_nothing_says_so(edit: str, word: str, base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", TEXT_TO_IMAGE, "--base", str(base), "--set", edit]) == USAGE
    assert word in capsys.readouterr().err
    assert not pictures(base)


def test_nodes_lists_every_node_and_explains_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nodes"]) == DONE
    listed = capsys.readouterr().out
    assert main(["nodes", "ksampler"]) == DONE
    explained = capsys.readouterr().out
    assert "VAEEncodeForInpaint" in listed
    for word in ("latent_image", "denoise", "LATENT", "dpmpp_2m"):
        assert word in explained
    assert main(["nodes", "Ksampelr"]) == USAGE
    assert "KSampler" in capsys.readouterr().err


def test_nodes_as_json_is_object_info(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nodes", "KSampler", "--json"]) == DONE
    info = json.loads(capsys.readouterr().out)
    assert info["KSampler"]["input"]["required"]["steps"][0] == "INT"


def test_an_interrupt_stops_the_run_and_leaves_nothing_half_written(base: Path) -> None:
    """SIGINT in the middle of sampling ends the process with 130 within seconds."""
    command = [sys.executable, "-m", "darkroom", "run", TEXT_TO_IMAGE, "--base", str(base), "--json"]
    command += ["--set", "KSampler.steps=5000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["event"] == "progress":
                break
        process.send_signal(2)
        rest = process.stdout.read()
        assert process.wait(30) == CANCELLED
    assert '"outcome": "cancelled"' in rest
    assert not (base / "output").exists() or not list((base / "output").iterdir())


def test_the_default_workflow_of_comfyui_runs_with_the_starter(base: Path) -> None:
    """The template as it comes, with nothing but its settings pointed at the starter."""
    default = files("comfyui_workflow_templates") / "templates" / "default.json"
    settings = {
        "CheckpointLoaderSimple.ckpt_name": "starter.safetensors",
        "6.text": "a red house on a meadow on a sunny day",
        "EmptyLatentImage.width": "128",
        "EmptyLatentImage.height": "128",
    }
    edits = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    assert main(["run", str(default), "--base", str(base), *edits]) == DONE
    (picture,) = pictures(base)
    assert picture.name == "ComfyUI_00001_.png"
    seen = pixels(picture)
    assert seen.shape == (128, 128, 3)
    top, bottom = seen[:32].mean(axis=(0, 1)), seen[-24:].mean(axis=(0, 1))
    assert top[2] > top[0], "the sky of a sunny day is blue"
    assert bottom[1] > bottom[2], "a meadow is green"


def test_a_second_run_says_why_a_step_ran_again(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", TEXT_TO_IMAGE, "--base", str(base), "--seed", "5", "--count", "2", *QUICK]) == DONE
    said = capsys.readouterr().err
    assert "seed 5 -> 6" in said
    assert "Load Checkpoint (node 1): cached, nothing changed since it ran" in said
