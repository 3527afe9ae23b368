"""What a latent will look like, roughly and at once: a linear map from its channels to colours."""

from __future__ import annotations

import torch
from PIL import Image
from torch import Tensor

FACTORS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "sd1": (
        (0.3512, 0.2297, 0.3227),
        (0.3250, 0.4974, 0.2350),
        (-0.2829, 0.1762, 0.2721),
        (-0.2120, -0.2616, -0.7177),
    ),
}
"""By family, for each latent channel its share of red, green and blue in -1..1, of scaled latents."""


def picture(latent: Tensor, family: str) -> Image.Image:
    """The first image of a batch, one pixel for each latent pixel.

    latent: (batch, channels, height, width), scaled as the network sees it
    family: a name in FACTORS; of others the first channels are shown, each over its own range
    """
    first = latent[0].to(torch.float32)
    factors = FACTORS.get(family, ())
    if len(factors) == len(first):
        colours = torch.einsum("chw,cr->hwr", first, first.new_tensor(factors))
        share = (colours + 1) / 2
    else:
        colours = first[torch.arange(3) % len(first)].movedim(0, -1)
        low, high = colours.amin(dim=(0, 1)), colours.amax(dim=(0, 1))
        share = (colours - low) / (high - low).clamp(min=1e-6)
    pixels = (share.nan_to_num(0.5).clamp(0, 1) * 255).round().to(torch.uint8)
    return Image.fromarray(pixels.cpu().numpy())
