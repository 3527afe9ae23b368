"""What ComfyUI's editor fills in at the moment of queueing: dynamic prompts and placeholders in file names.

Both depend on chance or time, so both are asked for: the caller hands in the generator or the moment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any

from darkroom.engine.drawn.widgets import Known
from darkroom.engine.graph import Node

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
PIECE = re.compile(r"\\.|[{}|]|[^\\{}|]+|\\", re.DOTALL)
PLACEHOLDER = re.compile(r"%([^%]+)%")
DATE_TOKEN = re.compile(r"dd?|MM?|hh?|mm?|ss?|yyyy|yy")
NOT_IN_FILE_NAMES = re.compile(r'[/?<>\\:*|"\x00-\x1f\x7f]')


def dynamic_prompt(text: str, rng: Random) -> str:
    """A prompt without its comments and with one of each `{a|b|{c|d}}` chosen, every branch as likely as the next.

    `\\{`, `\\}` and `\\|` stand for the character itself; a brace that is never closed closes at the end.
    """
    # One frame for each open brace: its branches, each a list of pieces that may be lists in turn.
    frames: list[list[list[Any]]] = [[[]]]
    for piece in PIECE.findall(COMMENT.sub("", text)):
        if piece == "{":
            frames.append([[]])
        elif piece == "|" and len(frames) > 1:
            frames[-1].append([])
        elif piece == "}" and len(frames) > 1:
            branches = frames.pop()
            frames[-1][-1].append(rng.choice(branches))
        else:
            frames[-1][-1].append(piece[1] if len(piece) == 2 and piece[0] == "\\" and piece[1] in "{}|" else piece)
    while len(frames) > 1:
        branches = frames.pop()
        frames[-1][-1].append(rng.choice(branches))
    return _joined(frames[0][0])


def _joined(pieces: list[Any]) -> str:
    found: list[str] = []
    stack = [iter(pieces)]
    while stack:
        for piece in stack[-1]:
            if isinstance(piece, list):
                stack.append(iter(piece))
                break
            found.append(piece)
        else:
            stack.pop()
    return "".join(found)


def expanded(nodes: Mapping[str, Node], known: Known, rng: Random) -> dict[str, Node]:
    """The nodes with the dynamic prompts of those settings expanded that ask for it (`dynamicPrompts`)."""
    found: dict[str, Node] = {}
    for id, node in nodes.items():
        spec = known.spec(node.type)
        names = [each.name for each in spec.inputs if each.options.get("dynamicPrompts")] if spec else []
        texts = {name: node.inputs[name] for name in names if isinstance(node.inputs.get(name), str)}
        if texts:
            texts = {name: dynamic_prompt(text, rng) for name, text in texts.items()}
            node = Node(id, node.type, {**node.inputs, **texts}, node.title)
        found[id] = node
    return found


def placeholders_filled(
    nodes: Mapping[str, Node], known: Known, search_names: Mapping[str, str], now: datetime
) -> dict[str, Node]:
    """The nodes with the placeholders in the file names of those that save filled in.

    search_names: by node id, what `%NAME.setting%` calls a node; titles are tried after them
    """
    by_name: dict[str, str] = {}
    for id, node in nodes.items():
        by_name.setdefault(search_names.get(id) or node.type, id)
    for id, node in nodes.items():
        if node.title:
            by_name.setdefault(node.title, id)
    found: dict[str, Node] = {}
    for id, node in nodes.items():
        prefix = node.inputs.get("filename_prefix")
        spec = known.spec(node.type)
        if isinstance(prefix, str) and "%" in prefix and spec is not None and spec.final:
            filled = PLACEHOLDER.sub(lambda match: _filled(match, nodes, by_name, now), prefix)
            node = Node(id, node.type, {**node.inputs, "filename_prefix": filled}, node.title)
        found[id] = node
    return found


def _filled(match: re.Match[str], nodes: Mapping[str, Node], by_name: Mapping[str, str], now: datetime) -> str:
    text = match[1]
    name, dot, setting = text.partition(".")
    if not dot or "." in setting:
        return dated(text.removeprefix("date:"), now) if text.startswith("date:") else match[0]
    id = by_name.get(name)
    value = nodes[id].inputs.get(setting) if id is not None else None
    if not isinstance(value, str | int | float):
        return match[0]
    return NOT_IN_FILE_NAMES.sub("_", _as_text(value))


def dated(pattern: str, now: datetime) -> str:
    """A date by the tokens d dd M MM h hh m mm s ss yy yyyy; a doubled letter is padded to two digits."""
    parts = {"d": now.day, "M": now.month, "h": now.hour, "m": now.minute, "s": now.second}

    def one(match: re.Match[str]) -> str:
        token = match[0]
        if token[0] == "y":
            return f"{now.year:04d}"[-len(token) :]
        return str(parts[token[0]]).zfill(len(token))

    return DATE_TOKEN.sub(one, pattern)


def _as_text(value: str | int | float) -> str:
    """As a browser writes it: `8`, not `8.0`; `true`, not `True`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)
