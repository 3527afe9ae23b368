"""From a path on the command line to a runnable graph, with the settings that were given beside it."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from darkroom.commands.exits import BAD_FILE, USAGE, Stop
from darkroom.engine.check import check
from darkroom.engine.graph import Graph
from darkroom.engine.problems import Problem, WorkflowError
from darkroom.engine.read import Loaded, read_any, read_json
from darkroom.engine.registry import Registry
from darkroom.files.folders import Folders
from darkroom.files.metadata import is_picture, read_metadata

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SEEDS = ("seed", "noise_seed")
Values = dict[tuple[str, str], Any]
MAXIMUM_FILE_BYTES = 512 * 1024 * 1024


def folders(options: argparse.Namespace) -> Folders:
    """The folders this command works with; raises Stop when --base is no folder."""
    base: Path = options.base or REPOSITORY
    if not base.is_dir():
        raise Stop(USAGE, f"--base {base}: there is no such folder")
    output: Path | None = getattr(options, "out", None)
    if output is not None:
        check_writable(output)
    return Folders(base, output=output, allow_pickle=options.allow_pickle)


def check_writable(output: Path) -> None:
    """Raise Stop where no file can be made in a folder, now rather than after minutes of sampling."""
    there = next(each for each in (output.absolute(), *output.absolute().parents) if os.path.lexists(each))
    if not there.is_dir():
        raise Stop(USAGE, f"--out {output}: {there} is no folder; choose another place")
    if not os.access(there, os.W_OK | os.X_OK):
        raise Stop(USAGE, f"--out {output}: nothing can be written in {there}; choose another place")


def opened(
    path: Path, registry: Registry, edits: Iterable[str] = (), *, seed: int | None = None, step: int = 0
) -> Loaded:
    """The graph in a workflow file or picture, with its settings changed.

    edits: `NODE.INPUT=VALUE`; seed, step: every seed becomes `seed` (stays the file's own where None) plus `step`
    Raises Stop: BAD_FILE where there is no workflow, USAGE for an edit that fits nothing.
    """
    document = document_in(path)
    texts = dict(map(edited, edits))
    values = {where: value_of(text) for where, text in texts.items()}
    loaded = loaded_with(document, path, registry, values)
    better: Values = {
        where: text
        for where, text in texts.items()
        if not isinstance(values[where], str) and takes_text(loaded.graph, registry, *where)
    }
    if seed is not None or step:
        better |= seeds(loaded.graph, seed, step)
    return loaded_with(document, path, registry, values | better) if better else loaded


def loaded_with(document: Mapping[str, Any], path: Path, registry: Registry, values: Values) -> Loaded:
    """Read the document, expanding its dynamic prompts and placeholders as the editor does when it queues a job."""
    try:
        return read_any(document, path.name, registry, values=values, rng=Random(), now=datetime.now())
    except WorkflowError as error:
        of_edit = all(problem.type in ("unknown_node", "unknown_input") for problem in error.problems)
        raise Stop(USAGE if of_edit else BAD_FILE, str(error)) from error


def document_in(path: Path) -> Mapping[str, Any]:
    """The JSON document in a file; of a picture, the drawn workflow in it, or else its runnable prompt."""
    try:
        if path.stat().st_size > MAXIMUM_FILE_BYTES:
            raise Stop(BAD_FILE, f"{path}: is larger than {MAXIMUM_FILE_BYTES >> 20} MB; a workflow is not")
        content = path.read_bytes()
    except OSError as error:
        raise Stop(BAD_FILE, f"{path}: cannot be read ({error.strerror}); give the path of a workflow file") from error
    try:
        if not is_picture(content):
            return read_json(content, path.name)
        return document_of_picture(content, path)
    except WorkflowError as error:
        raise Stop(BAD_FILE, str(error)) from error


def document_of_picture(content: bytes, path: Path) -> Mapping[str, Any]:
    """The drawn workflow in a picture, or else its runnable prompt. Raises WorkflowError where both are broken."""
    found = read_metadata(content)
    broken: WorkflowError | None = None
    for key in ("workflow", "prompt"):
        if key in found:
            try:
                return read_json(found[key], f"{path.name} ({key})")
            except WorkflowError as error:
                broken = broken or error
    if broken is not None:
        raise broken
    raise Stop(
        BAD_FILE,
        f"{path}: is a picture that carries no workflow; use one saved by Darkroom or ComfyUI with its metadata on",
    )


def edited(edit: str) -> tuple[tuple[str, str], str]:
    """`NODE.INPUT=VALUE` as ((node, input), text of the value). Raises Stop (USAGE) where it is of another form."""
    target, equals, text = edit.partition("=")
    node, dot, name = target.rpartition(".")
    if not equals or not dot or not node or not name:
        raise Stop(USAGE, f"--set {edit}: wants NODE.INPUT=VALUE, for example KSampler.steps=12")
    return (node, name), text


def value_of(text: str) -> Any:
    """Numbers, switches and quoted text as JSON has them; anything else is the text itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def takes_text(graph: Graph, registry: Registry, wanted: str, name: str) -> bool:
    """Whether an input is text, for which "1.10" is no number; wanted: an id, title or type."""
    specs = (registry.get(node.type) for node in graph if wanted in (node.id, node.title, node.type))
    given = [spec.input(name) for spec in specs if spec is not None]
    return any(each is not None and each.type == "STRING" for each in given)


def seeds(graph: Graph, seed: int | None, step: int) -> Values:
    """New values for every seed that is a plain number."""
    found = {
        (node.id, name): node.inputs[name]
        for node in graph
        for name in SEEDS
        if isinstance(node.inputs.get(name), int) and not isinstance(node.inputs[name], bool)
    }
    return {where: ((old if seed is None else seed) + step) % 2**64 for where, old in found.items()}


def problems_of(loaded: Loaded, registry: Registry, files: Folders) -> list[Problem]:
    """Everything that is wrong: with the file, then with the graph in it."""
    if errors(loaded.problems) and not loaded.graph.nodes:
        return loaded.problems  # that an empty graph shows nothing follows from these
    return [*loaded.problems, *check(loaded.graph, registry, files)]


def errors(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if not problem.warning]
