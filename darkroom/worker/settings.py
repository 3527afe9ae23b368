"""What a worker process is started with: plain values that travel to it by pickle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

CacheMode = Literal["classic", "lru", "ram", "none"]
GIB = 1024**3


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """All that a worker must know.

    device: "cpu", "cuda", "cuda:1" (counted among those the server sees), or "auto"
    base: holds `models`, `input`, `output` and `temp`, each of which may be given instead
    cache: "classic" and "lru" keep results up to cache_bytes; "ram" keeps them as long as headroom_bytes of memory stay
        free, as of the beginning of each job; "none" keeps nothing beyond its job
    journals: the folder that says what jobs saved; None for one in the temp folder
    results: the folder in which results outlive the process, up to results_bytes; None for nowhere
    unet, vae, text: "auto", "fp32", "bf16" or "fp16"
    whitelist: names of packs that are loaded even if disable_all_custom_nodes
    warm: load torch and the networks' code right after the start, so that the first job need not
    threads: for torch's arithmetic on a CPU; 0 leaves it to torch
    """

    device: str = "auto"
    base: Path = Path()
    models: Path | None = None
    input: Path | None = None
    output: Path | None = None
    temp: Path | None = None
    extra_paths: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    allow_pickle: bool = False
    cache: CacheMode = "classic"
    cache_bytes: int = 4 * GIB
    headroom_bytes: int = 4 * GIB
    journals: Path | None = None
    results: Path | None = None
    results_bytes: int = 2 * GIB
    unet: str = "auto"
    vae: str = "auto"
    text: str = "auto"
    custom_nodes: tuple[Path, ...] = ()
    whitelist: tuple[str, ...] = ()
    disable_all_custom_nodes: bool = False
    deterministic: bool = False
    log_level: str = "INFO"
    threads: int = 0
    warm: bool = True
    heartbeat_seconds: float = 1.0
