"""What a latent will look like, roughly and at once: a linear map from its channels to colours."""

from __future__ import annotations

import torch
from PIL import Image
from torch import Tensor

from darkroom.diffusion.families.table import Colours


def picture(latent: Tensor, colours: Colours) -> Image.Image:
    """The first image of a batch, one pixel for each latent pixel.

    latent: (batch, channels, height, width), scaled as the network sees it
    colours: see `Family.colours`; where they do not fit, the first channels are shown, each over its own range
    """
    first = latent[0].to(torch.float32)
    if len(colours) in (len(first), len(first) + 1):
        table = first.new_tensor(colours)
        share = (torch.einsum("chw,cr->hwr", first, table[: len(first)]) + table[len(first) :].sum(dim=0) + 1) / 2
    else:
        plain = first[torch.arange(3) % len(first)].movedim(0, -1)
        low, high = plain.amin(dim=(0, 1)), plain.amax(dim=(0, 1))
        share = (plain - low) / (high - low).clamp(min=1e-6)
    pixels = (share.nan_to_num(0.5).clamp(0, 1) * 255).round().to(torch.uint8)
    return Image.fromarray(pixels.cpu().numpy())


def fitted(latents: Tensor, pictures: Tensor) -> Colours:
    """The colours that show these latents best (least squares), with a row that is added to all.

    latents: (count, channels, h, w), scaled as the network sees them; pictures: (count, 3, h, w) in -1..1
    """
    channels = latents.shape[1]
    rows = latents.movedim(1, -1).reshape(-1, channels).double()
    rows = torch.cat((rows, rows.new_ones(len(rows), 1)), dim=1)
    table = torch.linalg.lstsq(rows, pictures.movedim(1, -1).reshape(-1, 3).double()).solution
    return tuple((round(red, 4), round(green, 4), round(blue, 4)) for red, green, blue in table.tolist())
