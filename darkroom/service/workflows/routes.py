"""The workflow store over HTTP. A name with folders is one segment of the address: its slashes are sent as %2F."""

from __future__ import annotations

import asyncio
import errno
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, NoReturn, TypeVar

from aiohttp import web

from darkroom.engine.problems import WorkflowError
from darkroom.engine.read import groups
from darkroom.frames.report import problem_as_json
from darkroom.service.contracts import SERVICE, Refused, Route
from darkroom.service.http.body import read_bytes
from darkroom.service.routes_files.answers import nothing, refuse_bad
from darkroom.service.routes_files.body import limits_of, read_json
from darkroom.service.routes_files.form import received_form
from darkroom.service.routes_files.paths import BadPath
from darkroom.service.routes_files.users import user_folder
from darkroom.service.workflows import drafts, versions
from darkroom.service.workflows.diff import difference
from darkroom.service.workflows.names import digest_of
from darkroom.service.workflows.opening import opened
from darkroom.service.workflows.store import ANY, Conflict, Expected, Saved, Store
from darkroom.service.workflows.user_store import store_of

T = TypeVar("T")

INDENT = 2
MOST_INDENTATION = 64 * 2**20
"""Letters; a workflow that would need more is saved without line breaks."""

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What writing fails with where the disk, or the share of it that we may use, is full."""

CURRENT = "current"
"""Stands for what is saved now where a version may be named."""


class Taken(Exception):
    """A 409, which tells what is there."""

    def __init__(self, current: Saved | None) -> None:
        self.current = current


async def in_store(request: web.Request, work: Callable[[Store], T]) -> T:
    """What `work` returns from its thread. Raises Refused 400, 404 or 409, or Taken."""
    try:
        return await asyncio.to_thread(lambda: work(store_of(user_folder(request))))
    except BadPath as error:
        refuse_bad(error, "the name of the workflow")
    except FileNotFoundError:
        message = "there is no such workflow or version"
        raise Refused(
            404, message, type="not_found", remedy="see which there are, at /api/darkroom/workflows"
        ) from None
    except (NotADirectoryError, IsADirectoryError, FileExistsError):
        message = "a folder and a workflow would have the same name"
        raise Refused(409, message, type="name_taken", remedy="choose another name") from None
    except Conflict as error:
        raise Taken(error.current) from None
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        message = "the disk of the server is full; what was saved before is untouched"
        raise Refused(507, message, type="disk_full", remedy="make room there and try again") from error


def taken(error: Taken) -> web.Response:
    """Tells which content is there, so that the client can compare it with its own."""
    message = "somebody else saved this workflow in between" if error.current else "the workflow was deleted meanwhile"
    current = None if error.current is None else asdict(error.current)
    remedy = "compare the two, then save again with the digest of the current one as expected"
    return web.json_response({"error": message, "remedy": remedy, "current": current}, status=409)


def name_of(request: web.Request) -> str:
    return request.match_info["name"]


async def list_workflows(request: web.Request) -> web.StreamResponse:
    def work(store: Store) -> dict[str, Any]:
        found = [{**asdict(each), "has_draft": drafts.has_draft(store.user, each.name)} for each in store.saved()]
        return {"workflows": found, "deleted": store.deleted()}

    return web.json_response(await in_store(request, work))


async def read_workflow(request: web.Request) -> web.StreamResponse:
    """What is saved, or with ?version= what was."""
    name, version = name_of(request), request.query.get("version", CURRENT)

    def work(store: Store) -> dict[str, Any]:
        data = content(store, name, version)
        modified = None if version != CURRENT else store.find(name)
        about = {"name": name, "version": None if version == CURRENT else version, "digest": digest_of(data)}
        times = {"modified": modified.modified if modified else None, "size": len(data)}
        return {**about, **times, "workflow": parsed(data, name)}

    return web.json_response(await in_store(request, work))


def content(store: Store, name: str, version: str) -> bytes:
    return store.read(name) if version == CURRENT else versions.read_version(store.user, name, version)


def parsed(data: bytes, name: str) -> Any:
    """The JSON of a file; NaN and infinities, which no browser reads, become null."""
    try:
        return json.loads(data, parse_constant=lambda _word: None, parse_float=finite_or_null)
    except (ValueError, RecursionError):
        message = f"the file of {name!r} is no JSON"
        raise Refused(409, message, type="no_json", remedy="restore one of its versions") from None


def finite_or_null(text: str) -> float | None:
    number = float(text)
    return None if number in (float("inf"), float("-inf")) else number


async def body_object(request: web.Request) -> dict[str, Any]:
    limits = limits_of(request)
    body = await read_json(request, min(limits.json_bytes, limits.upload_bytes))
    if not isinstance(body, dict):
        raise Refused(400, "the body is no JSON object", type="no_object", remedy='send {"workflow": {...}}')
    return body


def workflow_in(body: Mapping[str, Any]) -> dict[str, Any]:
    workflow = body.get("workflow")
    if not isinstance(workflow, dict):
        raise Refused(400, '"workflow" is no JSON object', type="no_workflow", remedy='send {"workflow": {...}}')
    return workflow


def as_file(workflow: Mapping[str, Any]) -> bytes:
    """Readable JSON. Raises Refused for halves of characters, which no file can hold."""
    indent = INDENT if indentation(workflow) <= MOST_INDENTATION else None
    try:
        return (json.dumps(workflow, indent=indent, ensure_ascii=False, allow_nan=False) + "\n").encode()
    except UnicodeEncodeError:
        message = "the workflow holds half a character, which is no text"
        raise Refused(400, message, type="no_text", remedy="remove it") from None


def indentation(value: Any) -> int:
    """How many letters the indentation of a value takes; in deep lists it may be a hundred times the value."""
    level, total, depth = groups([value]), 0, 0
    while level:
        depth += 1
        total += INDENT * depth * sum(map(len, level))
        level = groups(inner for each in level for inner in (each.values() if isinstance(each, dict) else each))
    return total


def expected_in(given: Mapping[str, Any]) -> Expected:
    expected = given.get("expected", ANY)
    if expected is not ANY and expected is not None and not isinstance(expected, str):
        raise Refused(
            400, '"expected" is no digest', type="bad_digest", remedy="send the digest that was read, or null"
        )
    return expected


async def save_workflow(request: web.Request) -> web.StreamResponse:
    """Save a workflow; with `expected` only if that is what is there: a digest, or null for nothing.

    The draft of this name goes, unless `keep_draft` says that it may be somebody else's.
    """
    name, body = name_of(request), await body_object(request)
    workflow, expected = workflow_in(body), expected_in(body)

    def work(store: Store) -> Saved:
        saved = store.save(name, as_file(workflow), expected)
        if body.get("keep_draft") is not True:
            drafts.delete_draft(store.user, name)
        return saved

    try:
        return web.json_response(asdict(await in_store(request, work)))
    except Taken as error:
        return taken(error)


async def delete_workflow(request: web.Request) -> web.StreamResponse:
    """Delete a workflow; the version in the answer restores it. A draft becomes a version too."""
    name, expected = name_of(request), expected_in(request.query)

    def work(store: Store) -> str:
        store.check(name, expected)
        if store.find(name) is not None:
            keep_draft(store, name)
        version = store.delete(name, expected)
        drafts.delete_draft(store.user, name)
        return version

    try:
        return web.json_response({"version": await in_store(request, work)})
    except Taken as error:
        return taken(error)


async def move_workflow(request: web.Request) -> web.StreamResponse:
    name, body = name_of(request), await body_object(request)
    target, replace = body.get("to"), body.get("overwrite", False)
    if not isinstance(target, str) or not isinstance(replace, bool):
        raise Refused(400, '"to" is no name', type="bad_path", remedy='send {"to": "new name", "overwrite": false}')

    def work(store: Store) -> Saved:
        is_other = store.path(name) != store.path(target)
        if is_other and store.find(name) is not None and drafts.has_draft(store.user, name):
            keep_draft(store, target)  # it gives way to the draft that comes along
        return store.move(name, target, replace=replace)

    try:
        return web.json_response(asdict(await in_store(request, work)))
    except Taken as error:
        return taken(error)


def keep_draft(store: Store, name: str) -> None:
    """Make a draft a version, before it goes."""
    draft = drafts.read_draft(store.user, name)
    if draft is None or not isinstance(draft.workflow, dict):
        return
    try:
        data = as_file(draft.workflow)
    except (Refused, ValueError):
        data = json.dumps(draft.workflow).encode()  # half a character, or NaN, which drafts may hold
    store.add_version(name, data)


async def list_versions(request: web.Request) -> web.StreamResponse:
    name = name_of(request)

    def work(store: Store) -> dict[str, Any]:
        found = versions.versions_of(store.user, name)
        current = store.find(name)
        digest = current.digest if current else None
        return {"versions": [{**asdict(each), "current": each.digest == digest} for each in found]}

    return web.json_response(await in_store(request, work))


async def keep_version(request: web.Request) -> web.StreamResponse:
    """Keep a content as a version that is not the current one, such as a drawing that gives way to somebody else's."""
    name, workflow = name_of(request), workflow_in(await body_object(request))
    version = await in_store(request, lambda store: store.add_version(name, as_file(workflow)))
    return web.json_response({"version": version})


async def restore(request: web.Request) -> web.StreamResponse:
    name, version = name_of(request), request.match_info["version"]
    return web.json_response(asdict(await in_store(request, lambda store: store.restore(name, version))))


async def get_draft(request: web.Request) -> web.StreamResponse:
    name = name_of(request)
    draft = await in_store(request, lambda store: drafts.read_draft(store.user, name))
    if draft is None:
        raise Refused(404, "there is no draft", type="not_found", remedy="read the workflow itself")
    return web.json_response(asdict(draft))


async def put_draft(request: web.Request) -> web.StreamResponse:
    name, body = name_of(request), await body_object(request)
    workflow, base = workflow_in(body), body.get("base")
    if base is not None and not isinstance(base, str):
        raise Refused(400, '"base" is no digest', type="bad_digest", remedy="send the digest that was read, or null")
    await in_store(request, lambda store: drafts.write_draft(store.user, name, workflow, base))
    return nothing(204)


async def delete_draft(request: web.Request) -> web.StreamResponse:
    name = name_of(request)
    await in_store(request, lambda store: drafts.delete_draft(store.user, name))
    return nothing(204)


async def compare(request: web.Request) -> web.StreamResponse:
    """What changed from version `before` to version `after`, or (POST) to the workflow in the body."""
    name, before = name_of(request), request.query.get("before", CURRENT)
    posted = workflow_in(await body_object(request)) if request.method == "POST" else None
    after, registry = request.query.get("after", CURRENT), request.app[SERVICE].catalogue.registry
    most = limits_of(request).graph_nodes

    def work(store: Store) -> dict[str, Any]:
        old = parsed(content(store, name, before), name)
        new = parsed(content(store, name, after), name) if posted is None else posted
        for each in (old, new):
            refuse_large(each, most)
        return difference(old, new, registry)

    try:
        return web.json_response(await in_store(request, work))
    except WorkflowError as error:
        no_workflow(error)


async def open_file(request: web.Request) -> web.StreamResponse:
    """The workflow or prompt in a file of any kind, sent as the body or as the part `file` of a form."""
    limits, registry = limits_of(request), request.app[SERVICE].catalogue.registry
    if request.content_type.startswith("multipart/"):
        async with received_form(request, "file") as form:
            data = b"" if form.file is None else await asyncio.to_thread(form.file.read)
    else:
        data = await read_bytes(request, limits.upload_bytes)

    def judge(document: Mapping[str, Any]) -> None:
        refuse_large(document, limits.graph_nodes)

    try:
        return web.json_response(await asyncio.to_thread(opened, data, "the file", registry, judge, limits))
    except WorkflowError as error:
        no_workflow(error)


def refuse_large(document: Any, most: int) -> None:
    """A graph that would take long to read. Raises Refused 413."""
    nodes = document.get("nodes", document) if isinstance(document, Mapping) else ()
    if isinstance(nodes, list | Mapping) and len(nodes) > most:
        message = f"the workflow has {len(nodes):,} nodes, the limit is {most:,}"
        raise Refused(413, message, type="too_many_nodes", remedy="split it, or raise the limit in the settings")


def no_workflow(error: WorkflowError) -> NoReturn:
    problem = problem_as_json(error.problems[0])
    raise Refused(400, problem["text"], type=problem["type"], remedy=problem["remedy"]) from error


OBJECT: dict[str, Any] = {"type": "object"}
TEXT = {"type": "string"}
DIGEST = {"type": ["string", "null"], "description": "of what is there, or null for nothing; 409 where it is not so"}
SAVE = {
    "type": "object",
    "properties": {"workflow": OBJECT, "expected": DIGEST, "keep_draft": {"type": "boolean"}},
    "required": ["workflow"],
}
DRAFT = {"type": "object", "properties": {"workflow": OBJECT, "base": DIGEST}, "required": ["workflow"]}
MOVE = {"type": "object", "properties": {"to": TEXT, "overwrite": {"type": "boolean"}}, "required": ["to"]}
WORKFLOW = {"type": "object", "properties": {"workflow": OBJECT}, "required": ["workflow"]}
SIDES = {"before": TEXT, "after": TEXT}
START = "/api/darkroom/workflows"
ONE = START + "/{name}"


def own(
    method: str,
    path: str,
    handler: Callable[[web.Request], Any],
    summary: str,
    body: dict[str, Any] | None = None,
    query: dict[str, Any] | None = None,
) -> Route:
    """A route of ours, served under its literal path only; it gives an object, except where a draft is changed."""
    answer = None if method != "GET" and path.endswith("/draft") else OBJECT
    return Route(method, path, handler, summary, api=False, body=body, answer=answer, query=query or {})


ROUTES = (
    own("GET", START, list_workflows, "Saved workflows, and the names of deleted ones"),
    own("POST", START + "/open", open_file, "The workflow in a file of any kind", body=OBJECT),
    own("GET", ONE, read_workflow, "A saved workflow, or a version of it", query={"version": TEXT}),
    own("PUT", ONE, save_workflow, "Save a workflow, as a new version", body=SAVE),
    own("DELETE", ONE, delete_workflow, "Delete a workflow; its versions stay", query={"expected": TEXT}),
    own("POST", ONE + "/move", move_workflow, "Rename a workflow with its versions", body=MOVE),
    own("GET", ONE + "/versions", list_versions, "Versions of a workflow, newest first"),
    own("POST", ONE + "/versions", keep_version, "Keep a content as a version, beside the current one", body=WORKFLOW),
    own("POST", ONE + "/versions/{version}/restore", restore, "Make a version the current content again"),
    own("GET", ONE + "/draft", get_draft, "What was drawn and not saved yet"),
    own("PUT", ONE + "/draft", put_draft, "Keep what is drawn and not saved yet", body=DRAFT),
    own("DELETE", ONE + "/draft", delete_draft, "Throw the draft away"),
    own("GET", ONE + "/diff", compare, "What changed between two versions", query=SIDES),
    own("POST", ONE + "/diff", compare, "What changed from a version to this", body=WORKFLOW, query={"before": TEXT}),
)
