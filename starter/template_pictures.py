"""What each example workflow makes, as a small picture beside it. Remake: `python -m starter.template_pictures`."""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = ROOT / "workflows"
LONGEST = 256  # pixels
QUALITY = 88
PICTURES = (".png", ".webp")


def write_picture(workflow: Path, seed: int) -> Path:
    """Run a workflow on the shipped models and inputs, and keep the first picture that it saves."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "darkroom", "run", str(workflow), "--seed", str(seed)]
        subprocess.run([*command, "--base", str(ROOT), "--out", folder], cwd=ROOT, check=True)
        made = sorted(each for each in Path(folder).rglob("*") if each.suffix in PICTURES)
        if not made:
            raise SystemExit(f"{workflow.name} saved no picture")
        with Image.open(made[0]) as picture:
            small = picture.convert("RGB")
    small.thumbnail((LONGEST, LONGEST))
    file = workflow.with_suffix(".webp")
    small.save(file, quality=QUALITY, method=6)
    return file


def main(words: Sequence[str] | None = None) -> None:
    """Parse the command line and write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="workflows without .json; all where none is named")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(words)
    for workflow in sorted(WORKFLOWS.rglob("*.json")):
        if not options.names or workflow.stem in options.names:
            file = write_picture(workflow, options.seed)
            print(f"{file.relative_to(ROOT)}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
