"""Jobs are accepted once, run in a fair order, and end once."""

import asyncio
import math
import sys
from random import Random

import pytest

from darkroom.service.contracts import NewJob, Result, State
from darkroom.service.jobs.store import Store
from tests.service.jobs.helpers import DONE, LEASE, PROMPT, Clock, begun, ids, in_loop, new, opened, run_all


@in_loop
async def test_a_job_comes_back_as_it_was_accepted_when_it_is_claimed(url: str) -> None:
    extra = {"client_id": "c", "create_time": 77, "extra_pnginfo": {"workflow": {"id": "flow"}}}
    async with opened(url) as store:
        await store.accept(NewJob("a", PROMPT, ["1", "2"], extra, client="c"))
        job = await begun(store, "gpu")
        assert (job.id, job.prompt, job.targets, job.extra_data, job.client) == ("a", PROMPT, ["1", "2"], extra, "c")
        assert (job.state, job.worker, job.token, job.attempts, job.created) == (State.RUNNING, "gpu", 1, 1, 77)
        assert await store.get("a") == job
        assert await store.running() == [job]


@in_loop
async def test_numbers_count_up_and_front_negates_and_an_explicit_number_does_not_count(url: str) -> None:
    async with opened(url) as store:
        given = [
            new("a"),
            new("b"),
            new("c", number=1.5),
            new("d", front=True),
            new("e"),
            new("f", number=9, front=True),
        ]
        numbers = [(await store.accept(job)).number for job in given]
        assert numbers == [0, 1, 1.5, -2, 3, 9]
        assert ids(await store.queued()) == ["d", "a", "b", "c", "e", "f"]
        assert await run_all(store) == ["d", "a", "b", "c", "e", "f"]


@in_loop
async def test_numbers_go_on_after_a_restart(url: str) -> None:
    async with opened(url) as store:
        await store.accept(new("a"))
        assert await run_all(store) == ["a"]
        await store.forget(None)
    async with opened(url) as store:
        assert (await store.accept(new("b"))).number == 1


@in_loop
async def test_a_person_orders_the_queue_and_what_comes_later_goes_behind(url: str) -> None:
    async with opened(url) as store:
        for client, count in (("a", 3), ("b", 2)):
            for index in range(count):
                await store.accept(new(f"{client}{index}", client))
        assert ids(await store.queued()) == ["a0", "b0", "a1", "b1", "a2"]
        assert await store.move("a2", "a0") == ["a2", "a0", "b0", "a1", "b1"]
        assert await store.move("a0", None) == ["a2", "b0", "a1", "b1", "a0"]
        assert await store.move("a1", "b0") == ["a2", "a1", "b0", "b1", "a0"]
        assert await store.move("a1", "a1") == ["a2", "a1", "b0", "b1", "a0"]
        await store.accept(new("later", "c"))
        await store.accept(new("first", "c", front=True))
        running = await begun(store)
        assert running.id == "first"
        assert await store.move("first", None) is None
        assert await store.move("a0", "first") is None
        assert await store.move("none", None) is None
    async with opened(url) as store:
        assert await run_all(store) == ["first", "a2", "a1", "b0", "b1", "a0", "later"]


@in_loop
async def test_jobs_of_one_number_can_be_ordered(url: str) -> None:
    async with opened(url) as store:
        for id in ("a", "b", "c"):
            await store.accept(new(id, number=5))
        assert await store.move("c", "a") == ["c", "a", "b"]
        assert await store.move("b", "c") == await run_all(store) == ["b", "c", "a"]


@in_loop
async def test_jobs_of_the_largest_number_can_be_ordered_and_stay_numbers(url: str) -> None:
    async with opened(url) as store:
        for id in ("a", "b", "c"):
            await store.accept(new(id, number=sys.float_info.max))
        await store.move("c", "a")
        assert await store.move("b", "c") == ["b", "c", "a"]
        assert all(math.isfinite(job.number) for job in await store.queued())
        assert await run_all(store) == ["b", "c", "a"]


@in_loop
async def test_two_servers_that_move_claim_and_accept_at_once_lose_and_double_no_job(postgres_url: str) -> None:
    async with opened(postgres_url, "one") as one, opened(postgres_url, "two") as two:
        names = [f"{number}" for number in range(40)]
        for name in names:
            await one.accept(new(name, f"client {int(name) % 3}"))
        ran: list[str] = []

        async def moves(store: Store, seed: int) -> None:
            random = Random(seed)
            for number in range(30):
                await store.move(random.choice(names), random.choice([None, random.choice(names)]))
                await store.accept(new(f"later {seed} {number}", f"client {seed}"))

        async def runs(store: Store, worker: str) -> None:
            idle = 0
            while idle < 50:
                job = await store.claim(worker, LEASE)
                if job is None:
                    idle += 1
                    await asyncio.sleep(0.01)
                    continue
                idle = 0
                ran.append(job.id)
                await store.finish(job.id, job.token, DONE)

        async with asyncio.timeout(60):
            await asyncio.gather(moves(one, 1), moves(two, 2), runs(one, "v"), runs(two, "w"))
        assert sorted(ran) == sorted([*names, *(f"later {seed} {number}" for seed in (1, 2) for number in range(30))])


@in_loop
async def test_clients_take_turns(url: str) -> None:
    async with opened(url) as store:
        for client, count in (("a", 4), ("b", 2), (None, 1)):
            for index in range(count):
                await store.accept(new(f"{client}{index}", client))
        expected = ["a0", "b0", "None0", "a1", "b1", "a2", "a3"]
        assert ids(await store.queued()) == expected
        assert await run_all(store) == expected


@in_loop
async def test_a_client_whose_job_runs_waits_for_a_client_that_comes_later(url: str) -> None:
    async with opened(url) as store:
        for id in ("a0", "a1", "a2"):
            await store.accept(new(id, "a"))
        assert (await begun(store)).id == "a0"
        await store.accept(new("b0", "b"))
        assert (await begun(store)).id == "b0"
        assert (await begun(store)).id == "a1"


@in_loop
async def test_a_client_that_was_away_gets_no_credit_for_it(url: str) -> None:
    async with opened(url) as store:
        for index in range(6):
            await store.accept(new(f"a{index}", "a"))
        for _ in range(3):
            await begun(store)
        for index in range(3):
            await store.accept(new(f"b{index}", "b"))
        assert await run_all(store) == ["b0", "a3", "b1", "a4", "b2", "a5"]


@in_loop
async def test_front_comes_before_fairness(url: str) -> None:
    async with opened(url) as store:
        for id in ("a0", "a1"):
            await store.accept(new(id, "a"))
        await begun(store)
        await store.accept(new("b0", "b"))
        await store.accept(new("a2", "a", front=True))
        assert await run_all(store) == ["a2", "b0", "a1"]


@in_loop
async def test_of_equal_numbers_the_explicit_one_comes_first(url: str) -> None:
    async with opened(url) as store:
        for id, number in (("a", None), ("b", 0), ("c", 0)):
            await store.accept(new(id, number=number))
        assert ids(await store.queued()) == ["b", "c", "a"]
        assert await run_all(store) == ["b", "c", "a"]


@in_loop
async def test_the_same_id_is_the_same_job_in_every_state(url: str) -> None:
    async with opened(url) as store:
        first = await store.accept(new("a"))
        assert first.is_new
        for step in range(3):
            again = await store.accept(new("a", number=5.0))
            assert (again.number, again.is_new) == (first.number, False), step
            if step == 0:
                job = await begun(store)
            elif step == 1:
                await store.finish("a", job.token, DONE)
        assert await store.claim("w", LEASE) is None
        assert (await store.accept(new("b"))).number == 1


@in_loop
async def test_the_same_id_at_once_is_queued_once(url: str) -> None:
    async with opened(url) as store:
        answers = await asyncio.gather(*(store.accept(new("a")) for _ in range(20)))
        assert sum(each.is_new for each in answers) == 1
        assert {each.number for each in answers} == {0.0}
        assert await store.remaining() == 1


@in_loop
async def test_finishing_claims_the_next_job_in_one_step(url: str) -> None:
    async with opened(url) as store:
        for id in ("a", "b"):
            await store.accept(new(id))
        first = await begun(store)
        done, second = await store.finish("a", first.token, DONE, "w", LEASE)
        assert done and second is not None and second.id == "b"
        assert await store.finish("b", second.token, DONE, "w", LEASE) == (True, None)
        assert await store.remaining() == 0


@in_loop
async def test_a_stale_token_can_neither_finish_nor_renew_nor_queue_again(url: str) -> None:
    async with opened(url) as store:
        await store.accept(new("a"))
        stale = await begun(store)
        assert await store.requeue("a", stale.token, "gone", death=False) is State.QUEUED
        assert await store.finish("a", stale.token, DONE) == (False, None)
        fresh = await begun(store)
        assert fresh.token == stale.token + 1
        assert await store.finish("a", stale.token, DONE) == (False, None)
        assert await store.requeue("a", stale.token, "gone", death=True) is None
        both = [("a", stale.token), ("a", fresh.token), ("none", 1)]
        assert await store.renew(both, LEASE) == [("a", stale.token), ("none", 1)]
        assert await store.finish("a", fresh.token, DONE) == (True, None)
        assert await store.finish("a", fresh.token, Result(State.FAILED)) == (False, None)
        job = await store.get("a")
        assert job is not None and job.state is State.DONE


@in_loop
async def test_a_job_that_lost_its_worker_runs_next(url: str) -> None:
    async with opened(url) as store:
        for id, client in (("a0", "a"), ("a1", "a"), ("b0", "b")):
            await store.accept(new(id, client))
        lost = await begun(store)
        await store.requeue(lost.id, lost.token, "killed", death=True)
        waiting = await store.queued()
        assert ids(waiting) == ["a0", "b0", "a1"]
        assert (waiting[0].reason, waiting[0].deaths, waiting[0].number) == ("killed", 1, lost.number)
        assert (waiting[0].worker, waiting[0].started) == (None, None)
        assert await run_all(store) == ["a0", "b0", "a1"]


@in_loop
async def test_a_job_whose_worker_died_three_times_is_set_aside(url: str) -> None:
    async with opened(url) as store:
        await store.accept(new("a", secrets={"API_KEY": "s"}))
        states = []
        for _ in range(3):
            job = await begun(store)
            states.append(await store.requeue("a", job.token, "killed by signal 9", death=True))
        assert states == [State.QUEUED, State.QUEUED, State.SET_ASIDE]
        (job,) = await store.history(None, None)
        assert job.state is State.SET_ASIDE and job.result is not None and job.ended is not None
        assert job.reason == "set aside: its worker died 3 times while it ran; the last time: killed by signal 9"
        assert (await store.remaining(), store.secrets("a")) == (0, {})


@in_loop
async def test_a_job_that_was_begun_ten_times_is_set_aside(url: str) -> None:
    async with opened(url) as store:
        await store.accept(new("a"))
        state = State.QUEUED
        for attempt in range(1, 11):
            job = await begun(store)
            assert job.attempts == attempt
            found = await store.requeue("a", job.token, "the server stopped", death=False)
            assert found is not None
            state = found
        assert state is State.SET_ASIDE
        job = (await store.history(None, None))[0]
        assert job.reason is not None and "begun 10 times" in job.reason


@in_loop
async def test_secrets_are_kept_in_memory_until_the_job_ends(url: str) -> None:
    async with opened(url) as store:
        for id in ("a", "b"):
            await store.accept(new(id, secrets={"API_KEY": f"secret {id}"}))
        await store.accept(new("a", secrets={"API_KEY": "another"}))
        assert store.secrets("a") == {"API_KEY": "secret a"}
        job = await begun(store)
        assert "secret" not in repr(job)
        await store.finish("a", job.token, DONE)
        await store.cancel_queued(["b"])
        assert (store.secrets("a"), store.secrets("b")) == ({}, {})


@in_loop
async def test_any_text_survives(url: str) -> None:
    odd = "\0 \ud800 \\u0041 \" ' 世界 😀 \\"
    prompt = {"1": {odd: [odd, math.inf, 1e308, 10**30]}}
    async with opened(url) as store:
        await store.accept(NewJob(odd, prompt, [odd], {"extra_pnginfo": {"workflow": {"id": odd}}}, client=odd))
        job = await begun(store, "w")
        assert (job.id, job.prompt, job.targets, job.client) == (odd, prompt, [odd], odd)
        await store.finish(
            odd, job.token, Result(State.FAILED, {odd: {odd: [math.nan]}}, error={"exception_message": odd})
        )
        found = await store.get(odd)
        assert found is not None and found.result is not None and found.reason == odd
        assert math.isnan(found.result.outputs[odd][odd][0])


@in_loop
async def test_what_cannot_be_kept_is_refused_in_words(url: str) -> None:
    async with opened(url) as store:
        with pytest.raises(ValueError, match="finite"):
            await store.accept(new("a", number=math.nan))
        with pytest.raises(ValueError, match="1 to 1000 characters"):
            await store.accept(new("x" * 1001))
        with pytest.raises(ValueError, match="must be JSON"):
            await store.accept(NewJob("a", {"1": object()}, ["1"]))
        assert await store.remaining() == 0


@in_loop
async def test_who_stops_waiting_for_a_claim_gives_the_job_back(url: str) -> None:
    async with opened(url, clock=Clock()) as store:
        await store.accept(new("a"))
        waiting = asyncio.ensure_future(store.claim("w", LEASE))
        await asyncio.sleep(0)
        waiting.cancel()
        job = None
        while job is None:
            job = await store.claim("other", LEASE)
        assert (job.id, job.worker) == ("a", "other")
