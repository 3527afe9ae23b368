"""`comfy.latent_formats`: how the latents of a family are scaled."""

from __future__ import annotations

from typing import Any

from darkroom.diffusion.families.table import FAMILIES
from darkroom.packs.lacking import lacking


class LatentFormat:
    """Model space is (latent - shift) * scale_factor."""

    scale_factor = 1.0
    shift_factor = 0.0
    latent_channels = 4
    latent_dimensions = 2
    latent_rgb_factors: list[list[float]] | None = None
    latent_rgb_factors_bias: list[float] | None = None
    taesd_decoder_name: str | None = None

    def process_in(self, latent: Any) -> Any:
        return (latent - self.shift_factor) * self.scale_factor

    def process_out(self, latent: Any) -> Any:
        return latent / self.scale_factor + self.shift_factor


def _format(name: str, family: str) -> type[LatentFormat]:
    known = FAMILIES[family]
    channels = [list(row) for row in known.colours[: known.latent_channels]]
    return type(
        name,
        (LatentFormat,),
        {
            "scale_factor": known.latent_scale,
            "shift_factor": known.latent_shift,
            "latent_channels": known.latent_channels,
            "latent_rgb_factors": channels or None,
        },
    )


SD15 = _format("SD15", "sd1")
SDXL = _format("SDXL", "sdxl")

__getattr__ = lacking("comfy.latent_formats", "of this family Darkroom knows no latents yet")
