"""Workers that die: what becomes of their job, and that another takes their place."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from darkroom.service.contracts import NewJob, State
from darkroom.service.workers.deaths import OomWatch, death_of
from darkroom.service.workers.options import Options
from tests.service.workers.toys import QUICK, Bench, scenario


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (("Exit", {"code": 3}), "left by itself with exit code 3"),
        (("Exit", {"code": 0}), "left by itself with exit code 0"),
        (("Signal", {"number": signal.SIGSEGV}), "crashed (SIGSEGV)"),
        (("Signal", {"number": signal.SIGABRT}), "crashed (SIGABRT)"),
        (("Babble", {}), "it sent a frame"),
        (("Leftover", {}), "left by itself with exit code 3"),
    ],
)
def test_a_job_that_kills_its_worker_fails_and_names_the_node(node: tuple[str, dict], words: str) -> None:
    async def body(b: Bench) -> None:
        await b.post("bad", ("Show", {"text": "kept"}), node)
        await b.post("good", "Show")
        job = await b.end_of("bad")
        died = time.monotonic()
        assert job.state is State.FAILED and job.result.outputs == {"1": {"text": ["kept"]}}
        error = job.result.error
        assert (error["node_id"], error["node_type"]) == ("2", node[0])
        assert words in error["exception_message"] and f"while {node[0]} (node 2) ran" in error["exception_message"]
        assert "What to do: " in error["exception_message"]
        assert error in b.hub.of("execution_error")
        assert (await b.end_of("good")).state is State.DONE
        assert time.monotonic() - died < 5
        assert b.pool.status[0]["restarts"] == 1

    scenario(body)


def test_a_worker_without_heartbeat_is_killed_and_its_job_fails() -> None:
    async def body(b: Bench) -> None:
        await b.post("bad", "Mute")
        job = await b.end_of("bad")
        assert job.state is State.FAILED and "said nothing for" in job.result.error["exception_message"]
        assert job.result.error["node_type"] == "Mute"
        await b.post("good", "Show")
        assert (await b.end_of("good")).state is State.DONE

    scenario(body, options=Options(heartbeat_timeout=0.6))


def test_a_job_whose_worker_is_killed_from_outside_runs_again_and_at_the_third_time_is_set_aside() -> None:
    async def body(b: Bench) -> None:
        await b.post("j", "Deaf")
        for attempt in (1, 2, 3):
            await b.until(lambda attempt=attempt: b.store.jobs["j"].attempts == attempt)
            await b.runs("j")
            os.kill(b.pool.status[0]["pid"], signal.SIGKILL)
        job = await b.end_of("j")
        assert job.state is State.SET_ASIDE and job.deaths == 3 and "SIGKILL" in job.reason
        assert "set aside" in b.hub.of("execution_error")[0]["exception_message"]
        assert b.hub.of("status")[-1] == {"status": {"exec_info": {"queue_remaining": 0}}}
        await b.post("good", "Show")
        assert (await b.end_of("good")).state is State.DONE

    scenario(body)


def test_a_job_that_had_not_begun_is_not_blamed_for_the_first_deaths_of_its_worker() -> None:
    async def body(b: Bench) -> None:
        await b.store.accept(NewJob("j", {"0": {"class_type": "Show", "inputs": {}}}, ["0"], client="c"))
        b.pool.wake()
        job = await b.end_of("j")
        assert job.state is State.SET_ASIDE and "before its first node ran" in job.reason

    scenario(body)


def test_kills_from_outside_before_a_job_began_do_not_count_against_it() -> None:
    async def body(b: Bench) -> None:
        await b.store.accept(NewJob("j", {"0": {"class_type": "Killed", "inputs": {}}}, ["0"], client="c"))
        b.pool.wake()
        job = await b.end_of("j")
        assert (job.state, job.attempts, job.deaths) == (State.DONE, 4, 0)

    scenario(body)


def test_a_job_after_one_kill_from_outside_ends_well(tmp_path: Path) -> None:
    async def body(b: Bench) -> None:
        await b.post("j", ("Wait", {"file": str(tmp_path / "go")}), "Attempts")
        await b.runs("j")
        os.kill(b.pool.status[0]["pid"], signal.SIGTERM)
        (tmp_path / "go").touch()
        job = await b.end_of("j")
        assert job.state is State.DONE and "attempt 2" in str(job.result.outputs) and job.deaths == 1

    scenario(body)


def test_the_death_of_one_worker_leaves_the_other_at_work(tmp_path: Path) -> None:
    async def body(b: Bench) -> None:
        await b.post("long", ("Wait", {"file": str(tmp_path / "go")}))
        await b.runs("long")
        pid = next(each["pid"] for each in b.pool.status if each["job"] == "long")
        await b.post("bad", ("Exit", {"code": 1}))
        assert (await b.end_of("bad")).state is State.FAILED
        assert b.pool.current == {"long": "1"}
        (tmp_path / "go").touch()
        assert (await b.end_of("long")).attempts == 1
        assert pid in [each["pid"] for each in b.pool.status]

    scenario(body, "gpu0", "gpu1")


def test_an_idle_worker_that_is_killed_is_replaced() -> None:
    async def body(b: Bench) -> None:
        os.kill(b.spawned[0].pid or 0, signal.SIGKILL)
        await b.until(lambda: len(b.spawned) == 2)
        assert b.pool.status[0]["restarts"] == 1
        await b.post("j", "Show")
        assert (await b.end_of("j")).state is State.DONE

    scenario(body)


def test_a_worker_that_dies_three_times_before_it_is_ready_is_broken_and_is_tried_again() -> None:
    async def go() -> None:
        b = Bench(["cpu"], replace(QUICK, pauses=(0.0, 0.0, 0.0, 0.2)))
        b.settings["cpu"]["dies_at_start"] = True
        await b.pool.start()
        await b.post("j", "Show")
        assert not await b.pool.ready(20)
        status = b.pool.status[0]
        assert status["state"] == "broken" and "exit code 7" in status["reason"]
        assert b.store.jobs["j"].state is State.QUEUED
        del b.settings["cpu"]["dies_at_start"]
        assert (await b.end_of("j")).state is State.DONE
        assert b.pool.status[0]["state"] == "idle"
        await b.pool.stop()

    asyncio.run(go())


def test_the_socket_of_a_dead_worker_is_removed(tmp_path: Path) -> None:
    async def go() -> None:
        b = Bench(["cpu"], QUICK)
        socket = tmp_path / "own" / "routes.sock"
        socket.parent.mkdir()
        socket.touch()
        b.settings["cpu"]["socket"] = str(socket)
        await b.pool.start()
        assert await b.pool.ready(20)
        await b.pool.stop()
        assert not socket.parent.exists()

    asyncio.run(go())


def test_a_worker_that_cannot_be_made_is_broken_and_stopping_still_works() -> None:
    async def go() -> None:
        b = Bench(["cpu"], replace(QUICK, pauses=(0.0, 0.0, 0.0, 9.0)))
        del b.settings["cpu"]
        await b.pool.start()
        assert not await b.pool.ready(20)
        assert "could not be started" in b.pool.status[0]["reason"]
        await b.pool.stop()

    asyncio.run(go())


def test_pauses_between_starts_grow_from_none_to_half_a_minute() -> None:
    pauses = [Options().pause_before_start(failures) for failures in range(10)]
    assert pauses[:2] == [0, 0] and pauses == sorted(pauses) and pauses[-1] == 30 and max(pauses[:4]) <= 5


@pytest.mark.parametrize(
    ("exit_code", "out_of_memory", "fails"),
    [
        (0, False, True), (1, True, True), (-signal.SIGSEGV, False, True), (-signal.SIGBUS, False, True),
        (-signal.SIGFPE, False, True), (-signal.SIGILL, False, True), (-signal.SIGKILL, False, False),
        (-signal.SIGTERM, False, False), (-signal.SIGKILL, True, True), (-signal.SIGHUP, False, False),
        (-99, False, False),
    ],
)  # fmt: skip
def test_who_is_to_blame_for_a_death(exit_code: int, out_of_memory: bool, fails: bool) -> None:
    death = death_of(exit_code, "", silent_for=None, out_of_memory=out_of_memory)
    assert death.job_fails is fails and bool(death.remedy) is fails


def test_a_count_of_the_kernel_that_rose_shortly_before_tells_of_a_want_of_memory(tmp_path: Path) -> None:
    events, times = tmp_path / "memory.events", [0.0]
    events.write_text("low 0\noom 1\noom_kill 1\n")
    watch = OomWatch([events, tmp_path / "missing"], lambda: times[-1])
    assert not watch.rose()
    events.write_text("low 0\noom 2\noom_kill 2\n")
    watch.look()
    assert watch.rose() and not watch.rose()
    events.write_text("low 0\noom 2\noom_kill 3\n")
    for now in (6.0, 12.0):
        times.append(now)
        watch.look()
    assert not watch.rose()


def test_want_of_memory_fails_the_job(tmp_path: Path) -> None:
    events = tmp_path / "memory.events"
    events.write_text("oom_kill 0\n")

    async def body(b: Bench) -> None:
        b.pool._oom._files = (events,)
        b.pool._oom._before = [0]
        await b.post("j", "Deaf")
        await b.runs("j")
        events.write_text("oom_kill 1\n")
        os.kill(b.pool.status[0]["pid"], signal.SIGKILL)
        job = await b.end_of("j")
        assert job.state is State.FAILED and "ran out of memory" in job.result.error["exception_message"]

    scenario(body)


SERVER = """
import asyncio, os
from tests.service.workers.toys import Bench, QUICK

async def main():
    b = Bench(["cpu"], QUICK)
    await b.pool.start()
    await b.post("j", "Deaf")
    await b.runs("j")
    print(b.pool.status[0]["pid"], flush=True)
    await asyncio.sleep(60)

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_its_server(tmp_path: Path, number: int) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    server = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment)
    assert server.stdout is not None
    pid = int(server.stdout.readline())
    end = os.pidfd_open(pid)
    os.kill(server.pid, number)
    server.wait()
    assert select.select([end], [], [], 5)[0]
    os.close(end)
    server.stdout.close()
