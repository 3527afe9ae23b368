"""What may stand in a log line: nothing that forges another line or moves the cursor, and no secret."""

from __future__ import annotations

import re

from darkroom.engine.problems import printable

HIDDEN = "***"
SECRET_WORDS = r"(?:api[_-]?key|token|secret|password|passwd|authorization|auth[_-]token|cookie|credential|bearer)"
LONGEST = 16_384
"""Letters of a message; a node may print megabytes in one line."""

ROOM = 1024

# Every repetition that something must follow has an end, so that the time to search grows with the text alone.
PATTERNS = (
    # Authorization: Bearer abc, Cookie: a=b; c=d
    (
        re.compile(r"(?i)\b(authorization|cookie)(['\"]?\s{0,8}[:=]\s{0,8}['\"]?)[^\r\n'\"]+"),
        rf"\1\2{HIDDEN}",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s{1,8}[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    # "api_key_comfy_org": "abc", token=abc
    (
        re.compile(
            rf"(?i)({SECRET_WORDS}[\w-]{{0,40}})(['\"]?\s{{0,8}}[:=]\s{{0,8}})"
            r"(?:\"[^\"]*\"|'[^']*'|[^\s,;&'\"}\])]+)"
        ),
        rf"\1\2{HIDDEN}",
    ),
    # postgresql+psycopg://user:password@host
    (re.compile(r"(?i)([a-z0-9+.-]{1,40}://[^\s:/@]{0,200}):[^\s@]{1,500}@"), rf"\1:{HIDDEN}@"),
)


class Secrets:
    """Texts that are never shown, whatever stands before them."""

    def __init__(self) -> None:
        self._texts: tuple[str, ...] = ()

    def add(self, text: str) -> None:
        """Hide a text from now on; short ones are left alone, as they would hide half a log."""
        if len(text) >= 8 and text not in self._texts:
            self._texts = (*self._texts, text)

    def scrubbed(self, text: str) -> str:
        """The text without secrets: those that are known, and what follows a word that announces one."""
        for secret in self._texts:
            text = text.replace(secret, HIDDEN)
        for pattern, replacement in PATTERNS:
            text = pattern.sub(replacement, text)
        return text


SECRETS = Secrets()
"""Of this process."""


DECEIVING = re.compile("[\n\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Ends of lines, and what turns the direction of writing around."""


def one_line(text: str) -> str:
    """A message as one printable line without secrets, cut where it is too long."""
    return unfolded(printable(harmless(text)))


def harmless(text: str) -> str:
    """Without secrets and of bounded length; a secret that stands where the text is cut is found too."""
    clean = SECRETS.scrubbed(text[: LONGEST + ROOM])
    return clean if len(text) <= LONGEST else f"{clean[:LONGEST]} ... ({len(text) - LONGEST} letters more)"


def unfolded(text: str) -> str:
    return DECEIVING.sub(lambda found: repr(found[0])[1:-1], text)


def lines(text: str) -> str:
    """Several lines (a traceback), each printable and set in, so that none can pass for a line of its own."""
    return "\n".join(f"    {unfolded(printable(each))}" for each in harmless(text).splitlines())
