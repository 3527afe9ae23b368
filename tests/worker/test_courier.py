"""Progress is thinned but its last word never lost, and previews cost the job no time."""

import io
import threading
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from darkroom.engine.results import Shown
from darkroom.engine.run import Run
from darkroom.frames.messages import JobEvent
from darkroom.worker.courier import PREVIEW_SECONDS, PROGRESS_SECONDS, Courier
from tests.engine.toys import toy
from tests.worker.talking import api, worker


def progress(value: int, node: str = "1") -> JobEvent:
    return JobEvent("job", 1, "progress", {"node": node, "value": value})


def other(kind: str, node: str = "1") -> JobEvent:
    return JobEvent("job", 1, kind, {"node": node})


def small() -> Image.Image:
    return Image.new("RGB", (64, 32))


class Sent:
    """Collects what a courier sends, and lets a test wait for it."""

    def __init__(self) -> None:
        self.events: list[JobEvent] = []
        self.courier = Courier(self._take)
        self._came = threading.Condition()
        self.courier.begin()

    def _take(self, event: JobEvent) -> None:
        with self._came:
            self.events.append(event)
            self._came.notify_all()

    def wait(self, enough: Callable[[list[JobEvent]], bool]) -> None:
        with self._came:
            assert self._came.wait_for(lambda: enough(self.events), 10)

    @property
    def kinds(self) -> list[str]:
        return [each.kind for each in self.events]


def test_progress_that_comes_too_fast_is_thinned_and_its_last_word_goes_before_the_end() -> None:
    sent = Sent()
    began = time.monotonic()
    for value in range(10_000):
        sent.courier.progress(progress(value))
    took = time.monotonic() - began
    sent.courier.tell(other("node_finished"))
    assert len(sent.events) <= took / PROGRESS_SECONDS + 3
    assert [each.data.get("value") for each in sent.events][-2:] == [9_999, None]


def test_the_last_progress_before_a_long_step_goes_out_by_itself() -> None:
    sent = Sent()
    sent.courier.progress(progress(1))
    sent.courier.progress(progress(2))
    sent.wait(lambda events: len(events) == 2)
    assert [each.data["value"] for each in sent.events] == [1, 2]


def test_each_node_has_a_rate_of_its_own() -> None:
    sent = Sent()
    for node in "abc":
        sent.courier.progress(progress(1, node))
    assert len(sent.events) == 3


def test_what_is_held_back_goes_out_when_the_job_ends() -> None:
    sent = Sent()
    sent.courier.progress(progress(1))
    sent.courier.progress(progress(2))
    sent.courier.end()
    assert [each.data["value"] for each in sent.events] == [1, 2]


def test_of_many_previews_few_are_made_and_the_newest_is_among_them() -> None:
    sent = Sent()
    made: list[int] = []

    def make(number: int) -> Image.Image:
        made.append(number)
        return small()

    began = time.monotonic()
    for number in range(1000):
        sent.courier.preview(other("preview"), lambda number=number: make(number), 512)
    sent.wait(lambda events: bool(made) and made[-1] == 999 and len(events) == len(made))
    assert len(made) <= (time.monotonic() - began) / PREVIEW_SECONDS + 2


def test_a_slow_preview_does_not_hold_up_who_gives_it_and_the_next_waits_for_its_share() -> None:
    sent = Sent()
    gate, times = threading.Event(), []

    def slow() -> Image.Image:
        gate.wait(10)
        until = time.thread_time() + 0.02
        while time.thread_time() < until:
            pass
        times.append(time.monotonic())
        return small()

    sent.courier.preview(other("preview"), slow, 512)
    sent.courier.progress(progress(1))
    assert sent.kinds == ["progress"]
    gate.set()
    sent.wait(lambda events: len(events) == 2)
    sent.courier.preview(other("preview"), slow, 512)
    sent.wait(lambda events: len(events) == 3)
    assert times[1] - times[0] >= 0.4  # 20 ms are 5 % of 400 ms


def test_no_preview_comes_after_its_node_ended() -> None:
    sent = Sent()
    gate, asked = threading.Event(), threading.Event()

    def late() -> Image.Image:
        asked.set()
        gate.wait(10)
        return small()

    sent.courier.preview(other("preview"), late, 512)
    assert asked.wait(10)
    sent.courier.tell(other("node_finished"))
    gate.set()
    sent.courier.preview(other("preview", "2"), small, 512)
    sent.wait(lambda events: len(events) == 2)
    assert [(each.kind, each.data["node"]) for each in sent.events] == [("node_finished", "1"), ("preview", "2")]


def test_a_preview_that_fails_is_left_out() -> None:
    sent = Sent()
    sent.courier.preview(other("preview", "1"), lambda: 1 / 0, 512)
    sent.courier.preview(other("preview", "2"), small, 512)
    sent.wait(lambda events: len(events) == 1)


def test_previews_come_only_where_the_job_wants_them_and_fit_its_size(tmp_path: Path) -> None:
    gate = threading.Event()

    def look(run: Run) -> Shown:
        run.progress(1, 2, lambda: Image.new("RGBA", (200, 100)))
        return Shown({}) if gate.wait(20) else Shown({"late": [1]})

    prompt = api(_1=("Look", {}))
    with worker(tmp_path, toy("Look", look, outputs=0, final=True, run_parameter="run"), cache="none") as talk:
        talk.begin(prompt, "1", "seen", preview="auto", preview_size=50)
        event = talk.event("preview")
        gate.set()
        talk.done()
        talk.run(prompt, "1", "unseen")
        assert not any(each.job == "unseen" for each in talk.events("preview"))
    picture = Image.open(io.BytesIO(event.blob))
    assert (picture.format, picture.size, event.data["format"]) == ("JPEG", (50, 25), "JPEG")


def test_pictures_that_are_results_all_go_out_whole_and_in_order(tmp_path: Path) -> None:
    def give(run: Run) -> Shown:
        for step in range(20):
            run.show(lambda step=step: Image.new("RGB", (2000, 10), (step, 0, 0)))
        return Shown({})

    with worker(tmp_path, toy("Give", give, outputs=0, final=True, run_parameter="run")) as talk:
        talk.run(api(_1=("Give", {})), "1")
    pictures = [Image.open(io.BytesIO(each.blob)) for each in talk.events("preview")]
    assert [each.getpixel((0, 0)) for each in pictures] == [(step, 0, 0) for step in range(20)]
    assert all((each.format, each.size) == ("PNG", (2000, 10)) for each in pictures)
    assert talk.events()[-1].kind == "node_finished"
