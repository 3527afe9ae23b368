"""The module names that packs import, and which of our modules stand behind them."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import re
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from darkroom.packs.lacking import lacking

SHIMS = "darkroom.packs.shims"

MODULES = {
    "comfy.cli_args": "comfy_cli_args",
    "comfy.comfy_types": "comfy_types",
    "comfy.comfy_types.node_typing": "comfy_types",
    "comfy.latent_formats": "comfy_latent_formats",
    "comfy.model_management": "comfy_model_management",
    "comfy.model_patcher": "comfy_model_patcher",
    "comfy.sample": "comfy_sample",
    "comfy.samplers": "comfy_samplers",
    "comfy.utils": "comfy_utils",
    "comfy_api.latest": "comfy_api_latest",
    "comfy_execution.graph": "execution_graph",
    "comfy_execution.graph_utils": "graph_utils",
    "comfy_execution.utils": "execution_utils",
    "comfy_execution.validation": "execution_validation",
    "execution": "execution",
    "folder_paths": "folder_paths",
    "latent_preview": "latent_preview",
    "node_helpers": "node_helpers",
    "server": "server",
}
"""By public name, the module of `darkroom.packs.shims`. (`nodes` is our own package; see `shims.nodes`.)"""

HOLLOW = (
    *("comfy.clip_vision", "comfy.conds", "comfy.controlnet", "comfy.hooks", "comfy.k_diffusion"),
    *("comfy.k_diffusion.sampling", "comfy.ldm", "comfy.ldm.modules", "comfy.ldm.modules.attention", "comfy.lora"),
    *("comfy.model_base", "comfy.model_detection", "comfy.model_sampling", "comfy.ops", "comfy.patcher_extension"),
    *("comfy.sampler_helpers", "comfy.sd", "comfy.supported_models", "comfy.t2i_adapter"),
    *("comfy_extras.nodes_clip_sdxl", "comfy_extras.nodes_custom_sampler", "comfy_extras.nodes_latent"),
    *("comfy_extras.nodes_mask", "comfy_extras.nodes_model_advanced", "comfy_extras.nodes_upscale_model"),
)
"""Modules with nothing in them yet: a pack that only imports one loads, and its other nodes work."""

REACHES_IN = "it belongs to the insides of networks or nodes that are built in another way here"

PACKAGES = ("comfy", "comfy_api", "comfy_execution", "comfy_extras")
"""Names that hold others; everything below them is ours to answer for."""


def install() -> None:
    """Make the public names importable; once is as good as twice."""
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)


def uninstall() -> None:
    """Take the public names away again, and forget what was imported under them."""
    if _FINDER in sys.meta_path:
        sys.meta_path.remove(_FINDER)
    for name, module in list(sys.modules.items()):
        if is_public(name) and (name in (*PACKAGES, *HOLLOW) or module.__name__.startswith(SHIMS)):
            del sys.modules[name]


def public_names(text: str) -> str:
    """A message in which our modules are called as packs call them."""
    for public, own in MODULES.items():
        text = re.sub(rf"{re.escape(SHIMS)}\.{own}\b", public, text)
    return text


def is_public(name: str) -> bool:
    return name in MODULES or name.partition(".")[0] in PACKAGES


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not is_public(fullname):
            return None
        if fullname not in (*PACKAGES, *MODULES, *HOLLOW):
            raise ModuleNotFoundError(
                f"Darkroom has no module {fullname!r}; it offers {', '.join(sorted(MODULES))} to packs",
                name=fullname,
            )
        is_package = fullname in PACKAGES or any(each.startswith(f"{fullname}.") for each in (*MODULES, *HOLLOW))
        return importlib.util.spec_from_loader(fullname, _Loader(), is_package=is_package)


class _Loader(importlib.abc.Loader):
    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        if name in PACKAGES:
            module.__path__ = []
            vars(module)["__getattr__"] = _Members(name)
            return
        if name in HOLLOW:
            vars(module)["__getattr__"] = lacking(name, REACHES_IN)
            return
        shim = importlib.import_module(f"{SHIMS}.{MODULES[name]}")
        if not hasattr(shim, "__path__"):
            vars(shim)["__path__"] = []  # so that a name below it gets our answer and not "is not a package"
        sys.modules[name] = shim


class _Members:
    """`import comfy` alone also gives `comfy.utils` and its neighbours, as packs expect."""

    def __init__(self, package: str) -> None:
        self._package = package

    def __call__(self, name: str) -> Any:
        full = f"{self._package}.{name}"
        if full in MODULES or full in HOLLOW:
            return importlib.import_module(full)
        raise AttributeError(f"Darkroom has no {full!r}; a pack asked for it")


_FINDER = _Finder()
