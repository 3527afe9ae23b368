"""The types of wires, and settings that several nodes share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from darkroom.engine.define import Choice, Float, Int, Wire

if TYPE_CHECKING:
    from torch import Tensor

    from darkroom.diffusion import control, model, text, vae

Model = Annotated["model.Model", Wire("MODEL")]
Clip = Annotated["text.Clip", Wire("CLIP")]
Vae = Annotated["vae.Vae", Wire("VAE")]
ControlNet = Annotated["control.ControlNet", Wire("CONTROL_NET")]
Conditioning = Annotated["list[list[Any]]", Wire("CONDITIONING")]
Latent = Annotated[dict[str, Any], Wire("LATENT", shape="samples: batch, channels, height / 8, width / 8")]
Image = Annotated["Tensor", Wire("IMAGE", shape="batch, height, width, channels; 0..1")]
Mask = Annotated["Tensor", Wire("MASK", shape="batch, height, width; 0..1, 1 = act here")]

LARGEST_SIDE = 16384

LatentSide = Annotated[int, Int(min=16, max=LARGEST_SIDE, step=8)]
Offset = Annotated[int, Int(min=0, max=LARGEST_SIDE, step=8)]
PixelSide = Annotated[int, Int(min=1, max=LARGEST_SIDE, step=1)]
BatchSize = Annotated[int, Int(min=1, max=4096)]

Seed = Annotated[int, Int(min=0, max=0xFFFFFFFFFFFFFFFF, control_after_generate=True)]
Steps = Annotated[int, Int(min=1, max=10000)]
Step = Annotated[int, Int(min=0, max=10000)]
Guidance = Annotated[float, Float(min=0.0, max=100.0, step=0.1, round=0.01)]
Fraction = Annotated[float, Float(min=0.0, max=1.0, step=0.01)]
FineFraction = Annotated[float, Float(min=0.0, max=1.0, step=0.001)]
Strength = Annotated[float, Float(min=0.0, max=10.0, step=0.01)]
LoraStrength = Annotated[float, Float(min=-100.0, max=100.0, step=0.01)]
Factor = Annotated[float, Float(min=0.01, max=8.0, step=0.01)]

ImageMethod = Annotated[str, Choice(["nearest-exact", "bilinear", "area", "bicubic", "lanczos"])]
LatentMethod = Annotated[str, Choice(["nearest-exact", "bilinear", "area", "bicubic", "bislerp"])]
Crop = Annotated[str, Choice(["disabled", "center"])]
