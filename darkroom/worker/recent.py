"""What flowed over the wires of the last jobs, as far as the cache still holds it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from darkroom.engine.running.cache import Cache
from darkroom.engine.running.growing import GrowingGraph
from darkroom.engine.spec import Specs

JOBS_REMEMBERED = 8


class NotKept(Exception):
    """A value that cannot be shown; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What an output gave. type: its tag; values: one, unless lists are mapped."""

    type: str
    values: list[Any]


@dataclass(frozen=True, slots=True)
class _Remembered:
    types: Mapping[str, str]
    keys: Mapping[str, bytes]


class Recent:
    """The last jobs by id; any thread may ask."""

    def __init__(self, cache: Cache, specs: Specs) -> None:
        self._cache = cache
        self._specs = specs
        self._jobs: OrderedDict[str, _Remembered] = OrderedDict()

    def remember(self, job: str, nodes: GrowingGraph, keys: Mapping[str, bytes]) -> None:
        """Note a job that ended. keys: by node, under which its result is kept."""
        self._jobs[job] = _Remembered({id: node.type for id, node in nodes.items()}, keys)
        self._jobs.move_to_end(job)
        while len(self._jobs) > JOBS_REMEMBERED:
            self._jobs.popitem(last=False)

    def passed(self, job: str, node: str, slot: int) -> Passed:
        """What a node's output gave in a job. Raises NotKept."""
        found = self._jobs.get(job)
        if found is None:
            raise NotKept(f"the job {job} is not among the last {JOBS_REMEMBERED} of this worker; run it again")
        key = found.keys.get(node)
        if key is None:
            raise NotKept(f"node {node} had no part in this job; choose one that it needed")
        stored = self._cache.peek([key]).get(key)
        if stored is None:
            why = self._cache.why_not(key) or "was not kept"
            raise NotKept(f"the result of node {node} {why}; run it again")
        if not 0 <= slot < len(stored.outputs):
            raise NotKept(f"node {node} has {len(stored.outputs)} outputs, none of them is number {slot}")
        spec = self._specs.get(found.types.get(node, ""))
        type = spec.outputs[slot].type if spec is not None and slot < len(spec.outputs) else "*"
        return Passed(type if isinstance(type, str) else "COMBO", stored.outputs[slot])
