"""`comfy.model_management`: devices, and whether the job was cancelled."""

from __future__ import annotations

import gc
from enum import Enum
from typing import Any

import psutil
import torch

from darkroom.diffusion.devices import placement
from darkroom.packs import current
from darkroom.packs.current import InterruptProcessingException
from darkroom.packs.lacking import lacking

__all__ = ["OOM_EXCEPTION", "CPUState", "InterruptProcessingException", "VRAMState"]

OOM_EXCEPTION = torch.OutOfMemoryError
XFORMERS_IS_AVAILABLE = False
DISABLE_SMART_MEMORY = False
current_loaded_models: list[Any] = []
"""Always empty: models are values on wires here, and go when nobody holds them."""


class CPUState(Enum):
    GPU = 0
    CPU = 1
    MPS = 2


class VRAMState(Enum):
    DISABLED = 0
    NO_VRAM = 1
    LOW_VRAM = 2
    NORMAL_VRAM = 3
    HIGH_VRAM = 4
    SHARED = 5


def get_torch_device() -> torch.device:
    """Where networks compute."""
    return placement("unet").device


def intermediate_device() -> torch.device:
    """Where results lie between nodes."""
    return torch.device("cpu")


unet_offload_device = text_encoder_offload_device = vae_offload_device = intermediate_device
"""Where a model waits while it is not used."""


def unet_inital_load_device(parameters: int, dtype: torch.dtype) -> torch.device:
    """Where a network's weights are put first."""
    return get_torch_device()


def text_encoder_device() -> torch.device:
    return placement("text").device


def vae_device() -> torch.device:
    return placement("vae").device


def unet_dtype(*args: Any, **kwargs: Any) -> torch.dtype:
    return placement("unet").dtype


def vae_dtype(*args: Any, **kwargs: Any) -> torch.dtype:
    return placement("vae").dtype


def text_encoder_dtype(device: Any = None) -> torch.dtype:
    return placement("text").dtype


def cpu_mode() -> bool:
    return get_torch_device().type == "cpu"


def mps_mode() -> bool:
    return get_torch_device().type == "mps"


def is_nvidia() -> bool:
    return get_torch_device().type == "cuda" and torch.version.cuda is not None


def is_device_type(device: Any, type: str) -> bool:
    return getattr(device, "type", str(device)) == type


def is_device_cpu(device: Any) -> bool:
    return is_device_type(device, "cpu")


def is_device_mps(device: Any) -> bool:
    return is_device_type(device, "mps")


def is_device_cuda(device: Any) -> bool:
    return is_device_type(device, "cuda")


def get_autocast_device(device: Any) -> str:
    return str(getattr(device, "type", "cuda"))


def get_torch_device_name(device: Any) -> str:
    if is_device_cuda(device):
        return f"{device} {torch.cuda.get_device_name(device)}"
    return str(getattr(device, "type", device))


def should_use_fp16(device: Any = None, *args: Any, **kwargs: Any) -> bool:
    return not is_device_cpu(device or get_torch_device()) and placement("unet").dtype == torch.float16


def should_use_bf16(device: Any = None, *args: Any, **kwargs: Any) -> bool:
    return placement("unet").dtype == torch.bfloat16


def dtype_size(dtype: torch.dtype) -> int:
    """Bytes of one number."""
    return dtype.itemsize


def get_free_memory(dev: Any = None, torch_free_too: bool = False) -> Any:
    """Free bytes on a device; with torch_free_too also those that torch holds and does not use."""
    device = torch.device(dev) if dev is not None else get_torch_device()
    if device.type != "cuda":
        free = psutil.virtual_memory().available
        return (free, free) if torch_free_too else free
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    free = torch.cuda.mem_get_info(device)[0] + kept
    return (free, kept) if torch_free_too else free


def get_total_memory(dev: Any = None, torch_total_too: bool = False) -> Any:
    """Bytes of a device; with torch_total_too also those that torch holds."""
    device = torch.device(dev) if dev is not None else get_torch_device()
    if device.type != "cuda":
        total = psutil.virtual_memory().total
        return (total, total) if torch_total_too else total
    total = torch.cuda.mem_get_info(device)[1]
    return (total, torch.cuda.memory_reserved(device)) if torch_total_too else total


def module_size(module: torch.nn.Module) -> int:
    """Bytes of a network's weights."""
    return sum(tensor.nelement() * tensor.element_size() for tensor in module.state_dict().values())


def cast_to_device(tensor: torch.Tensor, device: Any, dtype: Any, copy: bool = False) -> torch.Tensor:
    return tensor.to(device=device, dtype=dtype, copy=copy)


def cast_to(weight: torch.Tensor, dtype: Any = None, device: Any = None, **kwargs: Any) -> torch.Tensor:
    return weight.to(device=device or weight.device, dtype=dtype or weight.dtype)


def load_models_gpu(models: Any, *args: Any, **kwargs: Any) -> None:
    """Nothing to do: a model that is on a wire is ready to be used."""


def load_model_gpu(model: Any) -> None:
    """Nothing to do, see `load_models_gpu`."""


def free_memory(memory_required: float, device: Any = None, keep_loaded: Any = ()) -> list[Any]:
    """Give back what torch holds and does not use; gives the models that were unloaded, which are none."""
    soft_empty_cache()
    return []


def cleanup_models(*args: Any) -> None:
    """Let go of what nobody holds any more."""
    gc.collect()


cleanup_models_gc = cleanup_models


def unload_all_models() -> None:
    """Drop loaded models at the next moment when no node runs."""
    current.PROCESS.host.free(True, False)


def soft_empty_cache(force: bool = False) -> None:
    """Give back the device memory that torch holds and does not use."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def interrupt_current_processing(value: bool = True) -> None:
    """Cancel the job that runs."""
    if value:
        current.PROCESS.host.interrupt()


def processing_interrupted() -> bool:
    return current.PROCESS.host.is_cancelled


def throw_exception_if_processing_interrupted() -> None:
    """Raises InterruptProcessingException where the job was cancelled."""
    current.raise_if_cancelled()


__getattr__ = lacking("comfy.model_management", "models are not moved between devices by hand here")
