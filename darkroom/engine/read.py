"""From bytes to a graph: what kind of file it is, and the one road each kind takes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, Literal

from darkroom.engine.drawn.convert import Conversion, runnable
from darkroom.engine.drawn.edit import with_graph_value
from darkroom.engine.drawn.workflow import Workflow, read_workflow
from darkroom.engine.graph import Graph
from darkroom.engine.problems import Problem, WorkflowError
from darkroom.engine.read_api import read_api
from darkroom.engine.running.describe import shown
from darkroom.engine.spec import Specs

__all__ = ["Conversion", "Loaded", "kind_of", "read_any", "read_api", "read_json", "read_workflow", "runnable"]

BYTES = 100 * 1024 * 1024
"""Largest file read, as ComfyUI's largest request."""

DEPTH = 200
"""Deepest nesting of lists and objects. Real workflows stay below 20."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file, ready to check and run. workflow: None where the file was API JSON."""

    graph: Graph
    workflow: Workflow | None
    problems: list[Problem]
    unknown: tuple[str, ...] = ()
    """Ids of nodes in the graph whose type the registry does not know."""


def read_any(
    document: bytes | str | Mapping[str, Any],
    source: str,
    registry: Specs,
    *,
    values: Mapping[tuple[str, str], Any] | None = None,
    rng: Random | None = None,
    now: datetime | None = None,
) -> Loaded:
    """Read a workflow of either kind, also one wrapped as a picture's metadata or as the body of POST /prompt.

    values, rng, now: see `runnable`; API JSON has no placeholders or dynamic prompts any more
    Raises WorkflowError if it is no workflow at all, or API JSON that is not well formed.
    """
    parsed = read_json(document, source) if isinstance(document, bytes | str) else document
    inner = unwrapped(parsed, source)
    if kind_of(inner, source) == "ui":
        workflow = read_workflow(inner, source)
        conversion = runnable(workflow, registry, values=values, rng=rng, now=now)
        return Loaded(conversion.graph, conversion.workflow, conversion.problems, conversion.unknown)
    graph = read_api(inner, source)
    for (node, name), value in (values or {}).items():
        graph = with_graph_value(graph, node, name, value)
    unknown = tuple(each.id for each in graph if registry.get(each.type) is None)
    return Loaded(graph, None, [], unknown)


def read_json(data: bytes | str, source: str = "workflow") -> dict[str, Any]:
    """The JSON object in a file; NaN and Infinity, which old pictures hold, are read as numbers.

    Raises WorkflowError with one message if it is too large, cut off, no JSON, nested too deep or no object.
    """
    if len(data) > BYTES:
        raise _bad("file_too_large", f"it is {len(data) / 2**20:.0f} MiB", f"at most {BYTES // 2**20} MiB", source)
    text = _decoded(data, source) if isinstance(data, bytes) else data.removeprefix("\ufeff")
    if not text.strip():
        raise _bad("no_json", "it is empty", "a JSON object", source)
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) - 1 or "Unterminated" in error.msg
        what = "it ends too early" if cut else f"it is no JSON: {error.msg}"
        came = f"{what} (line {error.lineno}, column {error.colno})"
        raise _bad("no_json", came, "a JSON object", source) from None
    except RecursionError:
        raise _too_deep(source) from None
    except ValueError:
        # Python refuses whole numbers of more than 4300 digits.
        raise _bad("no_json", "it holds a number of thousands of digits", "numbers of common size", source) from None
    if not isinstance(parsed, dict):
        raise _bad("no_workflow", f"it is {shown(parsed)}", "a JSON object", source)
    if deeper_than(parsed, DEPTH):
        raise _too_deep(source)
    return parsed


def kind_of(document: Mapping[str, Any], source: str = "workflow") -> Literal["ui", "api"]:
    """Whether JSON is a drawn workflow or API JSON. Raises WorkflowError with what it looks like instead."""
    if isinstance(document.get("nodes"), list):
        return "ui"
    if any(isinstance(each, Mapping) and "class_type" in each for each in document.values()):
        return "api"
    wanted = 'a drawn workflow (a list "nodes") or API JSON (node ids with "class_type")'
    if not document:
        came = "it is an empty object"
    elif "nodes" in document:
        came = f'its "nodes" is {shown(document["nodes"])}'
    else:
        keys = ", ".join(shown(key) for key in list(document)[:5])
        came = f"it is an object with {keys}" + (", ..." if len(document) > 5 else "")
    raise _bad("no_workflow", came, wanted, source)


def unwrapped(document: Mapping[str, Any], source: str = "workflow") -> Mapping[str, Any]:
    """The workflow inside a picture's metadata or a POST /prompt body; "workflow" counts before "prompt"."""
    if "nodes" in document:
        return document
    extra = document.get("extra_data")
    info = extra.get("extra_pnginfo") if isinstance(extra, Mapping) else None
    for holder, key in ((document, "workflow"), (info, "workflow"), (document, "prompt")):
        inner = holder.get(key) if isinstance(holder, Mapping) else None
        if isinstance(inner, str | bytes):
            return read_json(inner, source)
        if isinstance(inner, Mapping) and "class_type" not in inner:
            return inner
    return document


def _decoded(data: bytes, source: str) -> str:
    try:
        return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except UnicodeDecodeError:
        kind = "a picture" if data[:4] in (b"\x89PNG", b"RIFF", b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xe1") else "no text"
        raise _bad("no_json", f"it is {kind}", "JSON text", source) from None


def groups(values: Iterable[Any]) -> list[Any]:
    """Those that are lists and objects of JSON."""
    return [each for each in values if type(each) is dict or type(each) is list]


def deeper_than(value: Any, limit: int) -> bool:
    """Whether the lists and objects of some JSON are nested in more than `limit` levels."""
    level = groups([value])
    for _ in range(limit):
        if not level:
            return False
        level = groups(inner for each in level for inner in (each.values() if type(each) is dict else each))
    return bool(level)


def _too_deep(source: str) -> WorkflowError:
    return _bad("no_json", "its lists and objects are nested too deep", f"at most {DEPTH} levels", source)


def _bad(type: str, came: str, wanted: str, source: str) -> WorkflowError:
    return WorkflowError([Problem(type, came, wanted, "choose a workflow file, or save it again", None)], source)
