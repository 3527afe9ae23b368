"""Kill the server, its worker, or both at random moments under load, and count what is lost.

    python -m benchmarks.crash --rounds 300 --seed 1

A client posts small jobs without pause; each draws a picture in a colour of its own and saves it under a name of its
own. A post that gets no answer is repeated with the same id, as a careful script does. Half of the kills come soon
after a start, while the worker still wakes up; the others wait until jobs get done again. After the last round
everything accepted must be done once, each with one whole picture of the right colour, and nothing else may lie in the
output folder: a job that was set aside, because its worker was killed three times while it ran, has nothing there.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import sqlite3
import tempfile
import threading
import time
import urllib.error
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.live import LiveServer
from benchmarks.measure import Row, finish
from darkroom.files.write import is_part

LONGEST_QUEUE = 40
"""Jobs waiting at a time, so that kills meet jobs in every state and the end is soon reached."""

WHAT = ("server", "worker", "both")
NOTHING = "found nothing to kill"
NO_ANSWER = (urllib.error.URLError, ConnectionError, TimeoutError, OSError)


@dataclass
class Verdict:
    """What became of the accepted jobs. lost, duplicated, corrupt: sentences, one for each finding.

    set_aside: jobs whose worker was killed three times; parts: hidden temporary files that a kill left behind
    """

    jobs: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    corrupt: list[str] = field(default_factory=list)
    set_aside: int = 0
    parts: int = 0
    restart_seconds: list[float] = field(default_factory=list)


def colour_of(number: int) -> int:
    return (number * 7919) % 0xFFFFFF


def prompt_of(number: int) -> dict[str, Any]:
    """A job whose one picture says which job made it."""
    size = {"width": 64, "height": 64, "batch_size": 1}
    return {
        "1": {"class_type": "EmptyImage", "inputs": {**size, "color": colour_of(number)}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": f"job{number}x"}},
    }


@dataclass
class Client:
    """Posts jobs until it is told to stop; `accepted` holds the numbers of those that the server said yes to.

    The last one is posted until there is an answer, so that no job is there that nobody knows of; `give_up` ends that.
    """

    server: LiveServer
    accepted: list[int] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    give_up: threading.Event = field(default_factory=threading.Event)
    wrong: list[str] = field(default_factory=list)

    def run(self) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            if self.accept(number):
                self.accepted.append(number)

    def accept(self, number: int) -> bool:
        """Post one job until there is an answer; False where it is no, or never came."""
        while not self.give_up.is_set():
            try:
                if self.server.get("/prompt")["exec_info"]["queue_remaining"] >= LONGEST_QUEUE:
                    time.sleep(0.02)
                    continue
                answer = self.server.post("/prompt", {"prompt": prompt_of(number), "prompt_id": f"job-{number}"})
                if answer["prompt_id"] != f"job-{number}":
                    self.wrong.append(f"job-{number} was answered as {answer['prompt_id']}")
                return True
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    self.wrong.append(f"job-{number} was refused: {error.code} {error.read()[:200]!r}")
                    return False
                time.sleep(0.02)
            except NO_ANSWER:
                time.sleep(0.02)
        return False


def strike(server: LiveServer, what: str) -> tuple[str, list[int]]:
    """kill -9 to the server, to its workers, or to both; what was hit, and the workers among it."""
    workers: list[int] = []
    if what != "server":
        with contextlib.suppress(*NO_ANSWER):
            workers = [worker["pid"] for worker in server.workers() if worker.get("pid")]
    if what != "worker":
        server.kill()
    hit = []
    for pid in workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            hit.append(pid)
    if what == "both" and not hit:
        return "server", hit
    return (NOTHING, hit) if what == "worker" and not hit else (what, hit)


def pictures(server: LiveServer) -> list[str]:
    """The names of all files in the output folder."""
    return sorted(path.name for path in (server.base / "output").rglob("*") if path.is_file())


def wait_for_work(server: LiveServer, seconds: float = 10) -> None:
    """Wait until a job gets done."""
    ends, before = time.monotonic() + seconds, len(pictures(server))
    while len(pictures(server)) <= before and time.monotonic() < ends:
        time.sleep(0.01)


def judged(server: LiveServer, accepted: list[int], verdict: Verdict) -> None:
    """Compare the accepted jobs with history and the output folder."""
    verdict.jobs = len(accepted)
    history = server.get("/history")
    output = server.base / "output"
    files = pictures(server)
    verdict.parts = sum(is_part(name) for name in files)
    by_job = Counter(name.split("x_")[0] for name in files if not is_part(name))
    for number in accepted:
        count = by_job.pop(f"job{number}", 0)
        entry = history.get(f"job-{number}")
        if entry is None:
            verdict.lost.append(f"job-{number} has no history")
            continue
        if entry["status"]["status_str"] != "success":
            aside = "set aside" in str(entry["status"])
            verdict.set_aside += aside
            if not aside:
                verdict.lost.append(f"job-{number} ended as {entry['status']}")
            elif count:
                verdict.corrupt.append(f"job-{number} was set aside, but {count} files of it are there")
            continue
        if count != 1:
            (verdict.lost if count == 0 else verdict.duplicated).append(f"job-{number} has {count} files")
        verdict.corrupt += wrong_pictures(output, entry, number)
    verdict.corrupt += [f"{name} lies in the output folder" for name in by_job]


def wrong_pictures(output: Path, entry: dict[str, Any], number: int) -> list[str]:
    found = []
    for item in entry["outputs"]["2"]["images"]:
        path = output / item["subfolder"] / item["filename"]
        try:
            with Image.open(path) as picture:
                red, green, blue = picture.convert("RGB").getpixel((63, 63))  # type: ignore[misc]
        except OSError as error:
            found.append(f"job-{number}: {path.name} is damaged: {error}")
            continue
        if (red << 16) + (green << 8) + blue != colour_of(number):
            found.append(f"job-{number}: {path.name} is another job's picture")
    return found


def wait_for_tidiness(server: LiveServer, seconds: float = 5) -> None:
    """Wait until the journals of jobs that ended are gone, and with them the files of dead attempts."""
    journals, ends = server.base / "user" / "__server" / "journals", time.monotonic() + seconds
    while any(journals.glob("*.files")) and time.monotonic() < ends:
        time.sleep(0.05)


def wait_until_empty(server: LiveServer, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while server.get("/prompt")["exec_info"]["queue_remaining"]:
        if time.monotonic() > ends:
            raise AssertionError(f"the queue did not empty:\n{server.log.read_text()[-4000:]}")
        time.sleep(0.05)


def crash_rounds(base: Path, rounds: int, seed: int) -> Verdict:
    """Run the rounds with folders below `base`; see the module."""
    rng = random.Random(seed)
    verdict = Verdict()
    server = LiveServer(base, ["--verbose", "WARNING"]).start()
    server.ready()
    client = Client(server)
    posting = threading.Thread(target=client.run, daemon=True)
    posting.start()
    try:
        for _ in range(rounds):
            if rng.random() < 0.5:
                wait_for_work(server)
            time.sleep(rng.uniform(0, 0.6))
            what = rng.choice(WHAT)
            began = time.monotonic()
            hit, workers = strike(server, what)
            verdict.kills[hit] += 1
            if what != "worker":
                server.start()
            if rng.random() < 0.7:  # now and then the next kill comes before the worker is back
                server.ready(besides=workers)
                verdict.restart_seconds.append(time.monotonic() - began)
        client.stop.set()
        posting.join(60)
        if posting.is_alive():
            raise AssertionError(f"the last job got no answer:\n{server.log.read_text()[-4000:]}")
        wait_until_empty(server, 60)
        server.stop()
        server.start()
        wait_for_tidiness(server)
        judged(server, client.accepted, verdict)
    finally:
        client.stop.set()
        client.give_up.set()
        server.stop()
    verdict.corrupt += client.wrong
    verdict.corrupt += [f"the database says {said}" for said in damage_of(base) if said != "ok"]
    return verdict


def damage_of(base: Path) -> list[str]:
    (database,) = base.rglob("darkroom.db")
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("PRAGMA integrity_check")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    base = Path(tempfile.mkdtemp(prefix="darkroom_crash_"))
    verdict = crash_rounds(base, options.rounds, options.seed)
    for finding in [*verdict.lost, *verdict.duplicated, *verdict.corrupt]:
        print(finding)
    kills = ", ".join(f"{count} {what}" for what, count in verdict.kills.items())
    print(
        f"{options.rounds} kills ({kills}) under {verdict.jobs} jobs, of which {verdict.set_aside} were killed three "
        f"times and set aside; {verdict.parts} hidden temporary files remain"
    )
    worst = max(verdict.restart_seconds, default=0.0)
    shutil.rmtree(base)
    rows = [
        Row("jobs lost", 0, len(verdict.lost)),
        Row("jobs done twice", 0, len(verdict.duplicated)),
        Row("damaged results", 0, len(verdict.corrupt)),
        Row("longest time from a kill to a worker that is ready", 5, worst, "s"),
    ]
    finish(rows, "make bench-crash")


if __name__ == "__main__":
    main()
