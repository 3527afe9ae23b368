"""What ended is kept, found in pages, and forgotten when told or when it is too old."""

import math

from darkroom.service.contracts import JobQuery, NewJob, Result, State
from darkroom.service.jobs.rows import Retention
from tests.service.jobs.helpers import DONE, PROMPT, Clock, begun, ids, in_loop, new, opened, run_all

FULL = Result(
    State.DONE,
    outputs={"1": {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}},
    meta={"1": {"node_id": "1", "display_node": "1", "parent_node": None, "real_node_id": "1"}},
    messages=[["execution_start", {"prompt_id": "a"}], ["execution_success", {"prompt_id": "a"}]],
    explain={"ran": ["1"], "timings": {"1": 0.5}, "seconds": 0.5},
)


@in_loop
async def test_a_result_comes_back_as_it_was(url: str) -> None:
    async with opened(url) as store:
        await store.accept(new("a"))
        assert await run_all(store, FULL) == ["a"]
        (job,) = await store.history(None, None)
        assert job.result == FULL
        assert await store.get("a") == job
        assert await store.get("b") is None


@in_loop
async def test_a_failure_without_a_node_says_its_reason(url: str) -> None:
    async with opened(url) as store:
        for id, error in (("a", {"exception_message": "no worker"}), ("b", {"node_id": "1", "exception_message": "x"})):
            await store.accept(new(id))
            await run_all(store, Result(State.FAILED, error=error))
        assert [job.reason for job in await store.history(None, None)] == ["no worker", None]


@in_loop
async def test_history_is_oldest_first_in_the_order_in_which_jobs_ended(url: str) -> None:
    async with opened(url) as store:
        for id in "abc":
            await store.accept(new(id))
        running = [await begun(store) for _ in "abc"]
        for job in reversed(running):
            await store.finish(job.id, job.token, DONE)
        assert ids(await store.history(None, None)) == ["c", "b", "a"]


@in_loop
async def test_history_has_pages(url: str) -> None:
    async with opened(url) as store:
        for id in "abcde":
            await store.accept(new(id))
        await run_all(store)
        for max_items, offset, expected in (
            (None, None, "abcde"),
            (2, None, "de"),
            (2, -1, "de"),
            (9, None, "abcde"),
            (2, 0, "ab"),
            (2, 3, "de"),
            (2, 4, "e"),
            (2, 9, ""),
            (None, 3, "de"),
            (0, None, ""),
        ):
            assert "".join(ids(await store.history(max_items, offset))) == expected, (max_items, offset)


@in_loop
async def test_cancelling_takes_jobs_that_wait_and_no_others(url: str) -> None:
    async with opened(url) as store:
        for id in "abcd":
            await store.accept(new(id))
        job = await begun(store)
        assert await store.cancel_queued(["a", "b", "none", "b"]) == ["b"]
        assert ids(await store.queued()) == ["c", "d"]
        assert await store.cancel_queued(None) == ["c", "d"]
        assert await store.cancel_queued([]) == []
        assert await store.remaining() == 1
        await store.finish("a", job.token, DONE)
        cancelled = await store.get("c")
        assert cancelled is not None and cancelled.state is State.CANCELLED and cancelled.ended is not None


@in_loop
async def test_a_job_that_never_ran_is_not_in_history_but_one_stopped_while_it_ran_is(url: str) -> None:
    async with opened(url) as store:
        for id in "ab":
            await store.accept(new(id))
        job = await begun(store)
        await store.finish("a", job.token, Result(State.CANCELLED))
        await store.cancel_queued(None)
        assert ids(await store.history(None, None)) == ["a"]
        assert (await store.page(JobQuery(states=[State.CANCELLED])))[1] == 2


@in_loop
async def test_forgetting_takes_ended_jobs_and_no_others(url: str) -> None:
    async with opened(url) as store:
        for id in "abcde":
            await store.accept(new(id))
        for id in "ab":
            job = await begun(store)
            await store.finish(id, job.token, DONE)
        await begun(store)
        await store.cancel_queued(["d"])
        await store.forget(["a", "c", "e", "none"])
        assert await store.get("a") is None
        assert ids(await store.history(None, None)) == ["b"]
        await store.forget(None)
        assert await store.history(None, None) == []
        assert ids((await store.page(JobQuery(descending=False)))[0]) == ["c", "e"]
        assert (await store.accept(new("a"))).is_new


@in_loop
async def test_pages_are_chosen_by_state_and_workflow_and_sorted(url: str) -> None:
    clock = Clock()
    async with opened(url, clock=clock) as store:
        for id, seconds in (("a", 3), ("b", 1), ("c", 2)):
            extra = {"create_time": seconds, "extra_pnginfo": {"workflow": {"id": "x" if id != "b" else "y"}}}
            await store.accept(NewJob(id, PROMPT, ["1"], extra))
            job = await begun(store)
            clock.pass_seconds(seconds)
            await store.finish(id, job.token, DONE if id != "c" else Result(State.FAILED))
        await store.accept(NewJob("d", PROMPT, ["1"], {"create_time": 9}))
        for query, expected, total in (
            (JobQuery(), "dacb", 4),
            (JobQuery(descending=False), "bcad", 4),
            (JobQuery(sort_by="execution_duration"), "acbd", 4),
            (JobQuery(sort_by="execution_duration", descending=False), "dbca", 4),
            (JobQuery(states=[State.DONE]), "ab", 2),
            (JobQuery(states=[State.DONE, State.QUEUED]), "dab", 3),
            (JobQuery(workflow_id="x"), "ac", 2),
            (JobQuery(workflow_id="x", states=[State.FAILED]), "c", 1),
            (JobQuery(limit=2), "da", 4),
            (JobQuery(limit=2, offset=3), "b", 4),
            (JobQuery(offset=1), "acb", 4),
        ):
            jobs, count = await store.page(query)
            assert ("".join(ids(jobs)), count) == (expected, total), query


@in_loop
async def test_only_the_newest_entries_are_kept(url: str) -> None:
    async with opened(url, retention=Retention(entries=3)) as store:
        for id in "abcde":
            await store.accept(new(id))
        await run_all(store)
        await store.accept(new("f"))
        await store.sweep()
        assert ids(await store.history(None, None)) == ["c", "d", "e"]
        assert ids(await store.queued()) == ["f"]


@in_loop
async def test_entries_are_dropped_now_and_then_without_being_told(sqlite_url: str) -> None:
    async with opened(sqlite_url, retention=Retention(entries=10)) as store:
        for index in range(250):
            await store.accept(new(str(index)))
        await run_all(store)
        assert len(await store.history(None, None)) <= 60


@in_loop
async def test_entries_that_are_too_old_are_dropped(url: str) -> None:
    clock = Clock()
    async with opened(url, clock=clock, retention=Retention(entries=0, days=1)) as store:
        await store.accept(new("a"))
        await run_all(store)
        clock.pass_seconds(86_399)
        await store.accept(new("b"))
        await run_all(store)
        await store.sweep()
        assert ids(await store.history(None, None)) == ["a", "b"]
        clock.pass_seconds(2)
        await store.sweep()
        assert ids(await store.history(None, None)) == ["b"]


@in_loop
async def test_without_limits_entries_are_kept_for_ever(url: str) -> None:
    clock = Clock()
    async with opened(url, clock=clock, retention=Retention(entries=0, days=0)) as store:
        await store.accept(new("a"))
        await run_all(store)
        clock.pass_seconds(1e9)
        await store.sweep()
        assert ids(await store.history(None, None)) == ["a"]


@in_loop
async def test_numbers_that_json_has_not_are_kept(url: str) -> None:
    async with opened(url) as store:
        await store.accept(new("a"))
        await run_all(store, Result(State.DONE, {"1": {"value": [math.nan, -math.inf]}}))
        (job,) = await store.history(None, None)
        assert job.result is not None
        value = job.result.outputs["1"]["value"]
        assert math.isnan(value[0]) and value[1] == -math.inf
