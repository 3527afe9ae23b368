"""`comfy.model_patcher`: what travels on MODEL wires, to be recognised by its class."""

from __future__ import annotations

from darkroom.diffusion.model import Model as ModelPatcher
from darkroom.packs.lacking import lacking

__all__ = ["ModelPatcher"]

__getattr__ = lacking("comfy.model_patcher", "networks are patched by `Model.with_patches` here")
