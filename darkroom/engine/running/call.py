"""Calling the function of one step: its arguments, once per list element, and what came back."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from darkroom import engine
from darkroom.engine.choices import picked
from darkroom.engine.events import NodeBlocked, NodeFailed
from darkroom.engine.graph import Link
from darkroom.engine.results import Blocked
from darkroom.engine.run import Cancelled
from darkroom.engine.running import guard
from darkroom.engine.running.describe import error_in_words, inputs_in_words, traceback_in_words, type_in_words
from darkroom.engine.running.key import Hidden, hidden_inputs
from darkroom.engine.running.late import LateFile, LateMentions
from darkroom.engine.running.live import Live
from darkroom.engine.running.mapping import Piece, ResultError, at_slot, blocker, calls, piece_of
from darkroom.engine.running.node_run import NodeRun, Surroundings


class StepFailed(Exception):
    """A step failed; the event says where and how."""

    def __init__(self, event: NodeFailed) -> None:
        self.event = event
        super().__init__(event.message)


@dataclass(frozen=True, slots=True)
class Call:
    """One call to make. blocked: it shall not take place, as an argument is blocked."""

    index: int
    arguments: dict[str, Any]
    blocked: Blocked | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Makes the calls of one job."""

    job: Surroundings
    hidden: Hidden
    display: Callable[[str], str]
    guarded: bool

    def lists(self, live: Live, lives: Mapping[str, Live]) -> dict[str, list[Any]]:
        """What arrives at each input of a step; a lazy input that was not computed is None."""
        step = live.step
        found: dict[str, list[Any]] = {}
        for field in step.fields:
            value = step.inputs[field.name] if field.given else field.default
            if type(value) is not Link or field.raw:
                found[field.name] = [picked(field.choice, value, self.job.files)]
                continue
            source = lives.get(value.source)
            result = source.result if source is not None and not self._unasked(live, field.lazy, field.name) else None
            values = [None] if result is None else at_slot(result.outputs, value)
            if field.choice is not None:
                live.late = live.late or {}
                live.late.update((LateFile(field.choice, each), None) for each in values if isinstance(each, str))
                values = [picked(field.choice, each, self.job.files) for each in values]
            elif field.mentions is not None:
                named = [each for each in values if isinstance(each, str) and any(field.mentions.names(each))]
                if named:
                    live.late = live.late or {}
                    live.late.update((LateMentions(field.mentions, each), None) for each in named)
            found[field.name] = values
        if step.kind.hidden:
            found.update({name: [each] for name, each in hidden_inputs(step.kind, self.hidden, step.id).items()})
        return found

    def _unasked(self, live: Live, lazy: bool, name: str) -> bool:
        return lazy and (live.asked is None or name not in live.asked)

    def wanted(self, live: Live, lives: Mapping[str, Live]) -> list[str]:
        """Ask a step which of its lazy inputs it needs that it has not asked for before."""
        wanted = live.step.kind.spec.wanted
        open_names = {field.name for field, _ in live.step.links() if field.lazy} - (live.asked or set())
        if wanted is None or not open_names:
            return []
        asked: dict[str, None] = {}
        whole = live.step.kind.spec.input_is_list
        with self.failures(live) as current:
            for call in self.calls(live, lives):
                current.arguments = call.arguments
                if blocker(call.arguments, whole=whole) is None:
                    answer = wanted(**live.step.kind.wanted_arguments(self._with_run(live, call)))
                    names = engine.awaiting.wait_for(answer) if inspect.isawaitable(answer) else answer
                    asked.update(dict.fromkeys(self._checked(live, names)))
        return [name for name in asked if name in open_names]

    def _checked(self, live: Live, names: object) -> Collection[str]:
        if names is None:
            return ()
        if isinstance(names, str) or not isinstance(names, (list, tuple, set, frozenset)):
            raise ResultError(f"its question for lazy inputs answered {names!r}, not a list of input names")
        wires = {field.name for field, _ in live.step.links()}
        for name in names:
            if name not in wires:
                given = "is a setting and known already" if name in live.step.inputs else "is not connected"
                raise ResultError(f"it asked for its lazy input {name!r}, which {given}")
        return names

    def calls(self, live: Live, lives: Mapping[str, Live]) -> list[Call]:
        """The calls that a step's inputs make, blocked ones included."""
        whole = live.step.kind.spec.input_is_list
        made = calls(self.lists(live, lives), whole=whole)
        return [Call(index, each, blocker(each, whole=whole)) for index, each in enumerate(made)]

    def prepare(self, live: Live, lives: Mapping[str, Live]) -> list[Call]:
        """Like `calls`; a failure is one of the step."""
        with self.failures(live):
            return self.calls(live, lives)

    def run(self, live: Live, made: Sequence[Call]) -> list[Piece]:
        """Make the calls one after another. Raises StepFailed, Cancelled."""
        pieces = []
        with self.failures(live) as current:
            for call in made:
                if call.blocked is not None:
                    pieces.append(self.block(live, call.blocked))
                    continue
                current.arguments = call.arguments
                self.job.cancel.raise_if_cancelled()
                before = guard.fingerprints(call.arguments) if self.guarded else {}
                returned = _function(live)(**self._with_run(live, call))
                if self.guarded:
                    guard.compare(before, call.arguments)
                pieces.append(piece_of(returned, live.step.kind))
        return pieces

    async def run_async(self, live: Live, call: Call) -> Piece:
        """Make one call of a coroutine function. Raises StepFailed, Cancelled."""
        if call.blocked is not None:
            return self.block(live, call.blocked)
        with self.failures(live) as current:
            current.arguments = call.arguments
            before = guard.fingerprints(call.arguments) if self.guarded else {}
            returned = _function(live)(**self._with_run(live, call))
            if inspect.isawaitable(returned):
                returned = await returned
            if self.guarded:
                guard.compare(before, call.arguments)
            return piece_of(returned, live.step.kind)

    def block(self, live: Live, blocked: Blocked) -> Piece:
        """What stands for a call that did not take place. A message is told once: what follows is blocked silently."""
        live.blocked = live.blocked or []
        live.blocked.append(blocked.message)
        self.job.emit(NodeBlocked(live.id, self.display(live.id), blocked.message))
        return Piece((Blocked(),) * len(live.step.kind.list_outputs))

    def failures(self, live: Live) -> _Failures:
        """Within this context, an error becomes StepFailed of this step; Cancelled stays as it is."""
        return _Failures(self, live)

    def failed(self, live: Live, error: BaseException, arguments: Mapping[str, Any]) -> StepFailed:
        """The failure of a step."""
        words = inputs_in_words(arguments)
        trace = traceback_in_words(error)
        message = error_in_words(error)
        event = NodeFailed(live.id, self.display(live.id), message, type_in_words(error), trace, words)
        return StepFailed(event)

    def _with_run(self, live: Live, call: Call) -> dict[str, Any]:
        name = live.step.kind.spec.run_parameter
        if name is None:
            return call.arguments
        return {**call.arguments, name: NodeRun(live.id, self.display(live.id), call.index, self.job)}


class _Failures:
    """See `Caller.failures`; a class because a generator's context manager would cost more than most calls here."""

    __slots__ = ("_caller", "_live", "arguments")

    def __init__(self, caller: Caller, live: Live) -> None:
        self._caller = caller
        self._live = live
        self.arguments: Mapping[str, Any] = {}

    def __enter__(self) -> _Failures:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, (Cancelled, StepFailed, asyncio.CancelledError, KeyboardInterrupt)):
            return
        raise self._caller.failed(self._live, error, self.arguments) from None


def _function(live: Live) -> Callable[..., Any]:
    function = live.step.kind.spec.function
    if function is None:
        raise ResultError(f"{live.step.type} is known by description only; install the pack that brings it")
    return function
