"""Every node, called directly with small inputs, leaves them bit for bit as they were."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from darkroom.diffusion.checkpoints import load_checkpoint
from darkroom.diffusion.control import load_controlnet
from nodes.library import library
from tests.diffusion import small
from tests.nodes.making import HandRun, conditioning, image, latent, mask

NODES = library()
FILES = {
    "ckpt_name": "models/checkpoints/small.safetensors",
    "model_path": "models/diffusers/small",
    "vae_name": "models/checkpoints/small.safetensors",
    "lora_name": "models/loras/small.safetensors",
    "control_net_name": "models/controlnet/small.safetensors",
    "image": "input/small.png",
}
SETTINGS: dict[str, dict[str, Any]] = {
    "EmptyLatentImage": {"width": 64, "height": 64},
    "EmptyImage": {"width": 8, "height": 8, "color": 255},
    "SolidMask": {"width": 8, "height": 8},
    "KSampler": {"steps": 2},
    "KSamplerAdvanced": {"steps": 2, "end_at_step": 1},
    "LatentUpscale": {"width": 64, "height": 72, "upscale_method": "bislerp"},
    "LatentComposite": {"x": 8, "y": 8, "feather": 16},
    "ImageScale": {"width": 7, "height": 9, "upscale_method": "lanczos", "crop": "center"},
    "ImageScaleBy": {"scale_by": 1.5},
    "ImagePadForOutpaint": {"left": 8, "top": 8, "feathering": 3},
    "GrowMask": {"expand": 2},
    "ConditioningAverage": {"conditioning_to_strength": 0.3},
    "ConditioningSetArea": {"width": 64, "height": 64},
    "CLIPTextEncode": {"text": "a (red:1.2) house"},
    "CLIPSetLastLayer": {"stop_at_clip_layer": -2},
    "PrimitiveInt": {"value": 3},
    "PrimitiveFloat": {"value": 0.5},
    "PrimitiveString": {"value": "a"},
    "PrimitiveStringMultiline": {"value": "a\nb"},
    "PrimitiveBoolean": {"value": True},
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    for name in ("checkpoints", "loras", "controlnet", "diffusers"):
        (folder / "models" / name).mkdir(parents=True)
    (folder / "input").mkdir()
    small.save(folder / FILES["ckpt_name"], small.original_checkpoint())
    small.save(folder / FILES["control_net_name"], small.original_controlnet(small.controlnet()))
    key = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_q"
    text = "lora_te_text_model_encoder_layers_0_self_attn_q_proj"
    lora = {
        f"{name}.{part}.weight": torch.randn(64, 2) if part == "lora_up" else torch.randn(2, 64)
        for name in (key, text)
        for part in ("lora_up", "lora_down")
    }
    small.save(folder / FILES["lora_name"], lora)
    diffusers_folder(folder / FILES["model_path"])
    Image.new("RGBA", (24, 16), (200, 100, 50, 128)).save(folder / FILES["image"])
    return folder


def diffusers_folder(place: Path) -> None:
    small.unet().save_pretrained(place / "unet")
    small.vae().save_pretrained(place / "vae")
    small.text().save_pretrained(place / "text_encoder")
    (place / "model_index.json").write_text("{}")


@pytest.fixture(scope="module")
def by_type(base: Path) -> dict[str, Any]:
    """A small value for each type of wire."""
    loaded = load_checkpoint(base / FILES["ckpt_name"])
    return {
        "MODEL": loaded.model,
        "CLIP": loaded.clip,
        "VAE": loaded.vae,
        "CONTROL_NET": load_controlnet(base / FILES["control_net_name"]),
        "CONDITIONING": conditioning(77, small.CONTEXT),
        "LATENT": latent(),
        "IMAGE": image(1, 64, 64, 3),
        "MASK": mask(1, 64, 64),
        "*": {"a": [1, 2]},
    }


def parts(value: Any) -> Iterator[tuple[str, Any]]:
    """Everything inside a value that a node could change, tensors as copies."""
    waiting = [("", value)]
    while waiting:
        where, each = waiting.pop()
        if isinstance(each, Tensor):
            yield where, (each.dtype, each.stride(), each.clone())
        elif isinstance(each, dict):
            yield where, tuple(each)
            waiting += [(f"{where}.{key}", inner) for key, inner in each.items()]
        elif isinstance(each, list | tuple):
            yield where, (type(each), len(each))
            waiting += [(f"{where}[{number}]", inner) for number, inner in enumerate(each)]
        elif isinstance(each, nn.Module):
            waiting += [(f"{where}.{name}", tensor) for name, tensor in each.state_dict().items()]
        elif hasattr(each, "__dataclass_fields__"):
            waiting += [(f"{where}.{name}", getattr(each, name)) for name in each.__dataclass_fields__]
        else:
            yield where, copy.copy(each) if isinstance(each, set | bytearray) else each


def equal(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return list(before) == list(after) and all(same(before[where], after[where]) for where in before)


def same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple) and len(one) == 3 and isinstance(one[2], Tensor):
        return one[:2] == other[:2] and torch.equal(one[2].nan_to_num(), other[2].nan_to_num())
    return bool(one == other)


@pytest.mark.parametrize("id", [spec.id for spec in NODES])
def test_a_node_leaves_its_inputs_unchanged(id: str, base: Path, by_type: dict[str, Any]) -> None:
    spec = NODES.get(id)
    assert spec is not None and spec.function is not None
    given: dict[str, Any] = {}
    for each in spec.inputs:
        if each.name in FILES and each.type != "IMAGE":
            given[each.name] = base / FILES[each.name]
        elif each.type in by_type:
            given[each.name] = by_type[each.type]
        elif each.name in SETTINGS.get(id, {}):
            given[each.name] = SETTINGS[id][each.name]
        elif isinstance(each.choices, tuple) and not each.has_default:
            given[each.name] = each.choices[0]
    handed = dict(given)
    if spec.run_parameter:
        handed[spec.run_parameter] = HandRun(base, {"1": {"class_type": id, "inputs": {}}})
    before = dict(parts(given))
    first = spec.function(**handed)
    assert equal(before, dict(parts(given)))
    again = spec.function(**handed)
    if not spec.final and spec.outputs[0].type not in ("MODEL", "CLIP", "VAE", "CONTROL_NET"):
        assert equal(dict(parts(first)), dict(parts(again)))


def test_a_node_that_writes_into_its_input_is_caught() -> None:
    given = {"samples": latent(), "conditioning": conditioning()}
    before = dict(parts(given))
    given["samples"]["samples"].mul_(0.5)
    assert not equal(before, dict(parts(given)))
    before = dict(parts(given))
    given["conditioning"][0][1]["strength"] = 2.0
    assert not equal(before, dict(parts(given)))
