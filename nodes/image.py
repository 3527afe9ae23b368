"""Pictures: load, make, change, save."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from darkroom import diffusion, files
from darkroom.engine.define import FileChoice, Int, node
from darkroom.engine.facts import Facts, Trouble
from darkroom.engine.results import Shown
from darkroom.engine.run import Run
from darkroom.files.names import BadName, relative_prefix, save_next, save_place
from nodes.known import NOTHING, Given, facts, passed, value
from nodes.wires import LARGEST_SIDE, BatchSize, Image, Mask, Offset, PixelSide

PictureFile = Annotated[Path, FileChoice("input", upload=True)]
Color = Annotated[int, Int(min=0, max=0xFFFFFF, step=1, display="color")]
Feathering = Annotated[int, Int(min=0, max=LARGEST_SIDE, step=1)]

TEMPORARY_PREFIX = "ComfyUI_temp_"


class Loaded(NamedTuple):
    image: Image
    mask: Mask


def loaded_facts(given: Given) -> tuple[Facts, Facts]:
    """Of picture and mask, from the file's header."""
    path = given.get("image")
    if not isinstance(path, Path):
        return NOTHING, NOTHING
    try:
        size = files.picture_size.read_size(path)
    except files.picture_size.BadPicture:
        return NOTHING, NOTHING
    image = Facts("IMAGE", width=size.width, height=size.height, batch=size.frames, source=path.name)
    if size.transparent:
        return image, Facts("MASK", width=size.width, height=size.height, batch=size.frames, source=path.name)
    return image, Facts("MASK", width=64, height=64, batch=size.frames, source=path.name)


def picture_troubles(given: Given) -> Iterator[Trouble]:
    path = given.get("image")
    if not isinstance(path, Path):
        return
    try:
        files.picture_size.read_size(path)
    except files.picture_size.BadPicture as error:
        yield Trouble("image", f"{error.source} {error.what}", "a picture", error.remedy)


@node("LoadImage", category="image", display_name="Load Image", facts=loaded_facts, troubles=picture_troubles)
def load_image(*, image: PictureFile) -> Loaded:
    """Load a picture from the input folder, and its transparency as a mask.

    image: PNG, JPEG, WebP, GIF, TIFF and others; an animation becomes a batch
    mask: 1 where the picture is transparent; empty, 64 x 64, where it has no transparency
    """
    return Loaded(*diffusion.images.load(image))


def saving_troubles(given: Given) -> Iterator[Trouble]:
    prefix = value(given, "filename_prefix", str)
    if prefix is None or Path(prefix).is_absolute():
        return
    try:
        relative_prefix(prefix, prefix, Path("the output folder"))
    except BadName as error:
        yield Trouble("filename_prefix", error.what, "a name inside the output folder", error.remedy)


@node("SaveImage", category="image", display_name="Save Image", final=True, troubles=saving_troubles)
def save_image(images: Image, *, filename_prefix: str = "ComfyUI", run: Run) -> Shown:
    """Save pictures in the output folder, with the workflow that made them inside.

    filename_prefix: the name before the number; may hold folders, %width%, %height%, %year%, %month%, %day%
    """
    return saved(images, "output", filename_prefix, run)


@node("PreviewImage", category="image", display_name="Preview Image", final=True)
def preview_image(images: Image, *, run: Run) -> Shown:
    """Show pictures without keeping them."""
    letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(5))
    return saved(images, "temp", TEMPORARY_PREFIX + letters, run)


@node("SaveImageWebsocket", category="api/image", display_name="SaveImageWebsocket", final=True, cached=False)
def save_image_websocket(images: Image, *, run: Run) -> Shown:
    """Send pictures at full size over the socket to the program that asked for them, and save nothing."""
    for number, pixels in enumerate(images.detach().cpu().float().numpy()):
        run.progress(number, len(images))
        run.show(partial(files.save.to_picture, pixels))
    return Shown(ui={})


def saved(batch: Image, kind: str, prefix: str, run: Run) -> Shown:
    """Write a batch as PNG files into the "output" or "temp" folder."""
    place = save_place(prefix, run.files.directory(kind), width=batch.shape[2], height=batch.shape[1])
    texts = metadata(run.prompt, run.extra_pnginfo)
    keep = kind == "output"
    level = files.save.SAVED if keep else files.save.PREVIEWED
    counter = place.counter
    shown = []
    for number, pixels in enumerate(batch.detach().cpu().float().numpy()):
        run.raise_if_cancelled()
        data = files.save.png(files.save.to_picture(pixels), texts, level=level)
        name, counter = save_next(place, data, "png", counter, number, durable=keep)
        shown.append({"filename": name, "subfolder": place.subfolder, "type": kind})
    return Shown(ui={"images": shown})


def metadata(prompt: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, str]:
    """What goes into the file: the runnable graph, unless it is withheld (empty), and each extra entry ("workflow": the
    drawn one)."""
    given = {"prompt": prompt, **extra} if prompt else extra
    return {name: json.dumps(content) for name, content in given.items()}


@node("ImageInvert", category="image", display_name="Invert Image", facts=passed("image"))
def invert(image: Image) -> Image:
    """Turn a picture into its negative."""
    return diffusion.images.invert(image)


def batched(given: Given) -> tuple[Facts, ...]:
    first, second = facts(given, "image1"), facts(given, "image2")
    count = None if first.batch is None or second.batch is None else first.batch + second.batch
    return (Facts("IMAGE", width=first.width, height=first.height, batch=count),)


@node("ImageBatch", category="image", display_name="Batch Images", deprecated=True, facts=batched)
def batch(image1: Image, image2: Image) -> Image:
    """Put two pictures into one batch; the second takes the size of the first."""
    return diffusion.images.batch(image1, image2)


def made(given: Given) -> tuple[Facts, ...]:
    width, height, count = (value(given, name) for name in ("width", "height", "batch_size"))
    return (Facts("IMAGE", width=width, height=height, batch=count),)


@node("EmptyImage", category="image", display_name="EmptyImage", facts=made)
def empty_image(
    *, width: PixelSide = 512, height: PixelSide = 512, batch_size: BatchSize = 1, color: Color = 0
) -> Image:
    """Make pictures of one colour: red, green and blue as one number, 0xRRGGBB."""
    return diffusion.images.empty(width, height, batch_size, color)


def padded(given: Given) -> tuple[Facts, ...]:
    known = facts(given, "image")
    left, top, right, bottom = (value(given, name) for name in ("left", "top", "right", "bottom"))
    width = None if None in (known.width, left, right) else known.width + left + right
    height = None if None in (known.height, top, bottom) else known.height + top + bottom
    return Facts("IMAGE", width=width, height=height, batch=known.batch), Facts("MASK", width=width, height=height)


@node("ImagePadForOutpaint", category="image", display_name="Pad Image for Outpainting", facts=padded)
def pad_for_outpaint(
    image: Image,
    *,
    left: Offset = 0,
    top: Offset = 0,
    right: Offset = 0,
    bottom: Offset = 0,
    feathering: Feathering = 40,
) -> Loaded:
    """Add borders to a picture for the sampler to fill, and a mask of them.

    left, top, right, bottom: pixels to add
    feathering: pixels over which the mask fades into the old picture
    mask: 1 in the new borders
    """
    return Loaded(*diffusion.images.pad_for_outpaint(image, left, top, right, bottom, feathering))
