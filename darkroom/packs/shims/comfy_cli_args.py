"""`comfy.cli_args`: the options of the server, as far as packs look at them."""

from __future__ import annotations

from argparse import Namespace
from enum import Enum
from typing import Any

from darkroom.packs.lacking import lacking

__all__ = ["Args", "LatentPreviewMethod", "args"]


class LatentPreviewMethod(Enum):
    NoPreviews = "none"
    Auto = "auto"
    Latent2RGB = "latent2rgb"
    TAESD = "taesd"


class Args(Namespace):
    """Options by name; one that is not known is off (None)."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)


args = Args(
    listen="127.0.0.1",
    port=8188,
    preview_method=LatentPreviewMethod.Auto,
    preview_size=512,
    disable_metadata=False,
    disable_all_custom_nodes=False,
    cpu=False,
    lowvram=False,
    novram=False,
    highvram=False,
    gpu_only=False,
    force_fp32=False,
    force_fp16=False,
    deterministic=False,
    multi_user=False,
    verbose="INFO",
    dont_print_server=False,
    use_split_cross_attention=False,
    use_pytorch_cross_attention=False,
    fast=set(),
    base_directory=None,
    output_directory=None,
    input_directory=None,
    temp_directory=None,
    user_directory=None,
    extra_model_paths_config=None,
)
"""What it says of the server's address is the default, since the worker does not know it."""

__getattr__ = lacking("comfy.cli_args")
