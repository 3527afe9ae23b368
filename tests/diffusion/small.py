"""Small random networks of Stable Diffusion 1's structure, as the libraries build them, and files of them."""

from pathlib import Path

import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel

from darkroom.diffusion.families import sd1
from darkroom.diffusion.families.names import controlnet_names
from darkroom.diffusion.families.shapes import unet_from_diffusers

CONTEXT = 64


def seeded(network: nn.Module, seed: int) -> nn.Module:
    """Every parameter random, so that a mistaken name or a zero initialisation cannot hide."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            scale = 0.5 / max(1, parameter[0].numel()) ** 0.5 if parameter.ndim > 1 else 0.1
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * scale + (parameter.ndim == 1) * 0.5)
    return network.eval().requires_grad_(False)


def unet(seed: int = 1) -> UNet2DConditionModel:
    network = UNet2DConditionModel(
        block_out_channels=(32, 64),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        cross_attention_dim=CONTEXT,
        norm_num_groups=8,
    )
    return seeded(network, seed)


def vae(seed: int = 2) -> AutoencoderKL:
    network = AutoencoderKL(
        block_out_channels=(16, 16, 32, 32),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=4,
        latent_channels=4,
        scaling_factor=0.18215,
    )
    return seeded(network, seed)


def text(seed: int = 3) -> CLIPTextModel:
    config = CLIPTextConfig(
        hidden_size=CONTEXT,
        intermediate_size=2 * CONTEXT,
        num_hidden_layers=3,
        num_attention_heads=1,
        bos_token_id=49406,
        eos_token_id=49407,
        pad_token_id=49407,
    )
    return seeded(CLIPTextModel(config), seed)


def controlnet(seed: int = 4) -> ControlNetModel:
    network = ControlNetModel(
        block_out_channels=(32, 64),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        layers_per_block=1,
        cross_attention_dim=CONTEXT,
        norm_num_groups=8,
        conditioning_embedding_out_channels=(8, 8, 16, 16),
    )
    return seeded(network, seed)


def tensors(network: nn.Module) -> dict[str, Tensor]:
    """Each parameter in memory of its own, as files want it."""
    return {name: tensor.clone().contiguous() for name, tensor in network.state_dict().items()}


def original_checkpoint(**extra: Tensor) -> dict[str, Tensor]:
    """A whole checkpoint in the original layout, with the litter that training leaves in such files."""
    litter = {
        "model_ema.diffusion_modelinput_blocks00weight": torch.zeros(3),
        "betas": torch.zeros(1000),
        "cond_stage_model.transformer.text_model.embeddings.position_ids": torch.arange(77)[None],
        "first_stage_model.loss.logvar": torch.zeros(()),
    }
    return {**sd1.original_checkpoint(tensors(unet()), tensors(vae()), tensors(text())), **litter, **extra}


def original_controlnet(network: nn.Module) -> dict[str, Tensor]:
    state = tensors(network)
    names = controlnet_names(unet_from_diffusers({name: tuple(tensor.shape) for name, tensor in state.items()}))
    return {f"control_model.{names.to_original(name)}": tensor for name, tensor in state.items()}


def save(path: Path, content: dict[str, Tensor], metadata: dict[str, str] | None = None) -> Path:
    save_file({name: tensor.contiguous().clone() for name, tensor in content.items()}, path, metadata)
    return path


def latents(*shape: int, seed: int = 7) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))
