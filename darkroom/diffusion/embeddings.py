"""Textual inversion embeddings in prompts: which files a prompt may mean, and which tensor of a file; without torch."""

from __future__ import annotations

from darkroom.diffusion.families.shapes import Shapes
from darkroom.diffusion.tokens import embedding_names

EXTENSIONS = ("", ".safetensors", ".pt", ".bin")
"""Tried in this order after a name (interface section 9.2)."""


def file_names(text: str) -> list[str]:
    """Every name of a file that a prompt may mean with its embeddings."""
    return [name + extension for name in embedding_names(text) for extension in EXTENSIONS]


def chosen(shapes: Shapes) -> str | None:
    """The tensor that holds a file's vectors for CLIP-L: its own where a file serves several encoders, else the first.

    None where no tensor is one vector or a list of vectors.
    """
    vectors = [name for name, shape in shapes.items() if 0 < len(shape) <= 2]
    return "clip_l" if "clip_l" in vectors else next(iter(vectors), None)
