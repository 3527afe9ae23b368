"""Other people's workflows against our own nodes: each is checked, and what we do not have is named."""

from pathlib import Path

import pytest

from darkroom.engine.check import check
from darkroom.engine.graph import Graph
from darkroom.engine.problems import WorkflowError
from darkroom.engine.read import read_any, read_json
from darkroom.files.folders import Folders
from nodes.library import library
from tests.engine.drawings import template_files

LIBRARY = library()


def unknown_ids(graph: Graph) -> set[str]:
    return {node.id for node in graph if LIBRARY.get(node.type) is None}


@pytest.mark.parametrize("path", template_files(), ids=lambda path: path.stem)
def test_a_template_is_checked_and_its_unknown_nodes_are_named(path: Path, tmp_path: Path) -> None:
    loaded = read_any(path.read_bytes(), path.name, LIBRARY)
    problems = check(loaded.graph, LIBRARY, Folders(tmp_path))
    named = {problem.node: str(problem) for problem in problems if problem.type == "invalid_prompt"}
    assert set(named) == unknown_ids(loaded.graph)
    for node, message in named.items():
        assert node is not None
        assert loaded.graph.nodes[node].type in message
    assert all(problem.came and (problem.remedy or problem.warning) for problem in problems)


def test_a_template_cut_off_anywhere_is_refused_in_words() -> None:
    whole = next(path for path in template_files() if path.stem == "default").read_bytes()
    for end in range(0, len(whole) - 1, 97):
        with pytest.raises(WorkflowError, match=r"default\.json"):
            read_json(whole[:end], "default.json")
