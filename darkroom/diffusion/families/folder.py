"""Diffusers folders: model_index.json, and a folder with config.json and weights for each part."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from darkroom.diffusion.families.recognise import PREDICTIONS, Recognised, recognise
from darkroom.files.weights import BadWeights, read_header

WEIGHT_NAMES = ("diffusion_pytorch_model", "model")
WEIGHT_ENDINGS = (".safetensors", ".fp16.safetensors", ".bin", ".fp16.bin")
SUBFOLDERS = {"unet": "unet", "vae": "vae", "text": "text_encoder"}


@dataclass(frozen=True, slots=True)
class FolderPart:
    """One part of a diffusers folder."""

    config: dict[str, Any]
    weights: Path


def read_part(folder: Path, part: str) -> FolderPart | None:
    """The configuration and the weight file of "unet", "vae" or "text"; None where the folder has no such part.

    Raises BadWeights where the part is there in half, or in several files.
    """
    place = folder / SUBFOLDERS[part]
    if not place.is_dir():
        return None
    config = read_config(place / "config.json")
    candidates = [place / (name + ending) for ending in WEIGHT_ENDINGS for name in WEIGHT_NAMES]
    weights = next((path for path in candidates if path.is_file()), None)
    if weights is None:
        sharded = any(place.glob("*.index*.json"))
        what = "holds weights in several pieces, which is not read" if sharded else "holds no weights"
        raise BadWeights(place, what, f"save the model again so that {candidates[0].name} is there")
    return FolderPart(config, weights)


def read_config(path: Path) -> dict[str, Any]:
    """A JSON object on disk. Raises BadWeights."""
    try:
        config = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise BadWeights(path, "does not exist", "download the whole folder again") from None
    except (ValueError, RecursionError, OSError) as error:
        raise BadWeights(path, f"is no readable JSON ({error})"[:200], "download the whole folder again") from error
    if not isinstance(config, dict):
        raise BadWeights(path, "is no JSON object", "download the whole folder again")
    return config


def prediction_of(folder: Path) -> str:
    """ "eps" or "v", as the folder's scheduler says; eps where it is silent."""
    path = folder / "scheduler" / "scheduler_config.json"
    said = read_config(path).get("prediction_type", "epsilon") if path.is_file() else "epsilon"
    if said not in PREDICTIONS:
        raise BadWeights(path, f"says prediction_type {said!r}", f"use a model that predicts {', '.join(PREDICTIONS)}")
    return PREDICTIONS[said]


def recognise_folder(folder: Path) -> Recognised:
    """What a diffusers folder is, from the header of its U-Net. Raises BadWeights."""
    if not (folder / "model_index.json").is_file():
        raise BadWeights(folder / "model_index.json", "does not exist", "choose a folder in the diffusers layout")
    parts = frozenset(part for part, name in SUBFOLDERS.items() if (folder / name).is_dir())
    unet = read_part(folder, "unet")
    if unet is None:
        return Recognised(kind="checkpoint", layout="diffusers", parts=parts)
    if unet.weights.suffix == ".safetensors":
        network = recognise(read_header(unet.weights).shapes)
    else:
        network = Recognised(context_width=unet.config.get("cross_attention_dim"))
    return replace(network, kind="checkpoint", layout="diffusers", parts=parts, prediction=prediction_of(folder))
