"""From prompt text to chunks of weighted tokens; torch is not needed.

The syntax is that of interface section 9: (a) 1.1, (a:1.3) 1.3, \\( and \\) literal, embedding:name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from instant_clip_tokenizer import Tokenizer

PARENTHESIS_FACTOR = 1.1
SHORT_UNIT = 8
"""A piece of fewer tokens is not cut where a chunk ends; it moves to the next chunk."""

ESCAPED = {"\\(": "\0\1", "\\)": "\0\2"}
"""Stand-ins that no prompt contains."""

EMBEDDING_MARK = "embedding:"
SPECIAL_TOKENS = re.compile(r"(<\|startoftext\|>|<\|endoftext\|>)")

Vectors = Sequence[Any]
"""The vectors of a textual inversion embedding, each of the encoder's width; rows of a tensor count."""

Lookup = Callable[[str], Vectors | None]
"""Embedding name to its vectors; None where there is none of that name and width."""

Token = tuple[Any, float]
"""(token id or embedding vector, weight)"""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TokenLayout:
    """How an encoder wants its chunks. length: of a chunk, with start and end; pad: fills the rest"""

    start: int = 49406
    end: int = 49407
    pad: int = 49407
    length: int = 77


CLIP_L = TokenLayout()
CLIP_G = TokenLayout(pad=0)


@dataclass(frozen=True, slots=True)
class Tokenized:
    """chunks: each `length` tokens; warnings: one sentence for each embedding that was left out."""

    chunks: tuple[tuple[Token, ...], ...]
    warnings: tuple[str, ...] = ()

    @property
    def weighted(self) -> bool:
        """Whether any weight differs from 1."""
        return any(weight != 1.0 for chunk in self.chunks for _, weight in chunk)


@cache
def vocabulary() -> Tokenizer:
    """CLIP's byte-pair vocabulary, which comes with the package."""
    return Tokenizer()


def token_ids(text: str) -> list[int]:
    """CLIP's ids of a plain text, without start and end. Halves of characters (lone surrogates) are left out."""
    ids: list[int] = []
    for piece in SPECIAL_TOKENS.split(text.encode(errors="ignore").decode()):
        if piece == "<|startoftext|>":
            ids.append(CLIP_L.start)
        elif piece == "<|endoftext|>":
            ids.append(CLIP_L.end)
        else:
            ids.extend(vocabulary().encode(piece))
    return ids


def tokenize(text: str, layout: TokenLayout = CLIP_L, embeddings: Lookup | None = None) -> Tokenized:
    """A prompt as chunks. embeddings: finds textual inversion vectors; without it names are left out with a warning."""
    warnings: list[str] = []
    runs = [[(token, run.weight) for token in run.tokens] for run in token_runs(text, embeddings, warnings)]
    framed = tuple(_framed(chunk, layout) for chunk in packed(runs, layout.length - 2))
    return Tokenized(framed, tuple(warnings))


@dataclass(frozen=True, slots=True)
class TokenRun:
    """What is kept together if short: the tokens of a text, or an embedding's vectors.

    span: where in the prompt they come from; is_text: whether they are ids of that text
    """

    tokens: Sequence[Any]
    weight: float
    span: tuple[int, int]
    is_text: bool


def token_runs(text: str, embeddings: Lookup | None, warnings: list[str]) -> Iterator[TokenRun]:
    """The runs of a prompt in their order. warnings: gets a sentence for each embedding that is left out"""
    hidden = _escapes_hidden(text)
    for start, end, weight in _weighted_spans(hidden):
        for tokens, span, is_text in _units(hidden[start:end], embeddings, warnings):
            yield TokenRun(tokens, weight, (start + span[0], start + span[1]), is_text)


def weighted_segments(text: str) -> list[tuple[str, float]]:
    """The text cut at its parentheses, each segment with its weight and its escapes resolved; linear in the text."""
    hidden = _escapes_hidden(text)
    return [(_unescaped(hidden[start:end]), weight) for start, end, weight in _weighted_spans(hidden)]


def _escapes_hidden(text: str) -> str:
    """The text, of the same length, with a stand-in for each escape."""
    for escape, stand_in in ESCAPED.items():
        text = text.replace(escape, stand_in)
    return text


def _weighted_spans(text: str) -> list[tuple[int, int, float]]:
    marks = _Marks(text)
    found = []
    waiting = [(0, len(text), 1.0)]
    while waiting:  # depth first, left to right; a stack, as parentheses may be nested thousands deep
        start, end, weight = waiting.pop()
        parts = list(marks.parts(start, end))
        if parts == [(start, end)] and not marks.is_group(start, end):
            found.append((start, end, weight))
            continue
        waiting.extend(
            marks.opened(*part, weight) if marks.is_group(*part) else (*part, weight) for part in reversed(parts)
        )
    return found


class _Marks:
    """Where the parentheses and colons of a text are; pieces are (start, end) positions."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.closing: dict[int, int] = {}
        self.last_colon = [-1]  # before each position
        self.last_parenthesis = [-1]
        opened = []
        for i, character in enumerate(text):
            if character == "(":
                opened.append(i)
            elif character == ")" and opened:
                self.closing[opened.pop()] = i
            self.last_colon.append(i if character == ":" else self.last_colon[-1])
            self.last_parenthesis.append(i if character in "()" else self.last_parenthesis[-1])

    def is_group(self, start: int, end: int) -> bool:
        return end - start >= 2 and self.text[start] == "(" and self.text[end - 1] == ")"

    def opened(self, start: int, end: int, weight: float) -> tuple[int, int, float]:
        """What is within a pair of parentheses, and the weight that they give it."""
        start, end = start + 1, end - 1
        colon = self.last_colon[end]
        if colon > max(start, self.last_parenthesis[end]):
            try:
                return start, colon, float(self.text[colon + 1 : end])
            except ValueError:
                return start, end, weight * PARENTHESIS_FACTOR  # not a number: the colon is text
        return start, end, weight * PARENTHESIS_FACTOR

    def parts(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Outermost parentheses with their content, and what stands between them.

        Depth falls below 0 at a stray ")"; then parentheses are text until it is 0 again. An unclosed "(" runs to
        the end.
        """
        depth = 0
        position = start
        while position < end:
            character = self.text[position]
            if character == "(" and depth == 0:
                if position > start:
                    yield start, position
                start = position
                position = self.closing.get(position, end) + 1
                if position > end:
                    break
                yield start, position
                start = position
                continue
            depth += (character == "(") - (character == ")")
            position += 1
        if start < end:
            yield start, end


def _unescaped(text: str) -> str:
    for escape, stand_in in ESCAPED.items():
        text = text.replace(stand_in, escape[1:])
    return text


def embedding_names(text: str) -> list[str]:
    """The names of the embeddings in a prompt, each once, as `tokenize` asks for them: as written, without commas."""
    if EMBEDDING_MARK not in text:
        return []
    pieces = (piece for segment, _ in weighted_segments(text) for piece in _pieces(segment))
    written = [words[0] for words in map(_named, pieces) if words]
    return list(dict.fromkeys(name for each in written for name in (each, each.strip(","))))


def _pieces(segment: str) -> list[str]:
    """A weighted segment cut before each embedding that it names."""
    return re.split(rf"[ \n](?={EMBEDDING_MARK})", segment)


def _named(piece: str) -> list[str]:
    """An embedding's name and the words after it; nothing where the piece names none."""
    return piece.removeprefix(EMBEDDING_MARK).split() if piece.startswith(EMBEDDING_MARK) else []


def _units(
    segment: str, embeddings: Lookup | None, warnings: list[str]
) -> Iterator[tuple[Sequence[Any], tuple[int, int], bool]]:
    """The token runs of one weighted segment with hidden escapes, each with its place and whether it is text."""
    end = -1
    for index, hidden in enumerate(_pieces(segment)):
        start = end + 1  # behind the blank at which the pieces were cut
        end = start + len(hidden)
        piece = _unescaped(hidden)
        words = _named(piece)
        if not words:  # text; also the mark is, where no name follows
            if piece or index == 0:
                yield token_ids(piece), (start, end), True
            continue
        name, *rest = words
        vectors, tail = _vectors(name, embeddings)
        if vectors is None:
            warnings.append(f"Embedding {name!r} was left out: no file of that name with the right width was found.")
        else:
            yield vectors, (start, end), False
        text = " ".join([tail, *rest] if tail else rest)
        if text:
            written = _named(hidden)[0]
            after = hidden.index(written, len(EMBEDDING_MARK)) + len(written) - len(tail)
            yield token_ids(text), (start + after, end), True


def _vectors(name: str, embeddings: Lookup | None) -> tuple[Vectors | None, str]:
    """The vectors, and what of the name turns out to be text: commas at its end."""
    if embeddings is None:
        return None, ""
    vectors = embeddings(name)
    stripped = name.strip(",")
    if vectors is not None or stripped == name:
        return vectors, ""
    return embeddings(stripped), name[len(name.rstrip(",")) :]


def packed(units: Sequence[list[T]], capacity: int) -> list[list[T]]:
    """Fill chunks with units. Long units are cut where a chunk ends, short ones are not (interface section 9.3)."""
    chunks: list[list[T]] = [[]]
    for unit in units:
        short = len(unit) < SHORT_UNIT
        rest = unit
        while rest:
            room = capacity - len(chunks[-1])
            if len(rest) > room and (short or room == 0):
                chunks.append([])
                continue
            chunks[-1].extend(rest[:room])
            rest = rest[room:]
    return chunks


def _framed(tokens: list[Token], layout: TokenLayout) -> tuple[Token, ...]:
    padding = layout.length - 2 - len(tokens)
    return ((layout.start, 1.0), *tokens, (layout.end, 1.0), *(((layout.pad, 1.0),) * padding))
