"""Every node type that is known now: ours, and those of packs as a worker tells them or told them last time."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path

from darkroom.engine.defining.errors import DefinitionError
from darkroom.engine.registry import Registry
from darkroom.engine.spec import NodeSpec
from darkroom.files.write import write_whole
from darkroom.frames.definitions import spec_of
from darkroom.frames.messages import Json, Ready
from darkroom.service.contracts import WorkerGone, Workers

log = logging.getLogger(__name__)

SETTLING_SECONDS = 60.0
"""So long a request waits for packs that nothing is remembered of; then it goes on without them."""

ANSWER_SECONDS = 5.0


class PackCatalogue:
    """Ours and the packs' node types; implements `contracts.Catalogue`.

    builtin: never changes, and wins where a pack takes a name of it
    remembered: the file in which definitions of packs are kept for the next start; None for no memory
    digest: of the sources of all packs; what is remembered under another digest is not used
    """

    def __init__(self, builtin: Registry, workers: Workers, remembered: Path | None, digest: str) -> None:
        self._builtin = builtin
        self._workers = workers
        self._remembered = remembered
        self._digest = digest
        self._text = "[]"
        self._kept: str | None = None
        self._judged: frozenset[str] = frozenset()
        self._registry = builtin
        self._hello: Ready | None = None
        self._recall()

    @property
    def registry(self) -> Registry:
        """With the definitions of the worker, once it has loaded its packs, else with the remembered ones."""
        hello = self._workers.hello
        if hello is not None and hello is not self._hello:
            self._hello = hello
            self._learn(hello.definitions)
        return self._registry

    @property
    def is_settled(self) -> bool:
        return self._kept is not None or self._workers.hello is not None

    def is_judged(self, type: str) -> bool:
        """Whether a node of this type can be checked fully only in a worker."""
        return type in self._judged

    async def settled(self) -> None:
        """Wait until the definitions of packs are known, if only from the last start."""
        if not self.is_settled:
            await self._workers.ready(SETTLING_SECONDS)

    async def refreshed(self) -> Registry:
        """The registry with fresh lists of choices; as it was where no worker can tell."""
        await self.settled()
        if len(self.registry) > len(self._builtin) and self._workers.hello is not None:
            try:
                answer = await self._workers.ask("definitions", {}, ANSWER_SECONDS)
            except (WorkerGone, TimeoutError) as error:
                log.info("the lists of choices of packs may be old: %s", error or type(error).__name__)
            else:
                if answer.error is None:
                    self._learn(answer.data["definitions"])
        return self._registry

    def _learn(self, definitions: Sequence[Json]) -> None:
        text = as_text(definitions)
        if text != self._text:
            self._text = text
            self._take(definitions)
        if self._remembered is not None and text != self._kept:
            self._remember(self._remembered, text)

    def _take(self, definitions: Sequence[Json]) -> None:
        registry = Registry(self._builtin)
        judged = set()
        for definition in definitions:
            spec = readable(definition)
            if spec is None:
                continue
            try:
                registry.add(spec)
            except DefinitionError as error:
                log.warning("a pack's node is left out: %s", error)
                continue
            if definition.get("judged"):
                judged.add(spec.id)
        self._judged, self._registry = frozenset(judged), registry

    def _recall(self) -> None:
        if self._remembered is None:
            return
        try:
            content = json.loads(self._remembered.read_bytes())
            if content["digest"] == self._digest:
                self._take(content["definitions"])
                self._text = self._kept = as_text(content["definitions"])
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            log.warning("%s cannot be read and is made anew: %s", self._remembered, error)

    def _remember(self, path: Path, text: str) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, f'{{"digest":{json.dumps(self._digest)},"definitions":{text}}}'.encode(), durable=False)
            self._kept = text
        except OSError as error:
            log.warning("the definitions of packs could not be remembered in %s: %s", path, error)


def readable(definition: Json) -> NodeSpec | None:
    """The spec of a definition; None, with a line in the log, where a file or a pack holds nonsense."""
    try:
        return spec_of(definition)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        log.warning("the definition of the node %s cannot be read: %s", definition.get("id"), error)
        return None


def as_text(definitions: Sequence[Json]) -> str:
    """Definitions as JSON; equal ones give equal texts, also where they hold NaN."""
    return json.dumps(list(definitions), separators=(",", ":"), default=str)
