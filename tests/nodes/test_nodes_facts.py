"""What nodes know before anything runs, and what they find wrong, through the engine's check."""

import json
import math
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from darkroom.engine.check import check
from darkroom.engine.checking.facts import facts_of
from darkroom.engine.facts import Facts
from darkroom.engine.problems import Problem
from darkroom.engine.read import read_api
from darkroom.files.folders import Folders
from nodes.library import library
from nodes.mask import load_mask

NODES = library()

SD1_UNET = {
    "model.diffusion_model.input_blocks.0.0.weight": (320, 4, 3, 3),
    "model.diffusion_model.middle_block.1.proj_in.weight": (1280, 1280, 1, 1),
    "model.diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_k.weight": (1280, 768),
    "model.diffusion_model.out.2.weight": (4, 320, 3, 3),
}
SDXL_UNET = {
    "model.diffusion_model.input_blocks.0.0.weight": (320, 4, 3, 3),
    "model.diffusion_model.label_emb.0.0.weight": (1280, 2816),
    "model.diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_k.weight": (1280, 2048),
    "model.diffusion_model.out.2.weight": (4, 320, 3, 3),
}
VAE = {"first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3)}
TEXT = {"cond_stage_model.transformer.text_model.embeddings.token_embedding.weight": (49408, 768)}
INPAINTING = {**SD1_UNET, **VAE, "model.diffusion_model.input_blocks.0.0.weight": (320, 9, 3, 3)}
FILES: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "checkpoints/sd1.safetensors": {**SD1_UNET, **VAE, **TEXT},
    "checkpoints/sdxl.safetensors": {**SDXL_UNET, **VAE},
    "checkpoints/inpainting.safetensors": INPAINTING,
    "loras/sdxl.safetensors": {
        "lora_te2_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight": (4, 1280),
        "lora_te2_text_model_encoder_layers_0_self_attn_q_proj.lora_up.weight": (1280, 4),
    },
    "loras/sd1.safetensors": {
        "lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight": (4, 320, 1, 1),
        "lora_unet_down_blocks_0_attentions_0_proj_in.lora_up.weight": (320, 4, 1, 1),
    },
    "loras/vae.safetensors": {"decoder.conv_in.weight": (512, 4, 3, 3)},
    "vae/flux.safetensors": {"decoder.conv_in.weight": (512, 16, 3, 3)},
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    base = tmp_path_factory.mktemp("base")
    for name, tensors in FILES.items():
        path = base / "models" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_header(path, tensors)
    (base / "models" / "checkpoints" / "empty.safetensors").write_bytes(b"")
    (base / "models" / "checkpoints" / "old.ckpt").write_bytes(b"\x80\x02}q\x00.")
    (base / "input").mkdir()
    Image.new("RGB", (40, 24)).save(base / "input" / "plain.png")
    Image.new("RGBA", (40, 24)).save(base / "input" / "clear.png")
    (base / "input" / "wide.png").write_bytes(png_header(60_000, 1))
    return Folders(base)


def write_header(path: Path, tensors: Mapping[str, tuple[int, ...]]) -> None:
    """A safetensors file of real shapes whose numbers are a hole in the file: no bytes on the disk."""
    header, end = {}, 0
    for name, shape in tensors.items():
        begin, end = end, end + math.prod(shape)
        header[name] = {"dtype": "U8", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    os.truncate(path, 8 + len(text) + end)


def png_header(width: int, height: int) -> bytes:
    header, end = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), b"IEND"
    chunks = (struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each)) for each in (header, end))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def node(type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": type, "inputs": inputs}


def text_to_image(**changed: Any) -> dict[str, Any]:
    nodes = {
        "1": node("CheckpointLoaderSimple", ckpt_name="sd1.safetensors"),
        "2": node("CLIPTextEncode", text="a house", clip=["1", 1]),
        "3": node("EmptyLatentImage", width=640, height=384, batch_size=2),
        "4": node(
            "KSampler",
            model=["1", 0],
            positive=["2", 0],
            negative=["2", 0],
            latent_image=["3", 0],
            seed=0,
            steps=4,
            cfg=7.0,
            sampler_name="euler",
            scheduler="normal",
            denoise=1.0,
        ),
        "5": node("VAEDecode", samples=["4", 0], vae=["1", 2]),
        "6": node("PreviewImage", images=["5", 0]),
    }
    return {**nodes, **changed}


def known(prompt: dict[str, Any], files: Folders) -> dict[str, tuple[Facts, ...]]:
    return facts_of(read_api(prompt), NODES, files)


def found(prompt: dict[str, Any], files: Folders) -> list[Problem]:
    return check(read_api(prompt), NODES, files)


def only(prompt: dict[str, Any], files: Folders) -> Problem:
    problems = found(prompt, files)
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def test_a_good_graph_has_no_problem(files: Folders) -> None:
    assert found(text_to_image(), files) == []


def test_the_picture_is_known_before_it_is_made(files: Folders) -> None:
    facts = known(text_to_image(), files)
    assert facts["1"][0].family == "sd1"
    assert facts["1"][0].source == "sd1.safetensors"
    assert facts["2"][0].context_width == 768
    assert facts["5"] == (Facts("IMAGE", width=640, height=384, batch=2),)


def test_an_sdxl_checkpoint_is_refused_before_the_run(files: Folders) -> None:
    prompt = text_to_image()
    prompt["1"] = node("CheckpointLoaderSimple", ckpt_name="sdxl.safetensors")
    problem = next(each for each in found(prompt, files) if each.node == "1")
    assert problem.input == "ckpt_name"
    assert "sdxl.safetensors is a Stable Diffusion XL" in problem.came
    assert "Stable Diffusion 1" in problem.wanted


@pytest.mark.parametrize(
    ("name", "said"),
    [("empty.safetensors", "is empty"), ("inpainting.safetensors", "9 input channels"), ("old.ckpt", "is a pickle")],
)
def test_a_bad_checkpoint_is_named_with_its_fault(name: str, said: str, files: Folders) -> None:
    prompt = text_to_image()
    prompt["1"] = node("CheckpointLoaderSimple", ckpt_name=name)
    problem = next(each for each in found(prompt, files) if each.node == "1")
    assert name in problem.came
    assert said in problem.came
    assert problem.remedy
    assert problem.warning == (name == "old.ckpt")


def lora(name: str) -> dict[str, Any]:
    settings = {"strength_model": 1.0, "strength_clip": 1.0}
    prompt = text_to_image()
    prompt["7"] = node("LoraLoader", model=["1", 0], clip=["1", 1], lora_name=name, **settings)
    prompt["4"]["inputs"]["model"] = ["7", 0]
    return prompt


def test_an_sdxl_lora_on_an_sd1_model_is_a_problem_with_a_remedy(files: Folders) -> None:
    problem = only(lora("sdxl.safetensors"), files)
    assert (problem.node, problem.input) == ("7", "lora_name")
    assert problem.came == "LoRA sdxl.safetensors is of Stable Diffusion XL"
    assert "sd1.safetensors" in problem.wanted
    assert "choose a LoRA made for Stable Diffusion 1" in problem.remedy


def test_a_lora_of_the_right_family_is_no_problem_and_passes_facts_on(files: Folders) -> None:
    assert found(lora("sd1.safetensors"), files) == []
    assert known(lora("sd1.safetensors"), files)["7"][0].family == "sd1"


def test_a_file_that_is_no_lora_is_named_for_what_it_is(files: Folders) -> None:
    assert "is a VAE" in only(lora("vae.safetensors"), files).came


def test_a_vae_of_other_channels_is_refused(files: Folders) -> None:
    prompt = text_to_image()
    prompt["7"] = node("VAELoader", vae_name="flux.safetensors")
    prompt["5"]["inputs"]["vae"] = ["7", 0]
    problems = {each.node: each for each in found(prompt, files)}
    assert "16 latent channels" in problems["7"].came
    assert problems["5"].came == "this latent has 4 channels"
    assert "16 channels" in problems["5"].wanted


def test_an_absent_sampler_is_reported_with_the_one_that_works_most_alike(files: Folders) -> None:
    prompt = text_to_image()
    prompt["4"]["inputs"]["sampler_name"] = "dpmpp_3m_sde"
    problem = only(prompt, files)
    assert (problem.node, problem.input) == ("4", "sampler_name")
    assert "not available yet" in problem.came
    assert "euler_ancestral" in problem.remedy
    assert not problem.warning


def test_a_side_that_is_no_multiple_of_8_is_a_warning(files: Folders) -> None:
    prompt = text_to_image()
    prompt["3"] = node("EmptyLatentImage", width=500, height=384, batch_size=1)
    problem = only(prompt, files)
    assert (problem.input, problem.warning) == ("width", True)
    assert "496" in problem.remedy
    assert known(prompt, files)["5"][0].width == 496


def masked(picture: str) -> dict[str, Any]:
    prompt = text_to_image()
    prompt["3"] = node("VAEEncodeForInpaint", pixels=["8", 0], mask=["8", 1], vae=["1", 2], grow_mask_by=6)
    prompt["8"] = node("LoadImage", image=picture)
    return prompt


def test_a_mask_of_another_size_is_a_warning(files: Folders) -> None:
    problem = only(masked("plain.png"), files)
    assert (problem.node, problem.input, problem.warning) == ("3", "mask", True)
    assert "64 x 64" in problem.came
    assert "40 x 24" in problem.wanted


def test_a_mask_of_the_pictures_own_size_is_fine(files: Folders) -> None:
    assert found(masked("clear.png"), files) == []
    facts = known(masked("clear.png"), files)
    assert (facts["3"][0].width, facts["3"][0].height, facts["3"][0].channels) == (40, 24, 4)


@pytest.mark.parametrize("picture", ["plain.png", "clear.png"])
@pytest.mark.parametrize("channel", ["alpha", "red"])
def test_a_mask_loaded_from_a_picture_has_the_size_that_is_foretold(picture: str, channel: str, files: Folders) -> None:
    facts = known({"8": node("LoadImageMask", image=picture, channel=channel)}, files)["8"][0]
    made = load_mask(image=files.path("input", picture), channel=channel)
    assert (facts.batch, facts.height, facts.width) == tuple(made.shape) == (1, 24, 40)


def test_a_picture_60000_pixels_wide_is_refused_by_its_header(files: Folders) -> None:
    problems = [each for each in found(masked("wide.png"), files) if each.node == "8"]
    assert len(problems) == 1
    assert problems[0].input == "image"
    assert "60000 x 1" in problems[0].came
    assert "wide.png" in problems[0].came


def test_a_name_that_leaves_the_output_folder_is_reported_before_the_run(files: Folders) -> None:
    prompt = text_to_image()
    prompt["6"] = node("SaveImage", images=["5", 0], filename_prefix="../../secret")
    problem = only(prompt, files)
    assert (problem.node, problem.input) == ("6", "filename_prefix")


SIZES: list[tuple[str, dict[str, Any], tuple[int, int]]] = [
    ("ImageScale", {"upscale_method": "area", "width": 100, "height": 0, "crop": "disabled"}, (100, 60)),
    ("ImageScale", {"upscale_method": "area", "width": 0, "height": 0, "crop": "disabled"}, (40, 24)),
    ("ImageScaleBy", {"upscale_method": "area", "scale_by": 1.5}, (60, 36)),
    ("ImagePadForOutpaint", {"left": 8, "top": 0, "right": 8, "bottom": 16, "feathering": 4}, (56, 40)),
]


@pytest.mark.parametrize(("type", "settings", "size"), SIZES)
def test_the_size_that_is_foretold_is_the_size_that_is_made(
    type: str, settings: dict[str, Any], size: tuple[int, int], files: Folders
) -> None:
    prompt = {"8": node("LoadImage", image="plain.png"), "9": node(type, image=["8", 0], **settings)}
    facts = known(prompt, files)["9"][0]
    assert (facts.width, facts.height) == size
    spec = NODES.get(type)
    assert spec is not None and spec.function is not None
    result = spec.function(image=torch.zeros(1, 24, 40, 3), **settings)
    made = result[0] if isinstance(result, tuple) else result
    assert (made.shape[2], made.shape[1]) == size


@pytest.mark.parametrize("size", [(100, 0), (0, 200), (0, 0), (320, 72)])
def test_the_latent_size_that_is_foretold_is_the_size_that_is_made(size: tuple[int, int], files: Folders) -> None:
    settings = {"upscale_method": "bilinear", "width": size[0], "height": size[1], "crop": "disabled"}
    prompt = {
        "1": node("EmptyLatentImage", width=136, height=88, batch_size=1),
        "2": node("LatentUpscale", samples=["1", 0], **settings),
        "3": node("LatentUpscaleBy", samples=["2", 0], upscale_method="bilinear", scale_by=1.3),
    }
    facts = known(prompt, files)
    up, by = NODES.get("LatentUpscale"), NODES.get("LatentUpscaleBy")
    assert up is not None and up.function is not None and by is not None and by.function is not None
    first = up.function(samples={"samples": torch.zeros(1, 4, 11, 17)}, **settings)
    second = by.function(samples=first, upscale_method="bilinear", scale_by=1.3)
    for made, foretold in ((first, facts["2"][0]), (second, facts["3"][0])):
        height, width = made["samples"].shape[2:]
        assert (width * 8, height * 8) == (foretold.width, foretold.height)


def test_a_primitive_tells_its_value_to_the_check(files: Folders) -> None:
    prompt = text_to_image()
    prompt["7"] = node("PrimitiveInt", value=320)
    prompt["3"]["inputs"]["width"] = ["7", 0]
    assert known(prompt, files)["5"][0].width == 320
