"""Graph expansion while a job runs: adding what a step's calls gave, and putting its results in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from darkroom.engine.graph import Link
from darkroom.engine.problems import WorkflowError
from darkroom.engine.running.binding import Kinds, Step
from darkroom.engine.running.cache import Cache
from darkroom.engine.running.growing import ExpansionError, GrowingGraph, grow
from darkroom.engine.running.key import Keyring
from darkroom.engine.running.late import LateNode, facts_of
from darkroom.engine.running.live import Live
from darkroom.engine.running.mapping import Piece, at_slot
from darkroom.engine.running.plan import arrange


class DependencyCycleError(Exception):
    """Nodes wait for each other, by way of a graph that one of them expanded into."""


DependencyCycleError.__module__ = "graph"  # as clients of the community's servers know it


@dataclass(frozen=True, slots=True)
class Expansions:
    """The expansions of one job."""

    nodes: GrowingGraph
    kinds: Kinds
    keyring: Keyring
    cache: Cache

    def begin(self, live: Live, pieces: list[Piece]) -> list[Step]:
        """Add the graphs that a step's calls gave; returns the steps that its result rests on, keyed.

        The step will wait for what its results are linked to, and for all final nodes inside.
        """
        inside: dict[str, None] = {}
        roots: list[str] = []
        for index, piece in enumerate(pieces):
            if piece.expand is not None:
                names = grow(self.nodes, live.id, index, piece.expand)
                inside.update(dict.fromkeys(names.values()))
                piece.slots = tuple(_renamed(each, names) for each in piece.slots)
                roots += [each.source for each in piece.slots if type(each) is Link]
        kinds = {id: self.kinds.find(self.nodes[id].type) for id in inside}
        roots += [id for id, kind in kinds.items() if kind is not None and kind.spec.final]
        steps = self._arranged(roots)
        self.keyring.add(steps)
        live.inner = roots
        live.inside = [step.id for step in steps if step.id in inside]
        live.late = live.late or {}
        for step in steps:
            if step.id in inside:
                live.late.update(dict.fromkeys(facts_of(step, inside, self.keyring)))
        return steps

    def resolve(self, live: Live, pieces: list[Piece], lives: Mapping[str, Live]) -> None:
        """Put the values that are there now in the place of the links among a step's results."""
        for piece in pieces:
            for slot, link in enumerate(piece.slots if piece.expand is not None else ()):
                if type(link) is Link:
                    source = lives[link.source].result
                    piece.resolved[slot] = [None] if source is None else at_slot(source.outputs, link)
        late = self.cache.late
        if late and live.inside and live.late is not None:
            inside = frozenset(live.inside)
            for id in live.inside:
                for fact in late.get(self.keyring.recipe_key(id), ()):
                    if not (isinstance(fact, LateNode) and fact.id in inside):
                        live.late[fact] = None

    def _arranged(self, roots: list[str]) -> list[Step]:
        known = self.keyring.keys.keys()
        try:
            return arrange(roots, self.nodes, self.kinds, known=known, source=self.nodes.graph.source)
        except WorkflowError as error:
            is_cycle = error.problems[0].type == "dependency_cycle"
            kind = DependencyCycleError if is_cycle else ExpansionError
            raise kind(f"in the graph it expands into: {error.problems[0]}") from None


def _renamed(value: object, names: Mapping[str, str]) -> object:
    return Link(names.get(value.source, value.source), value.slot) if type(value) is Link else value
