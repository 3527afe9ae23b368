"""How many tokens a prompt has, and where in its text each chunk begins; torch is not needed."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from darkroom.diffusion.tokens import CLIP_L, Lookup, TokenLayout, TokenRun, packed, token_ids, token_runs, vocabulary


@dataclass(frozen=True, slots=True)
class CountedChunk:
    """start: where in the prompt its first token stands; tokens: how many it has, without start and end."""

    start: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Counted:
    """chunks: at least one, the first at 0; room: tokens that a chunk can have; warnings: as those of `tokenize`."""

    chunks: tuple[CountedChunk, ...]
    room: int
    warnings: tuple[str, ...] = ()

    @property
    def tokens(self) -> int:
        return sum(chunk.tokens for chunk in self.chunks)


def counted(text: str, embeddings: Lookup | None = None, layout: TokenLayout = CLIP_L) -> Counted:
    """The chunks that `tokenize` makes of a prompt, by their places in it."""
    warnings: list[str] = []
    runs = [_Run(text, run) for run in token_runs(text, embeddings, warnings)]
    numbered = [[(run, index) for index in range(run.count)] for run in runs]
    room = layout.length - 2
    chunks: list[CountedChunk] = []
    for chunk in packed(numbered, room):
        run, index = chunk[0] if chunk and chunks else (None, 0)
        chunks.append(CountedChunk(run.place(index) if run else 0, len(chunk)))
    return Counted(tuple(chunks), room, tuple(warnings))


class _Run:
    """One run and the places of its words."""

    def __init__(self, text: str, run: TokenRun) -> None:
        self.text = text
        self.count = len(run.tokens)
        self.start, self.end = run.span
        self.is_text = run.is_text

    def place(self, index: int) -> int:
        """Where in the prompt a token begins: exactly between words, else at the start of its word."""
        if index == 0 or not self.is_text:
            return self.start
        number = bisect_right(self.words, index, key=lambda word: word[0]) - 1
        before, position, word, ids = self.words[number]
        return position + _spelled(word, ids[: index - before])

    @cached_property
    def words(self) -> list[tuple[int, int, str, list[int]]]:
        """Of each word: how many tokens stand before it, its place, itself, its tokens. Blanks have no tokens."""
        found = []
        before, position = 0, self.start
        for word in self.text[self.start : self.end].split():
            position = self.text.index(word, position)
            ids = token_ids(_plain(word))
            found.append((before, position, word, ids))
            before += len(ids)
            position += len(word)
        return found


def _spelled(word: str, ids: list[int]) -> int:
    """How much of a word its first tokens spell; 0 where they end within a character, or spell it differently."""
    spelled = vocabulary().decode(ids)
    return len(spelled) if spelled and word.lower().startswith(spelled) else 0


def _plain(word: str) -> str:
    return word.replace("\\(", "(").replace("\\)", ")")
