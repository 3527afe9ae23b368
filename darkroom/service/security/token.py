"""The access token: made once, kept in a file that only its user can read, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TOKEN_BYTES = 32
FAILURES = 10
FAILURE_SECONDS = 60.0
ADDRESSES_KEPT = 10_000


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """text: what a client sends; key: with it the cookie is made, which thus cannot be guessed from a weak text."""

    text: str
    key: bytes
    is_new: bool = False

    def is_text(self, given: str) -> bool:
        return hmac.compare_digest(self.text.encode(), given.encode("utf-8", "surrogateescape"))

    @property
    def cookie(self) -> str:
        return hmac.new(self.key, self.text.encode(), hashlib.sha256).hexdigest()

    def is_cookie(self, given: str) -> bool:
        return hmac.compare_digest(self.cookie.encode(), given.encode("utf-8", "surrogateescape"))


def token_of(file: Path, chosen: str | None) -> Token:
    """The token in a file, made where there is none; chosen: use this one. Raises OSError."""
    stored = read(file)
    if stored is None or (chosen is not None and stored.text != chosen):
        text = chosen or secrets.token_urlsafe(TOKEN_BYTES)
        stored = Token(text, secrets.token_bytes(TOKEN_BYTES), is_new=True)
        write(file, stored)
    return stored


def read(file: Path) -> Token | None:
    """None where there is no file, or none of ours. A file that others can read is closed to them."""
    try:
        with file.open(encoding="utf-8") as opened:
            os.fchmod(opened.fileno(), 0o600)
            content = json.load(opened)
        token = Token(content["token"], bytes.fromhex(content["cookie_key"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return token if token.text and len(token.key) >= TOKEN_BYTES else None


def write(file: Path, token: Token) -> None:
    """Put the token into a file that was never readable by others, at once or not at all."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        json.dump({"token": token.text, "cookie_key": token.key.hex()}, opened)
        opened.flush()
        os.fsync(opened.fileno())
    part.replace(file)


class Attempts:
    """Counts failed tries by address; too many within a minute close it for the rest of that minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def seconds_closed(self, address: str) -> float:
        """How long this address has to wait; 0 where it may try."""
        count, since = self._failures.get(address, (0, 0.0))
        left = since + FAILURE_SECONDS - self._clock()
        return left if count >= FAILURES and left > 0 else 0.0

    def failed(self, address: str) -> None:
        count, since = self._failures.pop(address, (0, self._clock()))
        if self._clock() - since > FAILURE_SECONDS:
            count, since = 0, self._clock()
        self._failures[address] = (count + 1, since)
        while len(self._failures) > ADDRESSES_KEPT:
            self._failures.popitem(last=False)
