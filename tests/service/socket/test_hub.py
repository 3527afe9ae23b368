"""Who is connected, what they get, and who is dropped."""

import asyncio
import json
import socket as sockets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType
from aiohttp.test_utils import TestClient, TestServer

from darkroom.engine.registry import Registry
from darkroom.service.contracts import Limits, NewJob, Service
from darkroom.service.http.app import build_app
from darkroom.service.http.routes import ROUTES
from darkroom.service.socket.hub import MOST_FEATURES, SocketHub, is_preview, plain_flags
from darkroom.service.socket.outbox import CONGESTED, Outbox, Outgoing
from tests.service.fakes import FakeStore, FakeWorkers, fake_service

JPEG = (1).to_bytes(4, "big") + b"jpeg"
PNG = (2).to_bytes(4, "big") + b"png"

Client = TestClient[Any, Any]


def talked(
    folder: Path, talk: Callable[[Client, SocketHub], Awaitable[Any]], limits: Limits | None = None, **options: Any
) -> Any:
    """What `talk` returns, called with a client of an app and its hub."""

    async def run() -> Any:
        service = fake_service(folder, Registry(), limits=limits, **options)
        async with TestClient(TestServer(build_app(service, ROUTES))) as client:
            return await asyncio.wait_for(talk(client, hub_of(service)), 20)

    return asyncio.run(run())


def hub_of(service: Service) -> SocketHub:
    assert isinstance(service.hub, SocketHub)
    return service.hub


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


def test_a_client_is_told_the_queue_and_its_id_first(tmp_path: Path) -> None:
    async def talk(client: Client, hub: SocketHub) -> Any:
        named = await client.ws_connect("/ws?clientId=me")
        unnamed = await client.ws_connect("/api/ws")
        return await named.receive_json(), (await unnamed.receive_json())["data"]["sid"]

    first, given = talked(tmp_path, talk)
    assert first == {"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 0}}, "sid": "me"}}
    assert len(given) == 32


def test_a_client_that_comes_back_is_told_where_its_job_is(tmp_path: Path) -> None:
    workers = FakeWorkers()
    workers.at["job"] = "7"

    async def run() -> Any:
        service = fake_service(tmp_path, Registry(), workers=workers)
        assert isinstance(service.store, FakeStore)
        await service.store.accept(NewJob("job", {}, [], client="me"))
        await service.store.claim("cpu", 10)
        async with TestClient(TestServer(build_app(service, ROUTES))) as client:
            mine, other = [await client.ws_connect(f"/ws?clientId={id}") for id in ("me", "you")]
            await mine.receive_json()
            await other.receive_json()
            found = await mine.receive_json()
            service.hub.send("next", None)
            return found, await other.receive_json()

    found, others = asyncio.run(run())
    assert (found["type"], found["data"]["node"]) == ("executing", "7")
    assert others["type"] == "next"


def test_messages_go_to_one_client_or_to_all_and_stay_in_order(tmp_path: Path) -> None:
    async def talk(client: Client, hub: SocketHub) -> Any:
        one, two = [await client.ws_connect(f"/ws?clientId={id}") for id in ("1", "2")]
        await one.receive_json()
        await two.receive_json()
        hub.send("a", {"value": float("nan")})
        hub.send("b", None, "2")
        hub.send("b", None, "nobody")
        hub.send_binary(1, JPEG, "1")
        hub.send("c", None)
        return [[(await each.receive()).data for _ in range(3)] for each in (one, two)]

    one, two = talked(tmp_path, talk)
    assert json.loads(one[0]) == {"type": "a", "data": {"value": None}}
    assert one[1] == (1).to_bytes(4, "big") + JPEG
    assert [json.loads(each)["type"] for each in two] == ["a", "b", "c"]


def test_features_are_announced_by_the_first_text_only(tmp_path: Path) -> None:
    async def talk(client: Client, hub: SocketHub) -> Any:
        early, late = [await client.ws_connect(f"/ws?clientId={id}") for id in ("early", "late")]
        await early.receive_json()
        await late.receive_json()
        flags = {"type": "feature_flags", "data": {"supports_preview_metadata": True}}
        await early.send_json(flags)
        answer = await early.receive_json()
        await early.send_json({**flags, "data": {}})
        await late.send_str("{not json")
        await late.send_json(flags)
        hub.send("end", None)
        assert (await early.receive_json())["type"] == "end"
        assert (await late.receive_json())["type"] == "end"
        return answer, [hub.feature(id, "supports_preview_metadata") for id in ("early", "late", "nobody")]

    answer, found = talked(tmp_path, talk)
    assert answer["type"] == "feature_flags"
    assert answer["data"]["supports_preview_metadata"] is True
    assert found == [True, None, None]


def test_a_second_connection_of_an_id_gets_the_messages(tmp_path: Path) -> None:
    async def talk(client: Client, hub: SocketHub) -> Any:
        first = await client.ws_connect("/ws?clientId=me")
        await first.receive_json()
        second = await client.ws_connect("/ws?clientId=me")
        await second.receive_json()
        hub.send("hello", None, "me")
        assert (await second.receive_json())["type"] == "hello"
        await first.close()
        await until(lambda: hub.count == 1)
        hub.send("again", None, "me")
        return (await second.receive_json())["type"]

    assert talked(tmp_path, talk) == "again"


def test_there_is_a_most_of_clients_and_a_place_is_free_again_when_one_leaves(tmp_path: Path) -> None:
    async def talk(client: Client, hub: SocketHub) -> Any:
        one = await client.ws_connect("/ws")
        refused = await client.get("/ws", headers=HANDSHAKE)
        await one.close()
        await until(lambda: hub.count == 0)
        two = await client.ws_connect("/ws")
        return refused.status, (await two.receive_json())["type"]

    assert talked(tmp_path, talk, Limits(socket_clients=1)) == (503, "status")


HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/ws", {}), ("/ws?clientId=%00", HANDSHAKE), (f"/ws?clientId={'x' * 300}", HANDSHAKE)],
)
def test_what_is_no_handshake_or_has_no_possible_id_is_refused(
    path: str, headers: dict[str, str], tmp_path: Path
) -> None:
    async def talk(client: Client, hub: SocketHub) -> Any:
        response = await client.get(path, headers=headers)
        return response.status, (await response.json())["error"]

    status, error = talked(tmp_path, talk)
    assert status == 400
    assert error


def test_a_message_that_is_too_large_ends_the_connection(tmp_path: Path) -> None:
    async def talk(client: Client, hub: SocketHub) -> Any:
        socket = await client.ws_connect("/ws")
        await socket.receive_json()
        await socket.send_str("x" * 2000)
        message = await socket.receive()
        return message.type, message.data

    assert talked(tmp_path, talk, Limits(socket_message_bytes=1000)) == (WSMsgType.CLOSE, 1009)


@pytest.mark.parametrize("kind", ["text", "binary", "ping"])
def test_a_flood_ends_the_connection_and_no_other(kind: str, tmp_path: Path) -> None:
    async def talk(client: Client, hub: SocketHub) -> Any:
        calm = await client.ws_connect("/ws?clientId=calm")
        await calm.receive_json()
        socket = await client.ws_connect("/ws", autoping=False)
        await socket.receive_json()
        send: Any = {"text": socket.send_str, "binary": socket.send_bytes, "ping": socket.ping}[kind]
        for _ in range(1000):
            await send("x" if kind == "text" else b"x")
        message = await socket.receive()
        while message.type is WSMsgType.PONG:
            message = await socket.receive()
        hub.send("still", None)
        return message.type, message.data, (await calm.receive_json())["type"]

    assert talked(tmp_path, talk) == (WSMsgType.CLOSE, 1008, "still")


def test_a_client_that_never_reads_is_dropped_and_the_others_get_everything(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def talk(client: Client, hub: SocketHub) -> Any:
        deaf = sockets.create_connection((client.host, client.port))
        lines = [f"{key}: {value}" for key, value in HANDSHAKE.items()]
        deaf.sendall("\r\n".join(["GET /ws?clientId=deaf HTTP/1.1", "Host: x", *lines, "", ""]).encode())
        reader = await client.ws_connect("/ws?clientId=reader", max_msg_size=0)
        await reader.receive_json()
        await until(lambda: hub.count == 2)
        sent = 0
        while hub.count == 2 and sent < 1000:
            hub.send("block", "x" * 100_000)
            sent += 1
            assert json.loads((await reader.receive()).data)["type"] == "block"
        deaf.close()
        return sent

    sent = talked(tmp_path, talk, Limits(socket_queue_bytes=2**20))
    assert 10 < sent < 1000
    assert "'deaf': it does not read" in caplog.text


def test_closing_says_goodbye_to_all(tmp_path: Path) -> None:
    async def talk(client: Client, hub: SocketHub) -> Any:
        socket = await client.ws_connect("/ws")
        await socket.receive_json()
        closing = asyncio.create_task(hub.close())
        message = await socket.receive()
        await closing
        return message.type, message.data

    assert talked(tmp_path, talk) == (WSMsgType.CLOSE, 1001)


def waiting(box: Outbox) -> list[bytes]:
    found = []
    while (message := box.take()) is not None:
        found.append(message.data)
    return found


def test_of_previews_that_wait_for_a_slow_client_only_the_newest_is_kept() -> None:
    box = Outbox(10_000)
    for number in range(CONGESTED):
        assert box.put(Outgoing(b"text %d" % number))
    for number in range(100):
        assert box.put(Outgoing(b"preview %02d" % number, True, "preview"))
        assert box.put(Outgoing(b"state %02d" % number, False, "state"))
    assert box.size < 400
    found = waiting(box)
    assert found[-2:] == [b"preview 99", b"state 99"]
    assert len(found) == CONGESTED + 2
    assert box.size == 0


def test_previews_of_a_client_that_keeps_up_are_all_sent() -> None:
    box = Outbox(10_000)
    for number in range(3):
        box.put(Outgoing(b"%d" % number, True, "preview"))
    assert waiting(box) == [b"0", b"1", b"2"]


def test_a_full_outbox_takes_no_more() -> None:
    box = Outbox(10)
    assert box.put(Outgoing(b"123456"))
    assert not box.put(Outgoing(b"123456"))
    box.put_first(Outgoing(b"first"))
    assert waiting(box) == [b"first", b"123456"]


@pytest.mark.parametrize(
    ("event", "payload", "droppable"),
    [
        (1, JPEG, True),
        (1, PNG, False),
        (4, b"\0\0\0\x1b" + b'{"image_type":"image/jpeg"}' + b"...", True),
        (4, b"\0\0\0\x1a" + b'{"image_type":"image/png"}' + b'"image/jpeg"', False),
        (3, JPEG, False),
    ],
)
def test_pictures_that_are_results_are_never_dropped(event: int, payload: bytes, droppable: bool) -> None:
    assert is_preview(event, payload) is droppable


def test_of_what_a_client_announces_only_short_flags_are_kept() -> None:
    given = {"supports_preview_metadata": True, "level": 2, "long": ["x"] * 1000, "text": "x", "n" * 500: True}
    assert plain_flags(given) == {"supports_preview_metadata": True, "level": 2}
    assert len(plain_flags({str(n): True for n in range(10_000)})) == MOST_FEATURES


def test_who_has_a_job_gets_every_status_and_others_the_newest_now_and_then(tmp_path: Path) -> None:
    async def talk(client: Client, hub: SocketHub) -> Any:
        mine, other = [await client.ws_connect(f"/ws?clientId={id}") for id in ("me", "you")]
        for each in (mine, other):
            await each.receive_json()
        hub.send("executing", {"node": "1"}, "me")
        for number in range(50):
            hub.send("status", {"number": number})
        got_mine = [await mine.receive_json() for _ in range(51)]
        got_other = [await other.receive_json() for _ in range(2)]
        hub.send("last", None)
        return got_mine, got_other, (await other.receive_json())["type"]

    mine, other, after = talked(tmp_path, talk)
    assert [each["data"]["number"] for each in mine[1:]] == list(range(50))
    assert [each["data"]["number"] for each in other] == [0, 49]
    assert after == "last"
