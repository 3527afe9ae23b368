"""Two servers on one PostgreSQL share one queue: every job is done once, by either, and both tell of it."""

import time
from pathlib import Path

import pytest

from benchmarks.live import LiveServer, running
from tests.service.jobs import postgres

JOBS = 40


@pytest.mark.skipif(postgres.programs() is None, reason=postgres.NOT_INSTALLED)
def test_two_servers_share_one_queue_without_doing_a_job_twice(tmp_path: Path) -> None:
    pack = tmp_path / "who"
    pack.mkdir()
    (pack / "__init__.py").write_text(PACK.format(log=str(tmp_path / "ran.txt")))
    with (
        postgres.server() as folder,
        running(tmp_path / "a", "--database", postgres.url(folder), "--name", "a", packs=[pack]) as first,
        running(tmp_path / "b", "--database", postgres.url(folder), "--name", "b", packs=[pack]) as second,
    ):
        first.ready()
        second.ready()
        ids = [
            server.queue({"1": {"class_type": "WhoRuns", "inputs": {"number": number}}}, prompt_id=f"job-{number}")
            for number, server in zip(range(JOBS), [first, second] * JOBS, strict=False)
        ]
        entries = {id: finished_somewhere(id, first, second) for id in ids}
        assert all(first.finished(id)["outputs"] == second.finished(id)["outputs"] for id in ids)
    assert {entry["status"]["status_str"] for entry in entries.values()} == {"success"}
    ran = (tmp_path / "ran.txt").read_text().split("\n")[:-1]
    assert sorted(line.split()[1] for line in ran) == sorted(str(number) for number in range(JOBS))
    assert {line.split()[0] for line in ran} == {"a", "b"}


def finished_somewhere(id: str, *servers: LiveServer) -> dict[str, dict[str, str]]:
    """The history entry, from whichever server has it first: they must agree in the end."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        for server in servers:
            found = server.get(f"/history/{id}").get(id)
            if found is not None:
                return found
        time.sleep(0.05)
    raise AssertionError(f"{id} did not finish")


PACK = '''
"""Notes which server ran which job."""
import os, time
import folder_paths


class WhoRuns:
    OUTPUT_NODE = True
    RETURN_TYPES = ()
    FUNCTION = "run"
    CATEGORY = "test"

    @classmethod
    def INPUT_TYPES(cls):
        return {{"required": {{"number": ("INT", {{"default": 0, "max": 10**6}})}}}}

    def run(self, number):
        time.sleep(0.05)
        server = os.path.basename(folder_paths.base_path)
        with open({log!r}, "a") as log:
            log.write(f"{{server}} {{number}}\\n")
        return {{"ui": {{"text": [str(number)]}}}}


NODE_CLASS_MAPPINGS = {{"WhoRuns": WhoRuns}}
'''
