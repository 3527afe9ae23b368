"""Animations: a batch of pictures as one moving file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

from darkroom import files
from darkroom.engine.define import Choice, Float, Int, Text, node
from darkroom.engine.facts import Trouble
from darkroom.engine.results import Shown
from darkroom.engine.run import Run
from darkroom.files.metadata import LARGEST_WEBP_SIDE
from darkroom.files.names import save_next, save_place
from nodes.image import metadata, saving_troubles
from nodes.known import Given, facts
from nodes.wires import Image

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Prefix = Annotated[str, Text(multiline=False)]
FramesPerSecond = Annotated[float, Float(min=0.01, max=1000.0, step=0.01)]
Quality = Annotated[int, Int(min=0, max=100)]
CompressLevel = Annotated[int, Int(min=0, max=9)]

METHODS = {"default": 4, "fastest": 0, "slowest": 6}
Method = Annotated[str, Choice(METHODS, old_combo=False, multiselect=False)]


def webp_troubles(given: Given) -> Iterator[Trouble]:
    yield from saving_troubles(given)
    known = facts(given, "images")
    if known.width is not None and known.height is not None and max(known.width, known.height) > LARGEST_WEBP_SIDE:
        came = f"the pictures are {known.width} x {known.height} pixels"
        wanted = f"at most {LARGEST_WEBP_SIDE} on a side, as WebP takes"
        yield Trouble("images", came, wanted, "scale them down, or save an animated PNG")


@node("SaveAnimatedWEBP", category="image/animation", final=True, troubles=webp_troubles)
def save_animated_webp(
    images: Image,
    *,
    filename_prefix: Prefix = "ComfyUI",
    fps: FramesPerSecond = 6.0,
    lossless: bool = True,
    quality: Quality = 80,
    method: Method = "default",
    run: Run,
) -> Shown:
    """Save a batch of pictures as one animated WebP in the output folder, with the workflow that made it inside.

    filename_prefix: the name before the number; may hold folders, %width%, %height%, %year%, %month%, %day%
    fps: pictures per second
    lossless: keep every pixel as it is; otherwise the file is smaller
    quality: higher looks better in a larger file; of a lossless file, how hard to look for a smaller one
    method: how long to look for a smaller file
    """

    def write(pictures: Iterable[Picture]) -> bytes:
        texts = metadata(run.prompt, run.extra_pnginfo)
        return files.save.animated_webp(
            pictures, texts, fps=fps, lossless=lossless, quality=quality, method=METHODS[method]
        )

    return saved_animation(images, filename_prefix, "webp", write, run)


@node("SaveAnimatedPNG", category="image/animation", final=True, troubles=saving_troubles)
def save_animated_png(
    images: Image,
    *,
    filename_prefix: Prefix = "ComfyUI",
    fps: FramesPerSecond = 6.0,
    compress_level: CompressLevel = 4,
    run: Run,
) -> Shown:
    """Save a batch of pictures as one animated PNG in the output folder, with the workflow that made it inside.

    filename_prefix: the name before the number; may hold folders, %width%, %height%, %year%, %month%, %day%
    fps: pictures per second
    compress_level: 0 writes fastest, 9 makes the smallest file; the pixels are the same
    """

    def write(pictures: Iterable[Picture]) -> bytes:
        texts = metadata(run.prompt, run.extra_pnginfo)
        return files.save.animated_png(pictures, texts, fps=fps, level=compress_level)

    return saved_animation(images, filename_prefix, "png", write, run)


def saved_animation(
    batch: Image, prefix: str, extension: str, write: Callable[[Iterable[Picture]], bytes], run: Run
) -> Shown:
    """Write a batch as one file, whose bytes `write` makes of the pictures, into the output folder."""
    place = save_place(prefix, run.files.directory("output"), width=batch.shape[2], height=batch.shape[1])
    data = write(pictures_of(batch, run))
    run.raise_if_cancelled()
    name, _ = save_next(place, data, extension, place.counter)
    return Shown(
        ui={"images": [{"filename": name, "subfolder": place.subfolder, "type": "output"}], "animated": (True,)}
    )


def pictures_of(batch: Image, run: Run) -> Iterator[Picture]:
    """Each picture of a batch when it is its turn, so that a cancelled job ends between two."""
    for number, pixels in enumerate(batch):
        run.progress(number, len(batch))
        yield files.save.to_picture(pixels.detach().cpu().float().numpy())
