"""Memory and devices: how much there is, what to do when it runs out, and giving it back."""

from __future__ import annotations

import ctypes
import gc
import importlib.metadata
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import psutil

from darkroom.engine.running.cache import Cache, Stored
from darkroom.engine.running.size import attributes

MEMORY_TIPS = (
    "There was not enough memory. Loaded models and kept results have been dropped; run it again, and if that does not "
    "help, make the picture or the batch smaller, use fewer models at once, or free memory in other programs."
)
_OUT_OF_MEMORY = re.compile(r"can't allocate memory|not enough memory|out of memory", re.IGNORECASE)

MODULES_DEEP = 3
"""So many containers and objects are looked into for a network."""


def is_out_of_memory(exception_type: str, message: str) -> bool:
    """Whether a failure says that memory ran out; torch tells it by several classes, on a CPU by RuntimeError."""
    name = exception_type.rpartition(".")[2]
    return name in ("MemoryError", "OutOfMemoryError") or (
        name in ("RuntimeError", "AcceleratorError") and _OUT_OF_MEMORY.search(message) is not None
    )


def loaded_torch() -> Any:
    """The torch module if something has imported it, all of it; else None."""
    torch = sys.modules.get("torch")
    return torch if torch is not None and hasattr(torch, "inference_mode") and hasattr(torch, "nn") else None


def resident() -> int:
    """Bytes of memory this process occupies."""
    return int(psutil.Process().memory_info().rss)


def device_memory() -> int:
    """Bytes in use on the accelerator; 0 on a CPU."""
    torch = loaded_torch()
    return int(torch.cuda.memory_allocated()) if torch is not None and torch.cuda.is_initialized() else 0


def device_info(name: str) -> dict[str, Any]:
    """What `/system_stats` says of a device.

    On a CPU, its memory is that of the machine; of an accelerator that nothing has used yet, the numbers are 0.
    """
    type, _, number = name.partition(":")
    index = int(number) if number.isdigit() else None
    torch = loaded_torch()
    if type in ("auto", "cuda") and torch is not None and torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        reserved = torch.cuda.memory_reserved()
        shown = f"cuda:{index or 0} {torch.cuda.get_device_name()}"
        unused = reserved - torch.cuda.memory_allocated()
        return _device(shown, "cuda", index or 0, total, free + unused, reserved, unused)
    if type == "cuda":
        return _device(name, type, index, 0, 0, 0, 0)
    memory = psutil.virtual_memory()
    return _device("cpu", "cpu", None, memory.total, memory.available, memory.total, memory.available)


def _device(name: str, type: str, index: int | None, total: int, free: int, ours: int, unused: int) -> dict[str, Any]:
    numbers = {"vram_total": total, "vram_free": free, "torch_vram_total": ours, "torch_vram_free": unused}
    return {"name": name, "type": type, "index": index, **numbers}


def versions() -> dict[str, str]:
    """Of what computes, as installed; nothing is imported for it."""
    found = {}
    for package in ("torch", "diffusers", "transformers"):
        with suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return {"pytorch_version" if package == "torch" else f"{package}_version": each for package, each in found.items()}


def summary(device: str, cache: Cache) -> dict[str, Any]:
    """The answer to the question "memory"."""
    memory = psutil.virtual_memory()
    statistics = cache.statistics()
    return {
        "ram": {"total": memory.total, "free": memory.available, "process": resident()},
        "devices": [device_info(device)],
        "cache": {name: getattr(statistics, name) for name in statistics.__slots__},
    }


def free(cache: Cache, *, everything: bool) -> None:
    """Drop kept results that hold networks, or all of them, and give their memory back to the system."""
    if everything:
        cache.clear()
    else:
        cache.drop_where(holds_network)
    tidy()


def tidy() -> None:
    """Collect what is not reachable any more, and hand free memory back."""
    gc.collect()
    torch = loaded_torch()
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    with suppress(OSError, AttributeError):  # other C libraries than glibc have no such function
        ctypes.CDLL(None).malloc_trim(0)


def holds_network(stored: Stored) -> bool:
    """Whether a result holds a model: a torch module, itself or within what it gives."""
    torch = loaded_torch()
    if torch is None:
        return False
    waiting: list[tuple[Any, int]] = [(each, MODULES_DEEP) for values in stored.outputs for each in values]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, torch.nn.Module):
            return True
        if depth and not isinstance(value, torch.Tensor):
            waiting += [(each, depth - 1) for each in _inside(value)]
    return False


def _inside(value: Any) -> Iterable[Any]:
    if value is None or isinstance(value, str | bytes | int | float | type):
        return ()
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list | tuple) else attributes(value)
