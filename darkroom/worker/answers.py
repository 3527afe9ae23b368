"""Answers to the server's questions, given while a job runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from darkroom.engine.check import check
from darkroom.engine.checking.coerce import coerced
from darkroom.engine.read_api import parse_api
from darkroom.engine.registry import Registry
from darkroom.engine.run import Files
from darkroom.engine.running.cache import Cache
from darkroom.engine.spec import NodeSpec
from darkroom.frames.definitions import described
from darkroom.frames.messages import Answer, Ask
from darkroom.frames.report import problem_as_json
from darkroom.worker import headers, resources
from darkroom.worker.brought import pack_of
from darkroom.worker.recent import NotKept, Recent
from darkroom.worker.values import description

THUMBNAIL_PIXELS = 256

_log = logging.getLogger(__name__)


class Answers:
    """Answers by what is asked. specs: of packs; on_prompt: what packs want to do to each posted body."""

    def __init__(
        self,
        device: str,
        registry: Registry,
        files: Files,
        cache: Cache,
        recent: Recent,
        specs: Sequence[NodeSpec] = (),
        on_prompt: Sequence[Callable[[Any], Any]] = (),
    ) -> None:
        self._device = device
        self._registry = registry
        self._files = files
        self._cache = cache
        self._recent = recent
        self._specs = specs
        self._on_prompt = on_prompt

    def to(self, ask: Ask) -> Answer:
        """The answer, which says what went wrong where something did."""
        table = {
            "check": self._check,
            "definitions": self._definitions,
            "value": self._value,
            "on_prompt": self._through_packs,
            "memory": self._memory,
            "weights": self._weights,
        }
        answer = table.get(ask.what)
        if answer is None:
            return Answer(ask.request, error=f"there is no question {ask.what!r}; ask one of {', '.join(table)}")
        try:
            data, blob = answer(ask.data)
        except NotKept as error:
            return Answer(ask.request, error=str(error))
        except Exception as error:
            _log.exception("the question %r failed", ask.what)
            return Answer(
                ask.request, error=f"the worker could not answer {ask.what!r}: {type(error).__name__}: {error}"
            )
        return Answer(ask.request, data, blob=blob)

    def _check(self, data: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        graph, problems = parse_api(data["prompt"])
        problems += check(coerced(graph, self._registry), self._registry, self._files, data.get("targets"))
        return {"problems": [problem_as_json(each) for each in problems]}, b""

    def _definitions(self, data: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        return {"definitions": definitions(self._specs, self._files)[0]}, b""

    def _value(self, data: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        passed = self._recent.passed(data["job"], str(data["node"]), int(data["slot"]))
        return description(passed, int(data.get("thumbnail", THUMBNAIL_PIXELS)))

    def _through_packs(self, data: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        body = data["body"]
        for handler in self._on_prompt:
            try:
                body = handler(body)
            except Exception:
                _log.exception("a pack's handler of posted prompts failed; it is skipped")
        return {"body": body}, b""

    def _memory(self, data: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        return resources.summary(self._device, self._cache), b""

    def _weights(self, data: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        return {"facts": [headers.facts_of(self._files, folder, name) for folder, name in data["files"]]}, b""


def definitions(specs: Sequence[NodeSpec], files: Files) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """The definitions of node types, and a failure {pack, where, message} of each that cannot be described."""
    found, failures = [], []
    for spec in specs:
        try:
            found.append(described(spec, files))
        except Exception as error:
            message = f"the node {spec.id} cannot be described ({type(error).__name__}: {error}); mend its INPUT_TYPES"
            failures.append({"pack": pack_of(spec), "where": spec.where, "message": message})
    return found, failures
