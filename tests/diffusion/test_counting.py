"""Counting a prompt tells what tokenizing it makes, and where in the text each chunk begins."""

from hypothesis import given
from hypothesis import strategies as st

from darkroom.diffusion.counting import counted
from darkroom.diffusion.tokens import TokenLayout, tokenize

VECTORS = {"x": ["x0", "x1"], "sub/y": ["y0"], "long": [f"v{i}" for i in range(80)]}

PARTS = st.sampled_from(
    ["a", "cat ", "embedding:x", "embedding:long", ",", "(", ")", ":1.2", " ", "\n", "\\(", "word " * 30, "é😀"]
)


def lengths(text: str) -> list[int]:
    """Tokens in each real chunk; the filling is a token that no text has."""
    layout = TokenLayout(pad=-1)
    found = []
    for chunk in tokenize(text, layout, VECTORS.get).chunks:
        end = max(place for place, (token, _) in enumerate(chunk) if token == layout.end)
        found.append(end - 1)
    return found


@given(st.lists(PARTS, max_size=12).map("".join))
def test_the_count_of_a_prompt_is_that_of_its_chunks(text: str) -> None:
    found = counted(text, VECTORS.get)
    assert [chunk.tokens for chunk in found.chunks] == lengths(text)
    assert found.tokens == sum(lengths(text))
    assert found.room == 75


@given(st.lists(PARTS, max_size=12).map("".join))
def test_chunks_begin_in_the_order_of_the_text(text: str) -> None:
    starts = [chunk.start for chunk in counted(text, VECTORS.get).chunks]
    assert starts[0] == 0
    assert starts == sorted(starts)
    assert all(0 <= start < max(1, len(text)) for start in starts)


def test_a_chunk_begins_at_its_first_word() -> None:
    text = "house " * 75 + "boat on the sea"
    assert [text[chunk.start :][:4] for chunk in counted(text).chunks] == ["hous", "boat"]


def test_escapes_and_weights_do_not_shift_where_a_chunk_begins() -> None:
    text = r"a \(very\) (red:1.3) house " + "house " * 69 + "boat"
    found = counted(text)
    assert text[found.chunks[1].start :] == "boat"


def test_a_chunk_may_begin_within_a_word() -> None:
    text = "house " * 74 + "supercalifragilistic"
    second = counted(text).chunks[1]
    assert text[: second.start].endswith("house super")
    assert text[second.start :] == "califragilistic"


def test_an_embedding_that_moves_to_the_next_chunk_marks_its_beginning() -> None:
    text = "house " * 74 + "embedding:x, cat"
    second = counted(text, VECTORS.get).chunks[1]
    assert (text[second.start :], second.tokens) == ("embedding:x, cat", 4)


def test_what_follows_an_embedding_is_found_behind_it() -> None:
    text = "house " * 73 + r"embedding:x, cat"
    second = counted(text, VECTORS.get).chunks[1]
    assert text[second.start :] == ", cat"


def test_an_unknown_embedding_counts_nothing_and_is_told() -> None:
    found = counted("embedding:nobody cat")
    assert found.tokens == 1
    assert "nobody" in found.warnings[0]
