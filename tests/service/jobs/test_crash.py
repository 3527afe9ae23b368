"""kill -9 at any moment loses no job that was accepted, and doubles none that ended."""

import asyncio
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

from darkroom.service.contracts import State
from darkroom.service.jobs.store import Store
from tests.service.jobs.helpers import opened, run_all

ROOT = Path(__file__).parents[3]
ROUNDS = 3


def killed(url: str, name: str, after: int) -> list[str]:
    """What a process had said when it was killed, `after` lines after it was ready."""
    command = [sys.executable, "-m", "tests.service.jobs.crashing", url, name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.strip())
            if len(lines) > after:
                break
        process.kill()
        return lines + [line.strip() for line in process.stdout if line.endswith("\n")]


def test_nothing_is_lost_or_doubled_by_kills_at_random_moments(url: str) -> None:
    chance = random.Random(url.partition(":")[0])
    said: Counter[str] = Counter()
    for round in range(ROUNDS):
        said.update(killed(url, f"r{round}", chance.randrange(0, 300)))
    accepted = {line.split()[1] for line in said if line.startswith("accepted")}
    finished = {line.split()[1] for line in said if line.startswith("finished")}
    assert len(accepted) > 10 and finished
    assert not any(line.startswith("stale") for line in said)
    assert max(count for line, count in said.items() if line != "open") == 1
    asyncio.run(look(url, accepted, finished))


async def look(url: str, accepted: set[str], finished: set[str]) -> None:
    async with opened(url) as store:
        before = await store.history(None, None)
        assert finished <= {job.id for job in before}
        ran_now = await run_all(store)
        assert not set(ran_now) & finished
        after = await store.history(None, None)
        assert Counter(job.id for job in after).most_common(1)[0][1] == 1
        assert accepted <= {job.id for job in after}
        assert all(job.state is State.DONE and job.result is not None for job in after)
        assert [job.number for job in sorted(after, key=lambda job: job.number)] == list(range(len(after)))
        assert await store.remaining() == 0


def test_a_store_that_was_killed_does_not_keep_its_file_locked(sqlite_url: str) -> None:
    killed(sqlite_url, "r", 0)

    async def reopen() -> None:
        store = Store(sqlite_url, "two")
        await store.open()
        await store.close()

    asyncio.run(reopen())
