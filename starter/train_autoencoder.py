"""Train the autoencoder on drawn postcards: `python -m starter.train_autoencoder`; run it again to resume."""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from starter.dataset import UNSEEN, drawn, to_bytes, to_network
from starter.latents import save_scaled
from starter.networks import LATENT_CHANNELS, new_autoencoder
from starter.optimisers import optimisers_for
from starter.pictures import psnr, sheet
from starter.training import CACHE, Plan, Run, averaged, generator_at, parts_on, train

KL_WEIGHT = 2e-5  # per picture value: only keeps latents from drifting; diffusion scales them afterwards
LATENT_NOISE = 0.03  # of a latent's spread, so that the decoder forgives small errors of the U-Net
FILE = "autoencoder.pt"


def best_device() -> torch.device:
    """CUDA where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def reconstruction_loss(output: Tensor, target: Tensor) -> Tensor:
    """L1 and squared error of values, and L1 of their differences to the right and below (edges)."""
    error = output - target
    edges = error.diff(dim=3).abs().mean() + error.diff(dim=2).abs().mean()
    loss: Tensor = error.abs().mean() + 4 * error.square().mean() + 0.5 * edges
    return loss


def autoencoder_loss(model: AutoencoderKL, pictures: Tensor, noise: Tensor) -> Tensor:
    """Reconstruction through a noised latent, plus a whisper of KL divergence to a standard normal.

    pictures: (batch, 3, height, width) in -1..1; noise: (batch, 4, height/8, width/8), standard normal
    """
    mean, log_variance = model.quant_conv(model.encoder(pictures)).chunk(2, dim=1)
    log_variance = log_variance.clamp(-30, 20)
    spread = mean.detach().std() * LATENT_NOISE
    latents = mean + noise * ((0.5 * log_variance).exp() + spread)
    output = model.decoder(model.post_quant_conv(latents))
    divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum() / pictures.numel()
    loss: Tensor = reconstruction_loss(output, pictures) + KL_WEIGHT * divergence
    return loss


@torch.no_grad()
def reconstructions(model: AutoencoderKL, pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Pictures through encoder (mean) and decoder, as bytes of the same shape."""
    device = next(model.parameters()).device
    parts = []
    for start in range(0, len(pictures), 16):
        moments = model.quant_conv(model.encoder(to_network(pictures[start : start + 16], device)))
        parts.append(to_bytes(model.decoder(model.post_quant_conv(moments[:, :LATENT_CHANNELS]))))
    return np.concatenate(parts)


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--pictures", type=int, default=12000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--matrix-rate", type=float, default=0.02)
    parser.add_argument("--other-rate", type=float, default=2e-3)
    parser.add_argument("--decoder-only", action="store_true", help="keep the encoder as it is")
    parser.add_argument("--file", type=Path, default=CACHE / FILE)
    parser.add_argument("--start-from", type=Path, help="begin with the averaged weights of this run")
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    device = best_device()
    parts = parts_on(device)
    model = new_autoencoder()
    if options.start_from and not options.file.exists():
        model.load_state_dict(averaged(options.start_from, "autoencoder"))
    model.to(device)
    if options.decoder_only:
        model.encoder.requires_grad_(False)
        model.quant_conv.requires_grad_(False)
    run = Run(options.file, {"autoencoder": model}, optimisers_for([model], options.matrix_rate, options.other_rate))
    run.resume()
    pictures = drawn(options.pictures)
    unseen = drawn(64, UNSEEN)
    trial = new_autoencoder().to(device).eval()

    def loss_at(step: int, part: int) -> Tensor:
        rng = generator_at(options.seed, step, part)
        chosen = np.sort(rng.choice(len(pictures), options.batch // parts, replace=False))
        batch = to_network(pictures[chosen], device)
        shape = (len(batch), LATENT_CHANNELS, batch.shape[2] // 8, batch.shape[3] // 8)
        noise = torch.from_numpy(rng.standard_normal(shape, np.float32)).to(device)
        with torch.autocast("cuda", torch.bfloat16, enabled=device.type == "cuda"):
            return autoencoder_loss(model, batch, noise)

    def report() -> None:
        trial.load_state_dict(averaged(options.file, "autoencoder"))
        again = reconstructions(trial, unseen)
        print(f"step {run.step}: PSNR on {len(unseen)} unseen postcards {psnr(again, unseen):.2f} dB", flush=True)
        both = np.stack([unseen[:24], again[:24]], 1).reshape(-1, *unseen.shape[1:])
        sheet(options.file.with_suffix(".png"), both, 8)

    train(run, Plan(options.steps, parts=parts), loss_at, report)
    save_scaled(trial, pictures[:2000])  # `report` has loaded the average of the last save


if __name__ == "__main__":
    main()
