"""Teach the text model which colour belongs to which thing.

The denoising loss alone finds out slowly: it first reads captions as bags of words, and paints two things in each
other's colours as often as not. This small extra loss says it outright: the state of a thing's word should point to the
embedding of the colour word before it. It needs no weights of its own and is gone after training.
"""

from functools import cache

import torch
from torch import Tensor
from torch.nn import functional
from transformers import CLIPTextModel

from starter.scene import Colour, Kind
from starter.text import compact_token

SHARPNESS = 10.0  # of the softmax over cosines


@cache
def _colour_tokens() -> tuple[int, ...]:
    return tuple(compact_token(colour) for colour in Colour)


@cache
def _kind_tokens() -> frozenset[int]:
    return frozenset(compact_token(kind) for kind in Kind)


def coloured_words(tokens: Tensor) -> tuple[list[int], list[int], list[int]]:
    """Rows and columns of all words for things in (batch, 77) compact tokens, and the number of each one's colour."""
    rows, columns, colours = [], [], []
    numbers = {token: number for number, token in enumerate(_colour_tokens())}
    for row, line in enumerate(tokens.tolist()):
        colour = None
        for column, token in enumerate(line):
            colour = numbers.get(token, colour)
            if token in _kind_tokens() and colour is not None:
                rows.append(row)
                columns.append(column)
                colours.append(colour)
    return rows, columns, colours


def binding_loss(text: CLIPTextModel, states: Tensor, tokens: Tensor) -> Tensor:
    """Cross-entropy of reading each thing's colour from the state of its word.

    states: (batch, 77, width), what the text model made of tokens: (batch, 77)
    """
    rows, columns, colours = coloured_words(tokens)
    if not rows:
        return states.new_zeros(())
    table = text.get_input_embeddings().weight[list(_colour_tokens())]
    cosines = functional.normalize(states[rows, columns], dim=1) @ functional.normalize(table, dim=1).mT
    return functional.cross_entropy(SHARPNESS * cosines, torch.tensor(colours, device=states.device))
