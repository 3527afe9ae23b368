"""The README picture: postcards by the starter, each above its prompt. Remake: `python -m starter.contact_sheet`."""

import argparse
import textwrap
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from starter.export import CHECKPOINT
from starter.postcards import SIDE
from starter.sample import paint

SHEET = Path(__file__).resolve().parent / "contact_sheet.png"
PROMPTS = (
    "a red house on a meadow at sunset",
    "a white lighthouse by the sea at night",
    "a purple tent in the desert at dawn",
    "a yellow balloon over snow on a sunny day",
    "blue boat, orange balloon, sea, sunset",
    "a green tree in the snow under a grey sky",
    "purple mountain, meadow, dawn",
    "a red lighthouse and a white boat at sea on a sunny day",
    "an orange house in deep snow on a starry night",
    "sunset over the desert with a blue mountain and a white tent",
    "a red balloon and a green boat by the sea at dawn",
    "a yellow tree and a blue house on a green meadow on a sunny day",
    "white mountain, red tent, snow, night",
    "an overcast day on a meadow, a yellow lighthouse",
    "a purple balloon and an orange tree in the desert at sunset",
)
COLUMNS = 5
MARGIN = 10  # pixels
CAPTION_HEIGHT = 40
CAPTION_LETTERS = 23  # a line
PAPER, INK = (250, 248, 243), (70, 66, 60)


def arranged(pictures: npt.NDArray[np.uint8], captions: tuple[str, ...]) -> Image.Image:
    """(count, side, side, 3) pictures on paper, `COLUMNS` a row, each above its caption."""
    rows = -(-len(pictures) // COLUMNS)
    across, down = SIDE + MARGIN, SIDE + CAPTION_HEIGHT
    page = Image.new("RGB", (COLUMNS * across + MARGIN, rows * down + MARGIN), PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(10)
    for index, (picture, text) in enumerate(zip(pictures, captions, strict=True)):
        left, top = MARGIN + index % COLUMNS * across, MARGIN + index // COLUMNS * down
        page.paste(Image.fromarray(picture), (left, top))
        lines = "\n".join(textwrap.wrap(text, CAPTION_LETTERS))
        draw.multiline_text((left, top + SIDE + 3), lines, INK, font, spacing=1)
    return page


def write_contact_sheet(checkpoint: Path = CHECKPOINT, file: Path = SHEET, seed: int = 1) -> None:
    """Paint the prompts and write the sheet as PNG."""
    page = arranged(paint(checkpoint, PROMPTS, seed), PROMPTS)
    page.save(file, optimize=True)


def main() -> None:
    """Parse the command line and write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT)
    parser.add_argument("--out", type=Path, default=SHEET)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    write_contact_sheet(options.checkpoint, options.out, options.seed)


if __name__ == "__main__":
    main()
