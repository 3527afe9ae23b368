"""One job after another, from a `RunJob` to its `JobDone`."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from functools import partial
from typing import Any

import psutil

from darkroom.engine.events import NodeFailed
from darkroom.engine.execute import Executor
from darkroom.engine.problems import WorkflowError
from darkroom.engine.read_api import parse_api
from darkroom.engine.run import Cancelled
from darkroom.engine.running.cache import Cache
from darkroom.engine.running.cancel import CancelToken
from darkroom.engine.running.describe import error_in_words, type_in_words
from darkroom.engine.running.growing import GrowingGraph
from darkroom.engine.running.report import Outcome
from darkroom.frames.messages import JobDone, RunJob
from darkroom.worker import resources
from darkroom.worker.courier import Courier
from darkroom.worker.host import Host, Now
from darkroom.worker.journal import Journal
from darkroom.worker.line import Line
from darkroom.worker.recent import Recent
from darkroom.worker.settings import WorkerSettings
from darkroom.worker.teller import Teller, failure

SECRETS = ("AUTH_TOKEN_COMFY_ORG", "API_KEY_COMFY_ORG")

_log = logging.getLogger(__name__)


class Runner:
    """Runs jobs with one executor. without_gradients: packs are loaded, which expect torch's inference mode."""

    def __init__(
        self,
        line: Line,
        executor: Executor,
        cache: Cache,
        journal: Journal,
        recent: Recent,
        host: Host,
        *,
        without_gradients: bool = False,
    ) -> None:
        self._line = line
        self._executor = executor
        self._cache = cache
        self._journal = journal
        self._recent = recent
        self._host = host
        self._without_gradients = without_gradients
        self._courier = Courier(line.send)

    def run(self, job: RunJob, cancel: CancelToken) -> None:
        """Run a job and say what came of it. Whatever it raises is its failure, never that of the process."""
        nodes = GrowingGraph(parse_api(job.prompt, workflow_of(job))[0])
        tell = Teller(self._courier, job, nodes)
        self._host.now = Now(job, cancel, tell)
        self._courier.begin()
        try:
            done = self._run(job, cancel, nodes, tell)
        except Cancelled:
            done = JobDone(job.job, job.token, "cancelled", stopped_at=tell.node)
        except BaseException as error:
            done = self._failed(job, tell, error)
        self._courier.end()
        self._host.now = None
        if done.error is not None and resources.is_out_of_memory(done.error["exception_type"], done.error["message"]):
            resources.free(self._cache, everything=True)
        self._line.send(done)

    def _run(self, job: RunJob, cancel: CancelToken, nodes: GrowingGraph, tell: Teller) -> JobDone:
        removed = self._journal.begin(job.job, job.attempt)
        if removed:
            _log.info("removed %d files that an attempt saved which died", removed)
            self._cache.clear()  # kept results may name these files
        prompt, extra = job.prompt, job.extra_pnginfo
        hidden: dict[str, Callable[[], Any]] = {tag: partial(job.secrets.get, tag) for tag in SECRETS}
        if not job.metadata:
            hidden |= {"PROMPT": lambda: job.prompt, "EXTRA_PNGINFO": lambda: job.extra_pnginfo}
            prompt, extra = {}, {}
        with self._journal.noting(job.job, job.token), self._gradless():
            outcome = self._executor.run(
                nodes.graph,
                targets=list(job.targets),
                emit=tell,
                cancel=cancel,
                extra_pnginfo=extra,
                prompt=prompt,
                hidden=hidden,
                nodes=nodes,
            )
        self._recent.remember(job.job, nodes, outcome.keys)
        return done_of(job, outcome)

    def _gradless(self) -> AbstractContextManager[Any]:
        torch = resources.loaded_torch() if self._without_gradients else None
        return nullcontext() if torch is None else torch.inference_mode()

    def _failed(self, job: RunJob, tell: Teller, error: BaseException) -> JobDone:
        """The end of a job that could not begin, or that a node ended by other means than an error."""
        node = tell.node or ""
        if isinstance(error, WorkflowError):
            node = error.problems[0].node or "" if error.problems else ""
            trace: tuple[str, ...] = ()
        else:
            trace = tuple(traceback.format_tb(error.__traceback__))
            _log.error("job %s failed outside of its nodes", job.job, exc_info=error)
        event = NodeFailed(node, tell.display(node), error_in_words(error), type_in_words(error), trace)
        if node and not isinstance(error, WorkflowError):
            tell(event)
        return JobDone(job.job, job.token, "failed", error=failure(event))


def workflow_of(job: RunJob) -> str:
    """Under which name the last runs of nodes are remembered: the drawing that a job was queued from, or its client."""
    drawn = job.extra_pnginfo.get("workflow") if isinstance(job.extra_pnginfo, Mapping) else None
    id = drawn.get("id") if isinstance(drawn, Mapping) else None
    return str(id or job.client or "")


def done_of(job: RunJob, outcome: Outcome) -> JobDone:
    """The last word on a job that the executor brought to its end."""
    return JobDone(
        job.job,
        job.token,
        outcome.outcome,
        ui=outcome.ui,
        error=None if outcome.error is None else failure(outcome.error),
        stopped_at=outcome.stopped_at,
        ran=outcome.ran,
        cached=outcome.cached,
        blocked=outcome.blocked,
        timings=outcome.timings,
        reasons=outcome.reasons,
        origins={id: asdict(origin) for id, origin in outcome.origins.items()},
        seconds=outcome.seconds,
    )


def cache_bytes(settings: WorkerSettings, held: int) -> int:
    """How much the cache may hold now. held: what it holds already"""
    if settings.cache == "none":
        return 0
    if settings.cache == "ram":
        return max(0, held + int(psutil.virtual_memory().available) - settings.headroom_bytes)
    return settings.cache_bytes


def resized(cache: Cache, settings: WorkerSettings) -> None:
    """Fit the cache to the memory that is free now, where it follows that."""
    if settings.cache == "ram":
        cache.resize(cache_bytes(settings, cache.statistics().bytes))
