"""A process to kill: accepts and runs jobs, and says so once each is committed.

python -m tests.service.jobs.crashing URL ROUND
"""

import asyncio
import os
import sys

from darkroom.service.contracts import Result, State
from darkroom.service.jobs.store import Store
from tests.service.jobs.helpers import LEASE, new


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def accepting(store: Store, client: str) -> None:
    index = 0
    while True:
        id = f"{client}-{index}"
        await store.accept(new(id, client))
        say("accepted", id)
        index += 1


async def working(store: Store, worker: str) -> None:
    job = None
    while True:
        if job is None:
            job = await store.claim(worker, LEASE)
            await asyncio.sleep(0)
            continue
        result = Result(State.DONE, {"1": {"by": [worker, job.token]}})
        done, following = await store.finish(job.id, job.token, result, worker, LEASE)
        say("finished" if done else "stale", job.id)
        job = following


async def main(url: str, name: str) -> None:
    store = Store(url, "one")
    await store.open()
    say("open")
    await asyncio.gather(
        *(accepting(store, f"{name}{letter}") for letter in "abc"), *(working(store, each) for each in ("v", "w"))
    )


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
