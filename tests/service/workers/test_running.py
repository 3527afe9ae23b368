"""Jobs on workers: order of messages, results, cancelling, questions."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from darkroom.service.contracts import State, WorkerGone
from darkroom.service.workers.options import Options
from tests.service.workers.toys import QUICK, Bench, bench, scenario


def test_a_job_runs_and_its_client_hears_of_it_in_comfyuis_order() -> None:
    async def body(b: Bench) -> None:
        await b.post("j", ("Show", {"text": "hi"}))
        job = await b.end_of("j")
        assert job.state is State.DONE and job.result.outputs == {"1": {"text": ["hi"]}}
        assert b.hub.types("status") == [
            *("execution_start", "execution_cached", "progress_state", "executing", "executed"),
            *("progress_state", "execution_success", "executing"),
        ]
        types = b.hub.types()
        assert types[-3:] == ["execution_success", "status", "executing"]
        assert b.hub.of("status")[-1] == {"status": {"exec_info": {"queue_remaining": 0}}}
        assert {client for event, _, client in b.hub.heard if event != "status"} == {"c"}

    scenario(body)


def test_history_holds_a_job_before_executing_null_is_sent() -> None:
    async def body(b: Bench) -> None:
        states = []
        send = b.hub.send

        def spy(event: str, data: dict, client: str | None = None) -> None:
            if event == "executing" and data["node"] is None:
                states.append(b.store.jobs[data["prompt_id"]].state)
            send(event, data, client)

        b.hub.send = spy
        for n in range(20):
            await b.post(f"j{n}", "Show")
        await b.end_of("j19")
        assert states == [State.DONE] * 20

    scenario(body)


def test_messages_of_one_job_end_before_those_of_the_next_begin() -> None:
    async def body(b: Bench) -> None:
        for n in range(30):
            await b.post(f"j{n}", ("Show", {"text": str(n)}))
        await b.end_of("j29")
        told = [data["prompt_id"] for event, data, _ in b.hub.heard if event != "status"]
        assert [id for n, id in enumerate(told) if n == 0 or told[n - 1] != id] == [f"j{n}" for n in range(30)]

    scenario(body)


def test_a_job_of_nobody_tells_only_progress_and_that_to_all() -> None:
    async def body(b: Bench) -> None:
        await b.post("j", ("Show", {"text": "hi"}), client=None)
        await b.until(lambda: b.store.jobs["j"].state is State.DONE)
        assert set(b.hub.types("status")) == {"progress_state"}

    scenario(body)


def test_a_failing_node_fails_its_job_and_the_queue_goes_on() -> None:
    async def body(b: Bench) -> None:
        await b.post("bad", ("Show", {"text": "kept"}), "Fail")
        await b.post("good", "Show")
        assert (await b.end_of("good")).state is State.DONE
        job = b.store.jobs["bad"]
        assert job.state is State.FAILED and job.result.outputs == {"1": {"text": ["kept"]}}
        assert job.result.error["node_id"] == "2" and job.result.error["node_type"] == "Fail"
        assert b.pool.status[0]["restarts"] == 0

    scenario(body)


def test_a_worker_is_told_the_attempt_the_secrets_and_the_preview_method() -> None:
    async def body(b: Bench) -> None:
        await b.post("j", "Attempts")
        job = await b.end_of("j")
        assert job.result.outputs == {"1": {"text": ["attempt 1 with {'KEY': 's'} and taesd"]}}

    scenario(body)


def test_pack_messages_previews_texts_and_printed_lines_reach_who_wants_them() -> None:
    async def body(b: Bench) -> None:
        b.hub.features["c", "supports_preview_metadata"] = True
        await b.post("j", "Talk")
        await b.end_of("j")
        assert ("pack.event", {"x": 1}, "c") in b.hub.heard
        assert (9, b"\1\2", None) in b.hub.heard
        assert b.hub.of(4)[0].endswith(b"jpeg") and b.hub.of(3) == [b"\0\0\0\x011words"]
        assert b.lines == ["cpu: hello from a node"]

    scenario(body)


def test_a_result_with_an_old_token_is_ignored() -> None:
    async def body(b: Bench) -> None:
        await b.post("j", "Stale", ("Show", {"text": "fresh"}))
        job = await b.end_of("j")
        assert job.state is State.DONE and job.result.outputs == {"2": {"text": ["fresh"]}}
        assert "old" not in str(b.hub.heard)

    scenario(body)


def test_a_cancelled_job_stops_at_its_next_step() -> None:
    async def body(b: Bench) -> None:
        await b.post("j", "Steps")
        await b.runs("j")
        assert await b.pool.interrupt("j")
        job = await b.end_of("j")
        assert job.state is State.CANCELLED and b.pool.status[0]["restarts"] == 0
        _, data, client = next(each for each in b.hub.heard if each[0] == "execution_interrupted")
        assert (data["node_id"], data["node_type"], client) == ("1", "Steps", None)
        assert not await b.pool.interrupt("j")

    scenario(body)


def test_a_job_that_ignores_cancelling_is_killed_after_the_grace_and_the_queue_goes_on() -> None:
    async def body(b: Bench) -> None:
        await b.post("j", "Deaf")
        await b.post("next", "Show")
        await b.runs("j")
        assert await b.pool.interrupt("j")
        assert (await b.end_of("j")).state is State.CANCELLED
        assert b.hub.of("execution_interrupted")[0]["node_id"] == "1"
        assert (await b.end_of("next")).state is State.DONE

    scenario(body)


def test_interrupting_without_an_id_stops_all_that_runs() -> None:
    async def body(b: Bench) -> None:
        await b.post("j1", "Steps")
        await b.post("j2", "Steps")
        await b.runs("j1")
        await b.runs("j2")
        assert await b.pool.interrupt(None)
        assert {(await b.end_of(id)).state for id in ("j1", "j2")} == {State.CANCELLED}
        assert not await b.pool.interrupt(None)

    scenario(body, "gpu0", "gpu1")


def test_a_job_that_is_just_being_claimed_can_be_interrupted() -> None:
    async def body(b: Bench) -> None:
        claim, slow = b.store.claim, asyncio.Event()

        async def slowly(worker: str, lease: float):
            job = await claim(worker, lease)
            await slow.wait()
            return job

        b.store.claim = slowly
        await b.post("j", "Steps")
        await b.until(lambda: b.store.jobs["j"].state is State.RUNNING)
        interrupting = asyncio.create_task(b.pool.interrupt("j"))
        await asyncio.sleep(0)
        slow.set()
        assert await interrupting
        assert (await b.end_of("j")).state is State.CANCELLED

    scenario(body)


def test_two_workers_run_two_jobs_at_the_same_time(tmp_path: Path) -> None:
    async def body(b: Bench) -> None:
        await b.post("a", ("Wait", {"file": str(tmp_path / "go")}))
        await b.post("b", ("Wait", {"file": str(tmp_path / "go")}))
        await b.runs("a")
        await b.runs("b")
        assert {each["job"] for each in b.pool.status} == {"a", "b"}
        (tmp_path / "go").touch()
        assert {(await b.end_of(id)).worker for id in ("a", "b")} == {"gpu0", "gpu1"}

    scenario(body, "gpu0", "gpu1")


def test_a_worker_answers_questions_while_it_runs_a_job() -> None:
    async def body(b: Bench) -> None:
        await b.post("j", "Steps")
        await b.runs("j")
        answer = await b.pool.ask("value", {"node": "1"}, job="j")
        assert answer.data == {"what": "value", "node": "1"} and answer.blob == b"picture"
        with pytest.raises(TimeoutError):
            await b.pool.ask("silence", {}, timeout=0.05)
        with pytest.raises(WorkerGone):
            await b.pool.ask("value", {}, job="never ran")
        await b.pool.interrupt(None)

    scenario(body)


def test_a_question_to_a_worker_that_dies_is_not_waited_for() -> None:
    async def body(b: Bench) -> None:
        asking = asyncio.create_task(b.pool.ask("silence", {}))
        await asyncio.sleep(0)
        b.spawned[0].kill()
        with pytest.raises(WorkerGone):
            await asking

    scenario(body)


def test_memory_is_freed_on_every_worker() -> None:
    async def body(b: Bench) -> None:
        await b.pool.free(True, True)
        assert (await b.pool.ask("freed", {})).data == {"freed": 1}

    scenario(body)


def test_hello_is_kept_and_told() -> None:
    async def go() -> None:
        b = Bench(["cpu"], QUICK)
        heard: list[str] = []
        b.pool.on_ready(lambda ready: heard.append(ready.definitions[0]["id"]))
        assert b.pool.hello is None
        await b.pool.start()
        assert await b.pool.ready(20) and b.pool.hello is not None and heard == ["cpu"]
        status = b.pool.status[0]
        assert status["name"] == "cpu" and status["device"] == "cpu" and status["pid"] == b.spawned[0].pid
        await b.pool.stop()

    asyncio.run(go())


def test_a_failing_store_makes_jobs_wait_and_the_server_lives() -> None:
    async def body(b: Bench) -> None:
        b.store.broken = True
        await b.post("j", "Show")
        await b.until(lambda: b.store.calls.count("claim") > 2)
        b.store.broken = False
        assert (await b.end_of("j")).state is State.DONE

    scenario(body)


def test_a_result_is_kept_as_soon_as_the_store_works_again(tmp_path: Path) -> None:
    async def body(b: Bench) -> None:
        await b.post("j", ("Wait", {"file": str(tmp_path / "go")}), ("Show", {"text": "kept"}))
        await b.runs("j")
        b.store.broken = True
        (tmp_path / "go").touch()
        await b.until(lambda: b.store.calls.count("finish") > 1)
        assert not b.ends
        b.store.broken = False
        job = await b.end_of("j")
        assert job.result.outputs == {"2": {"text": ["kept"]}}

    scenario(body)


def test_a_result_that_cannot_be_stored_fails_its_job_and_the_queue_goes_on() -> None:
    async def body(b: Bench) -> None:
        b.store.unfit = "strange"
        await b.post("bad", ("Show", {"text": "strange"}))
        await b.post("good", ("Show", {"text": "fine"}))
        assert (await b.end_of("good")).state is State.DONE
        job = b.store.jobs["bad"]
        assert job.state is State.FAILED and "no column holds this" in job.result.error["exception_message"]

    scenario(body)


def test_a_job_whose_lease_was_lost_is_stopped_and_its_end_is_dropped() -> None:
    async def body(b: Bench) -> None:
        await b.post("j", "Steps")
        await b.runs("j")
        b.store.stolen.add("j")
        await b.until(lambda: not b.pool.current)
        await b.post("next", "Show")
        await b.end_of("next")
        assert b.store.jobs["j"].state is State.RUNNING
        assert "j" not in [data["prompt_id"] for data in b.ends]

    scenario(body, options=Options(lease_seconds=0.1, cancel_grace=0.3, stop_grace=0.5))


def test_nothing_of_ended_jobs_is_left_in_memory() -> None:
    async def body(b: Bench) -> None:
        for n in range(50):
            await b.post(f"j{n}", "Show")
        await b.end_of("j49")
        pool = b.pool
        assert not pool.current and not pool._claims and len(pool._ran_on) == 50
        assert all(seat.attempt is None and not seat._asks for seat in pool._seats)

    scenario(body)


def test_stopping_gives_running_jobs_back_without_blame() -> None:
    async def go() -> None:
        async with bench("gpu0", "gpu1") as b:
            await b.post("kind", "Steps")
            await b.post("deaf", "Deaf")
            await b.runs("kind")
            await b.runs("deaf")
            await b.pool.stop()
            for id in ("kind", "deaf"):
                job = b.store.jobs[id]
                assert job.state is State.QUEUED and job.deaths == 0 and "server was stopped" in job.reason
            assert not b.ends
            assert {each["state"] for each in b.pool.status} == {"stopped"}

    asyncio.run(go())
