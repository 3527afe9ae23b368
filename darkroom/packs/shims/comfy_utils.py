"""`comfy.utils`: progress, resizing, weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from darkroom.diffusion import resize, weights
from darkroom.packs import current
from darkroom.packs.lacking import lacking

PROGRESS_BAR_ENABLED = True
PROGRESS_BAR_HOOK: Callable[..., Any] | None = None
"""Called as hook(value, total, preview, node_id=...) in place of our own report, where a pack sets one."""

bislerp = resize.bislerp
lanczos = resize.lanczos


def set_progress_bar_enabled(enabled: bool) -> None:
    global PROGRESS_BAR_ENABLED
    PROGRESS_BAR_ENABLED = enabled


def set_progress_bar_global_hook(function: Callable[..., Any] | None) -> None:
    global PROGRESS_BAR_HOOK
    PROGRESS_BAR_HOOK = function


class ProgressBar:
    """Progress on a node, by default on the one that runs."""

    def __init__(self, total: float, node_id: str | None = None) -> None:
        self.total = total
        self.current: float = 0
        self.node_id = node_id
        self.hook = PROGRESS_BAR_HOOK

    def update(self, value: float) -> None:
        self.update_absolute(self.current + value)

    def update_absolute(self, value: float, total: float | None = None, preview: Any = None) -> None:
        """preview: ("JPEG" or "PNG", PIL image, longest side or None for a result that is sent whole), or None."""
        if total is not None:
            self.total = total
        self.current = min(value, self.total)
        if self.hook is not None:
            self.hook(self.current, self.total, preview, node_id=self.node_id)
            return
        current.report(self.current, self.total, preview, self.node_id)


def common_upscale(samples: Tensor, width: int, height: int, upscale_method: str, crop: str) -> Tensor:
    """Resample to width x height. samples: (batch, channels, height, width), or with a time before height."""
    if samples.ndim <= 4:
        return resize.resize(samples, width, height, upscale_method, crop)
    batch, channels, *times, old_height, old_width = samples.shape
    frames = samples.movedim(1, -3).reshape(-1, channels, old_height, old_width)
    scaled = resize.resize(frames, width, height, upscale_method, crop)
    return scaled.reshape(batch, *times, channels, height, width).movedim(-3, 1)


def load_torch_file(ckpt: str, safe_load: bool = True, device: Any = None, return_metadata: bool = False) -> Any:
    """The tensors in a weight file by name, and its metadata where asked for.

    A pickle is read only where the user allowed it, and only tensors of it. safe_load: makes no difference here
    Raises BadWeights.
    """
    files = current.PROCESS.files
    stored = weights.read_weights(Path(ckpt), allow_pickle=files is not None and files.allow_pickle)
    tensors = dict(stored.tensors)
    if device is not None:
        tensors = {name: tensor.to(device) for name, tensor in tensors.items()}
    return (tensors, dict(stored.metadata)) if return_metadata else tensors


def save_torch_file(sd: Mapping[str, Tensor], ckpt: str, metadata: Mapping[str, str] | None = None) -> None:
    """Write tensors as safetensors."""
    save_file({name: tensor.contiguous() for name, tensor in sd.items()}, ckpt, dict(metadata) if metadata else None)


def calculate_parameters(sd: Mapping[str, Tensor], prefix: str = "") -> int:
    """How many numbers the tensors under a prefix hold."""
    return sum(tensor.nelement() for name, tensor in sd.items() if name.startswith(prefix))


def state_dict_prefix_replace(
    state_dict: dict[str, Any], replace_prefix: Mapping[str, str], filter_keys: bool = False
) -> dict[str, Any]:
    """Exchange prefixes of names, in place. filter_keys: give a new dict with the exchanged names only"""
    made: dict[str, Any] = {} if filter_keys else state_dict
    for old, new in replace_prefix.items():
        for name in [name for name in state_dict if name.startswith(old)]:
            made[new + name.removeprefix(old)] = state_dict.pop(name)
    return made


def state_dict_key_replace(state_dict: dict[str, Any], keys_to_replace: Mapping[str, str]) -> dict[str, Any]:
    """Exchange whole names, in place."""
    for old, new in keys_to_replace.items():
        if old in state_dict:
            state_dict[new] = state_dict.pop(old)
    return state_dict


def repeat_to_batch_size(tensor: Tensor, batch_size: int, dim: int = 0) -> Tensor:
    """Cut along a dimension, or repeat over and over, to a given length."""
    length = tensor.shape[dim]
    if length > batch_size:
        return tensor.narrow(dim, 0, batch_size)
    if length < batch_size:
        times = [1] * tensor.ndim
        times[dim] = math.ceil(batch_size / length)
        return tensor.repeat(times).narrow(dim, 0, batch_size)
    return tensor


def resize_to_batch_size(tensor: Tensor, batch_size: int) -> Tensor:
    """Choose entries, evenly spread over the batch, so that there are `batch_size`."""
    length = len(tensor)
    if length == batch_size:
        return tensor
    if batch_size <= 1:
        return tensor[:batch_size]
    if batch_size < length:
        scale = (length - 1) / (batch_size - 1)
        return torch.stack([tensor[min(round(i * scale), length - 1)] for i in range(batch_size)])
    scale = length / batch_size
    return torch.stack([tensor[min(math.floor((i + 0.5) * scale), length - 1)] for i in range(batch_size)])


def get_attr(obj: Any, attr: str) -> Any:
    """An attribute by its dotted name."""
    for name in attr.split("."):
        obj = getattr(obj, name)
    return obj


def set_attr(obj: Any, attr: str, value: Any) -> Any:
    """Set an attribute by its dotted name; gives what was there."""
    *path, last = attr.split(".")
    holder = get_attr(obj, ".".join(path)) if path else obj
    before = getattr(holder, last)
    setattr(holder, last, value)
    return before


def set_attr_param(obj: Any, attr: str, value: Tensor) -> Any:
    """Set an attribute to a frozen parameter; gives what was there."""
    return set_attr(obj, attr, torch.nn.Parameter(value, requires_grad=False))


def copy_to_param(obj: Any, attr: str, value: Tensor) -> None:
    """Write numbers into a parameter by its dotted name."""
    get_attr(obj, attr).data.copy_(value)


def get_tiled_scale_steps(width: int, height: int, tile_x: int, tile_y: int, overlap: int) -> int:
    """How many tiles `tiled_scale` takes for one picture."""
    return math.prod(
        1 if length <= tile else math.ceil((length - overlap) / (tile - overlap))
        for length, tile in ((height, tile_y), (width, tile_x))
    )


def tiled_scale(
    samples: Tensor,
    function: Callable[[Tensor], Tensor],
    tile_x: int = 64,
    tile_y: int = 64,
    overlap: int = 8,
    upscale_amount: float = 4,
    out_channels: int = 3,
    output_device: Any = "cpu",
    pbar: ProgressBar | None = None,
) -> Tensor:
    """Apply a function that scales pictures to tiles of them, and blend where tiles overlap.

    samples: (batch, channels, height, width); sizes of tiles and overlap are in its pixels
    """
    height, width = samples.shape[-2:]
    size = (round(height * upscale_amount), round(width * upscale_amount))
    result = torch.empty((len(samples), out_channels, *size), device=output_device)
    for index in range(len(samples)):
        whole = samples[index : index + 1]
        total = torch.zeros((1, out_channels, *size), device=output_device)
        weight = torch.zeros_like(total)
        for top in _starts(height, tile_y, overlap):
            for left in _starts(width, tile_x, overlap):
                current.raise_if_cancelled()
                scaled = function(whole[..., top : top + tile_y, left : left + tile_x]).to(output_device)
                mask = _feathered(scaled, round(overlap * upscale_amount))
                y, x = round(top * upscale_amount), round(left * upscale_amount)
                total[..., y : y + scaled.shape[-2], x : x + scaled.shape[-1]] += scaled * mask
                weight[..., y : y + scaled.shape[-2], x : x + scaled.shape[-1]] += mask
                if pbar is not None:
                    pbar.update(1)
        result[index : index + 1] = total / weight
    return result


def _starts(length: int, tile: int, overlap: int) -> Iterable[int]:
    if length <= tile:
        return [0]
    return [max(0, min(length - overlap, start)) for start in range(0, length - overlap, tile - overlap)]


def _feathered(tile: Tensor, feather: int) -> Tensor:
    """Weights of a tile's pixels: one inside, falling towards each edge over `feather` pixels."""
    mask = torch.ones_like(tile)
    for dimension in (2, 3):
        if feather < tile.shape[dimension]:
            for step in range(feather):
                share = (step + 1) / feather
                mask.narrow(dimension, step, 1).mul_(share)
                mask.narrow(dimension, tile.shape[dimension] - 1 - step, 1).mul_(share)
    return mask


__getattr__ = lacking("comfy.utils")
