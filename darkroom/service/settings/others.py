"""Flags of ComfyUI (interface section 11.1) that mean nothing here, but are accepted as start scripts have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NOTHING: str | None = None
ONE = "1"
PERHAPS = "?"
SOME = "*"


@dataclass(frozen=True, slots=True)
class Other:
    """takes: no value (None), one ("1"), perhaps one ("?") or some ("*"); exclusive: as in `table`."""

    takes: str | None = NOTHING
    exclusive: str | None = None


OTHERS: Mapping[str, Other] = {
    "--windows-standalone-build": Other(),
    "--default-device": Other(ONE),
    "--cuda-malloc": Other(exclusive="cuda malloc"),
    "--disable-cuda-malloc": Other(exclusive="cuda malloc"),
    "--directml": Other(PERHAPS),
    "--oneapi-device-selector": Other(ONE),
    "--disable-ipex-optimize": Other(),
    "--supports-fp8-compute": Other(),
    "--fp64-unet": Other(exclusive="U-Net precision"),
    "--fp8_e4m3fn-unet": Other(exclusive="U-Net precision"),
    "--fp8_e5m2-unet": Other(exclusive="U-Net precision"),
    "--fp8_e8m0fnu-unet": Other(exclusive="U-Net precision"),
    "--cpu-vae": Other(),
    "--fp8_e4m3fn-text-enc": Other(exclusive="text model precision"),
    "--fp8_e5m2-text-enc": Other(exclusive="text model precision"),
    "--force-channels-last": Other(),
    "--gpu-only": Other(exclusive="memory"),
    "--highvram": Other(exclusive="memory"),
    "--normalvram": Other(exclusive="memory"),
    "--lowvram": Other(exclusive="memory"),
    "--novram": Other(exclusive="memory"),
    "--reserve-vram": Other(ONE),
    "--async-offload": Other(PERHAPS),
    "--disable-async-offload": Other(),
    "--force-non-blocking": Other(),
    "--disable-smart-memory": Other(),
    "--disable-pinned-memory": Other(),
    "--mmap-torch-files": Other(),
    "--disable-mmap": Other(),
    "--use-split-cross-attention": Other(exclusive="attention"),
    "--use-quad-cross-attention": Other(exclusive="attention"),
    "--use-pytorch-cross-attention": Other(exclusive="attention"),
    "--use-sage-attention": Other(exclusive="attention"),
    "--use-flash-attention": Other(exclusive="attention"),
    "--disable-xformers": Other(),
    "--force-upcast-attention": Other(exclusive="upcasting"),
    "--dont-upcast-attention": Other(exclusive="upcasting"),
    "--disable-api-nodes": Other(),
    "--enable-manager": Other(),
    "--disable-manager-ui": Other(exclusive="manager"),
    "--enable-manager-legacy-ui": Other(exclusive="manager"),
    "--fast": Other(SOME),
    "--front-end-version": Other(ONE),
    "--comfy-api-base": Other(ONE),
    "--database-url": Other(ONE),
}
