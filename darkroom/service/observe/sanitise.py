"""What may stand in a log line: nothing that forges another line or moves the cursor, and no secret."""

from __future__ import annotations

import re

from darkroom.engine.problems import printable

HIDDEN = "***"
SECRET_WORDS = r"(?:api[_-]?key|token|secret|password|passwd|authorization|auth[_-]token|cookie|credential|bearer)"
PATTERNS = (
    # Authorization: Bearer abc, Cookie: a=b; c=d
    (
        re.compile(r"(?i)\b(authorization|cookie)(['\"]?\s*[:=]\s*['\"]?)[^\r\n'\"]+"),
        rf"\1\2{HIDDEN}",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    # "api_key_comfy_org": "abc", token=abc
    (
        re.compile(rf"(?i)([\w-]*{SECRET_WORDS}[\w-]*)(['\"]?\s*[:=]\s*)(?:\"[^\"]*\"|'[^']*'|[^\s,;&'\"}}\])]+)"),
        rf"\1\2{HIDDEN}",
    ),
    # postgresql+psycopg://user:password@host
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^\s:/@]+):[^\s@/]+@"), rf"\1:{HIDDEN}@"),
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
    """A message as one printable line without secrets."""
    return unfolded(printable(SECRETS.scrubbed(text)))


def unfolded(text: str) -> str:
    return DECEIVING.sub(lambda found: repr(found[0])[1:-1], text)


def lines(text: str) -> str:
    """Several lines (a traceback), each printable and set in, so that none can pass for a line of its own."""
    return "\n".join(f"    {unfolded(printable(each))}" for each in SECRETS.scrubbed(text).splitlines())
