"""Does the starter paint what the prompt says, and does its autoencoder keep a picture?

    python -m benchmarks.starter_quality

Paints 200 prompts from seeds that training never used, with fixed noise, by the product's own functions, and asks
classifiers fitted on drawn postcards what they see. Ends non-zero when a number misses its target. With `--sheet` it
also writes starter/contact_sheet.png, the README's picture.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.measure import Row, finish
from starter.contact_sheet import write_contact_sheet
from starter.dataset import UNSEEN, drawn
from starter.export import CHECKPOINT, read
from starter.judge import Score, accuracy, fitted, score, verdicts
from starter.pictures import psnr, sheet
from starter.sample import STANDARD, Settings, paint, unseen_captions
from starter.scene import random_scene
from starter.train_autoencoder import reconstructions

PROMPTS = 200
PSNR_PICTURES = 64
COMMAND = "python -m benchmarks.starter_quality"


def score_rows(who: str, found: Score, scenery: float, things: float) -> list[Row]:
    """A row for each share of right answers, in percent, with the least that is wanted."""
    wanted = {"sky": scenery, "ground": scenery, "kind": things, "colour": things}
    return [Row(f"{who}: {part} right", wanted[part], 100 * getattr(found, part), "%", "at least") for part in wanted]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT)
    parser.add_argument("--prompts", type=int, default=PROMPTS)
    parser.add_argument("--steps", type=int, default=STANDARD.steps)
    parser.add_argument("--guidance", type=float, default=STANDARD.guidance)
    parser.add_argument("--sampler", default=STANDARD.sampler)
    parser.add_argument("--scheduler", default=STANDARD.scheduler)
    parser.add_argument("--sheet", action="store_true", help="also write the README's contact sheet")
    parser.add_argument("--pictures", type=Path, help="also write the scored pictures to this file")
    options = parser.parse_args()

    judge = fitted()
    rows = score_rows("classifiers on drawn postcards", accuracy(judge), 99, 99)
    unseen = drawn(PSNR_PICTURES, UNSEEN)
    decibels = psnr(reconstructions(read(options.checkpoint).autoencoder, unseen), unseen)
    rows.append(Row(f"autoencoder on {len(unseen)} unseen postcards", 30, decibels, "dB", "at least"))
    settings = Settings(options.steps, options.guidance, options.sampler, options.scheduler)
    pictures = paint(options.checkpoint, unseen_captions(options.prompts), 0, settings)
    found = score([random_scene(UNSEEN + index) for index in range(options.prompts)], verdicts(judge, pictures))
    rows += score_rows(f"{options.prompts} prompts", found, 95, 85)
    print(f"{options.prompts} prompts: {found.strangers:.3f} things a picture that nobody asked for")
    if options.sheet:
        write_contact_sheet(options.checkpoint)
    if options.pictures:
        sheet(options.pictures, pictures, columns=20)
    finish(rows, COMMAND)


if __name__ == "__main__":
    main()
