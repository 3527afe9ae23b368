"""What a browser loads to open the editor stays small."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

BUILT = Path(__file__).parents[1] / "web" / "dist"
MOST = 250_000
"""Bytes of all scripts and styles together, packed as a server sends them."""


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 6))


@pytest.mark.skipif(not (BUILT / "index.html").is_file(), reason="the editor is not built: run `npm run build` in web/")
def test_the_built_scripts_and_styles_are_small_in_all() -> None:
    sizes = {path.name: packed(path) for path in (BUILT / "assets").iterdir() if path.suffix in {".js", ".css"}}
    assert {Path(name).suffix for name in sizes} == {".js", ".css"}
    largest = sorted(sizes.items(), key=lambda each: -each[1])
    total = sum(sizes.values())
    assert total <= MOST, f"{total:,} bytes gzipped: " + ", ".join(f"{name} {size:,}" for name, size in largest[:5])
