"""The recorded requests of ComfyUI's server, for the routes that need no files."""

import importlib.util
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.service.fakes import fake_service
from tests.service.http.golden import Client, golden_registry, served

GOLDEN = Path(__file__).parent.parent.parent / "data" / "golden"

CASES = (
    *("prompt status", "prompt status under api", "queue", "history empty", "history unknown id", "features"),
    *("system stats", "object info one", "object info unknown", "queue clear", "queue delete unknown"),
    *("interrupt nothing", "free", "history clear", "prompt without prompt", "jobs", "jobs bad limit"),
    *("jobs bad status", "jobs unknown", "options", "unknown route"),
)


def recorder() -> Any:
    spec = importlib.util.spec_from_file_location("http_record", GOLDEN / "http_record.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RECORDER = recorder()


def without_tooltips(value: Any) -> Any:
    """Ours has more of them, which the recorder's comparison of lists does not forgive."""
    if isinstance(value, dict):
        return {key: without_tooltips(each) for key, each in value.items() if key != "tooltip"}
    return [without_tooltips(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", CASES)
def test_a_recorded_request_gets_the_recorded_answer(name: str, tmp_path: Path) -> None:
    method, path, body, headers = RECORDER.CASES[name]

    async def talk(client: Client) -> dict[str, Any]:
        skipped = ("Content-Type",) if body is None else ()
        async with client.request(
            method, path, data=io.BytesIO(body) if body else None, headers=headers, skip_auto_headers=skipped
        ) as response:
            data = await response.read()
            found = {"status": response.status, "type": response.headers.get("Content-Type", "").split(";")[0]}
        try:
            parsed = json.loads(data)
        except ValueError:
            return {**found, "length": "text" if data else "empty"}
        parsed = without_tooltips(parsed)
        return {**found, "body": parsed if name in RECORDER.KEEP_VALUES else RECORDER.shape(parsed)}

    got = served(fake_service(tmp_path, golden_registry()), talk)
    wanted = json.loads((GOLDEN / "http.json").read_text())[name]
    assert {key: got.get(key) for key in wanted if not RECORDER.fits(wanted[key], got.get(key))} == {}, wanted
