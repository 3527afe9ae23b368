"""POST /api/darkroom/tokens: how many tokens a prompt has, and where its chunks begin."""

from __future__ import annotations

import asyncio

from aiohttp import web

from darkroom.service.contracts import SERVICE, Refused, Route
from darkroom.service.http import schemas
from darkroom.service.http.answers import answer
from darkroom.service.http.body import kind, read_json_object, too_large

MOST_CHARACTERS = 20_000
"""Of a prompt that is counted while somebody types; there are longer ones only by mistake."""


async def post_tokens(request: web.Request) -> web.Response:
    """The count of a prompt, for the text model that every SD family has in common (CLIP-L)."""
    facts = request.app[SERVICE].facts
    text = (await read_json_object(request)).get("text")
    if not isinstance(text, str):
        raise Refused(400, f"text is {kind(text)}", type="invalid_json", remedy="send the prompt as text")
    if len(text) > MOST_CHARACTERS:
        raise too_large(MOST_CHARACTERS)
    if facts.prompt_tokens is None:
        raise Refused(404, "this server counts no tokens", remedy="start it with `darkroom serve`")
    found = await asyncio.to_thread(facts.prompt_tokens, text, facts.folders)
    chunks = [{**chunk, "start": browser_place(text, chunk["start"])} for chunk in found["chunks"]]
    return answer({**found, "chunks": chunks})


def browser_place(text: str, place: int) -> int:
    """A place in a text as browsers count it: characters beyond the basic plane are two."""
    return place + sum(character > "\uffff" for character in text[:place])


ROUTES = (
    Route(
        "POST",
        "/api/darkroom/tokens",
        post_tokens,
        "How many tokens a prompt has, and where in it each chunk of 75 begins",
        api=False,
        body=schemas.record({"text": {"type": "string", "maxLength": MOST_CHARACTERS}}),
        answer=schemas.record(
            {
                "tokens": schemas.INTEGER,
                "room": schemas.INTEGER,
                "chunks": schemas.listing(schemas.record({"start": schemas.INTEGER, "tokens": schemas.INTEGER})),
                "warnings": schemas.listing(schemas.STRING),
            }
        ),
    ),
)
