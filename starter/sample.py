"""Paint postcards with the product's own functions: `python -m starter.sample "a red house on snow at dawn"`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from darkroom.diffusion.checkpoints import load_checkpoint
from darkroom.diffusion.sampling.sample import sample
from starter.captions import caption
from starter.dataset import UNSEEN
from starter.export import CHECKPOINT
from starter.networks import LATENT_CHANNELS, LATENT_FACTOR
from starter.pictures import sheet
from starter.postcards import SIDE
from starter.scene import random_scene


@dataclass(frozen=True, slots=True)
class Settings:
    """A KSampler's widgets; the defaults suit the starter best."""

    steps: int = 20
    guidance: float = 4.0
    sampler: str = "dpmpp_2m"
    scheduler: str = "karras"


STANDARD = Settings()


def paint(
    checkpoint: Path, texts: Sequence[str], seed: int = 0, settings: Settings = STANDARD
) -> npt.NDArray[np.uint8]:
    """Postcards for the texts, picture i with seed + i: (count, 128, 128, 3) bytes."""
    model = load_checkpoint(checkpoint)
    cells = SIDE // LATENT_FACTOR
    blank = {"samples": torch.zeros(1, LATENT_CHANNELS, cells, cells)}
    negative = model.clip.encode("")
    pictures = []
    for index, text in enumerate(texts):
        latent = sample(
            model.model,
            model.clip.encode(text),
            negative,
            blank,
            seed=seed + index,
            steps=settings.steps,
            cfg=settings.guidance,
            sampler_name=settings.sampler,
            scheduler=settings.scheduler,
        )
        pictures.append(model.vae.decode(latent["samples"])[0])
    return (torch.stack(pictures) * 255).round().byte().numpy()


def unseen_captions(count: int) -> list[str]:
    """Captions of scenes from seeds that training never used."""
    return [caption(random_scene(UNSEEN + index), UNSEEN + index) for index in range(count)]


def main() -> None:
    """Parse the command line and paint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("caption", nargs="*", help="without one, 32 captions that training never saw")
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT)
    parser.add_argument("--out", type=Path, default=Path("postcards.png"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=STANDARD.steps)
    parser.add_argument("--guidance", type=float, default=STANDARD.guidance)
    parser.add_argument("--sampler", default=STANDARD.sampler)
    parser.add_argument("--scheduler", default=STANDARD.scheduler)
    options = parser.parse_args()
    settings = Settings(options.steps, options.guidance, options.sampler, options.scheduler)
    texts = options.caption or unseen_captions(32)
    sheet(options.out, paint(options.checkpoint, texts, options.seed, settings), columns=8)


if __name__ == "__main__":
    main()
