"""Drawn pictures on disk: one memory-mapped array per range of seeds, made by all cores, and batches of it."""

import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from starter.postcards import EDITION, SIDE, draw
from starter.scene import random_scene
from starter.training import CACHE

CHUNK = 250
UNSEEN = 10_000_000  # seeds from here on are never trained on


def _draw_chunk(seeds: range) -> npt.NDArray[np.uint8]:
    cv2.setNumThreads(1)
    return np.stack([draw(random_scene(seed), seed) for seed in seeds])


def drawn(count: int, first_seed: int = 0, folder: Path = CACHE, workers: int | None = None) -> npt.NDArray[np.uint8]:
    """The postcards of seeds first_seed.. (count, 128, 128, 3), drawn once and then read from `folder`."""
    file = folder / f"postcards{EDITION}_{first_seed}_{count}.npy"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(".tmp.npy")
        pictures = np.lib.format.open_memmap(temporary, "w+", np.uint8, (count, SIDE, SIDE, 3))
        starts = range(0, count, CHUNK)
        chunks = [range(first_seed + start, first_seed + min(start + CHUNK, count)) for start in starts]
        with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
            for start, chunk in zip(starts, pool.map(_draw_chunk, chunks), strict=True):
                pictures[start : start + len(chunk)] = chunk
        pictures.flush()
        temporary.replace(file)
    loaded: npt.NDArray[np.uint8] = np.load(file, mmap_mode="r")
    return loaded


def to_network(pictures: npt.NDArray[np.uint8], device: torch.device) -> Tensor:
    """(batch, height, width, 3) bytes to (batch, 3, height, width) in -1..1, channels last in memory."""
    batch = torch.from_numpy(np.array(pictures)).to(device).permute(0, 3, 1, 2)
    return (batch.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def to_bytes(pictures: Tensor) -> npt.NDArray[np.uint8]:
    """(batch, 3, height, width) in -1..1 to (batch, height, width, 3) bytes."""
    array: npt.NDArray[np.uint8] = (
        ((pictures.float() + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).cpu().numpy()
    )
    return array
