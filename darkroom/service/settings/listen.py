"""Addresses to listen at, and which of them only this machine can reach."""

from __future__ import annotations

import ipaddress
import re

EVERYWHERE = "0.0.0.0,::"
NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?", re.IGNORECASE)


def read_addresses(text: str) -> tuple[str, ...]:
    """Addresses or names from a list with commas; IPv6 with or without brackets. Raises ValueError."""
    found = tuple(dict.fromkeys(read_host(part.strip()) for part in text.split(",") if part.strip()))
    if not found:
        raise ValueError("no address")
    return found


def read_host(text: str) -> str:
    """One address (IPv6 without its brackets) or host name, lower case. Raises ValueError."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    address = address_of(bare)
    if address is not None:
        return str(address)
    if not NAME.fullmatch(text) or text.replace(".", "").isdigit():
        raise ValueError(f"{text!r}")
    return text.lower().removesuffix(".")


def address_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a text is; None for a name."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether a host, without port and brackets, always means this machine."""
    address = address_of(host)
    if address is None:
        return host == "localhost" or host.endswith(".localhost")
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def bracketed(host: str) -> str:
    """A host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host
