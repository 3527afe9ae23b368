"""Train a LoRA that turns the starter's postcards into dusk: `python -m starter.train_lora`; run it again to resume.

The file names its weights as kohya's trainer does (lora_unet_<module>.lora_down.weight, .lora_up.weight, .alpha), so
any program that reads LoRA files can read it.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from starter.dataset import drawn, drawn_areas
from starter.export import CHECKPOINT, read, write
from starter.latents import encoded
from starter.networks import new_noise_schedule
from starter.train_autoencoder import best_device
from starter.train_unet import Examples, batch_at, denoising_loss
from starter.training import CACHE, Plan, Run, averaged, generator_at, parts_on, train

LORA = CHECKPOINT.parent.parent / "loras" / "starter_dusk.safetensors"
FILE = "lora_dusk.pt"
TARGETS = (".to_q", ".to_k", ".to_v", ".to_out.0", ".proj_in", ".proj_out", ".conv1", ".conv2")
HEADER = {
    "modelspec.title": "Darkroom starter, dusk",
    "modelspec.architecture": "stable-diffusion-v1/lora",
    "modelspec.description": "Postcards of the Darkroom starter in violet dusk light. Strength 1 on the model; the "
    "text model is unchanged.",
    "modelspec.license": "The licence of the repository it ships with; trained on pictures that the repository draws.",
    "darkroom.training": "python -m starter.train_lora",
}


def dusk(pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """(batch, height, width, 3) pictures in dusk light: dimmed, violet in the shadows and rose in the lights."""
    values = pictures.astype(np.float32) / 255
    brightness = values @ np.array([0.299, 0.587, 0.114], np.float32)
    violet, rose = np.array([0.13, 0.05, 0.30], np.float32), np.array([1.0, 0.62, 0.66], np.float32)
    toned = violet + (rose - violet) * brightness[..., None]
    mixed = 0.6 * toned + 0.4 * values * np.array([0.85, 0.62, 0.90], np.float32)
    return np.clip(np.round(mixed * 255), 0, 255).astype(np.uint8)


class LowRank(nn.Module):
    """What a LoRA adds to one layer's output: up(down(x)) with `rank` channels between; arXiv:2106.09685, eq. 3."""

    def __init__(self, layer: nn.Module, rank: int) -> None:
        super().__init__()
        self.down: nn.Module
        self.up: nn.Module
        if isinstance(layer, nn.Conv2d):
            side = layer.kernel_size[0]  # all convolutions among the targets are square, of stride 1
            self.down = nn.Conv2d(layer.in_channels, rank, side, padding=side // 2, bias=False)
            self.up = nn.Conv2d(rank, layer.out_channels, 1, bias=False)
        elif isinstance(layer, nn.Linear):
            self.down = nn.Linear(layer.in_features, rank, bias=False)
            self.up = nn.Linear(rank, layer.out_features, bias=False)
        else:
            raise TypeError(f"a LoRA changes linear layers and convolutions, not {type(layer).__name__}")
        nn.init.zeros_(self.up.get_parameter("weight"))

    def forward(self, x: Tensor) -> Tensor:
        """The change of the layer's output for its input x."""
        change: Tensor = self.up(self.down(x))
        return change


def attach(unet: nn.Module, rank: int) -> nn.ModuleDict:
    """Give every target layer of a U-Net a low-rank change; keys are the layers' names with underscores for dots."""
    changes = nn.ModuleDict()
    for name, layer in list(unet.named_modules()):
        if not name.endswith(TARGETS):
            continue
        change = LowRank(layer, rank)
        changes[name.replace(".", "_")] = change
        layer.register_forward_hook(lambda _layer, inputs, output, change=change: output + change(inputs[0]))
    return changes


def file_state(changes: dict[str, Tensor], rank: int) -> dict[str, Tensor]:
    """Averaged weights under kohya's names, in half precision; alpha = rank means: as trained."""
    state = {}
    for name, value in changes.items():
        layer, part, _ = name.rsplit(".", 2)
        state[f"lora_unet_{layer}.lora_{part}.weight"] = value.half().contiguous()
        state[f"lora_unet_{layer}.alpha"] = torch.tensor(float(rank)).half()
    return state


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=240)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--pictures", type=int, default=800)
    parser.add_argument("--rank", type=int, default=4)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT)
    parser.add_argument("--out", type=Path, default=LORA)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    device = best_device()
    parts = parts_on(device)
    starter = read(options.checkpoint)
    for network in (starter.unet, starter.text, starter.autoencoder):
        network.to(device).requires_grad_(False)
    changes = attach(starter.unet, options.rank).to(device)
    run = Run(
        CACHE / FILE, {"lora": changes}, (torch.optim.AdamW(changes.parameters(), options.rate, weight_decay=0.0),)
    )
    run.resume()
    latents = encoded(starter.autoencoder, dusk(np.asarray(drawn(options.pictures)))).numpy()
    examples = Examples(latents, drawn_areas(options.pictures))
    alphas_cumprod = new_noise_schedule().alphas_cumprod.to(device)

    def loss_at(step: int, part: int) -> Tensor:
        batch = batch_at(examples, options.batch // parts, generator_at(options.seed, step, part), device)
        context = starter.text(batch.tokens).last_hidden_state
        return denoising_loss(starter.unet, context, batch, alphas_cumprod)

    train(run, Plan(options.steps, average_decay=0.98, parts=parts), loss_at)
    write(file_state(averaged(run.file, "lora"), options.rank), options.out, HEADER)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
