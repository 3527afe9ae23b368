"""What jobs made is read newest first, page by page, without their drawings."""

import pytest

from darkroom.service.contracts import NewJob, Past, Result, State
from darkroom.service.jobs import queries
from tests.service.jobs.helpers import PROMPT, begun, in_loop, new, opened, run_all

SHOWED = Result(State.DONE, outputs={"1": {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}})


@in_loop
async def test_the_past_comes_in_pages_newest_first(url: str) -> None:
    async with opened(url) as store:
        for id in "abcde":
            await store.accept(new(id))
        await run_all(store, SHOWED)
        first, total = await store.past(2, None)
        assert ([each.id for each in first], total) == (["e", "d"], 5)
        second, _ = await store.past(9, first[-1].at)
        assert [each.id for each in second] == ["c", "b", "a"]
        assert await store.past(9, second[-1].at) == ([], 5)
        last = second[-1]
        assert last == Past(last.at, "a", State.DONE, PROMPT, SHOWED.outputs, 1_000_000, 1_000_000)


@in_loop
async def test_a_page_of_huge_jobs_is_short_and_holds_at_least_one(url: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries, "PAGE_LETTERS", 2_500)
        async with opened(url) as store:
            for id, letters in (("a", 1_000), ("b", 1_000), ("c", 5_000), ("d", 10)):
                await store.accept(NewJob(id, {"1": {"class_type": "Toy", "inputs": {"text": "x" * letters}}}, ["1"]))
            await run_all(store, SHOWED)
            pages, before = [], None
            while found := (await store.past(9, before))[0]:
                pages.append([each.id for each in found])
                before = found[-1].at
            assert pages == [["d"], ["c"], ["b", "a"]]


@in_loop
async def test_jobs_that_showed_no_file_and_those_that_wait_are_left_out(url: str) -> None:
    async with opened(url) as store:
        for id in "abcd":
            await store.accept(new(id))
        job = await begun(store)
        await store.finish(job.id, job.token, Result(State.DONE, outputs={"1": {"text": ["words"]}}))
        job = await begun(store)
        await store.finish(job.id, job.token, Result(State.FAILED, outputs=SHOWED.outputs, error={}))
        await store.cancel_queued(["c"])
        found, total = await store.past(9, None)
        assert ([(each.id, each.state) for each in found], total) == ([("b", State.FAILED)], 1)


@in_loop
async def test_a_page_after_a_removal_skips_and_repeats_nothing(url: str) -> None:
    async with opened(url) as store:
        for id in ("a", "b", "c", "ü\\%"):
            await store.accept(NewJob(id, PROMPT, ["1"]))
        await run_all(store, SHOWED)
        first, _ = await store.past(2, None)
        assert [each.id for each in first] == ["ü\\%", "c"]
        await store.forget(["c"])
        following, total = await store.past(2, first[-1].at)
        assert ([each.id for each in following], total) == (["b", "a"], 3)
