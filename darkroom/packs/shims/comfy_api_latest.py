"""`comfy_api.latest`: the part of the newer API that older packs use, which is progress."""

from __future__ import annotations

import asyncio
from typing import Any

from PIL import Image

from darkroom.packs import current
from darkroom.packs.lacking import lacking


class ExecutionSync:
    """What a running node may tell."""

    def set_progress(
        self,
        value: float,
        max_value: float,
        node_id: str | None = None,
        preview_image: Any = None,
        ignore_size_limit: bool = False,
    ) -> None:
        """Show progress. preview_image: a PIL image, or an IMAGE of which the first is shown"""
        current.report(value, max_value, _picture(preview_image), node_id)


class Execution:
    """The same for coroutines."""

    async def set_progress(
        self,
        value: float,
        max_value: float,
        node_id: str | None = None,
        preview_image: Any = None,
        ignore_size_limit: bool = False,
    ) -> None:
        current.report(value, max_value, _picture(preview_image), node_id)
        await asyncio.sleep(0)


class ComfyAPISync:
    def __init__(self) -> None:
        self.execution = ExecutionSync()


class ComfyAPI:
    def __init__(self) -> None:
        self.execution = Execution()


def _picture(image: Any) -> Any:
    if image is None or not hasattr(image, "detach"):
        return image
    pixels = image[0] if image.ndim == 4 else image
    return Image.fromarray((pixels.detach().cpu().float().clamp(0, 1) * 255).byte().numpy())


__getattr__ = lacking("comfy_api.latest", "nodes of the V3 kind (io.ComfyNode, ComfyExtension) are not supported yet")
