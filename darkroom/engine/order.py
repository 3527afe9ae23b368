"""Questions about which node needs which: what is needed, in which order, and where it goes round in circles."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence

Sources = Mapping[str, Sequence[str]]
"""Of each node id, the ids of the nodes whose outputs it takes. An id that is no key counts as not there."""


def needed(sources: Sources, roots: Iterable[str]) -> set[str]:
    """The roots and everything they take values from, directly or not."""
    found = {root for root in roots if root in sources}
    waiting = list(found)
    while waiting:
        for source in sources[waiting.pop()]:
            if source not in found and source in sources:
                found.add(source)
                waiting.append(source)
    return found


def sorted_by_need(nodes: Collection[str], sources: Sources) -> tuple[list[str], list[str]]:
    """The nodes, each after those it takes values from; and those left over, which are on a circle or behind one."""
    inside = set(nodes)
    missing: dict[str, int] = {}
    users: dict[str, list[str]] = {}
    ready: deque[str] = deque()
    for node in nodes:
        taken = {source for source in sources[node] if source in inside}
        missing[node] = len(taken)
        for source in taken:
            users.setdefault(source, []).append(node)
        if not taken:
            ready.append(node)
    ordered: list[str] = []
    while ready:
        node = ready.popleft()
        ordered.append(node)
        for user in users.get(node, ()):
            missing[user] -= 1
            if not missing[user]:
                ready.append(user)
    return ordered, [node for node in nodes if missing[node]]


def circles(nodes: Collection[str], sources: Sources) -> list[list[str]]:
    """One shortest circle out of each group of nodes that need each other, in the direction in which values flow.

    Each begins with that node of its group which comes first in `nodes`. Linear in nodes and links.
    """
    ranks = {node: rank for rank, node in enumerate(nodes)}
    found = []
    for group in _strong_groups(nodes, sources):
        first = min(group, key=ranks.__getitem__)
        if len(group) > 1 or first in sources[first]:
            found.append(_circle_through(first, set(group), sources))
    return found


def _strong_groups(nodes: Collection[str], sources: Sources) -> list[list[str]]:
    """Groups of nodes that need each other (Tarjan, doi:10.1137/0201010), with a stack in place of recursion."""
    inside = set(nodes)
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    waiting: dict[str, None] = {}  # nodes whose group is not known yet, in the order they were reached
    groups: list[list[str]] = []
    for start in nodes:
        if start in number:
            continue
        path = [(start, iter(sources[start]))]
        number[start] = lowest[start] = len(number)
        waiting[start] = None
        while path:
            node, rest = path[-1]
            source = next((each for each in rest if each in inside and (each not in number or each in waiting)), None)
            if source is not None and source not in number:
                number[source] = lowest[source] = len(number)
                waiting[source] = None
                path.append((source, iter(sources[source])))
            elif source is not None:
                lowest[node] = min(lowest[node], number[source])
            else:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[node])
                if lowest[node] == number[node]:
                    groups.append(_taken_until(node, waiting))
    return groups


def _taken_until(node: str, waiting: dict[str, None]) -> list[str]:
    group: list[str] = []
    while not group or group[-1] != node:
        group.append(waiting.popitem()[0])
    return group


def _circle_through(first: str, group: set[str], sources: Sources) -> list[str]:
    """Breadth first, against the flow, from `first` back to itself."""
    came_from: dict[str, str] = {}
    waiting = deque([first])
    while waiting:
        node = waiting.popleft()
        for source in sources[node]:
            if source == first:
                circle = [node]
                while circle[-1] != first:
                    circle.append(came_from[circle[-1]])
                return [first, *circle[:-1]]
            if source in group and source not in came_from:
                came_from[source] = node
                waiting.append(source)
    raise AssertionError("a node of a strong group lies on a circle")
