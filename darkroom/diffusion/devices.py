"""The one place that decides on which device and in which number format each part computes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import torch

Part = Literal["unet", "vae", "text", "control"]

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True, slots=True)
class Precision:
    """What the user asks for; "auto" leaves the choice to this file.

    device: "auto", "cpu", "cuda", "cuda:1", ...
    unet, vae, text: "auto" or a key of DTYPES; a ControlNet computes as the U-Net does
    """

    device: str = "auto"
    unet: str = "auto"
    vae: str = "auto"
    text: str = "auto"


AUTO = Precision()

_preferred = [AUTO]
"""What `prefer` was given last."""


def prefer(precision: Precision) -> None:
    """Say what "auto" shall mean in this process from now on, where a caller of `placement` leaves it open."""
    _preferred[0] = precision


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and how a part computes. channels_last: convolutions' tensors keep the channels of a pixel together."""

    device: torch.device
    dtype: torch.dtype
    channels_last: bool = False

    def place(self, tensor: torch.Tensor) -> torch.Tensor:
        """The tensor on this device, in this dtype and memory layout; itself where nothing changes."""
        if self.channels_last and tensor.ndim == 4:
            return tensor.to(self.device, self.dtype, memory_format=torch.channels_last)
        return tensor.to(self.device, self.dtype)


@cache
def has_amx() -> bool:
    """Whether the CPU multiplies bf16 matrices in tiles (Intel AMX), many times faster than fp32."""
    return bool(torch.cpu._is_amx_tile_supported())


def placement(part: Part, precision: Precision = AUTO) -> Placement:
    """Decide for one part.

    U-Net and ControlNet: fp16 on a GPU, bf16 on a CPU with AMX, else fp32; half formats go with channels_last.
    VAE and text model: fp32, as they run once per picture, and rounding shows in flat skies and in prompts.
    """
    device = torch.device(_chosen_device(_given(precision, "device")))
    is_network = part in ("unet", "control")
    asked = _given(precision, "unet" if part == "control" else part)
    if asked != "auto":
        dtype = _named_dtype(asked)
    elif not is_network:
        dtype = torch.float32
    elif device.type == "cpu":
        dtype = torch.bfloat16 if has_amx() else torch.float32
    else:
        dtype = torch.float16
    return Placement(device, dtype, channels_last=is_network and dtype != torch.float32)


def _given(precision: Precision, what: Literal["device", "unet", "vae", "text"]) -> str:
    asked: str = getattr(precision, what)
    preferred: str = getattr(_preferred[0], what)
    return preferred if asked == "auto" else asked


def _chosen_device(asked: str) -> str:
    if asked != "auto":
        return asked
    return "cuda" if torch.cuda.is_available() else "cpu"


def _named_dtype(name: str) -> torch.dtype:
    if name not in DTYPES:
        raise ValueError(f"precision is {name!r}; choose auto, {', '.join(DTYPES)}.")
    return DTYPES[name]
