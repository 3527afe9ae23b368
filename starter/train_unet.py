"""Train the U-Net and the text model on encoded postcards: `python -m starter.train_unet`; run it again to resume."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from starter.binding import binding_loss
from starter.captions import caption
from starter.colours import colours_header
from starter.dataset import drawn_areas
from starter.export import CHECKPOINT, HEADER, Starter, file_state, new_starter, read, write
from starter.latents import latents_of, scaled_autoencoder
from starter.networks import TRAINING_TIMESTEPS, new_noise_schedule
from starter.optimisers import optimisers_for
from starter.pictures import sheet
from starter.sample import Settings, paint, unseen_captions
from starter.scene import random_scene
from starter.text import compact_tokens
from starter.train_autoencoder import best_device
from starter.training import CACHE, Plan, Run, averaged, generator_at, parts_on, train

FILE = "unet.pt"
CHANCE_OF_NO_CAPTION = 0.1  # for classifier-free guidance; arXiv:2207.12598, section 3.1
BINDING_WEIGHT = 0.05
SHARE_OF_LONE_THINGS = 0.3  # pictures with one thing teach no binding, so they come more rarely than others
TIMESTEP_LEAN = 0.6  # below 1: more of the noisy timesteps, where things and colours are decided
SNR_CEILING = 5.0  # of the Min-SNR weights; arXiv:2303.09556, section 3.4
COLOUR_WEIGHT = 5.0  # of the cells that show a thing's colour, beside 1 for all others


def noise_weights(alphas_cumprod: Tensor) -> Tensor:
    """The weight of the squared error in the noise at each timestep: min(SNR, 5) / SNR, times sqrt(1 + 1 / SNR).

    The square root lifts the noisiest timesteps. There an error of 1 in the picture is one of only SNR in the
    squared noise, and yet large things get their colours there, for what many cells share shows through much noise.
    """
    snr = alphas_cumprod / (1 - alphas_cumprod)
    return snr.clamp(max=SNR_CEILING) / snr * (1 + 1 / snr).sqrt()


def spread_timesteps(rng: np.random.Generator, batch: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Timesteps spread over 0..999, leaning to the noisy end, alike in every batch so that losses differ less."""
    share = ((np.arange(batch) + rng.random(batch)) / batch) ** TIMESTEP_LEAN
    return (share * TRAINING_TIMESTEPS).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step learns from.

    latents, noise: (batch, 4, 16, 16); weights: (batch, 1, 16, 16), of mean 1; tokens: (batch, 77)
    timesteps: (batch,)
    """

    latents: Tensor
    weights: Tensor
    noise: Tensor
    tokens: Tensor
    timesteps: Tensor


def denoising_loss(unet: UNet2DConditionModel, context: Tensor, batch: Batch, alphas_cumprod: Tensor) -> Tensor:
    """Weighted squared error of the predicted noise; arXiv:2006.11239, eq. 14, with `noise_weights`.

    context: (batch, 77, width), from the text model
    """
    alpha = alphas_cumprod[batch.timesteps][:, None, None, None]
    noised = alpha.sqrt() * batch.latents + (1 - alpha).sqrt() * batch.noise
    with torch.autocast("cuda", torch.bfloat16, enabled=noised.is_cuda):
        predicted = unet(noised, batch.timesteps, context).sample
    errors = ((predicted.float() - batch.noise).square() * batch.weights).mean(dim=(1, 2, 3))
    loss: Tensor = (errors * noise_weights(alphas_cumprod)[batch.timesteps]).mean()
    return loss


def captions_of(indices: Sequence[int], rng: np.random.Generator) -> list[str]:
    """A fresh wording for each postcard, and now and then none."""
    dropped = rng.random(len(indices)) < CHANCE_OF_NO_CAPTION
    wordings = rng.integers(2**31, size=len(indices))
    return [
        "" if drop else caption(random_scene(index), int(wording))
        for index, drop, wording in zip(indices, dropped, wordings, strict=True)
    ]


@cache
def _chances(count: int) -> npt.NDArray[np.float64]:
    lone = np.array([len(random_scene(index).things) == 1 for index in range(count)])
    weights = np.where(lone, SHARE_OF_LONE_THINGS, 1.0)
    chances: npt.NDArray[np.float64] = weights / weights.sum()
    return chances


def cell_weights(areas: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """(batch, 16, 16) parts of cells that show a thing's colour (255 = all) to (batch, 1, 16, 16) weights of mean 1."""
    weights = 1 + (COLOUR_WEIGHT - 1) / 255 * areas[:, None].astype(np.float32)
    normal: npt.NDArray[np.float32] = weights / weights.mean()
    return normal


@dataclass(frozen=True, slots=True)
class Examples:
    """Postcards 0, 1, 2, ...: latents (count, 4, 16, 16) and `coloured_areas` (count, 16, 16)."""

    latents: npt.NDArray[np.float16]
    areas: npt.NDArray[np.uint8]


def batch_at(examples: Examples, size: int, rng: np.random.Generator, device: torch.device) -> Batch:
    """A random batch of the examples."""
    count = len(examples.latents)
    indices = rng.choice(count, size, replace=False, p=_chances(count))
    clean = torch.from_numpy(examples.latents[indices]).to(device).float().contiguous(memory_format=torch.channels_last)
    weights = torch.from_numpy(cell_weights(examples.areas[indices])).to(device)
    noise = torch.from_numpy(rng.standard_normal(clean.shape, np.float32)).to(device)
    tokens = compact_tokens(captions_of(indices.tolist(), rng)).to(device)
    timesteps = torch.from_numpy(spread_timesteps(rng, size)).to(device)
    return Batch(clean, weights, noise, tokens, timesteps)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--pictures", type=int, default=40000)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--matrix-rate", type=float, default=0.02)
    parser.add_argument("--other-rate", type=float, default=2e-3)
    parser.add_argument("--cooldown", type=float, default=0.3)
    parser.add_argument("--save-seconds", type=float, default=300)
    parser.add_argument("--from", dest="begin", type=Path, help="begin with the weights of this exported checkpoint")
    parser.add_argument("--export", type=Path, default=CHECKPOINT, help="rewritten after every save")
    return parser.parse_args()


def main() -> None:
    """Parse the command line and train."""
    options = _options()
    torch.manual_seed(options.seed)
    device = best_device()
    parts = parts_on(device)
    begin: Starter = read(options.begin) if options.begin else new_starter()
    unet, text = begin.unet.to(device, memory_format=torch.channels_last), begin.text.to(device)
    optimisers = optimisers_for([unet, text], options.matrix_rate, options.other_rate)
    run = Run(CACHE / FILE, {"unet": unet, "text": text}, optimisers)
    run.resume()
    autoencoder = (begin.autoencoder if options.begin else scaled_autoencoder()).to(device)
    examples = Examples(latents_of(autoencoder, options.pictures), drawn_areas(options.pictures))
    alphas_cumprod = new_noise_schedule().alphas_cumprod.to(device)

    def loss_at(step: int, part: int) -> Tensor:
        batch = batch_at(examples, options.batch // parts, generator_at(options.seed, step, part), device)
        context = text(batch.tokens).last_hidden_state
        binding = binding_loss(text, context, batch.tokens)
        return denoising_loss(unet, context, batch, alphas_cumprod) + BINDING_WEIGHT * binding

    def report() -> None:
        trial = new_starter()
        trial.unet.load_state_dict(averaged(CACHE / FILE, "unet"))
        trial.text.load_state_dict(averaged(CACHE / FILE, "text"))
        trial.autoencoder.load_state_dict(autoencoder.state_dict())
        write(file_state(trial), options.export, HEADER | colours_header(trial.autoencoder))
        pictures = paint(options.export, unseen_captions(24), settings=Settings(steps=10))
        sheet(CACHE / "samples.png", pictures, columns=8)

    plan = Plan(options.steps, options.save_seconds, cooldown=options.cooldown, average_decay=0.99, parts=parts)
    train(run, plan, loss_at, report)


if __name__ == "__main__":
    main()
