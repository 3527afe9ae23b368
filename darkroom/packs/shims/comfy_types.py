"""`comfy.comfy_types`: names for types, for authors who annotate."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypedDict

from darkroom.engine.links import fits
from darkroom.packs.lacking import lacking

__all__ = ["IO", "CheckLazyMixin", "ComfyNodeABC", "FileLocator", "InputTypeDict", "InputTypeOptions"]

_TAGS = (
    *("STRING", "IMAGE", "MASK", "LATENT", "BOOLEAN", "INT", "FLOAT", "COMBO", "CONDITIONING", "SAMPLER", "SIGMAS"),
    *("GUIDER", "NOISE", "CLIP", "CONTROL_NET", "VAE", "MODEL", "LORA_MODEL", "LOSS_MAP", "CLIP_VISION"),
    *("CLIP_VISION_OUTPUT", "STYLE_MODEL", "GLIGEN", "UPSCALE_MODEL", "AUDIO", "WEBCAM", "POINT", "FACE_ANALYSIS"),
    *("BBOX", "SEGS", "VIDEO"),
)


class _Tag(StrEnum):
    """A tag that is unequal to another only where a link between the two would not fit."""

    def __ne__(self, other: object) -> bool:
        return not (isinstance(other, str) and fits(str(self.value), str.__str__(other)))

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) is True

    __hash__ = str.__hash__

    def __str__(self) -> str:
        return str(self.value)


_make: Any = _Tag
IO = _make(
    "IO",
    {**{tag: tag for tag in _TAGS}, "ANY": "*", "NUMBER": "FLOAT,INT", "PRIMITIVE": "STRING,FLOAT,INT,BOOLEAN"},
)

InputTypeOptions = dict[str, Any]


class InputTypeDict(TypedDict, total=False):
    """What `INPUT_TYPES` answers."""

    required: dict[str, Any]
    optional: dict[str, Any]
    hidden: dict[str, Any]


class FileLocator(TypedDict):
    """A file as `ui` names it."""

    filename: str
    subfolder: str
    type: str


class ComfyNodeABC:
    """A base class for annotated nodes; it adds nothing."""


class CheckLazyMixin:
    """A `check_lazy_status` that asks for every lazy input."""

    def check_lazy_status(self, **kwargs: Any) -> list[str]:
        return [name for name, value in kwargs.items() if value is None]


__getattr__ = lacking("comfy.comfy_types")
