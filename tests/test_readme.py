"""Every command and every code block of the README works as it stands there."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from darkroom.cli import parser

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    lines = [line.partition("  #")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line]


SERVE = [command for command in commands() if command.startswith(("darkroom serve", "python server.py"))]
DARKROOM = [command for command in commands() if command.startswith("darkroom ") and command not in SERVE]
MAKE = [command for command in commands() if command.startswith("make ")]
OTHERS = ['export PATH="$PWD/.venv/bin:$PATH"']


def test_the_readme_holds_no_command_that_is_not_tested_here() -> None:
    assert sorted({*DARKROOM, *SERVE, *MAKE, *OTHERS}) == sorted(set(commands()))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like a clone: the shipped models, inputs and workflows, and an output folder of its own."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("models", "workflows"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "input", folder / "input")
    return folder


@pytest.mark.parametrize("command", DARKROOM)
def test_each_darkroom_command_of_the_readme_works(command: str, place: Path) -> None:
    words = shlex.split(command)
    if "output/postcard_00001_.png" in words and not (place / "output" / "postcard_00001_.png").exists():
        words_before = shlex.split(DARKROOM[0])
        assert darkroom(words_before[1:], place).returncode == 0
    done = darkroom(words[1:], place)
    assert done.returncode == 0, done.stderr


def darkroom(words: list[str], place: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "darkroom", words[0], *words[1:], "--base", str(place)],
        capture_output=True,
        text=True,
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )


@pytest.mark.parametrize("command", SERVE)
def test_each_command_that_serves_gets_a_worker_ready(command: str, place: Path) -> None:
    words = [sys.executable, "-m", *shlex.split(command)]
    if command.startswith("python"):
        words[1:3] = []
    done = subprocess.run(
        [*words, "--base-directory", str(place), "--port", "0", "--quick-test-for-ci"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "http://" in done.stdout


@pytest.mark.parametrize("command", MAKE)
def test_each_make_target_of_the_readme_exists(command: str) -> None:
    """A dry run: these very targets run this test, and set the machine up."""
    done = subprocess.run(
        ["make", "--dry-run", *command.split()[1:]], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr


def last_line_of(target: str) -> str:
    """What a target of the Makefile ends with."""
    dry = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", target], capture_output=True, text=True, cwd=ROOT, check=True
    ).stdout
    return dry.splitlines()[-1]


def test_what_make_run_calls_serves_the_editor(place: Path) -> None:
    line = last_line_of("run")
    assert line.endswith("python server.py --auto-launch")
    test_each_command_that_serves_gets_a_worker_ready(line.replace(".venv/bin/", ""), place)


def test_what_make_picture_calls_renders_the_picture(place: Path) -> None:
    line = last_line_of("picture")
    done = darkroom(shlex.split(line)[1:], place)
    assert done.returncode == 0, done.stderr
    (picture,) = done.stdout.split()
    assert Path(picture).is_file()


@pytest.mark.parametrize("code", blocks("python"))
def test_each_python_block_of_the_readme_runs(code: str, tmp_path: Path) -> None:
    file = tmp_path / "block.py"
    file.write_text(code)
    done = subprocess.run(
        [sys.executable, str(file)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_option_of_run_is_told_in_the_readme_or_in_its_help() -> None:
    text = parser().format_help() + README
    for word in ("run", "check", "nodes", "--set", "--json", "--base", "--allow-pickle"):
        assert word in text


def test_every_path_in_the_map_exists() -> None:
    listing = README.split("## The map")[1].split("```")[1]
    paths = [line.split()[0] for line in listing.strip().splitlines()]
    assert paths and all((ROOT / path).exists() for path in paths)


def test_every_picture_of_the_readme_exists() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures and all((ROOT / picture).is_file() for picture in pictures)


def test_the_error_shown_in_the_readme_is_what_the_check_says(tmp_path: Path) -> None:
    """The example is made anew: an image wired where a latent is wanted."""
    example = next(block for block in blocks("text") if "mistaken.json" in block).strip()
    workflow = json.loads((ROOT / "workflows" / "image_to_image.json").read_text())
    types = {node["type"]: node for node in workflow["nodes"]}
    sampler, loader = types["KSampler"], types["LoadImage"]
    link = next(link for link in workflow["links"] if link[3] == sampler["id"] and link[5] == "LATENT")
    link[1], link[2] = loader["id"], 0
    file = tmp_path / "mistaken.json"
    file.write_text(json.dumps(workflow))
    done = darkroom(["check", str(file)], ROOT)
    assert done.returncode == 4
    assert example in done.stderr
