"""Finding packs in folders, importing them, and collecting what they bring."""

from __future__ import annotations

import os
import sys
import time
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from aiohttp.web import AbstractResource, Application, StaticResource

from darkroom.engine.registry import Registry
from darkroom.engine.spec import NodeSpec
from darkroom.files.folders import Folders
from darkroom.packs import aliases, current
from darkroom.packs.adapter import spec_of_class
from darkroom.packs.calling import Instances
from darkroom.packs.failures import V3, Failure, failure
from darkroom.packs.host import PackHost
from darkroom.packs.shims import folder_paths
from darkroom.packs.shims import nodes as nodes_shim
from darkroom.packs.shims.server import PromptServer

PARENT = "custom_nodes"


def _nothing() -> None:
    """There is nothing to forget."""


@dataclass(frozen=True)
class Loaded:
    """What the packs brought.

    specs: their node types, none of an id that is ours. web: name to the folder of its browser files
    app: holds their routes, or None where they have none; routes: (method, path) in it
    on_prompt: handlers of posted bodies. modules: by pack; seconds: what importing each took
    forget: drops the instances of nodes, which keep state between jobs
    """

    specs: tuple[NodeSpec, ...] = ()
    failures: tuple[Failure, ...] = ()
    web: Mapping[str, str] = field(default_factory=dict)
    app: Application | None = None
    routes: tuple[tuple[str, str], ...] = ()
    on_prompt: tuple[Callable[[Any], Any], ...] = ()
    modules: Mapping[str, ModuleType] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    forget: Callable[[], None] = _nothing


@dataclass
class _Loading:
    """What has been found so far."""

    ours: frozenset[str]
    classes: dict[str, type]
    brought: dict[str, tuple[type, str, str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    web: dict[str, str] = field(default_factory=dict)
    modules: dict[str, ModuleType] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def load_packs(
    folders: Sequence[Path | str],
    registry: Registry,
    *,
    whitelist: Collection[str] | None = None,
    disabled: bool = False,
    files: Folders,
    host: PackHost,
) -> Loaded:
    """Load every pack of these folders; one that fails is reported and stops no other.

    registry: our nodes; packs cannot replace them, and it is left as it is
    disabled: load only those named in whitelist
    """
    paths = [Path(folder).absolute() for folder in folders]
    current.PROCESS.host, current.PROCESS.files = host, files
    aliases.install()
    folder_paths.begin(files, [str(path) for path in paths])
    server = PromptServer.instance = PromptServer()
    classes = nodes_shim.begin(registry)
    loading = _Loading(frozenset(spec.id for spec in registry), classes)
    loading.web = sys.modules["nodes"].EXTENSION_WEB_DIRS
    packs = [path for path in found(paths) if not disabled or {path.name, path.stem} & set(whitelist or ())]
    for path in packs:
        _prestart(loading, path)
    for path in packs:
        _load(loading, path)
    instances = Instances()
    specs = _specs(loading, instances)
    routes = _routes(loading, server)
    return Loaded(
        specs,
        tuple(loading.failures),
        {name: str(folder) for name, folder in loading.web.items()},
        server.app if routes else None,
        routes,
        tuple(server.on_prompt_handlers),
        loading.modules,
        loading.seconds,
        instances.clear,
    )


def found(folders: Sequence[Path]) -> list[Path]:
    """The packs in folders: folders with an `__init__.py`, and single files, in the order of the file system."""
    packs = []
    for folder in folders:
        if not folder.is_dir():
            continue
        for name in os.listdir(folder):  # noqa: PTH208 (packs rely on this order)
            path = folder / name
            is_pack = (path / "__init__.py").is_file() if path.is_dir() else path.suffix == ".py"
            if is_pack and not name.endswith(".disabled") and name != "__pycache__":
                packs.append(path)
    return packs


def source_digest(folders: Sequence[Path | str]) -> str:
    """Changes when a Python file of any pack does."""
    digest = blake2b(digest_size=16)
    for path in found([Path(folder).absolute() for folder in folders]):
        digest.update(_digest(path).encode())
    return digest.hexdigest()


def _digest(path: Path) -> str:
    digest = blake2b(digest_size=16)
    for each in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        digest.update(f"{path.name}/{each.relative_to(path.parent)}\0".encode())
        digest.update(each.read_bytes() if each.is_file() else b"")
    return digest.hexdigest()


def _prestart(loading: _Loading, path: Path) -> None:
    script = path / "prestartup_script.py"
    if not script.is_file():
        return
    try:
        _imported(f"{path}.prestartup_script".replace(".", "_x_"), script)
    except (Exception, SystemExit) as error:
        loading.failures.append(failure(path.name, path, error))


def _imported(name: str, file: Path) -> ModuleType:
    spec = spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _load(loading: _Loading, path: Path) -> None:
    pack = path.stem if path.is_file() else path.name
    began = time.perf_counter()
    try:
        # A folder's module is called by its path, so that packs of equal names in two places do not meet.
        name = str(path).replace(".", "_x_") if path.is_dir() else str(path.with_suffix(""))
        module = _imported(name, path / "__init__.py" if path.is_dir() else path)
        _browser_files(loading, pack, path, module)
        _classes(loading, pack, path, module)
        loading.modules[pack] = module
    except (Exception, SystemExit) as error:
        loading.failures.append(failure(pack, path, error))
    loading.seconds[pack] = time.perf_counter() - began


def _browser_files(loading: _Loading, pack: str, path: Path, module: ModuleType) -> None:
    home = path if path.is_dir() else path.parent
    project = home / "pyproject.toml"
    if path.is_dir() and project.is_file():
        try:
            said = tomllib.loads(project.read_text())
            folder = said.get("tool", {}).get("comfy", {}).get("web")
            name = said.get("project", {}).get("name")
        except (tomllib.TOMLDecodeError, OSError, UnicodeDecodeError) as error:
            loading.failures.append({"pack": pack, "where": str(project), "message": f"it cannot be read ({error})"})
        else:
            if folder and name and (home / folder).is_dir():
                loading.web[name] = str((home / folder).resolve())
    folder = getattr(module, "WEB_DIRECTORY", None)
    if folder is not None and (home / folder).is_dir():
        loading.web[pack] = str((home / folder).resolve())


def _classes(loading: _Loading, pack: str, path: Path, module: ModuleType) -> None:
    mappings = getattr(module, "NODE_CLASS_MAPPINGS", None)
    if mappings is None:
        message = V3 if hasattr(module, "comfy_entrypoint") else "it has no NODE_CLASS_MAPPINGS, so it brings no nodes"
        loading.failures.append({"pack": pack, "where": str(path), "message": message})
        return
    digest = _digest(path)
    for id, cls in mappings.items():
        if id in loading.ours:
            continue
        loading.brought[id] = (cls, pack, digest)
        loading.classes[id] = cls
        cls.RELATIVE_PYTHON_MODULE = f"{PARENT}.{pack}"
    names = getattr(module, "NODE_DISPLAY_NAME_MAPPINGS", None)
    if names:
        loading.names.update(names)
        sys.modules["nodes"].NODE_DISPLAY_NAME_MAPPINGS.update(names)


def _specs(loading: _Loading, instances: Instances) -> tuple[NodeSpec, ...]:
    specs = []
    for id, (cls, pack, digest) in loading.brought.items():
        try:
            name = loading.names.get(id)
            module = f"{PARENT}.{pack}"
            specs.append(spec_of_class(id, cls, instances, display_name=name, module=module, digest=digest))
        except Exception as error:
            folder = Path(loading.modules[pack].__file__ or "").parent if pack in loading.modules else Path()
            told = failure(pack, folder, error)
            loading.failures.append({**told, "message": f"node {id}: {told['message']}"})
    return tuple(specs)


def _routes(loading: _Loading, server: PromptServer) -> tuple[tuple[str, str], ...]:
    """Add the routes that packs declared to the application, and list them with those they added themselves."""
    for route in server.routes:
        try:
            route.register(server.app.router)
        except (RuntimeError, ValueError) as error:
            loading.failures.append({"pack": "", "where": str(route), "message": f"this route is left out: {error}"})
    listed: dict[tuple[str, str], None] = {}
    for each in server.app.router.routes():
        if each.resource is not None:
            listed[(each.method, _path(each.resource))] = None
    return tuple(listed)


def _path(resource: AbstractResource) -> str:
    """The path of a resource as one writes it to add a route there."""
    if isinstance(resource, StaticResource):
        return f"{resource.canonical.rstrip('/')}/{{filename:.+}}"
    # The public name, `canonical`, leaves out the patterns of `{tail:.*}` and its kin.
    return str(getattr(resource, "_orig_path", resource.canonical))
