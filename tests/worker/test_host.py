"""Packs reach the job that runs, and nobody where none does."""

import io
import multiprocessing
from collections.abc import Iterator

import pytest
from PIL import Image

from darkroom.engine.events import NodeStarted
from darkroom.engine.graph import Graph
from darkroom.engine.run import Cancelled
from darkroom.engine.running.cancel import CancelToken
from darkroom.engine.running.growing import GrowingGraph
from darkroom.frames.messages import FreeMemory, PackMessage, RunJob
from darkroom.packs.host import PackHost
from darkroom.worker.courier import Courier
from darkroom.worker.host import Host, Now
from darkroom.worker.inbox import Inbox
from darkroom.worker.line import Line
from darkroom.worker.teller import Teller
from tests.worker.talking import Talk


class Bench:
    """A host with the server's end of its pipe."""

    def __init__(self) -> None:
        ours, theirs = multiprocessing.Pipe()
        line = Line(theirs, lambda: None)
        self.talk = Talk(ours)
        self.inbox = Inbox()
        self.host = Host(line, self.inbox)
        self.courier = Courier(line.send)
        self.cancel = CancelToken()

    def begin(self) -> None:
        job = RunJob("a", 1, {}, [], client="me")
        tell = Teller(self.courier, job, GrowingGraph(Graph({})))
        self.host.now = Now(job, self.cancel, tell)
        tell(NodeStarted("5", "5", "first run"))


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.talk.connection.close()


def test_it_is_the_host_that_packs_expect(bench: Bench) -> None:
    host: PackHost = bench.host
    assert (host.job, host.node, host.client, host.is_cancelled) == (None, None, None, False)
    bench.begin()
    assert (host.job, host.node, host.client, host.is_cancelled) == ("a", "5", "me", False)


def test_between_jobs_progress_and_text_go_nowhere(bench: Bench) -> None:
    bench.host.progress(1, 2)
    bench.host.text("hello")
    bench.host.interrupt()
    bench.host.raise_if_cancelled()
    bench.host.send_binary(7, b"blob", "me")
    assert bench.talk.next() == PackMessage("7", None, "me", b"blob")


def test_progress_and_text_are_those_of_the_running_node_unless_another_is_named(bench: Bench) -> None:
    bench.begin()
    bench.host.progress(1, 2)
    bench.host.text("hello", "6")
    assert bench.talk.event("progress").data["node"] == "5"
    assert bench.talk.event("text").data == {"node": "6", "display_node": "6", "text": "hello"}


def test_pictures_that_are_results_all_go_out_whole(bench: Bench) -> None:
    bench.begin()
    for step in range(20):
        bench.host.progress(step, 20, ("PNG", Image.new("RGB", (2000, 10), (step, 0, 0)), None))
    pictures = [Image.open(io.BytesIO(bench.talk.event("preview").blob)) for _ in range(20)]
    assert [(each.size, each.getpixel((0, 0))) for each in pictures] == [
        ((2000, 10), (step, 0, 0)) for step in range(20)
    ]


def test_an_interrupt_cancels_the_job_and_progress_says_so(bench: Bench) -> None:
    bench.begin()
    bench.host.interrupt()
    assert bench.cancel.cancelled and bench.host.is_cancelled
    with pytest.raises(Cancelled):
        bench.host.progress(1, 2)


def test_memory_is_freed_when_no_node_runs(bench: Bench) -> None:
    bench.begin()
    bench.host.free(True, False)
    assert bench.inbox.work.get_nowait() == FreeMemory(unload_models=True, free_memory=False)
