"""A log line is one line, holds no secret, and can be read by people and by machines."""

from __future__ import annotations

import io
import json
import logging
import sys
import time
from collections.abc import Iterator

import pytest

from darkroom.service.observe.logs import start_logging
from darkroom.service.observe.ring import Entry, LogRing
from darkroom.service.observe.sanitise import HIDDEN, LONGEST, Secrets, lines, one_line


@pytest.fixture(params=["text", "json"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def logged(form: str) -> Iterator[tuple[io.StringIO, LogRing]]:
    stream, ring = io.StringIO(), LogRing()
    root = logging.getLogger()
    before = root.level
    handlers = start_logging("DEBUG", form, stream=stream, ring=ring)
    yield stream, ring
    for handler in handlers:
        root.removeHandler(handler)
    root.setLevel(before)


FORGERIES = [
    "a\r\n12:00:00.000 INFO root: forged",
    "a\nb",
    "\x1b[2J\x1b]0;title\x07",
    "a\x00b\x08\x7f",
    "\x9b31m",
    "\u2028 and \u2029 and \x85",
    "\ud800",
]


@pytest.mark.parametrize("text", FORGERIES)
def test_nothing_forges_a_line_or_moves_the_cursor(text: str, logged: tuple[io.StringIO, LogRing]) -> None:
    stream, ring = logged
    logging.getLogger("darkroom.x").warning("came %s", text, extra={"path": text})
    shown = stream.getvalue()
    assert len(shown.splitlines()) == 1
    assert shown.isascii() or all(each.isprintable() or each == "\n" for each in shown)
    (entry,) = ring.entries()
    assert entry["m"].count("\n") == 1 and "\x1b" not in entry["m"]
    shown.encode()


def test_a_traceback_is_set_in_and_printable(logged: tuple[io.StringIO, LogRing], form: str) -> None:
    stream, _ = logged
    try:
        raise ValueError("a\x1b[2J\n12:00:00.000 INFO root: forged")
    except ValueError:
        logging.getLogger("x").error("failed", exc_info=sys.exc_info())
    shown = stream.getvalue()
    assert "\x1b" not in shown and "ValueError" in shown
    if form == "json":
        assert "forged" in json.loads(shown)["traceback"]
    else:
        assert all(line.startswith("    ") for line in shown.splitlines()[1:])


def test_json_lines_have_their_facts_apart(logged: tuple[io.StringIO, LogRing], form: str) -> None:
    stream, ring = logged
    logging.getLogger("darkroom.y").info("done", extra={"job": "abc", "seconds": 1.5})
    if form == "json":
        entry = json.loads(stream.getvalue())
        assert (entry["level"], entry["logger"], entry["message"]) == ("INFO", "darkroom.y", "done")
        assert (entry["job"], entry["seconds"]) == ("abc", 1.5)
    else:
        assert "INFO    y: done (job=abc, seconds=1.5)" in stream.getvalue()
    assert "y: done" in ring.entries()[0]["m"]


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer SECRETVALUE",
        "{'Authorization': 'Bearer SECRETVALUE'}",
        "Cookie: a=1; darkroom_8188=SECRETVALUE",
        "/?token=SECRETVALUE&x=1",
        '{"api_key_comfy_org": "SECRETVALUE"}',
        '"auth_token_comfy_org": "SECRETVALUE with spaces"',
        "password='SECRETVALUE'",
        "HF_TOKEN=SECRETVALUE",
        "postgresql+psycopg://user:SECRETVALUE@host/db",
        "bearer SECRETVALUE",
    ],
)
def test_secrets_are_hidden_by_the_word_before_them(text: str) -> None:
    shown = one_line(text)
    assert "SECRETVALUE" not in shown and HIDDEN in shown


@pytest.mark.parametrize("text", ["the token is wrong", "77 tokens", "tokens: 77 of 77 in clip", "a basic prompt"])
def test_plain_sentences_stay_readable(text: str) -> None:
    assert "tok" not in text or HIDDEN not in one_line(text) or "tokens:" in text


def test_known_secrets_are_hidden_anywhere() -> None:
    secrets = Secrets()
    secrets.add("correct-horse-battery")
    secrets.add("abc")
    assert secrets.scrubbed("x correct-horse-battery abc") == f"x {HIDDEN} abc"


def test_the_ring_keeps_the_newest_lines_and_tells_who_listens() -> None:
    ring, heard = LogRing(maximum=3), list[Entry]()
    ring.add("t0", "0\n")
    ring.subscribe(heard.append)
    ring.subscribe(heard.append)
    for n in range(1, 5):
        ring.add(f"t{n}", f"{n}\n")
    ring.unsubscribe(heard.append)
    ring.add("t5", "5\n")
    assert [entry["m"] for entry in ring.entries()] == ["3\n", "4\n", "5\n"]
    assert [entry["t"] for entry in heard] == ["t1", "t2", "t3", "t4"]


@pytest.mark.parametrize("text", ["a", "a.", "token", "token ", "://", "a://b:", "cookie: ", "QUJD"])
def test_a_line_of_megabytes_is_cut_and_takes_no_time(text: str) -> None:
    started = time.process_time()
    assert len(one_line(text * 1_000_000)) < LONGEST + 100
    assert len(lines(text * 1_000_000)) < LONGEST + 100
    assert time.process_time() - started < 1.0


def test_a_secret_at_the_place_where_a_line_is_cut_stays_hidden() -> None:
    text = "x" * (LONGEST - 20) + " token=" + "s3cr3t" * 5 + "y" * 5000
    assert "s3cr3t" not in one_line(text)


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://me:pa/ss@box/db", "postgresql://me:p@ss@box/db", "redis://:pass@box"]
)
def test_passwords_in_addresses_are_hidden_whatever_they_hold(url: str) -> None:
    shown = one_line(f"cannot reach {url}")
    assert "pa/ss" not in shown and "p@ss" not in shown and ":pass@" not in shown and "box" in shown
