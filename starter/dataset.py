"""Drawn pictures on disk: one memory-mapped array per range of seeds, made by all cores, and batches of it."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from starter.networks import LATENT_FACTOR
from starter.postcards import EDITION, SIDE, draw
from starter.scene import Colour, Scene, random_scene
from starter.training import CACHE

CHUNK = 250
COLOUR_DIFFERS = 20  # bytes; more than smoothing and reflections make
UNSEEN = 10_000_000  # seeds from here on are never trained on


def _draw_chunk(seeds: range) -> npt.NDArray[np.uint8]:
    cv2.setNumThreads(1)
    return np.stack([draw(random_scene(seed), seed) for seed in seeds])


def repainted(scene: Scene) -> Scene:
    """The same scene with every thing in another colour."""
    colours = list(Colour)
    turned = {colour: colours[index - len(colours) // 2] for index, colour in enumerate(colours)}
    return replace(scene, things=tuple(replace(thing, colour=turned[thing.colour]) for thing in scene.things))


def coloured_areas(scene: Scene, seed: int) -> npt.NDArray[np.uint8]:
    """Which part of each latent cell shows a thing's own colour: (16, 16), 255 for all of it."""
    first, second = (draw(shown, seed).astype(np.int16) for shown in (scene, repainted(scene)))
    differs = (np.abs(first - second).max(axis=2) > COLOUR_DIFFERS).astype(np.float32) * 255
    cells = SIDE // LATENT_FACTOR
    areas: npt.NDArray[np.uint8] = cv2.resize(differs, (cells, cells), interpolation=cv2.INTER_AREA).astype(np.uint8)
    return areas


def _areas_of_chunk(seeds: range) -> npt.NDArray[np.uint8]:
    cv2.setNumThreads(1)
    return np.stack([coloured_areas(random_scene(seed), seed) for seed in seeds])


def _kept(
    file: Path, seeds: range, make: Callable[[range], npt.NDArray[np.uint8]], workers: int | None
) -> npt.NDArray[np.uint8]:
    """What `make` gives for all seeds, made once by all cores and then read from the file."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(".tmp.npy")
        shape = make(seeds[:1]).shape[1:]
        everything = np.lib.format.open_memmap(temporary, "w+", np.uint8, (len(seeds), *shape))
        starts = range(0, len(seeds), CHUNK)
        with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
            chunks = [seeds[start : start + CHUNK] for start in starts]
            for start, chunk in zip(starts, pool.map(make, chunks), strict=True):
                everything[start : start + len(chunk)] = chunk
        everything.flush()
        temporary.replace(file)
    loaded: npt.NDArray[np.uint8] = np.load(file, mmap_mode="r")
    return loaded


def drawn(count: int, first_seed: int = 0, folder: Path = CACHE, workers: int | None = None) -> npt.NDArray[np.uint8]:
    """The postcards of seeds first_seed.. (count, 128, 128, 3), drawn once and then read from `folder`."""
    file = folder / f"postcards{EDITION}_{first_seed}_{count}.npy"
    return _kept(file, range(first_seed, first_seed + count), _draw_chunk, workers)


def drawn_areas(count: int, folder: Path = CACHE, workers: int | None = None) -> npt.NDArray[np.uint8]:
    """The `coloured_areas` of the first `count` postcards: (count, 16, 16)."""
    return _kept(folder / f"areas{EDITION}_{count}.npy", range(count), _areas_of_chunk, workers)


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
