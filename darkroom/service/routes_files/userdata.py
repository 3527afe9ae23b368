"""Files that the editor keeps for a user. Workflows among them go through the workflow store, which keeps versions."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from darkroom.service.contracts import Refused, Route
from darkroom.service.http.body import read_bytes
from darkroom.service.routes_files.answers import BINARY, nothing, refusal, send_file
from darkroom.service.routes_files.body import limits_of
from darkroom.service.routes_files.locks import writing
from darkroom.service.routes_files.paths import BadPath, files_below, folder_at, open_file, parts_of
from darkroom.service.routes_files.users import user_folder
from darkroom.service.workflows.names import OWN_FOLDER, workflow_name
from darkroom.service.workflows.store import ANY, Conflict, Store
from darkroom.service.workflows.user_store import store_of

T = TypeVar("T")

Parts = tuple[str, ...]


async def answered(work: Callable[[], T]) -> T | web.Response:
    """What `work` returns from its thread, or ComfyUI's answer to a bad path: 403, or 404 where nothing is there."""
    try:
        return await asyncio.to_thread(work)
    except BadPath as error:
        return refusal(error, 403, "the path")
    except (FileNotFoundError, NotADirectoryError):
        return nothing(404, "no such file or folder")
    except (IsADirectoryError, FileExistsError, PermissionError):
        raise Refused(400, "there is a folder of that name", type="bad_path", remedy="choose another name") from None


def user_parts(name: str) -> Parts:
    """The path of a user's file. Raises BadPath, also for the folder where versions and drafts are."""
    parts = parts_of(name)
    if parts and parts[0].lower() == OWN_FOLDER:
        raise BadPath("is kept for versions and drafts", climbs=True)
    return parts


def file_parts(name: str) -> Parts:
    parts = user_parts(name)
    if not parts:
        raise BadPath("names no file")
    return parts


def info(path: str, status: os.stat_result) -> dict[str, Any]:
    times = {"modified": status.st_mtime * 1000, "created": status.st_ctime * 1000}
    return {"path": path, "size": status.st_size, **times}


async def list_files(request: web.Request) -> web.StreamResponse:
    """Relative paths below `dir`; with full_info objects, with split lists of the path and its parts."""
    wanted = request.query.get("dir", "")
    if not wanted:
        return web.Response(status=400, text="Directory not provided")
    recurse, full, split = (request.query.get(each, "").lower() == "true" for each in ("recurse", "full_info", "split"))

    def work() -> list[Any]:
        with folder_at(user_folder(request), user_parts(wanted)) as folder:
            found = list(files_below(folder, recurse=recurse))
        if full:
            return [info(path, status) for path, status in found]
        return [[path, *path.split("/")] for path, _ in found] if split else [path for path, _ in found]

    found = await answered(work)
    if isinstance(found, web.Response):
        return web.Response(status=404, text="Requested directory not found") if found.status == 404 else found
    return web.json_response(found)


async def list_folder(request: web.Request) -> web.StreamResponse:
    """What lies directly in `path`, folders first."""

    def work() -> list[dict[str, Any]]:
        parts = user_parts(request.query.get("path", ""))
        root = user_folder(request)
        if not parts and not root.is_dir():
            return []  # a user who has saved nothing yet
        with folder_at(root, parts) as folder:
            found = []
            for name in folder.names():
                status = folder.stat(name)
                private = name.lower() == OWN_FOLDER or (name.startswith(".") and name.endswith(".part"))
                if status is None or private:
                    continue
                entry: dict[str, Any] = {"name": name, "path": "/".join((*parts, name)), "type": "directory"}
                if not stat.S_ISDIR(status.st_mode):
                    entry |= {"type": "file", "size": status.st_size, "modified": status.st_mtime * 1000}
                found.append(entry)
        return sorted(found, key=lambda entry: (entry["type"] == "file", entry["name"].lower()))

    found = await answered(work)
    return found if isinstance(found, web.Response) else web.json_response(found)


async def read_file(request: web.Request) -> web.StreamResponse:
    name = request.match_info["file"]
    file = await answered(lambda: open_file(user_folder(request), file_parts(name)))
    return file if isinstance(file, web.Response) else await send_file(request, file, name, shown=False)


async def write_file(request: web.Request) -> web.StreamResponse:
    """Write a file as a whole; 409 where it exists and overwrite=false."""
    checked = await answered(lambda: (user_folder(request), file_parts(request.match_info["file"])))
    if isinstance(checked, web.Response):
        return checked
    user, parts = checked
    data = await read_bytes(request, limits_of(request).upload_bytes)
    replace = request.query.get("overwrite", "true") != "false"
    status = await answered(lambda: written(user, parts, data, replace))
    return told(request, parts, status, "File already exists")


def written(user: Path, parts: Parts, data: bytes, replace: bool) -> os.stat_result | None:
    """None where the file exists and must not be replaced."""
    name = workflow_name(parts)
    if name is not None:
        try:
            store_of(user).save(name, data, ANY if replace else None)
        except Conflict:
            return None
    else:
        with writing(user.joinpath(*parts)), folder_at(user, parts[:-1], make=True) as folder:
            if not folder.write(parts[-1], data, replace=replace):
                return None
    return state_of(user, parts)


def state_of(user: Path, parts: Parts) -> os.stat_result:
    with open_file(user, parts) as file:
        return os.fstat(file.fileno())


def told(
    request: web.Request, parts: Parts, status: os.stat_result | web.Response | None, taken: str
) -> web.StreamResponse:
    """The answer after a file was written or moved."""
    if isinstance(status, web.Response):
        return status
    if status is None:
        return web.Response(status=409, text=taken)
    path = "/".join(parts)
    full = request.query.get("full_info", "").lower() == "true"
    return web.json_response(info(path, status) if full else path)


async def delete_file(request: web.Request) -> web.StreamResponse:
    def work() -> bool:
        user, parts = user_folder(request), file_parts(request.match_info["file"])
        name = workflow_name(parts)
        if name is not None:
            store_of(user).delete(name)
            return True
        with writing(user.joinpath(*parts)), folder_at(user, parts[:-1]) as folder:
            return folder.is_file(parts[-1]) and folder.remove(parts[-1])

    done = await answered(work)
    if isinstance(done, web.Response):
        return done
    return nothing(204) if done else nothing(404, "no such file")


async def move_file(request: web.Request) -> web.StreamResponse:
    """Rename a file; 409 where the new name is taken and overwrite=false."""
    replace = request.query.get("overwrite", "true") != "false"

    def work() -> tuple[Parts, os.stat_result | None]:
        user, source = user_folder(request), file_parts(request.match_info["file"])
        target = file_parts(request.match_info["dest"])
        return target, moved(user, source, target, replace)

    found = await answered(work)
    return found if isinstance(found, web.Response) else told(request, *found, "Target file already exists")


def moved(user: Path, source: Parts, target: Parts, replace: bool) -> os.stat_result | None:
    """None where the new name is taken. Raises FileNotFoundError."""
    store = store_of(user)
    names = workflow_name(source), workflow_name(target)
    if names[0] is not None and names[1] is not None:
        try:
            store.move(names[0], names[1], replace=replace)
        except Conflict:
            return None
        return state_of(user, target)
    keep_current(store, *names)
    with writing(user.joinpath(*source), user.joinpath(*target)), folder_at(user, source[:-1]) as here:
        if not here.is_file(source[-1]):
            raise FileNotFoundError(source[-1])
        with folder_at(user, target[:-1], make=True) as there:
            if not here.move(source[-1], there, target[-1], replace=replace):
                return None
    return state_of(user, target)


def keep_current(store: Store, *names: str | None) -> None:
    """Make versions of the workflows among these files, which are about to change."""
    for name in names:
        if name is not None:
            store.keep_current(name)


YES = {"type": "string", "enum": ["true", "false"]}
TEXT = {"type": "string"}
LIST: dict[str, Any] = {"type": "array", "items": {}}
WRITTEN: dict[str, Any] = {"oneOf": [{"type": "string"}, {"type": "object"}]}
WRITE_QUERY = {"overwrite": YES, "full_info": YES}

ROUTES = (
    Route(
        *("GET", "/userdata", list_files, "Files of the user below a folder"),
        answer=LIST,
        query={"dir": TEXT, "recurse": YES, "full_info": YES, "split": YES},
    ),
    Route(
        "GET",
        "/v2/userdata",
        list_folder,
        "Files and folders of the user in a folder",
        answer=LIST,
        query={"path": TEXT},
    ),
    Route("GET", "/userdata/{file}", read_file, "A file of the user; slashes in its path are sent as %2F"),
    Route(
        *("POST", "/userdata/{file}", write_file, "Write a file of the user"),
        body={"type": "string", "format": "binary", "contentMediaType": BINARY},
        answer=WRITTEN,
        query=WRITE_QUERY,
    ),
    Route("DELETE", "/userdata/{file}", delete_file, "Delete a file of the user"),
    Route(
        *("POST", "/userdata/{file}/move/{dest}", move_file, "Rename a file of the user"),
        answer=WRITTEN,
        query=WRITE_QUERY,
    ),
)
