"""Which output may feed which input."""

import pytest

from darkroom.engine.links import LinkType, fits, shown_type, with_article


class UnequalToNothing(str):
    """A text type as packs define it to fit everywhere."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __ne__(self, other: object) -> bool:
        return False


@pytest.mark.parametrize(
    ("received", "wanted", "strict", "answer"),
    [
        ("IMAGE", "IMAGE", False, True),
        ("IMAGE", "MASK", False, False),
        ("*", "MASK", False, True),
        ("MASK", "*", False, True),
        (UnequalToNothing("ANYTHING"), "MASK", False, True),
        ("MASK", UnequalToNothing("ANYTHING"), False, True),
        ("COMFY_MATCHTYPE_V3", "IMAGE", False, True),
        ("IMAGE", "COMFY_MATCHTYPE_V3", False, True),
        (("a", "b"), "COMBO", False, True),
        ("COMBO", ("a", "b"), False, False),
        (("a", "b"), ("a", "b"), False, True),
        (["a", "b"], ("a", "b"), False, True),
        (("a", "b"), ("a", "c"), False, False),
        (("a", "b"), "STRING", False, False),
        ("STRING", ("a", "b"), False, False),
        ("FLOAT, INT", "INT ,STRING", False, True),
        ("FLOAT,INT", "INT,STRING", True, False),
        ("INT", "INT,STRING", True, True),
        ("FLOAT,*", "STRING", False, True),
        ("FLOAT,INT", "STRING,BOOLEAN", False, False),
    ],
)
def test_types_fit_as_in_comfyui(received: LinkType, wanted: LinkType, strict: bool, answer: bool) -> None:
    assert fits(received, wanted, strict=strict) is answer


def test_types_are_said_in_words() -> None:
    types: list[LinkType] = ["IMAGE", "INT,FLOAT", "*", ("a", "b")]
    assert [with_article(shown_type(each)) for each in types] == [
        *("an IMAGE", "an INT or FLOAT", "a value of any type", "a choice of 2 names"),
    ]
