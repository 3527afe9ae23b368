"""Users, and the settings that each keeps."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from darkroom.service.contracts import SERVICE, Facts, Refused, Route
from darkroom.service.routes_files.answers import nothing
from darkroom.service.routes_files.body import limits_of, read_json
from darkroom.service.routes_files.locks import writing
from darkroom.service.routes_files.paths import BadPath, folder_at, parts_of

ONE_USER = "default"
USERS_FILE, SETTINGS_FILE = "users.json", "comfy.settings.json"
DAMAGED = "comfy.settings.damaged.json"
"""Where settings are kept that could not be read when others were written."""

SYSTEM_USER = "__"
"""What the ids of users begin with that only the program itself may be."""

LONGEST_NAME = 64
MAXIMUM_USERS = 1000
SETTINGS_BYTES = 16 * 2**20
"""Of all settings of a user together."""


def user_folder(request: web.Request) -> Path:
    """The folder of the user that a request is for. Blocks: reads the list of users where there are several.

    Raises Refused 401 for a user that does not exist or that nobody may be over HTTP.
    """
    facts = request.app[SERVICE].facts
    if not facts.multi_user:
        return facts.user / ONE_USER
    id = request.headers.get("comfy-user", "")
    if is_safe_id(id) and id in read_users(facts):
        return facts.user / id
    message = "the header comfy-user names no user" if id else "the header comfy-user is missing"
    raise Refused(401, message, type="unknown_user", remedy="send the id that POST /users gave")


def is_safe_id(id: str) -> bool:
    try:
        parts = parts_of(id, hidden=False)
    except BadPath:
        return False
    return parts == (id,) and not id.startswith(SYSTEM_USER)


def read_users(facts: Facts) -> dict[str, str]:
    """Users by id."""
    found = read_object(facts.user, USERS_FILE)
    return {id: name for id, name in (found or {}).items() if isinstance(name, str)}


def read_object(folder: Path, name: str) -> dict[str, Any] | None:
    """A JSON object from a file; empty where there is no file, None where it is damaged."""
    try:
        with folder_at(folder) as opened:
            found = json.loads(opened.read(name))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def write_object(folder: Path, name: str, value: Mapping[str, Any]) -> None:
    with folder_at(folder, make=True) as opened:
        opened.write(name, json.dumps(value, indent=4).encode())


async def get_users(request: web.Request) -> web.StreamResponse:
    facts = request.app[SERVICE].facts
    if facts.multi_user:
        return web.json_response({"storage": "server", "users": await asyncio.to_thread(read_users, facts)})
    return web.json_response({"storage": "server", "migrated": (facts.user / ONE_USER).is_dir()})


async def add_user(request: web.Request) -> web.StreamResponse:
    facts = request.app[SERVICE].facts
    if not facts.multi_user:
        return web.json_response({"error": "There is one user; start with --multi-user for more."}, status=400)
    body = await read_json(request, limits_of(request).text_bytes)
    given = body.get("username") if isinstance(body, dict) else None
    name = given.strip() if isinstance(given, str) else ""
    wrong = wrong_name(name)
    if wrong:
        return web.json_response({"error": wrong}, status=400)
    id = await asyncio.to_thread(added_user, facts, name)
    if id is None:
        return web.json_response({"error": "Duplicate username, or too many users."}, status=400)
    return web.json_response(id)


def wrong_name(name: str) -> str:
    if not name:
        return "username not provided"
    if len(name) > LONGEST_NAME or not name.isprintable():
        return f"A username has at most {LONGEST_NAME} letters, all of which can be printed."
    return "Usernames beginning with __ are reserved." if name.startswith(SYSTEM_USER) else ""


def added_user(facts: Facts, name: str) -> str | None:
    """The id of a new user; None where there is one of that name, or are too many."""
    with writing(facts.user / USERS_FILE):
        users = read_users(facts)
        if name in users.values() or len(users) >= MAXIMUM_USERS:
            return None
        id = re.sub(r"[^A-Za-z0-9_-]", "", name).lstrip("_") + "_" + str(uuid.uuid4())
        id = id.lstrip("_")
        write_object(facts.user, USERS_FILE, {**users, id: name})
    return id


def read_settings(user: Path) -> dict[str, Any]:
    return read_object(user, SETTINGS_FILE) or {}


def merge_settings(user: Path, new: Mapping[str, Any]) -> None:
    """Write some settings of a user, beside those that are there. Raises Refused 413 where they become too many."""
    with writing(user / SETTINGS_FILE):
        settings = read_object(user, SETTINGS_FILE)
        if settings is None:
            with folder_at(user) as folder:
                folder.move(SETTINGS_FILE, folder, DAMAGED, replace=True)
        merged = {**(settings or {}), **new}
        if len(json.dumps(merged)) > SETTINGS_BYTES:
            message = f"all settings together would exceed {SETTINGS_BYTES:,} bytes"
            raise Refused(413, message, type="too_large", remedy="keep large data in user files")
        write_object(user, SETTINGS_FILE, merged)


async def get_settings(request: web.Request) -> web.StreamResponse:
    return web.json_response(await asyncio.to_thread(lambda: read_settings(user_folder(request))))


async def get_setting(request: web.Request) -> web.StreamResponse:
    settings = await asyncio.to_thread(lambda: read_settings(user_folder(request)))
    return web.json_response(settings.get(request.match_info["id"]))


async def post_settings(request: web.Request) -> web.StreamResponse:
    user = await asyncio.to_thread(user_folder, request)
    body = await read_json(request, limits_of(request).text_bytes)
    if not isinstance(body, dict):
        raise Refused(400, "the settings are no JSON object", type="no_object", remedy="send {id: value, ...}")
    await asyncio.to_thread(merge_settings, user, body)
    return nothing(200)


async def post_setting(request: web.Request) -> web.StreamResponse:
    user = await asyncio.to_thread(user_folder, request)
    body = await read_json(request, limits_of(request).text_bytes)
    await asyncio.to_thread(merge_settings, user, {request.match_info["id"]: body})
    return nothing(200)


OBJECT = {"type": "object"}
USER_NAME = {"type": "object", "properties": {"username": {"type": "string"}}, "required": ["username"]}

ROUTES = (
    Route("GET", "/users", get_users, "How users are kept, and which there are", answer=OBJECT),
    Route("POST", "/users", add_user, "Add a user", body=USER_NAME, answer={"type": "string"}),
    Route("GET", "/settings", get_settings, "All settings of the user", answer=OBJECT),
    Route("POST", "/settings", post_settings, "Write some settings", body=OBJECT),
    Route("GET", "/settings/{id}", get_setting, "One setting, or null", answer={}),
    Route("POST", "/settings/{id}", post_setting, "Write one setting", body={}),
)
