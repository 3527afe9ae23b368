"""Off loopback only who knows the token gets in; it is made once, shown once, and never told again."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from darkroom.commands.exits import USAGE, Stop
from darkroom.commands.serve import access_token
from darkroom.commands.serve_parts import Places
from darkroom.service.observe.ring import RING
from darkroom.service.security.token import FAILURE_SECONDS, FAILURES, Attempts, token_of
from darkroom.service.settings.sources import read_settings
from tests.service.security.running import Running, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("open"), "--listen", "0.0.0.0", "--allow-host", "box.example") as started:
        yield started


def text(server: Running) -> str:
    assert server.token is not None
    return server.token.text


def cookie(server: Running) -> str:
    return f"darkroom_{server.port}={server.token.cookie if server.token else ''}"


@pytest.mark.parametrize("path", ["/queue", "/api/queue", "/nowhere", "/view?filename=a.png", "/api/darkroom/metrics"])
def test_without_a_token_nothing_is_told(path: str, server: Running) -> None:
    reply = server.ask(path)
    assert reply.status == 401
    assert "remedy" in json.loads(reply.body)
    assert server.ask(path, method="HEAD").status == 401


def test_without_a_token_nothing_is_done(server: Running) -> None:
    assert server.ask("/queue", method="POST", body=b'{"clear": true}').status == 401
    assert server.ask("/ws", Upgrade="websocket", Sec_WebSocket_Version="13", Sec_WebSocket_Key="YQ==").status == 401


def test_a_program_sends_the_token_as_bearer(server: Running) -> None:
    assert server.ask(Authorization=f"Bearer {text(server)}").status == 200
    assert server.ask(Authorization=f"bearer {text(server)}").status == 200


@pytest.mark.parametrize("wrong", ["Basic abc", "Bearer", "Bearer ", "Token x"])
def test_other_authorizations_count_as_none(wrong: str, server: Running) -> None:
    assert server.ask(Authorization=wrong).status == 401


def test_the_link_becomes_a_cookie_that_scripts_cannot_read_and_leaves_the_address(server: Running) -> None:
    reply = server.ask(f"/?token={text(server)}")
    assert (reply.status, reply.head["location"], reply.head["referrer-policy"]) == (303, "/", "no-referrer")
    given = reply.head["set-cookie"]
    assert given.startswith(cookie(server)) and "HttpOnly" in given and "SameSite=Strict" in given
    assert text(server) not in given
    assert server.ask(Cookie=cookie(server)).status == 200
    assert server.ask(f"/?token={text(server)}", Cookie=cookie(server)).status == 303


def test_no_other_address_takes_the_token(server: Running) -> None:
    assert server.ask(f"/queue?token={text(server)}").status == 401
    assert server.ask(f"/?token={text(server)}", method="POST").status == 401


def test_a_browser_that_was_led_here_asks_again_from_our_page_so_that_its_cookie_comes(server: Running) -> None:
    visit: dict[str, Any] = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    led = server.ask("/", Accept="text/html", **visit)
    assert led.status == 200 and b"refresh" in led.body
    again = server.ask("/", Accept="text/html", Sec_Fetch_Site="same-origin")
    assert again.status == 401 and b"refresh" not in again.body and b"token" in again.body


def test_the_token_is_in_no_log_line_and_no_answer(server: Running) -> None:
    server.ask(f"/?token={text(server)}")
    server.ask(f"/queue?token={text(server)}")
    server.ask(f"/?token={text(server)}x")
    logged = "".join(entry["m"] for entry in RING.entries())
    assert text(server) not in logged
    for path in ("/system_stats", "/internal/logs", "/internal/logs/raw"):
        assert text(server).encode() not in server.ask(path, Cookie=cookie(server)).body


@pytest.mark.parametrize("host", ["box.example", "box.example:443", "192.168.1.7", "[fd00::1]:8188", "localhost"])
def test_off_loopback_addresses_and_allowed_names_are_ours(host: str, server: Running) -> None:
    assert server.ask(host=host, Authorization=f"Bearer {text(server)}").status == 200


def test_off_loopback_other_names_are_not_ours(server: Running) -> None:
    assert server.ask(host="evil.example", Authorization=f"Bearer {text(server)}").status == 403


def test_behind_a_proxy_the_scheme_of_an_allowed_name_is_its_own_affair(server: Running) -> None:
    bearer = f"Bearer {text(server)}"
    assert server.ask(host="box.example", Origin="https://box.example", Authorization=bearer).status == 200
    assert server.ask(host="box.example", Origin="https://evil.example", Authorization=bearer).status == 403


def test_many_wrong_tokens_close_the_door_for_a_while(tmp_path: Path) -> None:
    with running(tmp_path, "--token", "correct horse battery".replace(" ", "-")) as server:
        statuses = [server.ask(Authorization=f"Bearer wrong{n}").status for n in range(FAILURES + 2)]
        assert statuses == [401] * FAILURES + [429] * 2
        assert server.ask(Authorization="Bearer correct-horse-battery").status == 429
        assert server.ask(Cookie=cookie(server)).status == 200


def test_the_door_opens_again_after_a_minute() -> None:
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    for _ in range(FAILURES):
        attempts.failed("10.0.0.1")
    assert attempts.seconds_closed("10.0.0.1") == FAILURE_SECONDS
    assert attempts.seconds_closed("10.0.0.2") == 0
    now[0] = FAILURE_SECONDS
    assert attempts.seconds_closed("10.0.0.1") == 0


def test_the_token_stays_the_same_and_only_its_user_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "user" / "token.json"
    first = token_of(file, None)
    assert first.is_new and len(first.text) >= 40
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    second = token_of(file, None)
    assert (second.text, second.cookie, second.is_new) == (first.text, first.cookie, False)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_another_token_makes_old_cookies_worthless(tmp_path: Path) -> None:
    first = token_of(tmp_path / "token.json", None)
    second = token_of(tmp_path / "token.json", "another-token-of-mine")
    assert not second.is_cookie(first.cookie) and not second.is_text(first.text)


@pytest.mark.parametrize(
    "broken", [b"", b"{}", b"[1]", b'{"token": 1}', b'{"token": "a", "cookie_key": "xx"}', b"\xff"]
)
def test_a_broken_token_file_is_made_anew(broken: bytes, tmp_path: Path) -> None:
    (tmp_path / "token.json").write_bytes(broken)
    assert token_of(tmp_path / "token.json", None).is_new


@pytest.mark.parametrize(
    ("flags", "needs"),
    [
        ([], False),
        (["--listen", "127.0.0.1,::1"], False),
        (["--listen", "localhost"], False),
        (["--listen"], True),
        (["--listen", "127.0.0.1,192.168.1.5"], True),
        (["--allow-host", "box.example"], True),
        (["--token", "0123456789abcdef"], True),
        (["--listen", "0.0.0.0", "--no-token"], False),
    ],
)
def test_who_can_reach_the_server_decides_whether_it_wants_a_token(
    flags: list[str], needs: bool, tmp_path: Path
) -> None:
    settings = read_settings(["--base-directory", str(tmp_path), *flags], {}, tmp_path)
    assert (access_token(settings, Places(settings)) is not None) == needs


def test_off_loopback_it_refuses_to_start_where_no_token_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "user").write_text("no folder")
    settings = read_settings(["--base-directory", str(tmp_path), "--listen"], {}, tmp_path)
    with pytest.raises(Stop, match="--no-token") as stopped:
        access_token(settings, Places(settings))
    assert stopped.value.code == USAGE


def test_pages_of_an_origin_may_be_let_in_by_flag(tmp_path: Path) -> None:
    with running(tmp_path, "--enable-cors-header", "http://friend.example") as server:
        reply = server.ask(Origin="http://friend.example", Sec_Fetch_Site="cross-site")
        assert (reply.status, reply.head["access-control-allow-origin"]) == (200, "http://friend.example")
        assert server.ask(Origin="http://evil.example").status == 403
        asked = server.ask(method="OPTIONS", Origin="http://friend.example", Access_Control_Request_Method="POST")
        assert asked.status == 200 and "POST" in asked.head["access-control-allow-methods"]
