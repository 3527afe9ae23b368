"""Requests that wait together are committed together, and each gets its own answer."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from darkroom.service.jobs.writer import Work, Writer
from tests.service.jobs.helpers import in_loop


class Hopeless(Exception):
    pass


class Table:
    """A database of one list: works get it, and what they add stays only where all of a batch went well."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.commits: list[tuple[int, bool]] = []
        self.may_begin = threading.Event()

    def together(self, works: Sequence[Work], durable: bool) -> list[Any]:
        self.may_begin.wait(5)
        change: list[str] = []
        answers = [work(change) for work in works]
        self.kept += change
        self.commits.append((len(works), durable))
        return answers

    def writer(self) -> Writer:
        return Writer(self.together, lambda error: isinstance(error, Hopeless))


def adds(name: str) -> Work:
    def work(change: list[str]) -> str:
        change.append(name)
        return name.upper()

    return work


def raises(error: Exception) -> Work:
    def work(change: list[str]) -> None:
        change.append("half done")
        raise error

    return work


@in_loop
async def test_what_waits_is_one_commit_and_the_strictest_request_decides_how_durable_it_is() -> None:
    table = Table()
    writer = table.writer()
    first = writer.submit(adds("a"), durable=False)
    await asyncio.sleep(0.05)  # the thread has taken the first one and is held up
    others = [writer.submit(adds(name), durable=name == "c") for name in "bcd"]
    table.may_begin.set()
    assert await asyncio.gather(first, *others) == ["A", "B", "C", "D"]
    assert table.commits == [(1, False), (3, True)]
    await writer.stop()


@in_loop
async def test_a_request_that_fails_spoils_no_other() -> None:
    table = Table()
    writer = table.writer()
    requests = [writer.submit(work, durable=True) for work in (adds("a"), raises(ValueError("bad")), adds("b"))]
    table.may_begin.set()
    answers = await asyncio.gather(*requests, return_exceptions=True)
    assert (answers[0], str(answers[1]), answers[2]) == ("A", "bad", "B")
    assert table.kept == ["a", "b"]
    await writer.stop()


@in_loop
async def test_after_a_hopeless_error_nobody_else_is_tried() -> None:
    table = Table()
    writer = table.writer()
    requests = [writer.submit(work, durable=True) for work in (raises(Hopeless()), adds("a"), adds("b"))]
    table.may_begin.set()
    answers = await asyncio.gather(*requests, return_exceptions=True)
    assert all(isinstance(each, Hopeless) for each in answers)
    assert table.kept == []
    await writer.stop()


@in_loop
async def test_stopping_answers_what_waits_and_takes_no_more() -> None:
    table = Table()
    table.may_begin.set()
    writer = table.writer()
    request = writer.submit(adds("a"), durable=True)
    await writer.stop()
    assert await request == "A"
    with pytest.raises(RuntimeError, match="closed"):
        writer.submit(adds("b"), durable=True)


@in_loop
async def test_a_request_that_was_given_up_before_its_turn_is_not_run() -> None:
    table = Table()
    writer = table.writer()
    first = writer.submit(adds("a"), durable=True)
    await asyncio.sleep(0.05)
    given_up = writer.submit(adds("b"), durable=True)
    given_up.cancel()
    table.may_begin.set()
    assert await first == "A"
    await writer.stop()
    assert table.kept == ["a"]
