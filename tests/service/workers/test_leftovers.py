"""Files of attempts that count for nothing go, also where no other attempt follows; those of ended jobs stay."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from darkroom.files.folders import stamp_of
from darkroom.files.journal import Saved, journal_of, note
from darkroom.files.write import sweep_parts, write_part
from darkroom.service.contracts import Result, State
from darkroom.service.jobs.store import Store, default_url
from darkroom.service.workers.leftovers import STRANGE_SECONDS, Leftovers
from tests.service.jobs.helpers import DONE, begun, in_loop, new, opened

FAILED = Result(State.FAILED, error={"node_id": "1"})
STOPPED = Result(State.CANCELLED)


class House:
    """An output folder with journals, and a queue."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.output, self.journals, self.store = folder / "output", folder / "journals", store
        self.leftovers = Leftovers(store, self.journals, [self.output])  # type: ignore[arg-type]
        self.output.mkdir()

    def save(self, job: str, token: int, name: str) -> Path:
        """What a worker does for a file of an attempt."""
        path = self.output / name
        path.write_text(name)
        note(journal_of(self.journals, job), Saved(str(path), stamp_of(path.stat()), job, token), durable=True)
        return path

    def files(self) -> list[str]:
        return sorted(path.name for path in self.output.iterdir())


@in_loop
async def test_a_job_that_ended_keeps_its_files_and_loses_its_journal(tmp_path: Path) -> None:
    async with opened(default_url(tmp_path)) as store:
        house = House(tmp_path, store)
        for id, result in (("done", DONE), ("failed", FAILED), ("stopped", STOPPED)):
            await store.accept(new(id))
            job = await begun(store)
            house.save(id, job.token, id)
            assert await house.leftovers.tidy() == 0 and journal_of(house.journals, id).exists()
            await store.finish(id, job.token, result)
            assert await house.leftovers.tidy() == 0 and not journal_of(house.journals, id).exists()
        assert house.files() == ["done", "failed", "stopped"]


@in_loop
async def test_the_files_of_a_job_that_was_set_aside_are_removed(tmp_path: Path) -> None:
    async with opened(default_url(tmp_path)) as store:
        house = House(tmp_path, store)
        await store.accept(new("a"))
        for _ in range(3):
            job = await begun(store)
            house.save("a", job.token, "picture")
            assert await house.leftovers.tidy() == 0
            state = await store.requeue("a", job.token, "killed", death=True)
        assert state is State.SET_ASIDE
        assert await house.leftovers.tidy() == 1
        assert house.files() == [] and not list(house.journals.iterdir())


@in_loop
async def test_a_job_that_is_cancelled_while_it_waits_for_another_attempt_leaves_no_files(tmp_path: Path) -> None:
    async with opened(default_url(tmp_path)) as store:
        house = House(tmp_path, store)
        await store.accept(new("a"))
        job = await begun(store)
        house.save("a", job.token, "picture")
        await store.requeue("a", job.token, "the server stopped", death=False)
        assert await house.leftovers.tidy() == 0 and house.files() == ["picture"]
        await store.cancel_queued(["a"])
        assert await house.leftovers.tidy() == 1 and house.files() == []


@in_loop
async def test_of_a_job_that_another_server_did_the_files_of_the_lost_attempt_are_removed(tmp_path: Path) -> None:
    async with opened(default_url(tmp_path)) as store:
        house = House(tmp_path, store)
        await store.accept(new("a"))
        lost = await begun(store)
        house.save("a", lost.token, "lost")
        await store.requeue("a", lost.token, "its lease ran out", death=False)
        again = await begun(store)
        house.save("a", again.token, "kept")
        await store.finish("a", again.token, DONE)
        assert await house.leftovers.tidy() == 1 and house.files() == ["kept"]


@in_loop
async def test_journals_of_jobs_that_nobody_knows_are_deleted_when_they_are_old_and_their_files_stay(
    tmp_path: Path,
) -> None:
    async with opened(default_url(tmp_path)) as store:
        house = House(tmp_path, store)
        house.save("strange", 1, "picture")
        journal = journal_of(house.journals, "strange")
        assert await house.leftovers.tidy() == 0 and journal.exists()
        os.utime(journal, (0, time.time() - STRANGE_SECONDS - 10))
        assert await house.leftovers.tidy() == 0 and not journal.exists()
        assert house.files() == ["picture"]


@in_loop
async def test_tidying_goes_on_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darkroom.service.workers.leftovers.INTERVAL_SECONDS", 0.01)
    async with opened(default_url(tmp_path)) as store:
        house, calls = House(tmp_path, store), []
        twice = asyncio.Event()

        async def tidy() -> int:
            calls.append(1)
            if len(calls) == 2:
                twice.set()
            raise OSError("no disk")

        monkeypatch.setattr(house.leftovers, "tidy", tidy)
        task = asyncio.create_task(house.leftovers.keep_tidy([]))
        await asyncio.wait_for(twice.wait(), 5)
        task.cancel()


def test_only_old_temporary_files_of_ours_are_swept(tmp_path: Path) -> None:
    below = tmp_path / "day"
    below.mkdir()
    old, young = (write_part(below / "a.png", b"half", durable=False) for _ in range(2))
    foreign = [below / name for name in (".abc.part", "film.part", "0123456789abcdef.part", ".0123456789abcdeF.part")]
    for path in (old, *foreign):
        path.write_bytes(b"")
        os.utime(path, (0, time.time() - 3700))
    assert sweep_parts(tmp_path) == 1
    assert not old.exists() and young.exists() and all(path.exists() for path in foreign)
