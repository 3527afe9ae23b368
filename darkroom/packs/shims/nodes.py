"""What packs find in `nodes`: our node library under the names of the community's server, as V1 classes."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import nodes
from darkroom import diffusion
from darkroom.engine.choices import picked
from darkroom.engine.object_info import object_info
from darkroom.engine.registry import Registry
from darkroom.engine.results import Shown
from darkroom.engine.spec import FileChoice, NodeSpec
from darkroom.packs import current
from darkroom.packs.lacking import lacking

MAX_RESOLUTION = 16384

SIGNATURES = {
    "CheckpointLoaderSimple": "load_checkpoint ckpt_name",
    "CLIPSetLastLayer": "set_last_layer clip stop_at_clip_layer",
    "CLIPTextEncode": "encode clip text",
    "ConditioningAverage": "addWeighted conditioning_to conditioning_from conditioning_to_strength",
    "ConditioningCombine": "combine conditioning_1 conditioning_2",
    "ConditioningConcat": "concat conditioning_to conditioning_from",
    "ConditioningSetArea": "append conditioning width height x y strength",
    "ConditioningSetMask": "append conditioning mask set_cond_area strength",
    "ControlNetApply": "apply_controlnet conditioning control_net image strength",
    "ControlNetApplyAdvanced": (
        "apply_controlnet positive negative control_net image strength start_percent end_percent vae"
    ),
    "ControlNetLoader": "load_controlnet control_net_name",
    "DiffusersLoader": "load_checkpoint model_path",
    "EmptyImage": "generate width height batch_size color",
    "EmptyLatentImage": "generate width height batch_size",
    "ImageBatch": "batch image1 image2",
    "ImageInvert": "invert image",
    "ImagePadForOutpaint": "expand_image image left top right bottom feathering",
    "ImageScale": "upscale image upscale_method width height crop",
    "ImageScaleBy": "upscale image upscale_method scale_by",
    "KSampler": ("sample model seed steps cfg sampler_name scheduler positive negative latent_image denoise"),
    "KSamplerAdvanced": (
        "sample model add_noise noise_seed steps cfg sampler_name scheduler positive negative latent_image "
        "start_at_step end_at_step return_with_leftover_noise"
    ),
    "LatentComposite": "composite samples_to samples_from x y feather",
    "LatentUpscale": "upscale samples upscale_method width height crop",
    "LatentUpscaleBy": "upscale samples upscale_method scale_by",
    "LoadImage": "load_image image",
    "LoadImageMask": "load_image image channel",
    "LoraLoader": "load_lora model clip lora_name strength_model strength_clip",
    "LoraLoaderModelOnly": "load_lora_model_only model lora_name strength_model",
    "PreviewImage": "save_images images filename_prefix prompt extra_pnginfo",
    "SaveImage": "save_images images filename_prefix prompt extra_pnginfo",
    "SetLatentNoiseMask": "set_mask samples mask",
    "VAEDecode": "decode vae samples",
    "VAEEncode": "encode vae pixels",
    "VAEEncodeForInpaint": "encode vae pixels mask grow_mask_by",
    "VAELoader": "load_vae vae_name",
}
"""The method of each class, and the order of its parameters, by which packs call it. Others are called `run`."""


class Lone:
    """The Run of a node of ours that a pack calls outside of any node."""

    node_id = ""
    prompt: Mapping[str, Any] = {}
    extra_pnginfo: Mapping[str, Any] = {}

    @property
    def files(self) -> Any:
        return current.PROCESS.files

    def progress(self, value: float, maximum: float, preview: Any = None) -> None:
        current.report(value, maximum)

    def text(self, text: str) -> None:
        current.tell(text)

    def raise_if_cancelled(self) -> None:
        current.raise_if_cancelled()


def class_of(spec: NodeSpec) -> type:
    """A V1 class that does what a node of ours does."""
    method, *order = SIGNATURES.get(spec.id, f"run {' '.join(each.name for each in spec.inputs)}").split()

    def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        return _called(spec, {**dict(zip(order, args, strict=False)), **kwargs})

    entry = object_info(spec)
    return type(
        spec.id,
        (),
        {
            method: run,
            "FUNCTION": method,
            "INPUT_TYPES": classmethod(lambda cls: _input_types(spec)),
            "RETURN_TYPES": tuple(entry["output"]),
            "RETURN_NAMES": tuple(entry["output_name"]),
            "OUTPUT_IS_LIST": tuple(entry["output_is_list"]),
            "OUTPUT_NODE": spec.final,
            "CATEGORY": spec.category,
            "DESCRIPTION": spec.description,
            "RELATIVE_PYTHON_MODULE": "nodes",
        },
    )


def _input_types(spec: NodeSpec) -> dict[str, Any]:
    entry = object_info(spec, current.PROCESS.files)["input"]
    return {
        kind: {name: tuple(given) if isinstance(given, list) else given for name, given in of_kind.items()}
        for kind, of_kind in entry.items()
    }


def _called(spec: NodeSpec, given: Mapping[str, Any]) -> Any:
    """Call a function of ours with what a pack gives: names of files become paths, and the Run is the pack's own."""
    assert spec.function is not None
    here = current.call()
    takes = inspect.signature(spec.function).parameters
    arguments = {name: value for name, value in given.items() if name in takes}
    for each in spec.inputs:
        if each.name in arguments and isinstance(each.choices, FileChoice) and current.PROCESS.files is not None:
            arguments[each.name] = picked(each.choices, arguments[each.name], current.PROCESS.files)
    if spec.run_parameter is not None:
        arguments[spec.run_parameter] = Lone() if here is None else here.run
    returned = spec.function(**arguments)
    if isinstance(returned, Shown):
        return {"ui": dict(returned.ui), "result": returned.result}
    return tuple(returned) if isinstance(returned, tuple) and len(spec.outputs) != 1 else (returned,)


def common_ksampler(
    model: Any,
    seed: int,
    steps: int,
    cfg: float,
    sampler_name: str,
    scheduler: str,
    positive: Any,
    negative: Any,
    latent: Any,
    denoise: float = 1.0,
    disable_noise: bool = False,
    start_step: int | None = None,
    last_step: int | None = None,
    force_full_denoise: bool = False,
) -> tuple[Any]:
    """Remove noise from a LATENT; see `darkroom.diffusion.sampling.sample`."""
    here = current.call()
    sampled = diffusion.sampling.sample.sample(
        model,
        positive,
        negative,
        latent,
        seed=seed,
        steps=steps,
        cfg=cfg,
        sampler_name=sampler_name,
        scheduler=scheduler,
        denoise=denoise,
        add_noise=not disable_noise,
        start_step=start_step,
        last_step=last_step,
        force_full_denoise=force_full_denoise,
        run=Lone() if here is None else here.run,
    )
    return (sampled,)


def before_node_execution() -> None:
    """Raises InterruptProcessingException where the job was cancelled."""
    current.raise_if_cancelled()


def interrupt_processing(value: bool = True) -> None:
    """Cancel the job that runs."""
    if value:
        current.PROCESS.host.interrupt()


_ADDED: list[str] = []


def begin(registry: Registry) -> dict[str, type]:
    """Give our package `nodes` the attributes that packs expect; gives NODE_CLASS_MAPPINGS, which grows with packs."""
    end()
    classes = {spec.id: class_of(spec) for spec in registry if spec.function is not None}
    names = {spec.id: spec.display_name for spec in registry if spec.display_name}
    added: dict[str, Any] = {
        **classes,
        "NODE_CLASS_MAPPINGS": classes,
        "NODE_DISPLAY_NAME_MAPPINGS": names,
        "EXTENSION_WEB_DIRS": {},
        "LOADED_MODULE_DIRS": {},
        "MAX_RESOLUTION": MAX_RESOLUTION,
        "common_ksampler": common_ksampler,
        "before_node_execution": before_node_execution,
        "interrupt_processing": interrupt_processing,
        "__getattr__": lacking("nodes"),
    }
    _ADDED[:] = added
    vars(nodes).update(added)
    return classes


def end() -> None:
    """Take the attributes away again."""
    for name in _ADDED:
        vars(nodes).pop(name, None)
    _ADDED.clear()
