"""`darkroom nodes [NAME]`: the list of nodes by menu, or everything about one."""

from __future__ import annotations

import argparse
import json
from itertools import groupby

from darkroom.commands.exits import DONE, USAGE, Stop
from darkroom.commands.opening import folders
from darkroom.engine.document import document
from darkroom.engine.object_info import object_info
from darkroom.engine.registry import Registry
from darkroom.engine.spec import NodeSpec
from nodes.library import library


def nodes(options: argparse.Namespace) -> int:
    """Print the documentation of one node, or a line for each."""
    registry = library()
    files = folders(options)
    chosen = [find(registry, options.name)] if options.name else list(registry)
    if options.json:
        print(json.dumps({spec.id: object_info(spec, files) for spec in chosen}, indent=2))
    elif options.name:
        print(document(chosen[0], files))
    else:
        print_menu(chosen)
    return DONE


def find(registry: Registry, name: str) -> NodeSpec:
    """By id, or by display name in any case. Raises Stop with the nearest names."""
    for spec in registry:
        if name.casefold() in (spec.id.casefold(), (spec.display_name or "").casefold()):
            return spec
    near = ", ".join(registry.nearest(name)) or "none is like it"
    raise Stop(USAGE, f"there is no node {name!r}; nearest: {near}")


def print_menu(specs: list[NodeSpec]) -> None:
    """Nodes under their menu path, each with its first sentence."""
    ordered = sorted(specs, key=lambda spec: (spec.category, spec.id))
    width = max(len(spec.id) for spec in ordered)
    for category, group in groupby(ordered, key=lambda spec: spec.category):
        print(category)
        for spec in group:
            print(f"  {spec.id:<{width}}  {spec.description.partition('. ')[0].rstrip('.')}")
