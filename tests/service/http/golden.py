"""The nodes of the golden pack as far as a check sees them, and an app over them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from darkroom.engine.registry import Registry
from darkroom.engine.spec import InputSpec, NodeSpec, OutputSpec
from darkroom.service.contracts import Service
from darkroom.service.http.app import build_app
from darkroom.service.http.routes import ROUTES
from nodes.library import library

INT = (OutputSpec("INT", "INT"),)

Client = TestClient[Any, Any]


def even_only(even: int | None) -> bool | str:
    return True if even is None or even % 2 == 0 else f"{even} is not even"


def number(name: str, **options: Any) -> InputSpec:
    return InputSpec(name, "INT", options=options)


def anything(name: str = "value") -> InputSpec:
    return InputSpec(name, "*")


def golden_specs() -> list[NodeSpec]:
    lazy = {"lazy": True, "forceInput": True}
    modes = ("constant", "nan", "raise")
    image = (OutputSpec("IMAGE", "IMAGE"),)
    return [
        NodeSpec("GoldenNumber", (number("value", default=1, min=-100, max=100),), INT),
        NodeSpec("GoldenAdd", (number("a", forceInput=True), number("b", default=0)), INT),
        NodeSpec("GoldenRange", (number("count"),), (OutputSpec("each", "INT", True), OutputSpec("count", "INT"))),
        NodeSpec("GoldenSum", (number("values", forceInput=True),), INT, input_is_list=True),
        NodeSpec("GoldenShow", (anything(),), final=True),
        NodeSpec(
            "GoldenLazyPick",
            (InputSpec("first", "BOOLEAN"), *(InputSpec(name, "INT", "optional", lazy) for name in "ab")),
            INT,
        ),
        NodeSpec("GoldenRaise", (anything(), InputSpec("message", "STRING")), INT),
        NodeSpec(
            "GoldenBlock",
            (anything(), InputSpec("block", "BOOLEAN"), InputSpec("message", "STRING")),
            (OutputSpec("*", "*"),),
        ),
        NodeSpec("GoldenCountdown", (number("count"), number("total")), INT),
        NodeSpec("GoldenChanged", (InputSpec("mode", "COMBO", choices=modes),), INT),
        NodeSpec("GoldenValidate", (number("even"), number("other")), INT, validate=even_only),
        NodeSpec("GoldenVariadic", (), (OutputSpec("STRING", "STRING"),), any_input=True),
        NodeSpec("GoldenAsync", (number("value"), InputSpec("seconds", "FLOAT")), INT),
        NodeSpec("GoldenSteps", (number("steps"), InputSpec("seconds", "FLOAT"), number("tag")), image),
        NodeSpec("GoldenIdentity", (number("value"),), INT),
    ]


def golden_registry() -> Registry:
    """Ours and the golden pack's."""
    return Registry([*library(), *golden_specs()])


def served(service: Service, talk: Callable[[Client], Awaitable[Any]], **options: Any) -> Any:
    """What `talk` returns, called with a client of the app."""

    async def run() -> Any:
        async with TestClient(TestServer(build_app(service, ROUTES, **options))) as client:
            return await talk(client)

    return asyncio.run(run())
