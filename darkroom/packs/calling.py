"""Calling the methods of a class: on which instance, with which values for its hidden inputs, and within what."""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from darkroom.engine.graph import Graph, Link
from darkroom.engine.running.node_run import NodeRun
from darkroom.engine.write import to_api
from darkroom.packs.current import calling
from darkroom.packs.dynamic import DynamicPrompt
from darkroom.packs.results import Slots, read_return

RUN = "\0run"
"""The name under which the engine hands us the Run; no input of a pack is called so."""

SECRETS = ("AUTH_TOKEN_COMFY_ORG", "API_KEY_COMFY_ORG")
"""Tags that are None where the job brings none."""

AT_SUBMISSION: Mapping[str, Any] = {"PROMPT": {}, "DYNPROMPT": None, "EXTRA_PNGINFO": None}
"""What change tests get for hidden inputs: they are asked before the job runs."""

SHARED_NAN = "math.nan"
"""The answer `math.nan` of a change test, as something that equals itself."""

Values = dict[str, Any]


class Instances:
    """One instance per node id and class, kept while the node stays in the prompt: nodes keep state on `self`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, type], tuple[str, object]] = {}
        self._graph = Graph({})

    def get(self, cls: type, type_id: str, run: NodeRun) -> object:
        """The instance of a node that runs; made if there is none yet."""
        key = (run.node_id, cls)
        with self._lock:
            if run.job.graph is not self._graph:
                self._graph = run.job.graph
                self._kept = {key: held for key, held in self._kept.items() if self._stays(key[0], held[0])}
            held = self._kept.get(key)
            if held is not None:
                return held[1]
        made = cls()
        with self._lock:
            return self._kept.setdefault(key, (type_id, made))[1]

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()

    def _stays(self, id: str, type_id: str) -> bool:
        nodes = self._graph.nodes
        if id in nodes:
            return nodes[id].type == type_id
        # Nodes that came by expansion are called `parent.…`; they stay with what they came from.
        parts = id.split(".")
        return any(".".join(parts[:count]) in nodes for count in range(1, len(parts)))


@dataclass(frozen=True)
class Methods:
    """A class of a pack with all that its calls need to know.

    hidden: tag by name of hidden inputs. slots: of each output, whether it is a list
    """

    cls: Any
    id: str
    function: str
    slots: Slots
    whole: bool
    hidden: Mapping[str, str]
    declared: frozenset[str]
    instances: Instances = field(repr=False)

    def call(self, **arguments: Any) -> Any:
        """The node's function, as the engine calls it."""
        run, method = self._ready(arguments)
        with calling(run), _inference():
            returned = method(**arguments)
        return read_return(returned, self.slots)

    async def call_async(self, **arguments: Any) -> Any:
        """The same for a coroutine function."""
        run, method = self._ready(arguments)
        with calling(run):
            returned = await method(**arguments)
        return read_return(returned, self.slots)

    def wanted(self, **arguments: Any) -> Any:
        """`check_lazy_status`: those of its answers that are not there yet."""
        run: NodeRun = arguments.pop(RUN)
        instance = self.instances.get(self.cls, self.id, run)
        self._fill(arguments, run)
        with calling(run):
            answered = instance.check_lazy_status(**arguments)  # type: ignore[attr-defined]
        return _settled(answered, lambda names: self._open(names, arguments))

    def changed(self, **arguments: Any) -> Any:
        """`IS_CHANGED`, with everything the node is given: one that does not take all fails, and the node runs each
        time, as its authors know it."""
        filled = {name: AT_SUBMISSION[tag] for name, tag in self.hidden.items() if tag in AT_SUBMISSION}
        return _settled(self.cls.IS_CHANGED(**self._boxed({**arguments, **filled})), _without_shared_nan)

    def _ready(self, arguments: Values) -> tuple[NodeRun, Callable[..., Any]]:
        run: NodeRun = arguments.pop(RUN)
        instance = self.instances.get(self.cls, self.id, run)
        self._fill(arguments, run)
        return run, getattr(instance, self.function)

    def _fill(self, arguments: Values, run: NodeRun) -> None:
        """Put in the hidden inputs in the shape that packs expect."""
        for name, tag in self.hidden.items():
            if tag == "DYNPROMPT" and name in arguments:
                nodes = self._unboxed(arguments[name])
                arguments[name] = self._box(DynamicPrompt(nodes, _prompt(run)))
            is_empty = tag == "EXTRA_PNGINFO" and name in arguments and not self._unboxed(arguments[name])
            if is_empty or (tag in SECRETS and name not in arguments):
                arguments[name] = self._box(None)
        for name, value in arguments.items():
            raw = self._unboxed(value) if isinstance(value, list | Link) and value else None
            if isinstance(raw, Link):
                arguments[name] = self._box([raw.source, raw.slot])
        self._wrap_lists(arguments, run)

    def _wrap_lists(self, arguments: Values, run: NodeRun) -> None:
        """A list that was sent as `{"__value__": [...]}` under an undeclared name arrives as it was sent."""
        undeclared = arguments.keys() - self.declared
        sent = _prompt(run).get(run.node_id, {}).get("inputs", {}) if undeclared else {}
        for name in undeclared:
            if isinstance(sent.get(name), Mapping) and "__value__" in sent[name]:
                arguments[name] = self._box(sent[name])

    def _open(self, names: Any, arguments: Values) -> list[str]:
        """Of the names that a node asks for, those that have no value; anything but a list asks for nothing."""
        nothing = [None] if self.whole else None
        if not isinstance(names, list):
            return []
        return [name for name in names if isinstance(name, str) and arguments.get(name, nothing) == nothing]

    def _box(self, value: Any) -> Any:
        return [value] if self.whole else value

    def _unboxed(self, value: Any) -> Any:
        return value[0] if self.whole else value

    def _boxed(self, arguments: Mapping[str, Any]) -> Values:
        return {name: self._box(value) for name, value in arguments.items()}


def _prompt(run: NodeRun) -> Mapping[str, Any]:
    """The job's API JSON; made anew where the job keeps it from what is saved."""
    return run.prompt or to_api(run.job.graph)


def _settled(answered: Any, read: Callable[[Any], Any]) -> Any:
    """What is read from an answer, later where the answer is awaited."""
    if not hasattr(answered, "__await__"):
        return read(answered)

    async def settle() -> Any:
        return read(await answered)

    return settle()


def _inference() -> AbstractContextManager[Any]:
    """Packs are written for a server that never records gradients."""
    torch = sys.modules.get("torch")
    return torch.inference_mode() if torch is not None and hasattr(torch, "inference_mode") else nullcontext()


def _without_shared_nan(answer: Any) -> Any:
    """The answer of a change test, with a constant for `math.nan`: ComfyUI finds that one object equal to itself.

    Every other NaN differs from all others, and its node runs each time.
    """
    return SHARED_NAN if answer is math.nan else answer
