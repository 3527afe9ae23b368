"""Families are told from names and shapes; key maps go both ways and cover the released Stable Diffusion 1.5."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from darkroom.diffusion.families import sd1
from darkroom.diffusion.families.folder import recognise_folder
from darkroom.diffusion.families.names import controlnet_names, unet_names, vae_names
from darkroom.diffusion.families.recognise import Recognised, recognise, recognise_file
from darkroom.diffusion.families.shapes import (
    Shapes,
    TextShape,
    UnetShape,
    VaeShape,
    text_from,
    unet_from_diffusers,
    unet_from_original,
    vae_from_diffusers,
    vae_from_original,
)
from tests.diffusion import small

REAL_UNET = UnetShape(4, 4, (320, 640, 1280, 1280), (1, 1, 1, 0), 1, 2, 768, False)
REAL_VAE = VaeShape((128, 256, 512, 512), 2, 4, 3)
REAL_TEXT = TextShape(768, 3072, 12, 77, 49408)

RELEASED_NAMES = {
    "model.diffusion_model.time_embed.0.weight": (1280, 320),
    "model.diffusion_model.input_blocks.0.0.weight": (320, 4, 3, 3),
    "model.diffusion_model.input_blocks.1.0.in_layers.2.weight": (320, 320, 3, 3),
    "model.diffusion_model.input_blocks.3.0.op.weight": (320, 320, 3, 3),
    "model.diffusion_model.input_blocks.4.0.skip_connection.weight": (640, 320, 1, 1),
    "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (640, 768),
    "model.diffusion_model.input_blocks.8.1.proj_in.weight": (1280, 1280, 1, 1),
    "model.diffusion_model.input_blocks.11.0.emb_layers.1.weight": (1280, 1280),
    "model.diffusion_model.middle_block.1.transformer_blocks.0.ff.net.0.proj.weight": (10240, 1280),
    "model.diffusion_model.middle_block.2.out_layers.3.weight": (1280, 1280, 3, 3),
    "model.diffusion_model.output_blocks.2.1.conv.weight": (1280, 1280, 3, 3),
    "model.diffusion_model.output_blocks.5.2.conv.weight": (1280, 1280, 3, 3),
    "model.diffusion_model.output_blocks.8.2.conv.weight": (640, 640, 3, 3),
    "model.diffusion_model.output_blocks.11.0.in_layers.0.weight": (640,),
    "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.attn1.to_out.0.bias": (320,),
    "model.diffusion_model.out.2.weight": (4, 320, 3, 3),
    "first_stage_model.encoder.conv_in.weight": (128, 3, 3, 3),
    "first_stage_model.encoder.down.1.block.0.nin_shortcut.weight": (256, 128, 1, 1),
    "first_stage_model.encoder.down.2.downsample.conv.weight": (512, 512, 3, 3),
    "first_stage_model.encoder.mid.attn_1.q.weight": (512, 512, 1, 1),
    "first_stage_model.encoder.mid.attn_1.proj_out.bias": (512,),
    "first_stage_model.encoder.norm_out.weight": (512,),
    "first_stage_model.decoder.up.0.block.0.nin_shortcut.weight": (128, 256, 1, 1),
    "first_stage_model.decoder.up.3.upsample.conv.weight": (512, 512, 3, 3),
    "first_stage_model.decoder.up.1.block.2.conv2.weight": (256, 256, 3, 3),
    "first_stage_model.quant_conv.weight": (8, 8, 1, 1),
    "first_stage_model.post_quant_conv.weight": (4, 4, 1, 1),
    "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight": (49408, 768),
    "cond_stage_model.transformer.text_model.encoder.layers.11.mlp.fc2.weight": (768, 3072),
    "cond_stage_model.transformer.text_model.final_layer_norm.bias": (768,),
}
"""A sample of what the released v1-5-pruned-emaonly.safetensors holds."""


def shapes(state: dict[str, torch.Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in state.items()}


@pytest.fixture(scope="module")
def real() -> dict[str, dict[str, torch.Tensor]]:
    """The networks of Stable Diffusion 1.5 at full size, without memory."""
    with torch.device("meta"):
        return {
            "unet": UNet2DConditionModel.from_config(sd1.unet_config(REAL_UNET)).state_dict(),
            "vae": AutoencoderKL.from_config(sd1.vae_config(REAL_VAE)).state_dict(),
            "text": CLIPTextModel(CLIPTextConfig(**sd1.text_config(REAL_TEXT))).state_dict(),
            "control": ControlNetModel(cross_attention_dim=768).state_dict(),
        }


def test_all_names_of_the_released_model_map_to_the_original_layout_with_the_right_shapes(
    real: dict[str, dict[str, torch.Tensor]],
) -> None:
    assert [len(real[part]) for part in ("unet", "vae", "text")] == [686, 248, 196]
    assert sum(tensor.numel() for tensor in real["unet"].values()) == 859_520_964
    original = shapes(sd1.original_checkpoint(real["unet"], real["vae"], real["text"]))
    assert len(original) == 686 + 248 + 196
    assert {name: original.get(name) for name in RELEASED_NAMES} == RELEASED_NAMES
    assert recognise(original) == Recognised(
        "checkpoint", "sd1", "original", frozenset({"unet", "vae", "text"}), 768, 4, 4, "eps"
    )


def test_structure_is_the_same_read_from_either_layout(real: dict[str, dict[str, torch.Tensor]]) -> None:
    original = shapes(sd1.original_checkpoint(real["unet"], real["vae"], real["text"]))
    assert unet_from_original(original, sd1.UNET_PREFIX) == unet_from_diffusers(shapes(real["unet"])) == REAL_UNET
    assert vae_from_original(original, sd1.VAE_PREFIX) == vae_from_diffusers(shapes(real["vae"])) == REAL_VAE
    assert text_from(original, sd1.TEXT_PREFIX) == text_from(shapes(real["text"])) == REAL_TEXT


def test_key_maps_are_one_to_one_and_there_and_back_again(real: dict[str, dict[str, torch.Tensor]]) -> None:
    maps = {"unet": unet_names(REAL_UNET), "vae": vae_names(REAL_VAE), "control": controlnet_names(REAL_UNET)}
    for part, names in maps.items():
        assert len(names.diffusers_to_original) == len(names.original_to_diffusers)
        for name in real[part]:
            original = names.to_original(name)
            assert original is not None, name
            assert names.to_diffusers(original) == name
    assert maps["unet"].to_diffusers("input_blocks.99.0.weight") is None
    assert maps["control"].to_original("controlnet_mid_block.bias") == "middle_block_out.0.bias"
    assert maps["control"].to_original("controlnet_cond_embedding.conv_out.weight") == "input_hint_block.14.weight"
    assert maps["control"].to_original("controlnet_down_blocks.11.weight") == "zero_convs.11.0.weight"


def test_exported_tensors_come_back_unchanged() -> None:
    unet, vae = small.tensors(small.unet()), small.tensors(small.vae())
    unet_back = {k.removeprefix(sd1.UNET_PREFIX): v for k, v in sd1.original_unet(unet).items()}
    vae_back = {k.removeprefix(sd1.VAE_PREFIX): v for k, v in sd1.original_vae(vae).items()}
    unet_back = sd1.diffusers_unet(unet_back, unet_from_original(shapes(unet_back)))
    vae_back = sd1.diffusers_vae(vae_back, vae_from_original(shapes(vae_back)))
    for before, after in ((unet, unet_back), (vae, vae_back)):
        assert before.keys() == after.keys()
        assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_tensor_without_an_original_name_cannot_be_exported() -> None:
    state = {**small.tensors(small.unet()), "class_embedding.weight": torch.zeros(2)}
    with pytest.raises(ValueError, match=r"class_embedding\.weight"):
        sd1.original_unet(state)


U = "model.diffusion_model."
CASES: dict[str, tuple[Shapes, str, str | None, int | None]] = {
    "sd2 by its text model": (
        {
            U + "input_blocks.0.0.weight": (320, 4, 3, 3),
            U + "middle_block.1.proj_in.weight": (1280, 1280),
            U + "middle_block.1.transformer_blocks.0.attn2.to_k.weight": (1280, 1024),
            "cond_stage_model.model.token_embedding.weight": (49408, 1024),
        },
        "a Stable Diffusion 2 checkpoint",
        "sd2",
        1024,
    ),
    "sdxl": (
        {
            U + "input_blocks.0.0.weight": (320, 4, 3, 3),
            U + "label_emb.0.0.weight": (1280, 2816),
            U + "middle_block.1.proj_in.weight": (1280, 1280),
            U + "middle_block.1.transformer_blocks.0.attn2.to_k.weight": (1280, 2048),
            "conditioner.embedders.1.model.token_embedding.weight": (49408, 1280),
            "first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3),
        },
        "a Stable Diffusion XL checkpoint",
        "sdxl",
        2048,
    ),
    "sdxl refiner": (
        {U + "input_blocks.0.0.weight": (384, 4, 3, 3), U + "label_emb.0.0.weight": (1536, 2560)},
        "a Stable Diffusion XL refiner denoising network without VAE and text model",
        "sdxl_refiner",
        None,
    ),
    "diffusers sdxl": (
        {
            "conv_in.weight": (320, 4, 3, 3),
            "time_embedding.linear_1.weight": (1280, 320),
            "add_embedding.linear_1.weight": (1280, 2816),
        },
        "a Stable Diffusion XL denoising network without VAE and text model",
        "sdxl",
        None,
    ),
    "sd3": (
        {U + "joint_blocks.0.x_block.attn.qkv.weight": (4608, 1536)},
        "a Stable Diffusion 3 denoising network without VAE and text model",
        "sd3",
        None,
    ),
    "flux": (
        {"double_blocks.0.img_attn.qkv.weight": (9216, 3072)},
        "a Flux denoising network without VAE and text model",
        "flux",
        None,
    ),
    "vae": ({"decoder.conv_in.weight": (512, 16, 3, 3)}, "a VAE", None, None),
    "text": ({"text_model.embeddings.token_embedding.weight": (49408, 768)}, "a text model", None, 768),
    "sd1 lora": (
        {"lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight": (8, 768)},
        "a Stable Diffusion 1 LoRA",
        "sd1",
        768,
    ),
    "small lora": (
        {"lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight": (8, 64)},
        "a Stable Diffusion 1 LoRA",
        "sd1",
        64,
    ),
    "sdxl lora": (
        {"lora_unet_input_blocks_7_1_transformer_blocks_1_attn2_to_v.lora_down.weight": (8, 2048)},
        "a Stable Diffusion XL LoRA",
        "sdxl",
        2048,
    ),
    "sdxl text lora": (
        {"lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_down.weight": (8, 1280)},
        "a Stable Diffusion XL LoRA",
        "sdxl",
        None,
    ),
    "sd2 lora": (
        {"unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight": (8, 1024)},
        "a Stable Diffusion 2 LoRA",
        "sd2",
        1024,
    ),
    "flux lora": (
        {"transformer.single_transformer_blocks.0.attn.to_k.lora_A.weight": (16, 3072)},
        "a Flux LoRA",
        "flux",
        None,
    ),
    "text-only lora": (
        {"lora_te_text_model_encoder_layers_0_self_attn_k_proj.lora_down.weight": (4, 768)},
        "a Stable Diffusion 1 LoRA",
        "sd1",
        None,
    ),
    "control lora": ({"lora_controlnet": (), "input_blocks.0.0.weight": (320, 4, 3, 3)}, "a control LoRA", None, None),
    "t2i adapter": ({"adapter.body.0.resnets.0.block1.weight": (320, 320, 3, 3)}, "a T2I adapter", None, None),
    "embedding": ({"emb_params": (3, 768)}, "a Stable Diffusion 1 textual inversion embedding", "sd1", 768),
    "unknown": ({f"layer.{i}.weight": (3, 3, 3, 3) for i in range(9)}, "a file of unknown kind", None, None),
    "empty": ({}, "a file of unknown kind", None, None),
}


@pytest.mark.parametrize("case", CASES)
def test_files_of_other_families_and_kinds_are_named(case: str) -> None:
    header, description, family, context_width = CASES[case]
    found = recognise(header)
    assert (str(found), found.family, found.context_width) == (description, family, context_width)


def test_a_small_controlnet_is_one_of_its_family_in_both_layouts() -> None:
    network = small.controlnet()
    for layout, state in (("original", small.original_controlnet(network)), ("diffusers", small.tensors(network))):
        assert recognise(shapes(state)) == Recognised(
            "controlnet", "sd1", layout, frozenset(), small.CONTEXT, 4, input_channels=4
        )


def test_facts_of_a_file_come_from_its_header_without_torch(tmp_path: Path) -> None:
    path = small.save(tmp_path / "model.safetensors", small.original_checkpoint())
    assert str(recognise_file(path)) == "a Stable Diffusion 1 checkpoint"
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from darkroom.diffusion.families.recognise import recognise_file\n"
        "from darkroom import diffusion\n"
        "from darkroom.diffusion import families, sizes, tokens\n"
        f"found = recognise_file({str(path)!r})\n"
        "print(found.family, found.context_width, found.latent_channels, tokens.token_ids('a cat'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "sd1 64 4 [320, 2368]", done.stderr


def test_facts_of_a_diffusers_folder_come_from_its_headers(tmp_path: Path) -> None:
    small.unet().save_pretrained(tmp_path / "unet")
    (tmp_path / "vae").mkdir()
    (tmp_path / "model_index.json").write_text(json.dumps({}))
    wanted = Recognised("checkpoint", "sd1", "diffusers", frozenset({"unet", "vae"}), small.CONTEXT, 4, 4, "eps")
    assert recognise_folder(tmp_path) == wanted
