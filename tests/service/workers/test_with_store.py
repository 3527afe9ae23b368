"""The pool on the real store."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from darkroom.service.contracts import State
from darkroom.service.jobs.store import Store
from tests.service.workers.toys import Bench, bench


def test_every_end_of_a_job_is_in_history(tmp_path: Path) -> None:
    async def kill_at_each_attempt(b: Bench) -> None:
        for _ in range(3):
            await b.runs("killed")
            pid = next(each["pid"] for each in b.pool.status if each["job"] == "killed")
            os.kill(pid, signal.SIGKILL)
            await b.until(lambda pid=pid: pid not in [each["pid"] for each in b.pool.status])

    async def go() -> None:
        store = Store(f"sqlite:///{tmp_path / 'jobs.db'}", "here")
        await store.open()
        async with bench("cpu", store=store) as b:
            await b.post("done", ("Show", {"text": "x"}))
            await b.post("failed", "Fail")
            await b.post("crashed", ("Exit", {"code": 9}))
            await b.post("cancelled", "Steps")
            await b.post("killed", "Deaf")
            await b.runs("cancelled")
            await b.pool.interrupt("cancelled")
            await kill_at_each_attempt(b)
            await b.until(lambda: any(data["prompt_id"] == "killed" for data in b.ends))
            history = {job.id: job for job in await store.history(None, None)}
            assert {id: job.state for id, job in history.items()} == {
                "done": State.DONE,
                "failed": State.FAILED,
                "crashed": State.FAILED,
                "cancelled": State.CANCELLED,
                "killed": State.SET_ASIDE,
            }
            assert history["done"].result.outputs == {"1": {"text": ["x"]}}
            assert "exit code 9" in history["crashed"].result.error["exception_message"]
            assert await store.remaining() == 0
            assert b.hub.of("status")[-1] == {"status": {"exec_info": {"queue_remaining": 0}}}
        await store.close()

    asyncio.run(go())


def test_a_job_that_a_stopped_server_gave_back_runs_on_the_next(tmp_path: Path) -> None:
    async def go() -> None:
        for server in range(2):
            store = Store(f"sqlite:///{tmp_path / 'jobs.db'}", "here")
            await store.open()
            async with bench("cpu", store=store) as b:
                if server == 0:
                    await b.post("j", ("Wait", {"file": str(tmp_path / "go")}), "Attempts")
                    await b.runs("j")
                else:
                    (tmp_path / "go").touch()
                    await b.until(lambda b=b: b.ends)
                    job = await store.get("j")
                    assert job.state is State.DONE and "attempt 2" in str(job.result.outputs) and job.deaths == 0
            await store.close()

    asyncio.run(go())
