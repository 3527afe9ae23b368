"""From weight files to tensors, and from tensors to filled networks."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from darkroom.diffusion.devices import Placement
from darkroom.diffusion.families.recognise import Recognised, recognise
from darkroom.files.weights import DOWNLOAD_AGAIN, BadWeights, PickledWeights, read_header

NAMED = 4
"""How many tensor names an error lists."""

Module = TypeVar("Module", bound=nn.Module)


@dataclass(frozen=True, eq=False)
class Stored:
    """A weight file's tensors, as stored; those of a safetensors file stay on disk until they are used."""

    path: Path
    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, str]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: tuple(tensor.shape) for name, tensor in self.tensors.items()}

    def recognised(self) -> Recognised:
        return recognise(self.shapes, self.metadata)

    def part(self, prefix: str, ignored: Iterable[str] = ()) -> dict[str, Tensor]:
        """The tensors under a prefix, without it, but for those whose names then start with one of `ignored`."""
        left_out = tuple(ignored)
        names = {name: name.removeprefix(prefix) for name in self.tensors if name.startswith(prefix)}
        return {short: self.tensors[name] for name, short in names.items() if not short.startswith(left_out)}


def read_weights(path: Path | str, *, allow_pickle: bool = False) -> Stored:
    """The tensors in a file. Raises BadWeights.

    allow_pickle: read pickles too, but only tensors in them; nothing in the file is executed
    """
    path = Path(path)
    try:
        header = read_header(path)
    except PickledWeights:
        if not allow_pickle:
            raise
        return Stored(path, _tensors_in(path, unpickled(path)), {})
    try:
        with safe_open(path, framework="pt") as file:
            return Stored(path, {name: file.get_tensor(name) for name in header.tensors}, header.metadata)
    except (SafetensorError, OSError) as error:
        raise BadWeights(path, f"is damaged ({error})", DOWNLOAD_AGAIN) from error


def unpickled(path: Path) -> Any:
    """What is in a pickle of tensors and plain values; nothing in it is executed. Raises BadWeights."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        what = "is a pickle with more than tensors in it, or a damaged one"
        raise BadWeights(path, what, "use the .safetensors version of this model") from error
    except Exception as error:  # a damaged pickle can fail anywhere in the reader, with any error
        raise BadWeights(path, f"is a damaged pickle ({str(error)[:100]})", DOWNLOAD_AGAIN) from error


def _tensors_in(path: Path, content: Any) -> dict[str, Tensor]:
    while isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict):
        raise BadWeights(path, "is a pickle without named tensors", "use the .safetensors version of this model")
    return {str(name): value for name, value in content.items() if isinstance(value, Tensor)}


def fill(make: Callable[[], Module], tensors: Mapping[str, Tensor], place: Placement, path: Path, part: str) -> Module:
    """A network with these tensors as its parameters, frozen, in evaluation mode.

    It is made without memory and nothing is initialised twice; tensors that are stored as they are needed stay mapped
    from disk. part: what it is, for the error. Raises BadWeights where names or shapes do not fit.
    """
    with torch.device("meta"):
        module = make()
    wanted = module.state_dict()
    _refuse_misfits(wanted, tensors, path, part)
    module.load_state_dict({name: place.place(tensors[name]) for name in wanted}, strict=True, assign=True)
    return module.eval().requires_grad_(False)


def _refuse_misfits(wanted: Mapping[str, Tensor], came: Mapping[str, Tensor], path: Path, part: str) -> None:
    missing = [name for name in wanted if name not in came]
    unexpected = [name for name in came if name not in wanted]
    misshapen = [
        f"{name} {tuple(came[name].shape)} instead of {tuple(wanted[name].shape)}"
        for name in wanted
        if name in came and came[name].shape != wanted[name].shape
    ]
    faults = [
        f"{verb} {len(names)} tensor{'s' * (len(names) != 1)} ({listed(names)})"
        for verb, names in (("lacks", missing), ("has in addition", unexpected), ("has in another shape", misshapen))
        if names
    ]
    if faults:
        seems = recognise({name: tuple(tensor.shape) for name, tensor in came.items()})
        what = f"does not hold a complete {part}: it {', and '.join(faults)}"
        remedy = "download it again; or it is of a kind that this version does not load"
        raise BadWeights(path, what, f"it seems to be {seems}; {remedy}" if seems.kind else remedy)


def lacking(path: Path | str, part: str, error: KeyError) -> BadWeights:
    """The error for a file without a tensor that every such part has. error: what a reader of `shapes` raised"""
    return BadWeights(path, f"lacks the {part}'s {error.args[0]}", DOWNLOAD_AGAIN)


def listed(names: list[str]) -> str:
    """A few of the names, for messages."""
    rest = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f", and {rest} more" if rest > 0 else "")


def nbytes(module: nn.Module) -> int:
    """Bytes of a network's parameters."""
    return sum(tensor.numel() * tensor.element_size() for tensor in module.parameters())
