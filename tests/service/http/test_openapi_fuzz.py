"""What openapi.json says of each route is so, whatever is sent there (Schemathesis; bounded, the same each time)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from darkroom.service.http.openapi import openapi
from darkroom.service.http.routes import ROUTES
from darkroom.service.observe import metrics
from darkroom.service.routes_files import static, table
from tests.service.security.running import Running, running

ALL = (*ROUTES, *metrics.ROUTES, *table.ROUTES, *static.ROUTES)
EXAMPLES = 6
CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]

DESCRIPTION = openapi(ALL, "0")
SCHEMA = schemathesis.openapi.from_dict(DESCRIPTION)


def is_served_twice(path: str) -> bool:
    """Whether this is the second name of a route, under /api."""
    return path.startswith("/api/") and path.removeprefix("/api") in DESCRIPTION["paths"]


OPERATIONS: list[Any] = [cast(Any, each).ok() for each in SCHEMA.get_all_operations()]
TRIED = [each for each in OPERATIONS if not is_served_twice(each.path)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("fuzz")) as started:
        yield started


def test_the_server_serves_this_description(server: Running) -> None:
    told = json.loads(server.ask("/api/darkroom/openapi.json").body)
    assert told["paths"] == json.loads(json.dumps(DESCRIPTION["paths"]))


def test_forms_are_described_as_forms() -> None:
    body = DESCRIPTION["paths"]["/upload/image"]["post"]["requestBody"]["content"]
    assert list(body) == ["multipart/form-data"]


@pytest.mark.parametrize("operation", TRIED, ids=lambda each: each.label)
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda each: each.value)
def test_each_answer_is_one_that_the_description_names(operation: Any, mode: GenerationMode, server: Running) -> None:
    @seed(3)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def holds(case: Any) -> None:
        case.call_and_validate(base_url=f"http://127.0.0.1:{server.port}", checks=CHECKS, timeout=5)

    try:
        holds()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # whatever can be sent there is right: a name is any text
