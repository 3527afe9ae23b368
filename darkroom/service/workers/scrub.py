"""Secrets of a job, taken out of all that its worker says before anybody hears or keeps it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from darkroom.frames.messages import JobDone, JobEvent, LogLine, PackMessage

HIDDEN = "***"
SHORTEST = 8
"""Letters of a text that counts as secret: shorter ones would hide half of what is said."""

M = TypeVar("M", JobEvent, JobDone, PackMessage, LogLine)


def texts_of(secrets: Mapping[str, Any]) -> tuple[str, ...]:
    """What must not be told, the longest first."""
    found = {str(each) for each in secrets.values() if len(str(each)) >= SHORTEST}
    return tuple(sorted(found, key=len, reverse=True))


def without(value: Any, secrets: Collection[str]) -> Any:
    """The same, with each secret in its texts hidden."""
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, HIDDEN)
        return value
    if isinstance(value, Mapping):
        return {without(key, secrets): without(each, secrets) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [without(each, secrets) for each in value]
    return value


def said(message: M, secrets: Collection[str]) -> M:
    """What a worker said while it ran a job, without the job's secrets."""
    if not secrets:
        return message
    if isinstance(message, LogLine):
        return dataclasses.replace(message, text=without(message.text, secrets))
    if isinstance(message, JobDone):
        told = {name: without(getattr(message, name), secrets) for name in ("ui", "error", "reasons")}
        return dataclasses.replace(message, **told)
    return dataclasses.replace(message, data=without(message.data, secrets))
