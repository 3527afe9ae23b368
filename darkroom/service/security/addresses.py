"""Hosts and origins as headers name them."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from darkroom.service.settings.listen import address_of, is_loopback, read_host
from darkroom.service.settings.table import Settings

PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:/?#@\s]+)(:(?P<port>\d{1,5}))?")
ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<rest>[^/?#]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """A host as read by `read_host`, and its port where one was named."""

    host: str
    port: int | None


def place_of(header: str) -> Place:
    """What a Host header names. Raises ValueError where it is none."""
    found = HOST.fullmatch(header)
    if found is None:
        raise ValueError("no host")
    port = int(found["port"]) if found["port"] is not None else None
    if port is not None and port > 65535:
        raise ValueError("no port")
    return Place(read_host(found["host"]), port)


def is_same_origin(origin: str, host: Place, scheme: str | None) -> bool:
    """Whether an Origin header names the server that `host` names.

    scheme: of this server; None where a proxy before it may speak another. A missing port is that of the scheme.
    """
    found = ORIGIN.fullmatch(origin)
    if found is None:
        return False
    try:
        place = place_of(found["rest"])
    except ValueError:
        return False
    theirs = found["scheme"].lower()
    if scheme is not None and theirs != scheme:
        return False
    usual = PORTS[theirs]
    return place.host == host.host and (place.port or usual) == (host.port or usual)


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """Names by which this server may be called.

    A page of an attacker can make the browser call us under the attacker's *name* (DNS rebinding), never under an
    address; so off loopback each address is good, while names must be known.
    """

    names: frozenset[str]
    any_address: bool
    allowed: frozenset[str]
    """Those that the user allowed; a proxy with another scheme may stand before them."""

    def knows(self, host: str) -> bool:
        if is_loopback(host) or host in self.names:
            return True
        return self.any_address and address_of(host) is not None


def known_hosts(settings: Settings) -> KnownHosts:
    """Of a server that is about to listen."""
    allowed = frozenset(settings.allow_host)
    if not is_off_loopback(settings):
        return KnownHosts(allowed | frozenset(settings.listen), False, allowed)
    return KnownHosts(allowed | frozenset(settings.listen) | own_names(), True, allowed)


def is_off_loopback(settings: Settings) -> bool:
    """Whether other machines can reach the server."""
    return not all(map(is_loopback, settings.listen))


def is_exposed(settings: Settings) -> bool:
    """Whether others than users of this machine may come: directly, or by a proxy that asks under an allowed name."""
    return is_off_loopback(settings) or not all(map(is_loopback, settings.allow_host))


def own_names() -> frozenset[str]:
    """The machine's name, alone and as others on a local network say it."""
    name = socket.gethostname().lower()
    return frozenset(valid((name, f"{name}.local", name.partition(".")[0])))


def valid(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        try:
            yield read_host(name)
        except ValueError:
            continue
