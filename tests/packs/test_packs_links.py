"""Types of packs that have an equality of their own."""

from __future__ import annotations

import json

import pytest

from darkroom.engine.links import fits
from darkroom.packs.types import PackType, tag_of


class Never(str):
    """Unequal to nothing, and without a hash, as `__eq__` is its own."""

    def __ne__(self, other: object) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return True


class Half(str):
    """Unequal to all but one."""

    def __ne__(self, other: object) -> bool:
        return other != "MASK"


@pytest.mark.parametrize("other", ["INT", "INT,FLOAT", tag_of(Never("ELSE")), tag_of(Half("HALF"))])
def test_a_text_that_is_unequal_to_nothing_fits_on_either_side(other: str) -> None:
    wild = tag_of(Never("WILD"))
    assert fits(wild, other)
    assert fits(other, wild)


def test_the_text_itself_says_what_it_is_unequal_to() -> None:
    half = tag_of(Half("HALF"))
    assert fits(half, "MASK")
    assert fits("MASK", half)
    assert not fits(half, "IMAGE")
    assert fits(half, "*")


def test_in_tables_and_json_it_is_plain_text() -> None:
    wild = tag_of(Never("COMBO2"))
    assert isinstance(wild, PackType)
    assert wild in {"COMBO2"}
    assert (wild == "COMBO") is False
    assert json.dumps([wild]) == '["COMBO2"]'
    assert type(tag_of("INT")) is str
