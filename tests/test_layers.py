"""The house keeps its shape: imports point one way, no cycles, no hidden imports, no overlong files or functions."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import networkx
import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "diffusers", "transformers")

LAYERS = {
    "darkroom.engine": set(),
    "darkroom.files": set(),
    "darkroom.diffusion": {"darkroom.files"},
    "nodes": {"darkroom.engine", "darkroom.diffusion", "darkroom.files"},
    "darkroom.frames": {"darkroom.engine"},
    "darkroom.service": {"darkroom.engine", "darkroom.files", "darkroom.frames"},
    "darkroom.packs": {"darkroom.engine", "darkroom.files", "darkroom.diffusion", "nodes"},
    "darkroom.worker": {
        *("darkroom.engine", "darkroom.files", "darkroom.frames", "darkroom.diffusion", "darkroom.packs", "nodes"),
    },
    "darkroom.commands": {"darkroom.engine", "darkroom.files", "darkroom.frames", "darkroom.service", "nodes"},
    "darkroom.cli": {"darkroom.engine", "darkroom.files", "darkroom.commands", "nodes"},
    "darkroom.__main__": {"darkroom.cli"},
    "starter": {"darkroom.diffusion", "darkroom.files", "darkroom.engine", "nodes"},
}
"""Which layer may import which; a layer may always import itself."""

LONG_TABLES: dict[str, str] = {}
"""Files of data that may pass the limit, each with its reason."""

MAXIMUM_FILE_LINES = 400
MAXIMUM_FUNCTION_LINES = 60


def sources() -> list[Path]:
    folders = ["darkroom", "nodes", "starter", "benchmarks"]
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def all_python() -> list[Path]:
    tests = [path for path in (ROOT / "tests").rglob("*.py") if "data" not in path.relative_to(ROOT / "tests").parts]
    return sources() + sorted(tests)


def module_of(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer_of(module: str) -> str | None:
    matches = [layer for layer in LAYERS if module == layer or module.startswith(layer + ".")]
    return max(matches, key=len, default=None)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imports(tree: ast.AST, *, typing_too: bool) -> Iterator[tuple[str, int]]:
    """Every imported module, also `package.name` of `from package import name`, with its line."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if is_type_checking(node) and not typing_too:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import on line {node.lineno}"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno
        waiting.extend(ast.iter_child_nodes(node))


def test_imports_point_one_way() -> None:
    wrong = []
    for path in sources():
        own = layer_of(module_of(path))
        if own is None:
            continue
        for name, line in imports(ast.parse(path.read_text()), typing_too=True):
            other = layer_of(name)
            if other is not None and other != own and other not in LAYERS[own]:
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {own} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_there_is_no_import_cycle() -> None:
    modules = {module_of(path): path for path in sources()}
    graph: networkx.DiGraph = networkx.DiGraph()
    for module, path in modules.items():
        for name, _ in imports(ast.parse(path.read_text()), typing_too=False):
            target = name if name in modules else name.rpartition(".")[0]
            if target in modules and target != module and not target.endswith("__init__"):
                graph.add_edge(module, target)
    cycles = [sorted(group) for group in networkx.strongly_connected_components(graph) if len(group) > 1]
    assert not cycles, cycles


def test_no_import_hides_inside_a_function() -> None:
    hidden = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for name, line in imports(node, typing_too=True):
                    hidden.append(f"{path.relative_to(ROOT)}:{line}: {name}")
    assert not hidden, "\n".join(hidden)


def test_no_file_is_too_long() -> None:
    long = {}
    for path in all_python():
        name = str(path.relative_to(ROOT))
        lines = len(path.read_text().splitlines())
        if lines > MAXIMUM_FILE_LINES and name not in LONG_TABLES:
            long[name] = lines
    assert not long, long


def test_no_function_is_too_long() -> None:
    long = []
    for path in all_python():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                length = node.end_lineno - node.lineno + 1
                if length > MAXIMUM_FUNCTION_LINES:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {length} lines")
    assert not long, "\n".join(long)


def test_packages_hold_no_logic_in_their_init() -> None:
    for path in sources():
        if path.name != "__init__.py":
            continue
        body = ast.parse(path.read_text()).body
        assert body and isinstance(body[0], ast.Expr), f"{path} has no docstring"
        functions = [node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.For | ast.While)]
        assert not functions, f"{path} holds logic"


BLOCKER = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {heavy!r}:
            raise ImportError(name + " is blocked here")
sys.meta_path.insert(0, Block())
"""


@pytest.mark.parametrize("module", ["darkroom.engine.check", "darkroom.files.folders", "nodes.library", "darkroom.cli"])
def test_these_import_without_torch(module: str) -> None:
    code = BLOCKER.format(heavy=HEAVY) + f"import {module}"
    if module == "nodes.library":
        code += "\nassert len(list(nodes.library.library())) > 40"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr


def test_every_engine_and_files_module_imports_without_torch() -> None:
    modules = [module_of(path) for path in sources()]
    light = [name for name in modules if layer_of(name) in ("darkroom.engine", "darkroom.files", "nodes")]
    code = BLOCKER.format(heavy=HEAVY) + "".join(f"import {name}\n" for name in light)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
