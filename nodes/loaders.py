"""Loaders: from weight files to models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

from darkroom import diffusion
from darkroom.engine.define import FileChoice, node
from darkroom.engine.facts import Facts, Trouble
from darkroom.engine.run import Run
from nodes.known import (
    Given,
    checkpoint_troubles,
    facts,
    family_troubles,
    file_troubles,
    loading_troubles,
    of_part,
)
from nodes.wires import Clip, ControlNet, LoraStrength, Model, Vae

CheckpointFile = Annotated[Path, FileChoice("checkpoints")]
DiffusersFolder = Annotated[Path, FileChoice("diffusers")]
VaeFile = Annotated[Path, FileChoice("vae")]
LoraFile = Annotated[Path, FileChoice("loras")]
ControlNetFile = Annotated[Path, FileChoice("controlnet")]


class Parts(NamedTuple):
    """The three networks of a checkpoint."""

    model: Model
    clip: Clip
    vae: Vae


class Patched(NamedTuple):
    model: Model
    clip: Clip


def parts_of(name: str, given: Given) -> tuple[Facts, ...]:
    return tuple(of_part(given, name, type) for type in ("MODEL", "CLIP", "VAE"))


@node(
    "CheckpointLoaderSimple",
    category="loaders",
    display_name="Load Checkpoint",
    facts=lambda given: parts_of("ckpt_name", given),
    troubles=lambda given: checkpoint_troubles(given, "ckpt_name"),
)
def load_checkpoint(*, ckpt_name: CheckpointFile, run: Run) -> Parts:
    """Load everything that makes pictures from one file: denoising network, text model and VAE.

    ckpt_name: a file in models/checkpoints
    model: the network that removes noise
    clip: the text model, for encoding prompts
    vae: turns latents into pictures and back
    """
    loaded = diffusion.checkpoints.load_checkpoint(ckpt_name, allow_pickle=run.files.allow_pickle)
    return Parts(loaded.model, loaded.clip, loaded.vae)


@node(
    "DiffusersLoader",
    category="advanced/loaders/deprecated",
    display_name="DiffusersLoader",
    facts=lambda given: parts_of("model_path", given),
    troubles=lambda given: checkpoint_troubles(given, "model_path"),
)
def load_diffusers(*, model_path: DiffusersFolder, run: Run) -> Parts:
    """Load a model that is saved as a folder of parts, in the layout of the diffusers library.

    model_path: a folder in models/diffusers that holds a model_index.json
    """
    loaded = diffusion.checkpoints.load_diffusers(model_path, allow_pickle=run.files.allow_pickle)
    return Parts(loaded.model, loaded.clip, loaded.vae)


def vae_troubles(given: Given) -> Iterator[Trouble]:
    found = list(file_troubles(given, "vae_name", "vae", "checkpoint"))
    yield from found or loading_troubles(given, "vae_name", "vae")


@node(
    "VAELoader",
    category="loaders",
    display_name="Load VAE",
    facts=lambda given: (of_part(given, "vae_name", "VAE"),),
    troubles=vae_troubles,
)
def load_vae(*, vae_name: VaeFile, run: Run) -> Vae:
    """Load a VAE from its own file, to use it in place of the checkpoint's.

    vae_name: a file in models/vae; a whole checkpoint works too
    """
    return diffusion.vae.load_vae(vae_name, allow_pickle=run.files.allow_pickle)


def lora_troubles(given: Given) -> Iterator[Trouble]:
    own = of_part(given, "lora_name", "LORA_MODEL")
    yield from (
        list(file_troubles(given, "lora_name", "lora"))
        or list(family_troubles(given, "lora_name", "LoRA", own, "model"))
        or list(family_troubles(given, "lora_name", "LoRA", own, "clip"))
        or loading_troubles(given, "lora_name", "lora")
    )


@node(
    "LoraLoader",
    category="loaders",
    display_name="Load LoRA",
    facts=lambda given: (facts(given, "model"), facts(given, "clip")),
    troubles=lora_troubles,
)
def load_lora(
    model: Model,
    clip: Clip,
    *,
    lora_name: LoraFile,
    strength_model: LoraStrength = 1.0,
    strength_clip: LoraStrength = 1.0,
    run: Run,
) -> Patched:
    """Teach a model something new, such as a style or a person, with a small file of changes to its weights.

    lora_name: a file in models/loras, made for the same family as the model
    strength_model: how much of the change the denoising network gets; negative turns it round
    strength_clip: how much of the change the text model gets
    """
    if strength_model == 0 and strength_clip == 0:
        return Patched(model, clip)
    changes = diffusion.lora.load_lora(lora_name, allow_pickle=run.files.allow_pickle)
    changed, changed_clip = diffusion.lora.apply_lora(model, clip, changes, strength_model, strength_clip)
    return Patched(changed, clip if changed_clip is None else changed_clip)


@node(
    "LoraLoaderModelOnly",
    category="loaders",
    display_name="LoraLoaderModelOnly",
    facts=lambda given: (facts(given, "model"),),
    troubles=lora_troubles,
)
def load_lora_model_only(model: Model, *, lora_name: LoraFile, strength_model: LoraStrength = 1.0, run: Run) -> Model:
    """Apply a LoRA to the denoising network only; the text model stays as it is.

    lora_name: a file in models/loras, made for the same family as the model
    strength_model: how much of the change the network gets; negative turns it round
    """
    if strength_model == 0:
        return model
    changes = diffusion.lora.load_lora(lora_name, allow_pickle=run.files.allow_pickle)
    return diffusion.lora.apply_lora(model, None, changes, strength_model, 0.0)[0]


def controlnet_troubles(given: Given) -> Iterator[Trouble]:
    found = list(file_troubles(given, "control_net_name", "controlnet"))
    yield from found or loading_troubles(given, "control_net_name", "controlnet")


@node(
    "ControlNetLoader",
    category="loaders",
    display_name="Load ControlNet Model",
    facts=lambda given: (of_part(given, "control_net_name", "CONTROL_NET"),),
    troubles=controlnet_troubles,
)
def load_controlnet(*, control_net_name: ControlNetFile, run: Run) -> ControlNet:
    """Load a ControlNet, a network that lets a guide picture (edges, depth, a pose) steer the sampler.

    control_net_name: a file in models/controlnet, made for the same family as the model
    """
    return diffusion.control.load_controlnet(control_net_name, allow_pickle=run.files.allow_pickle)
