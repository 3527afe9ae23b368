"""Whole models: a checkpoint file, or a diffusers folder, becomes a model, a CLIP and a VAE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn, cast

from torch import Tensor
from transformers import CLIPTextConfig

from darkroom.diffusion.devices import AUTO, Precision, placement
from darkroom.diffusion.families import sd1
from darkroom.diffusion.families.folder import FolderPart, prediction_of, read_part
from darkroom.diffusion.families.recognise import Recognised
from darkroom.diffusion.families.shapes import Shapes, text_from, unet_from_diffusers, unet_from_original
from darkroom.diffusion.families.table import FAMILIES, Family, colours_in, loadable
from darkroom.diffusion.model import Model, build_unet
from darkroom.diffusion.sampling.model_sampling import discrete
from darkroom.diffusion.text import Clip, build_clip, without_old_prefix
from darkroom.diffusion.vae import Vae, vae_of
from darkroom.diffusion.weights import Stored, lacking, read_weights
from darkroom.files.weights import BadWeights

OLD_TEXT_PREFIX = "cond_stage_model.transformer."


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What a file gives. A part that the file lacks is an AbsentPart, which says so when it is used."""

    model: Model
    clip: Clip
    vae: Vae


class AbsentPart:
    """Stands for a part that a file does not hold; whoever uses it gets BadWeights."""

    nbytes = 0

    def __init__(self, path: Path, part: str, remedy: str) -> None:
        self._error = (path, f"holds no {part}", remedy)

    def shared_parts(self) -> tuple[tuple[int, int], ...]:
        return ()

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise BadWeights(*self._error)


def load_checkpoint(path: Path | str, *, allow_pickle: bool = False, precision: Precision = AUTO) -> Checkpoint:
    """The parts of a single-file checkpoint in the original layout. Raises BadWeights.

    allow_pickle: read .ckpt too, but only tensors in it
    """
    stored = read_weights(path, allow_pickle=allow_pickle)
    recognised = stored.recognised()
    _refuse_unusable(stored.path, recognised)
    return Checkpoint(_model(stored, recognised, precision), _clip(stored, precision), _vae(stored, precision))


def load_diffusers(folder: Path | str, *, allow_pickle: bool = False, precision: Precision = AUTO) -> Checkpoint:
    """The parts of a diffusers folder. Raises BadWeights."""
    folder = Path(folder)
    if not (folder / "model_index.json").is_file():
        raise BadWeights(folder / "model_index.json", "does not exist", "choose a folder in the diffusers layout")
    unet, vae, text = (read_part(folder, part) for part in ("unet", "vae", "text"))
    if unet is None:
        raise BadWeights(folder, "holds no U-Net", "choose a folder with a Stable Diffusion 1 model")
    scale = vae.config.get("scaling_factor", sd1.LATENT_SCALE) if vae else sd1.LATENT_SCALE
    model = _folder_model(folder, unet, float(scale), allow_pickle, precision)
    return Checkpoint(
        model,
        _folder_clip(text, allow_pickle, precision) if text else _absent_clip(folder),
        _folder_vae(vae, allow_pickle, precision) if vae else _absent_vae(folder),
    )


def _absent_clip(path: Path) -> Clip:
    return cast(Clip, AbsentPart(path, "text model", "take CLIP from another checkpoint of the same family"))


def _absent_vae(path: Path) -> Vae:
    return cast(Vae, AbsentPart(path, "VAE", "add a Load VAE node with a VAE of the same family"))


def _refuse_unusable(path: Path, recognised: Recognised) -> None:
    """Only denoising networks of the families that can be loaded get past here."""
    if "unet" not in recognised.parts:
        raise BadWeights(path, f"is {recognised}, not a checkpoint", f"choose a checkpoint of {loadable()}")
    if recognised.family is None or not FAMILIES[recognised.family].loads:
        raise BadWeights(path, f"is {recognised}, which this version cannot load", f"choose one of {loadable()}")
    if recognised.input_channels != recognised.latent_channels:
        what = f"is {recognised} with {recognised.input_channels} input channels, as models made for inpainting have"
        raise BadWeights(path, what, "choose the plain checkpoint; VAE Encode (for Inpainting) works with it")


def _family(stored: Stored, recognised: Recognised, scale: float | None = None) -> Family:
    """The family's numbers, with those that this file has otherwise."""
    family = FAMILIES[recognised.family or "sd1"]
    channels = recognised.latent_channels or family.latent_channels
    return replace(
        family,
        latent_channels=channels,
        latent_scale=family.latent_scale if scale is None else scale,
        colours=colours_in(stored.metadata, channels) or family.colours,
    )


def _shapes(tensors: Mapping[str, Tensor]) -> Shapes:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def _model(stored: Stored, recognised: Recognised, precision: Precision) -> Model:
    prefix = sd1.UNET_PREFIX if any(name.startswith(sd1.UNET_PREFIX) for name in stored.tensors) else ""
    tensors = stored.part(prefix)
    tensors.pop("v_pred", None)
    try:
        if recognised.layout == "original":
            shape = unet_from_original(_shapes(tensors))
            tensors = sd1.diffusers_unet(tensors, shape)
        else:
            shape = unet_from_diffusers(_shapes(tensors))
    except KeyError as error:
        raise lacking(stored.path, "U-Net", error) from error
    place = placement("unet", precision)
    return Model(
        network=build_unet(tensors, sd1.unet_config(shape), place, stored.path),
        family=_family(stored, recognised),
        placement=place,
        sampling=discrete(recognised.prediction or "eps"),
        context_width=shape.context_width or 0,
        source=stored.path,
    )


def _clip(stored: Stored, precision: Precision) -> Clip:
    tensors = without_old_prefix(stored.part(OLD_TEXT_PREFIX))
    if "embeddings.token_embedding.weight" not in tensors:
        return _absent_clip(stored.path)
    try:
        shape = text_from(_shapes(tensors))
    except KeyError as error:
        raise lacking(stored.path, "text model", error) from error
    place = placement("text", precision)
    return build_clip(tensors, shape, sd1.text_config(shape), FAMILIES["sd1"], place, stored.path)


def _vae(stored: Stored, precision: Precision) -> Vae:
    if f"{sd1.VAE_PREFIX}decoder.conv_in.weight" not in stored.tensors:
        return _absent_vae(stored.path)
    return vae_of(stored, precision)


def _folder_model(folder: Path, part: FolderPart, scale: float, allow_pickle: bool, precision: Precision) -> Model:
    stored = read_weights(part.weights, allow_pickle=allow_pickle)
    recognised = stored.recognised()
    _refuse_unusable(part.weights, recognised)
    try:
        shape = unet_from_diffusers(stored.shapes)
    except KeyError as error:
        raise lacking(part.weights, "U-Net", error) from error
    place = placement("unet", precision)
    return Model(
        network=build_unet(dict(stored.tensors), {**sd1.unet_config(shape), **part.config}, place, part.weights),
        family=_family(stored, recognised, scale),
        placement=place,
        sampling=discrete(prediction_of(folder)),
        context_width=shape.context_width or 0,
        source=folder,
    )


def _folder_clip(part: FolderPart, allow_pickle: bool, precision: Precision) -> Clip:
    stored = read_weights(part.weights, allow_pickle=allow_pickle)
    tensors = without_old_prefix(stored.tensors)
    try:
        shape = text_from(_shapes(tensors))
    except KeyError as error:
        raise lacking(part.weights, "text model", error) from error
    known = vars(CLIPTextConfig())
    config: dict[str, Any] = {**sd1.text_config(shape), **{k: v for k, v in part.config.items() if k in known}}
    return build_clip(tensors, shape, config, FAMILIES["sd1"], placement("text", precision), part.weights)


def _folder_vae(part: FolderPart, allow_pickle: bool, precision: Precision) -> Vae:
    stored = read_weights(part.weights, allow_pickle=allow_pickle)
    return vae_of(stored, precision, part.config)
