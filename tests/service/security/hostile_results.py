"""Hostile requests to galleries, small pictures, counts of tokens, the order of the queue, and versions."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from tests.service.security.hostile import Case, get, post

SMALL = "/api/darkroom/thumbnail"


def sent(title: str, path: str, body: Any, *statuses: int) -> Case:
    return post(title, path, json.dumps(body).encode(), *(statuses or (400,)))


THUMBNAILS = [
    *(
        get(f"a small picture of {name!r}", f"{SMALL}?type=input&filename={quote(name)}", 400)
        for name in (
            *("../secret.txt", "..\\secret.txt", "/etc/passwd", "%2e%2e/secret.txt", "../secret.txt [output]"),
            *("out.txt", "outside/secret.txt", "a\0.png", "\x1b[31m.png", "a" * 300, "a/" * 1_500, "C:a.png"),
            *(".hidden.png", "huge.png", "frames.png", "broken.png", "text.txt"),
        )
    ),
    *(
        get(f"a small picture of {name!r}, which is none", f"{SMALL}?type=input&filename={quote(name)}", 404)
        for name in ("", ".", "pipe.png", "nothing.png", "small.png/small.png", "[output]")
    ),
    get("a small picture below a link", f"{SMALL}?type=input&subfolder=outside&filename=secret.txt", 400),
    get("a small picture of half a character", f"{SMALL}?type=input&filename=%ED%A0%80.png", 400, 404),
    get("a small picture of a models folder", f"{SMALL}?type=checkpoints&filename=small.png", 400),
    *(
        get(f"a small picture of {size} pixels", f"{SMALL}?type=input&filename=small.png&size={size}", 400)
        for size in ("-1", "NaN", "1e3", "9" * 400, "9" * 5000, "0x10", "1.5")
    ),
    get("the size of a huge picture", f"{SMALL}?type=input&filename=huge.png", 200, method="HEAD"),
    get("the size of a pipe", f"{SMALL}?type=input&filename=pipe.png", 404, method="HEAD"),
    get("a template's picture that climbs", "/api/darkroom/template_pictures/..%2f..%2fsecret", 404),
    get("a template's picture of nothing", "/api/darkroom/template_pictures/%2f", 404),
    get("a template's picture of half a character", "/api/darkroom/template_pictures/%ED%A0%80", 404),
]

REMOVE = "/api/darkroom/results/remove"


def remove(title: str, *pictures: Any, **more: Any) -> Case:
    return sent(f"taking away {title}", REMOVE, {"pictures": list(pictures), **more})


PICTURE = {"job": "1", "filename": "a.png"}

RESULTS = [
    *(
        get(f"results with {query}", f"/api/darkroom/results?{query}", 400)
        for query in (
            *("limit=0", "limit=-1", "limit=501", "limit=NaN", "limit=" + "9" * 400, "limit=1e1", "before=x"),
            *("before=" + "9" * 30, "before=-" + "9" * 30, "before=NaN", "before=" + "9" * 5000),
        )
    ),
    remove("nothing"),
    sent("taking away without saying what", REMOVE, {}),
    sent("taking away a number", REMOVE, {"pictures": 7}),
    sent("taking away a list", REMOVE, [PICTURE]),
    remove("a number in a list", 7),
    remove("a picture without a job", {"filename": "a.png"}),
    remove("a picture of a job that is a list", {**PICTURE, "job": ["1"]}),
    remove("a picture of a job of 300 letters", {**PICTURE, "job": "1" * 300}),
    remove("a picture of a job of half a character", {**PICTURE, "job": "\ud800"}),
    remove("a picture of a job with NUL", {**PICTURE, "job": "\0"}),
    remove("a picture whose name is a number", {**PICTURE, "filename": 1}),
    remove("a picture that is no picture", {**PICTURE, "filename": "darkroom.db"}),
    remove("a picture whose folder is a list", {**PICTURE, "subfolder": []}),
    remove("a picture of a models folder", {**PICTURE, "type": "models"}),
    remove("a picture of a type that is a list", {**PICTURE, "type": []}, files=True),
    remove("10,001 pictures", *[PICTURE] * 10_001),
    sent(
        "taking away what no job showed",
        REMOVE,
        {"files": True, "pictures": [{**PICTURE, "filename": "../secret.png"}, {**PICTURE, "filename": "small.png"}]},
        200,
    ),
]

TOKENS = "/api/darkroom/tokens"
MOVE = "/api/darkroom/queue/move"

QUESTIONS = [
    sent("tokens of a number", TOKENS, {"text": 1}),
    sent("tokens of nothing", TOKENS, {}),
    sent("tokens of 20,001 letters", TOKENS, {"text": "a" * 20_001}, 413),
    *(
        sent(f"tokens of {title}", TOKENS, {"text": text}, 200)
        for title, text in {
            "half a character": "a \ud800 b",
            "NUL and controls": "a \0 \x1b[31m b",
            "20,000 parentheses": "(" * 20_000,
            "10,000 pairs of parentheses": "(" * 10_000 + ")" * 10_000,
            "one word": "a" * 20_000,
            "10,000 escapes": "\\(" * 10_000,
            "1,600 embeddings": "embedding:ab " * 1_500,
            "embeddings that climb": "embedding:../../secret.txt embedding:/etc/passwd embedding:a\0b",
            "half an embedding": "embedding:\ud800",
            "weights that are none": "(a:nan) (b:inf) (c:1e999) (d:-1e999)",
        }.items()
    ),
    *(
        sent(f"moving a job {title}", MOVE, body, *statuses)
        for title, body, *statuses in (
            ("without an id", {}, 400),
            ("of a number", {"id": 1}, 400),
            ("of 300 letters", {"id": "a" * 300}, 400),
            ("of half a character", {"id": "\ud800"}, 400),
            ("before a list", {"id": "a", "before": []}, 400),
            ("before NUL", {"id": "a", "before": "\0"}, 400),
            ("that is not there", {"id": "__proto__"}, 404),
            ("before itself", {"id": "a", "before": "a"}, 404),
        )
    ),
]

ONE = "/api/darkroom/workflows/"

KEPT = [
    *(
        sent(f"a version of {name!r}", f"{ONE}{quote(name, safe='')}/versions", {"workflow": {"nodes": []}})
        for name in ("..", "../x", "a/../../x", "a\0", "a" * 300, "a/" * 1_500, "C:x", "con", "%2e%2e")
    ),
    *(
        sent(f"a version that is {title}", f"{ONE}fine/versions", body)
        for title, body in (
            ("nothing", {}),
            ("a number", {"workflow": 7}),
            ("a list", {"workflow": []}),
            ("in a list", [{"workflow": {}}]),
            ("too deep", {"workflow": {"a": json.loads("[" * 200 + "]" * 200)}}),
        )
    ),
]
