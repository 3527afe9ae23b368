"""Prompt syntax, weights and chunks, against recorded tokens and a naive reader of the same rules."""

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkroom.diffusion.tokens import (
    CLIP_G,
    CLIP_L,
    TokenLayout,
    embedding_names,
    token_ids,
    tokenize,
    weighted_segments,
)

GOLDEN = json.loads((Path(__file__).parent.parent / "data" / "golden" / "tokens.json").read_text())
CASES = [(encoder, text) for encoder in ("clip_l", "clip_g") for text in GOLDEN[encoder]]


@pytest.mark.parametrize(("encoder", "text"), CASES)
def test_recorded_prompts_give_exactly_the_recorded_tokens(encoder: str, text: str) -> None:
    layout = {"clip_l": CLIP_L, "clip_g": CLIP_G}[encoder]
    wanted = [[*map(tuple, chunk["tokens"]), *[tuple(chunk["pad"])] * chunk["pads"]] for chunk in GOLDEN[encoder][text]]
    found = tokenize(text, layout).chunks
    assert [[token for token, _ in chunk] for chunk in found] == [[token for token, _ in chunk] for chunk in wanted]
    weights = [[weight for _, weight in chunk] for chunk in found]
    assert weights == [pytest.approx([weight for _, weight in chunk], abs=1e-9) for chunk in wanted]


def naive(text: str, weight: float = 1.0) -> list[tuple[str, float]]:
    """Interface section 9.1 taken word for word, recursive and slow."""
    parts, run, depth = [], "", 0
    for character in text:
        if character == "(" and depth == 0:
            parts.append(run)
            run = ""
        run += character
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == ")" and depth == 0:
            parts.append(run)
            run = ""
    found = []
    for part in filter(None, [*parts, run]):
        if not (len(part) >= 2 and part[0] == "(" and part[-1] == ")"):
            found.append((part, weight))
            continue
        inner, new_weight = part[1:-1], weight * 1.1
        colon = inner.rfind(":")
        if colon > 0:
            with suppress(ValueError):
                inner, new_weight = inner[:colon], float(inner[colon + 1 :])
        found += naive(inner, new_weight)
    return found


@settings(deadline=None)
@given(st.text(alphabet="(()):a1.", max_size=24))
def test_segments_and_weights_are_those_of_the_rules_read_naively(text: str) -> None:
    assert weighted_segments(text) == naive(text)


@pytest.mark.parametrize(
    "text", ["(" * 100_000 + "a:2" + ")" * 100_000, "(a" * 100_000, "(" + "(a:1.2)" * 50_000 + ")"]
)
def test_hostile_nesting_takes_linear_time(text: str) -> None:
    start = time.process_time()
    assert weighted_segments(text)
    assert time.process_time() - start < 5


def test_escaped_parentheses_are_text() -> None:
    assert weighted_segments(r"a \(b\) (c\):1.5)") == [("a (b) ", 1.0), ("c)", 1.5)]


def test_clips_own_special_tokens_may_be_written_out() -> None:
    assert token_ids("a<|endoftext|>cat") == [320, 49407, 2368]


def test_half_a_character_is_left_out() -> None:
    assert token_ids("a\ud800 cat\udfff") == token_ids("a cat") == [320, 2368]


VECTORS = {"x": ["x0", "x1"], "sub/y": ["y0"], "long": [f"v{i}" for i in range(80)]}


def tokens(text: str) -> list[object]:
    return [token for token, _ in tokenize(text, embeddings=VECTORS.get).chunks[0][1:8] if token != 49407]


def test_an_embedding_begins_at_a_segment_start_or_after_one_blank_and_takes_one_place_for_each_vector() -> None:
    assert tokens("embedding:x") == ["x0", "x1"]
    assert tokens("a embedding:x cat") == [320, "x0", "x1", 2368]
    assert tokens("a\nembedding:sub/y") == [320, "y0"]
    assert tokens("a,embedding:x")[:2] == [320, 267]
    assert "x0" not in tokens("a,embedding:x")


def test_an_embedding_has_the_weight_of_its_segment() -> None:
    chunk = tokenize("(embedding:x:1.2) (embedding:x)", embeddings=VECTORS.get).chunks[0]
    assert chunk[1:5] == (("x0", 1.2), ("x1", 1.2), ("x0", 1.1), ("x1", 1.1))


def test_commas_around_an_embedding_name_are_dropped_or_become_text() -> None:
    assert tokens("embedding:x, cat") == ["x0", "x1", 267, 2368]
    assert tokens("embedding:,x") == ["x0", "x1"]


def test_the_mark_of_an_embedding_without_a_name_is_text() -> None:
    marked = tokens("embedding:")
    assert marked == token_ids("embedding:")
    assert tokens("a embedding: ") == [320, *marked]
    assert tokens("embedding: embedding:x") == [*marked, "x0", "x1"]
    assert tokens("embedding:  x cat") == ["x0", "x1", 2368]


@given(st.lists(st.sampled_from(["embedding:", "x", ",", "(", ")", ":1.2", " ", "\\n", "\\\\("])).map("".join))
def test_the_names_of_a_prompts_embeddings_are_those_that_tokenizing_asks_for(text: str) -> None:
    asked: list[str] = []
    tokenize(text, embeddings=lambda name: asked.append(name))
    assert embedding_names(text) == list(dict.fromkeys(asked))


def test_a_missing_embedding_is_left_out_with_a_warning() -> None:
    found = tokenize("a embedding:nobody cat", embeddings=VECTORS.get)
    assert [token for token, _ in found.chunks[0][:4]] == [49406, 320, 2368, 49407]
    assert len(found.warnings) == 1
    assert "nobody" in found.warnings[0]
    assert tokenize("embedding:x").warnings


def lengths(units: Sequence[str]) -> list[int]:
    """Tokens in each chunk of a prompt whose segments are these."""
    layout = TokenLayout()
    chunks = tokenize(" ".join(units), layout, VECTORS.get).chunks
    return [sum(token != layout.pad for token, _ in chunk[1:-1]) for chunk in chunks]


def test_short_units_move_to_the_next_chunk_and_long_ones_are_cut() -> None:
    assert lengths(["a " * 75]) == [75]
    assert lengths(["a " * 76]) == [75, 1]
    assert lengths(["a " * 70 + "(b b b b b b b)"]) == [70, 7]
    assert lengths(["a " * 70 + "(b b b b b b b b)"]) == [75, 3]
    assert lengths(["a", "embedding:long"]) == [75, 6]
