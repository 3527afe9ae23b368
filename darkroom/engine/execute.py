"""The executor: the only place that runs graphs.

A run plans, keys, and then calls what has no result yet; see `running.job` for the loop, `running.call` for the calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from darkroom.engine.events import Emit, Event, NodeFailed
from darkroom.engine.graph import Graph
from darkroom.engine.run import Cancelled, Files
from darkroom.engine.running.binding import Kinds
from darkroom.engine.running.cache import Cache
from darkroom.engine.running.call import Caller, StepFailed
from darkroom.engine.running.cancel import CancelToken
from darkroom.engine.running.growing import GrowingGraph
from darkroom.engine.running.job import Job
from darkroom.engine.running.key import Keyring
from darkroom.engine.running.node_run import Surroundings
from darkroom.engine.running.plan import Plan, plan_with
from darkroom.engine.running.report import Origin, Outcome, OutcomeWord, Report
from darkroom.engine.running.why import Ledger
from darkroom.engine.spec import Specs


def _ignore(event: Event) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """A job with what its driver needs at the end."""

    job: Job
    plan: Plan
    report: Report
    nodes: GrowingGraph
    keyring: Keyring
    cancel: CancelToken


class Executor:
    """Runs graphs of nodes that a registry knows; several threads may run graphs with one executor.

    guard: compare every node's inputs before and after its call, and fail the node that changed one (slow; for tests)
    """

    def __init__(self, registry: Specs, files: Files, cache: Cache, *, guard: bool = False) -> None:
        self._kinds = Kinds(registry)
        self._files = files
        self._cache = cache
        self._guarded = guard
        self._ledger = Ledger()

    def run(
        self,
        graph: Graph,
        *,
        targets: Sequence[str] | None = None,
        emit: Emit = _ignore,
        cancel: CancelToken | None = None,
        extra_pnginfo: Mapping[str, Any] | None = None,
        prompt: Mapping[str, Any] | None = None,
        hidden: Mapping[str, Callable[[], Any]] | None = None,
        nodes: GrowingGraph | None = None,
    ) -> Outcome:
        """Compute what the targets (by default, all final nodes) need and is not there yet.

        emit: receives the events, in this thread. prompt: the job's API JSON, where it came as such
        hidden: by tag, values of hidden inputs beyond PROMPT, DYNPROMPT, EXTRA_PNGINFO and UNIQUE_ID, or in place of
            these
        nodes: a `GrowingGraph` of the graph, for a listener who wants to know where nodes of events come from
        A node that fails ends the job and is told in the outcome. Raises WorkflowError, before any event, for a graph
        that cannot run at all.
        """
        nodes = GrowingGraph(graph) if nodes is None else nodes
        begun = self._begin(nodes, targets, emit, cancel, extra_pnginfo, prompt, hidden)
        with ExitStack() as stack:
            stack.enter_context(begun.cancel.calling(begun.job.mailbox.ring))
            return self._drive(begun, stack)

    async def arun(
        self,
        graph: Graph,
        *,
        targets: Sequence[str] | None = None,
        emit: Emit = _ignore,
        cancel: CancelToken | None = None,
        extra_pnginfo: Mapping[str, Any] | None = None,
        prompt: Mapping[str, Any] | None = None,
        hidden: Mapping[str, Callable[[], Any]] | None = None,
    ) -> Outcome:
        """Like `run`, in the running event loop; nodes that are not async hold it up."""
        begun = self._begin(GrowingGraph(graph), targets, emit, cancel, extra_pnginfo, prompt, hidden)
        with begun.cancel.calling(begun.job.mailbox.ring):
            ended: BaseException | None = None
            try:
                begun.report.job_started((step.id for step in begun.plan.steps), len(begun.plan.steps))
                for nothing_goes in begun.job.steps():
                    await begun.job.settle(nothing_goes)
            except (StepFailed, Cancelled) as error:
                ended = _alone(error)
            finally:
                await asyncio.gather(*begun.job.close(), return_exceptions=True)
                self._ledger.write(begun.report.before, begun.keyring)
            return self._outcome(begun, ended)

    def _begin(
        self,
        nodes: GrowingGraph,
        targets: Sequence[str] | None,
        emit: Emit,
        cancel: CancelToken | None,
        extra_pnginfo: Mapping[str, Any] | None,
        prompt: Mapping[str, Any] | None,
        more_hidden: Mapping[str, Callable[[], Any]] | None,
    ) -> _Begun:
        graph = nodes.graph
        plan = plan_with(graph, self._kinds, targets)
        cancel = cancel or CancelToken()
        surroundings = Surroundings(self._files, emit, cancel, graph, prompt, extra_pnginfo or {})
        hidden: dict[str, Callable[[], Any]] = {
            "PROMPT": lambda: surroundings.prompt,
            "DYNPROMPT": lambda: nodes,
            "EXTRA_PNGINFO": lambda: surroundings.extra_pnginfo,
            **(more_hidden or {}),
        }
        keyring = Keyring(self._files, self._cache.late, hidden)
        keyring.add(plan.steps)
        report = Report(emit, nodes.display, keyring, self._cache, self._ledger.page(graph.source))
        caller = Caller(surroundings, hidden, nodes.display, self._guarded)
        job = Job(plan, self._kinds, keyring, self._cache, caller, nodes, report)
        return _Begun(job, plan, report, nodes, keyring, cancel)

    def _drive(self, begun: _Begun, stack: ExitStack) -> Outcome:
        """Run a job to its end in this thread, with an event loop only if a node needs one."""
        job = begun.job
        in_loop: Callable[[bool], None] | None = None
        ended: BaseException | None = None
        try:
            begun.report.job_started((step.id for step in begun.plan.steps), len(begun.plan.steps))
            for nothing_goes in job.steps():
                if job.needs_loop:
                    in_loop = in_loop or _loop_for(job, stack)
                    in_loop(nothing_goes)
                else:
                    job.wait()
        except (StepFailed, Cancelled) as error:
            ended = _alone(error)
        finally:
            job.close()
            self._ledger.write(begun.report.before, begun.keyring)
        stack.close()  # waits for the coroutines that were cancelled
        return self._outcome(begun, ended)

    def _outcome(self, begun: _Begun, ended: BaseException | None) -> Outcome:
        report, nodes, lives = begun.report, begun.nodes, begun.job.agenda.lives
        word: OutcomeWord = "done" if ended is None else "failed" if isinstance(ended, StepFailed) else "cancelled"
        error: NodeFailed | None = None
        if isinstance(ended, StepFailed):
            error = ended.event
            report.emit(error)
        seconds = report.job_finished(word)
        results = {id: lives[id].result for id in begun.plan.targets if id in lives}
        begun.job.agenda.clear()
        origins = {
            id: Origin(parent, nodes.display(id), nodes.real(id))
            for id in nodes.added
            if (parent := nodes.parent(id)) is not None
        }
        return Outcome(
            outcome=word,
            ui=report.ui,
            outputs={id: result.outputs for id, result in results.items() if result is not None},
            error=error,
            stopped_at=report.current if word == "cancelled" else None,
            ran=tuple(report.ran),
            cached=tuple(report.cached),
            blocked=tuple(report.blocked),
            timings=report.timings,
            reasons=report.reasons,
            origins=origins,
            keys=begun.keyring.keys,
            seconds=seconds,
        )


def _alone(error: Exception) -> Exception:
    """The error without its frames and those of its cause, which hold the values that nodes were working on."""
    error.__context__ = None
    return error.with_traceback(None)


def _loop_for(job: Job, stack: ExitStack) -> Callable[[bool], None]:
    """Open an event loop until the stack closes, and say how to let a job settle in it."""
    runner = asyncio.Runner()
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        stack.enter_context(runner)
        return lambda nothing_goes: runner.run(job.settle(nothing_goes))
    # This thread is inside a loop already and no second one can run in it.
    pool = stack.enter_context(ThreadPoolExecutor(1))
    stack.callback(lambda: pool.submit(runner.close).result())
    return lambda nothing_goes: pool.submit(runner.run, job.settle(nothing_goes)).result()
