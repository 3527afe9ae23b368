"""Which output may be linked to which input."""

from __future__ import annotations

ANY = "*"
MATCHES_LATER = "COMFY_MATCHTYPE_V3"
"""The type of inputs and outputs whose tag follows from what is connected."""

LinkType = str | tuple[object, ...] | list[object]
"""A tag, a union of tags "INT,FLOAT", or the choices themselves of an old combo."""


def fits(received: LinkType, wanted: LinkType, *, strict: bool = False) -> bool:
    """Whether an output of type `received` may feed an input of type `wanted`; the rules are ComfyUI's.

    strict: of a union, every received tag must be wanted, not only one of them
    """
    received = tuple(received) if isinstance(received, list) else received
    wanted = tuple(wanted) if isinstance(wanted, list) else wanted
    # Packs define text types that are unequal to nothing; asked in this way and order, these fit everywhere.
    if not received != wanted:  # noqa: SIM202
        return True
    if ANY in (received, wanted) or MATCHES_LATER in (received, wanted):
        return True
    if isinstance(received, tuple) and wanted == "COMBO":
        return True
    if not isinstance(received, str) or not isinstance(wanted, str):
        return False
    given = {tag.strip() for tag in received.split(",")}
    taken = {tag.strip() for tag in wanted.split(",")}
    if ANY in given or ANY in taken:
        return True
    return given <= taken if strict else bool(given & taken)


def shown_type(type: LinkType) -> str:
    """A link type for messages: "INT", "INT or FLOAT", "choice of 12 names", "value of any type"."""
    if not isinstance(type, str):
        return f"choice of {len(type)} name{'' if len(type) == 1 else 's'}"
    if type == ANY:
        return "value of any type"
    return " or ".join(tag.strip() for tag in type.split(","))


def with_article(noun: str) -> str:
    """ "an IMAGE", "a LATENT"."""
    return f"{'an' if noun[:1] in tuple('AEIOaeio') else 'a'} {noun}"
