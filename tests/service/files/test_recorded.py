"""Our routes answer as the recording of ComfyUI does."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

from aiohttp.test_utils import TestServer

from tests.service.files.app import ROUTES, app_of, facts_in

GOLDEN = Path(__file__).parent.parent.parent / "data" / "golden"

OURS = tuple(route.path.split("{")[0].rstrip("/") for route in ROUTES if route.path not in ("/", "/{path:.+}"))


def recorder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("http_record", GOLDEN / "http_record.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_recorded_request_of_our_routes_is_answered_as_recorded(tmp_path: Path) -> None:
    record = recorder()
    golden = json.loads((GOLDEN / "http.json").read_text())
    cases = {name: case for name, case in record.CASES.items() if case[1].startswith(OURS) or name == "unknown route"}

    def ask_all(port: int) -> dict[str, Any]:
        return {name: record.ask(port, name, case) for name, case in cases.items()}

    async def whole() -> dict[str, Any]:
        async with TestServer(app_of(facts_in(tmp_path)), host="127.0.0.1") as server:
            return await asyncio.to_thread(ask_all, server.port)

    answers = asyncio.run(whole())
    wrong = {
        name: (key, got.get(key), golden[name][key])
        for name, got in answers.items()
        for key in golden[name]
        if not record.fits(golden[name][key], got.get(key))
    }
    assert wrong == {}
    assert len(cases) >= 55
