"""What is needed, in which order, and where it goes round in circles."""

import networkx
from hypothesis import given
from hypothesis import strategies as some

from darkroom.engine.order import circles, needed, sorted_by_need

graphs = some.integers(1, 9).flatmap(
    lambda size: some.dictionaries(
        some.integers(0, size - 1).map(str), some.lists(some.integers(0, size).map(str), max_size=3), min_size=1
    )
)
"""Sources by node; some of them are no nodes."""


def as_networkx(sources: dict[str, list[str]]) -> networkx.DiGraph:
    drawn: networkx.DiGraph = networkx.DiGraph()
    drawn.add_nodes_from(sources)
    drawn.add_edges_from((source, node) for node, taken in sources.items() for source in taken if source in sources)
    return drawn


@given(graphs)
def test_each_circle_is_a_shortest_one_of_a_group_of_nodes_that_need_each_other(sources: dict[str, list[str]]) -> None:
    drawn = as_networkx(sources)
    groups = [
        group for group in networkx.strongly_connected_components(drawn)
        if len(group) > 1 or any(drawn.has_edge(node, node) for node in group)
    ]  # fmt: skip
    found = circles(sources, sources)
    assert len(found) == len(groups)
    for circle in found:
        group = next(group for group in groups if circle[0] in group)
        assert circle[0] == next(node for node in sources if node in group)
        assert all(drawn.has_edge(one, other) for one, other in zip(circle, [*circle[1:], circle[0]], strict=True))
        inner = drawn.subgraph(group)
        shortest = min(networkx.shortest_path_length(inner, node, circle[0]) for node in inner.successors(circle[0]))
        assert len(circle) == shortest + 1


@given(graphs)
def test_nodes_are_ordered_after_what_they_need_and_the_rest_is_on_or_behind_circles(
    sources: dict[str, list[str]],
) -> None:
    ordered, left = sorted_by_need(list(sources), sources)
    assert sorted(ordered + left) == sorted(sources)
    places = {node: place for place, node in enumerate(ordered)}
    drawn = as_networkx(sources)
    for node in ordered:
        assert all(places[source] < places[node] for source in drawn.predecessors(node))
    on_circles = {node for circle in circles(left, sources) for node in circle}
    assert all(networkx.ancestors(drawn, node) & on_circles or node in on_circles for node in left)


@given(graphs, some.sets(some.integers(0, 9).map(str)))
def test_needed_is_the_roots_and_their_ancestors(sources: dict[str, list[str]], roots: set[str]) -> None:
    drawn = as_networkx(sources)
    there = roots & set(sources)
    assert needed(sources, roots) == there.union(*(networkx.ancestors(drawn, root) for root in there))


def test_a_circle_of_100_000_nodes_is_no_recursion() -> None:
    size = 100_000
    ring = {str(number): [str((number - 1) % size)] for number in range(size)}
    assert circles(ring, ring) == [list(ring)]
