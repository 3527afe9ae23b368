"""Captions as CLIP token ids, and the text model in small: only the rows of the vocabulary that captions use.

The full embedding table has 49408 rows, of which the grammar needs about a hundred. Training keeps just those; the
export puts them at their places in the full table and leaves the other rows zero.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from instant_clip_tokenizer import Tokenizer
from torch import Tensor

from starter.captions import caption
from starter.networks import TEXT_END, TEXT_POSITIONS, TEXT_WIDTH, VOCABULARY
from starter.scene import random_scene

TEXT_START = TEXT_END - 1
SURVEYED_SCENES = 4000  # enough to meet every word of the grammar many times


@cache
def _tokenizer() -> Tokenizer:
    return Tokenizer()


def token_ids(text: str) -> list[int]:
    """The 77 CLIP token ids of a text: start, words, end, padded with further ends."""
    words = _tokenizer().encode(text)[: TEXT_POSITIONS - 2]
    return [TEXT_START, *words, *[TEXT_END] * (TEXT_POSITIONS - 1 - len(words))]


@cache
def used_ids() -> tuple[int, ...]:
    """The sorted token ids that captions use, start and end included."""
    found = {TEXT_START, TEXT_END}
    for seed in range(SURVEYED_SCENES):
        found.update(_tokenizer().encode(caption(random_scene(seed), seed)))
    return tuple(sorted(found))


def compact_tokens(texts: Sequence[str]) -> Tensor:
    """(batch, 77) ids into `used_ids()`; ValueError for a text with a token that no caption uses."""
    wanted = np.array([token_ids(text) for text in texts])
    places = np.minimum(np.searchsorted(used_ids(), wanted), len(used_ids()) - 1)
    strange = np.asarray(used_ids())[places] != wanted
    if strange.any():
        index = int(strange.any(axis=1).argmax())
        raise ValueError(f"text {texts[index]!r} has words that no caption of the starter uses")
    return torch.from_numpy(places)


def compact_token(word: str) -> int:
    """The place in `used_ids()` of a word that is one token; ValueError for one that is not."""
    (token,) = _tokenizer().encode(word)
    return used_ids().index(token)


def full_table(rows: Tensor) -> Tensor:
    """(used, width) trained rows to the (49408, width) table, zero elsewhere."""
    table = torch.zeros(VOCABULARY, TEXT_WIDTH, dtype=rows.dtype)
    table[list(used_ids())] = rows
    return table


def compact_rows(table: Tensor) -> Tensor:
    """The reverse of `full_table`."""
    return table[list(used_ids())]
