"""What nodes say of values that nobody has computed yet: facts, and the troubles that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from darkroom.diffusion.families.folder import recognise_folder
from darkroom.diffusion.families.recognise import KIND_NAMES, Recognised, recognise_file
from darkroom.diffusion.families.table import FAMILIES
from darkroom.diffusion.sizes import LATENT_FACTOR
from darkroom.engine.facts import Facts, Trouble
from darkroom.files.weights import BadWeights, PickledWeights

Given = Mapping[str, Any]

NOTHING = Facts()


def facts(given: Given, name: str) -> Facts:
    """What is known of the value on a wire."""
    found = given.get(name)
    return found if isinstance(found, Facts) else NOTHING


def value(given: Given, name: str, kind: type | tuple[type, ...] = int) -> Any:
    """A setting, also where a wire brings a value that is known; None where it is not, or of another kind."""
    found = given.get(name)
    found = found.value if isinstance(found, Facts) else found
    return found if isinstance(found, kind) else None


def passed(name: str) -> Callable[[Given], tuple[Facts, ...]]:
    """Facts of a node whose only output is as its input `name` is."""
    return lambda given: (facts(given, name),)


def recognised(given: Given, name: str) -> Recognised:
    """What a chosen weight file is; nothing where it cannot be told or cannot be read."""
    path = given.get(name)
    if not isinstance(path, Path):
        return Recognised()
    try:
        return of_file(path)
    except BadWeights:
        return Recognised()


def of_file(path: Path) -> Recognised:
    """What a weight file or diffusers folder is. Raises BadWeights."""
    if path.is_dir():
        return recognise_folder(path)
    try:
        status = path.stat()
    except OSError:
        return recognise_file(path)
    return _of_unchanged_file(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _of_unchanged_file(path: Path, _changed: int, _size: int) -> Recognised:
    return recognise_file(path)


def of_part(given: Given, name: str, type: str) -> Facts:
    """Facts of a value that is read from the weight file chosen in `name`."""
    found, path = recognised(given, name), given.get(name)
    return Facts(
        type=type,
        family=found.family,
        channels=found.latent_channels,
        context_width=found.context_width,
        prediction=found.prediction,
        source=path.name if isinstance(path, Path) else None,
    )


def file_troubles(given: Given, name: str, *kinds: str) -> Iterator[Trouble]:
    """What is wrong with the weight file chosen in `name`, which should be one of `kinds` (of KIND_NAMES)."""
    path = given.get(name)
    if not isinstance(path, Path):
        return
    wanted = f"a {' or '.join(KIND_NAMES[kind] for kind in kinds[:2])}"
    try:
        found = of_file(path)
    except PickledWeights as error:  # the run decides: it knows whether the user allowed pickles
        yield Trouble(name, f"{path} {error.what}", wanted, error.remedy, warning=True)
        return
    except BadWeights as error:
        yield Trouble(name, f"{error.path} {error.what}", wanted, error.remedy)
        return
    if found.kind is not None and found.kind not in kinds:
        yield Trouble(name, f"{path.name} is {found}", wanted, f"choose {wanted}")


def loading_troubles(given: Given, name: str, kind: str) -> Iterator[Trouble]:
    """The file chosen in `name` is of a family, or a form of it, that we cannot load."""
    found, path = recognised(given, name), given.get(name)
    if not isinstance(path, Path):
        return
    ready = [family for family in FAMILIES.values() if family.loads]
    wanted = f"a {KIND_NAMES[kind]} of {', '.join(family.title for family in ready)}"
    if found.family is not None and not FAMILIES[found.family].loads:
        yield Trouble(name, f"{path.name} is {found}", wanted, f"choose {wanted}")
    elif found.latent_channels is not None and all(found.latent_channels != each.latent_channels for each in ready):
        yield Trouble(name, f"{path.name} works on {found.latent_channels} latent channels", wanted, f"choose {wanted}")
    elif kind == "checkpoint" and found.input_channels not in (None, found.latent_channels):
        came = f"{path.name} has {found.input_channels} input channels, as models made for inpainting have"
        yield Trouble(name, came, wanted, "choose the plain checkpoint; VAE Encode (for Inpainting) works with it")


def checkpoint_troubles(given: Given, name: str) -> Iterator[Trouble]:
    found = list(file_troubles(given, name, "checkpoint", "unet"))
    yield from found or loading_troubles(given, name, "checkpoint")


def family_troubles(
    given: Given, name: str, what: str, own: Facts, other_name: str, *, warning: bool = False
) -> Iterator[Trouble]:
    """`own` (a LoRA, a VAE, ...) is of another family than the value on the wire `other_name`.

    name: the input the message is about; what: "LoRA", "VAE", ...
    """
    other = facts(given, other_name)
    if own.family is None or other.family is None or own.family == other.family:
        return
    mine, theirs = FAMILIES[own.family].title, FAMILIES[other.family].title
    yield Trouble(
        name,
        f"{_named(own, what)} is of {mine}",
        f"a {what} of {theirs}, like {_named(other, f'the {other_name}')}",
        f"choose a {what} made for {theirs}, or a {mine} checkpoint",
        warning,
    )


def _named(known: Facts, what: str) -> str:
    return f"{what} {known.source}" if known.source else what


def channel_troubles(given: Given, latent: str, taker: str) -> Iterator[Trouble]:
    """A latent whose channels are not those that a model or VAE works on."""
    has, wants = facts(given, latent).channels, facts(given, taker).channels
    if has is not None and wants is not None and has != wants:
        source = facts(given, taker).source
        yield Trouble(
            latent,
            f"this latent has {has} channels",
            f"a latent of {wants} channels, as the {taker}{f' of {source}' if source else ''} works on",
            "make the latent with the node or VAE that belongs to this model",
        )


def context_troubles(given: Given, conditioning: str, model: str) -> Iterator[Trouble]:
    """A prompt encoded by the text model of another kind of checkpoint."""
    has, wants = facts(given, conditioning), facts(given, model)
    if has.context_width is None or wants.context_width is None or has.context_width == wants.context_width:
        return
    yield Trouble(
        conditioning,
        f"this conditioning has {has.context_width} numbers per token{f', from {has.source}' if has.source else ''}",
        f"{wants.context_width}, as the model{f' of {wants.source}' if wants.source else ''} takes",
        "encode the prompt with the CLIP of the model's own checkpoint",
    )


def size_troubles(given: Given, mask: str, image: str) -> Iterator[Trouble]:
    """A mask of another size than the picture or latent it is for: it works, but it is stretched."""
    has, wants = facts(given, mask), facts(given, image)
    if None in (has.width, has.height, wants.width, wants.height):
        return
    sizes = [(wants.width, wants.height)]
    if wants.type == "LATENT" and wants.width is not None and wants.height is not None:
        sizes.append((wants.width // LATENT_FACTOR, wants.height // LATENT_FACTOR))
    if (has.width, has.height) not in sizes:
        yield Trouble(
            mask,
            f"the mask is {has.width} x {has.height}",
            f"{wants.width} x {wants.height}, as {image} has",
            "it will be stretched; use a mask of that size if this is not meant "
            "(a picture without transparency gives an empty mask of 64 x 64)",
            warning=True,
        )
