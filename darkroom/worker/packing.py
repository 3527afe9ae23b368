"""Loads the packs, and serves what routes they have."""

from __future__ import annotations

from collections import Counter

from darkroom.engine.defining.errors import DefinitionError
from darkroom.engine.registry import Registry
from darkroom.files.folders import Folders
from darkroom.packs.host import PackHost
from darkroom.packs.loading import load_packs
from darkroom.worker.brought import Brought, nothing, pack_of
from darkroom.worker.serving import PackRoutes
from darkroom.worker.settings import WorkerSettings


def load(settings: WorkerSettings, registry: Registry, files: Folders, host: PackHost) -> Brought:
    """Load every pack of the settings' folders and add its node types to the registry; a bad pack is a failure in the
    answer and no more."""
    loaded = load_packs(
        settings.custom_nodes,
        registry,
        whitelist=settings.whitelist,
        disabled=settings.disable_all_custom_nodes,
        files=files,
        host=host,
    )
    specs, failures = [], list(loaded.failures)
    for spec in loaded.specs:
        try:
            registry.add(spec)
            specs.append(spec)
        except DefinitionError as error:
            failures.append({"pack": pack_of(spec), "where": spec.where, "message": str(error)})
    counts = Counter(pack_of(spec) for spec in specs)
    packs = [{"name": name, "nodes": counts[name], "seconds": each} for name, each in loaded.seconds.items()]
    served = PackRoutes(loaded.app) if loaded.app is not None and loaded.routes else None
    return Brought(
        specs,
        failures,
        packs,
        loaded.web,
        loaded.routes if served else (),
        str(served.path) if served else "",
        loaded.on_prompt,
        loaded.forget,
        served.close if served else nothing,
    )
