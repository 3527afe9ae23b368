"""What a name from outside may be."""

from __future__ import annotations

LONGEST_ID = 256


def is_id(text: str) -> bool:
    """Whether a text can name a job or a client: any characters that databases and logs take, and not too many."""
    return 0 < len(text) <= LONGEST_ID and "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)
