"""From a path on the command line to a runnable graph, with the settings that were given beside it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from darkroom.commands.exits import BAD_FILE, USAGE, Stop
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
    return Folders(base, output=getattr(options, "out", None), allow_pickle=options.allow_pickle)


def opened(
    path: Path, registry: Registry, edits: Iterable[str] = (), *, seed: int | None = None, step: int = 0
) -> Loaded:
    """The graph in a workflow file or picture, with its settings changed.

    edits: `NODE.INPUT=VALUE`; seed, step: every seed becomes `seed` (stays the file's own where None) plus `step`
    Raises Stop: BAD_FILE where there is no workflow, USAGE for an edit that fits nothing.
    """
    document = document_in(path)
    values = dict(map(edited, edits))
    loaded = loaded_with(document, path, registry, values)
    if seed is None and step == 0:
        return loaded
    return loaded_with(document, path, registry, values | seeds(loaded.graph, seed, step))


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
        found = read_metadata(content)
        for key in ("workflow", "prompt"):
            if key in found:
                return read_json(found[key], f"{path.name} ({key})")
    except WorkflowError as error:
        raise Stop(BAD_FILE, str(error)) from error
    raise Stop(
        BAD_FILE,
        f"{path}: is a picture that carries no workflow; use one saved by Darkroom or ComfyUI with its metadata on",
    )


def edited(edit: str) -> tuple[tuple[str, str], Any]:
    """`NODE.INPUT=VALUE` as ((node, input), value). Raises Stop (USAGE) where it is of another form."""
    target, equals, text = edit.partition("=")
    node, dot, name = target.rpartition(".")
    if not equals or not dot or not node or not name:
        raise Stop(USAGE, f"--set {edit}: wants NODE.INPUT=VALUE, for example KSampler.steps=12")
    return (node, name), value_of(text)


def value_of(text: str) -> Any:
    """Numbers, switches and quoted text as JSON has them; anything else is the text itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def seeds(graph: Graph, seed: int | None, step: int) -> Values:
    """New values for every seed that is a plain number."""
    found = {
        (node.id, name): node.inputs[name]
        for node in graph
        for name in SEEDS
        if isinstance(node.inputs.get(name), int) and not isinstance(node.inputs[name], bool)
    }
    return {where: ((old if seed is None else seed) + step) % 2**64 for where, old in found.items()}


def errors(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if not problem.warning]
