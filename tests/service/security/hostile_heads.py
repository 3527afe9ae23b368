"""Hostile request lines and headers: names of hosts, origins, fetch metadata, malformed HTTP, paths."""

from __future__ import annotations

from tests.service.security.hostile import START, UPGRADE, get, named, raw

HOSTS = [
    *[(host, 403) for host in ("evil.example", "evil.example:{port}", "127.0.0.1.evil.example", "evil.example.")],
    *[(host, 403) for host in ("localhost.evil.example", "xn--lcalhost-64a", "0x7f000001", "notlocalhost")],
    *[(host, 403) for host in ("192.168.1.5:{port}", "10.0.0.1", "0.0.0.0:{port}", "[::]:{port}", "[fe80::1]")],
    *[(host, 400) for host in ("2130706433", "127.1", "", "localhost:99999", "localhost:-1", "localhost:http")],
    *[(host, 400) for host in ("localhost, evil.example", "me@localhost", "http://localhost", "localhost/", "[::1")],
    *[(host, 400) for host in ("local host", "localhost?", "localhost#", "\xe4\xf6.example", "[::1]evil", "-a.b")],
]
ORIGINS = [
    *(
        "http://evil.example",
        "https://evil.example:{port}",
        "http://127.0.0.1:1",
        "http://127.0.0.1",
        "null",
        "file://",
    ),
    *("https://127.0.0.1:{port}", "http://localhost:{port}", "http://127.0.0.1:{port}.evil.example", "", "*"),
    *("http://127.0.0.1:{port}@evil.example", "http://evil.example/127.0.0.1:{port}", "HTTP://EVIL.EXAMPLE"),
    *(
        "http://127.0.0.1:{port} http://evil.example",
        "chrome-extension://abcdefgh",
        "http://[::1]:{port}",
        "//127.0.0.1",
    ),
]
FETCHES = [
    ("cross-site", "GET", "/queue", ""),
    ("same-site", "GET", "/queue", ""),
    ("cross-site", "POST", "/interrupt", ""),
    ("CROSS-SITE", "GET", "/object_info", ""),
    ("cross-site", "GET", "/view?filename=a.png", "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n"),
    ("cross-site", "GET", "/queue", "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"),
    ("cross-site", "GET", "/", "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n"),
    ("cross-site", "POST", "/", "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"),
]

NAMES_OF_HOSTS = [
    *[named(host, status) for host, status in HOSTS],
    raw("no Host", "GET /queue HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    raw("two Hosts", START + "Host: localhost\r\nConnection: close\r\n\r\n", 400),
]
PAGES_OF_OTHERS = [
    *[get(f"Origin {each!r}", "/queue", 403, headers=f"Origin: {each}\r\n", empty=True) for each in ORIGINS],
    get("Origin of a page that posts", "/interrupt", 403, method="POST", headers="Origin: http://evil.example\r\n"),
    *[
        get(
            f"Sec-Fetch-Site {site} {method} {path} {more!r}",
            path,
            403,
            method=method,
            headers=f"Sec-Fetch-Site: {site}\r\n{more}",
            empty=True,
        )
        for site, method, path, more in FETCHES
    ],
    raw("two Origins", START + "Origin: http://127.0.0.1:{port}\r\nOrigin: http://evil.example\r\n\r\n", 400, 403),
    get("a site nobody knows", "/queue", 403, headers="Sec-Fetch-Site: same-origin, cross-site\r\n", empty=True),
    raw("two sites", START + "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site\r\n\r\n", 403),
]
SOCKETS_OF_OTHERS = [
    *[
        get(f"Origin {each!r} of a WebSocket", "/ws", 403, headers=f"{UPGRADE}Origin: {each}\r\n", empty=True)
        for each in ("http://evil.example", "null", "https://127.0.0.1:{port}")
    ],
    get("a WebSocket of a page of another site", "/ws", 403, headers=f"{UPGRADE}Sec-Fetch-Site: cross-site\r\n"),
    get("a WebSocket without a key", "/ws", 400, headers="Upgrade: websocket\r\nConnection: Upgrade\r\n"),
    get("no WebSocket", "/ws", 400),
    get("HEAD of a WebSocket", "/ws", 400, method="HEAD", headers=UPGRADE + "Connection: Upgrade\r\n"),
    get(
        "a client's name of 300 letters", "/ws?clientId=" + "a" * 300, 400, headers=UPGRADE + "Connection: Upgrade\r\n"
    ),
    get("NUL in a client's name", "/ws?clientId=a%00", 400, headers=UPGRADE + "Connection: Upgrade\r\n"),
]
FIELDS = [
    raw("a folded header", START + "X-A: b\r\n c\r\n\r\n", 400),
    raw("a space before the colon", START + "X-A : b\r\n\r\n", 400),
    raw("a header without a colon", START + "nonsense\r\n\r\n", 400),
    raw("a header without a name", START + ": b\r\n\r\n", 400),
    raw("NUL in a header", START + "X-A: a\0b\r\n\r\n", 400),
    raw("CR in a header", START + "X-A: a\rSet-Cookie: b\r\n\r\n", 400),
    raw("LF alone before a forged header", START + "X-A: a\nHost: evil.example\r\n\r\n", 400, 403),
    raw("a header of 100 kB", START + "X-A: " + "a" * 100_000 + "\r\n\r\n", 400, 431),
    raw("a name of 100 kB", START + "X" * 100_000 + ": a\r\n\r\n", 400, 431),
    raw("1,000 headers", START + "".join(f"X-{n}: a\r\n" for n in range(1000)) + "\r\n", 400, 431),
    raw("headers without end", START + "X-A: a\r\n" * 50_000, 400, 431),
    get("an expectation nobody knows", "/queue", 417, headers="Expect: a miracle\r\n"),
    raw("HTTP/0.9", "GET /queue\r\n", 400, 0, closing=True),
    raw("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 405),
    raw("HTTP/3.0", "GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 400, 505),
    raw("HTTP/1.1.1", "GET / HTTP/1.1.1\r\nHost: localhost\r\n\r\n", 400),
    raw("no version", "GET / \r\nHost: localhost\r\n\r\n", 400),
    raw("a TLS greeting", bytes.fromhex("16030100c8010000c40303") + bytes(190), 400),
    raw("random bytes", bytes(range(128, 256)) * 8 + b"\r\n\r\n", 400),
    raw("an address with spaces", "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    raw("an address of 100 kB", f"GET /{'a' * 100_000} HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, 414),
    raw(
        "an absolute address of another host", "GET http://evil.example/queue HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400
    ),
    raw("an absolute address of this host", "GET http://127.0.0.1/queue HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400),
    raw("CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", 400, 403, 405),
    raw("a method in small letters", "get / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, 405),
    raw("a method nobody knows", "BREW /queue HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400, 405),
    get("TRACE", "/queue", 400, 405, method="TRACE"),
]
METHODS = [
    get("PUT of the queue", "/queue", 405, method="PUT"),
    get("DELETE of the queue", "/queue", 405, method="DELETE"),
    get("GET of what changes something", "/interrupt", 404, 405),
    get("GET of what frees memory", "/free", 404, 405),
    get("HEAD of what changes something", "/interrupt", 404, 405, method="HEAD"),
    get("GET of an upload", "/upload/image", 404, 405),
    get("GET of a move", "/userdata/a/move/b", 404, 405),
    get("GET of a restore", "/api/darkroom/workflows/a/versions/b/restore", 404, 405),
]
PATHS = [
    get("NUL in a path", "/queue%00", 400),
    get("CR LF in a path", "/queue%0d%0aSet-Cookie:%20a=b", 400),
    get("ESC in a path", "/%1b[2J", 400),
    get("DEL in a path", "/%7f", 400),
    get("* as a path", "*", 400),
    get("a path that climbs", "/../../etc/passwd", 400, 404),
    get("a path that climbs, encoded", "/%2e%2e/%2e%2e/etc/passwd", 400, 404),
    get("a path that climbs, slashes encoded", "/..%2f..%2fetc%2fpasswd", 400, 404),
    get("a path that climbs, twice encoded", "/%252e%252e/etc/passwd", 400, 404),
    get("a path that climbs, Windows", "/..%5c..%5cwindows%5cwin.ini", 400, 404),
    get("a path with two slashes", "//etc/passwd", 400, 404),
    get("a path that is no UTF-8", "/%ff%fe", 400, 404),
    get("a file of another folder", "/view?filename=../../../etc/passwd", 400, 403, 404),
    get("an absolute file", "/view?filename=/etc/passwd", 400, 403, 404),
    get("a folder that climbs", "/view?filename=passwd&subfolder=../../../etc", 400, 403, 404),
    get("NUL in a file name", "/view?filename=a%00.png", 400, 403, 404),
    get("the access token as userdata", "/userdata/..%2f__server%2ftoken.json", 400, 403, 404),
    get("a drive", "/view?filename=C:%5cx.png", 400, 403, 404),
    get("UNC", "/view?filename=%5c%5cserver%5cshare%5cx.png", 400, 403, 404),
    get("a subfolder in UNC", "/view?filename=x.png&subfolder=//server/share", 400, 403, 404),
    get("a link that leads out", "/view?type=input&filename=out.txt", 403),
    get("a folder that is a link out", "/view?type=input&subfolder=outside&filename=secret.txt", 403),
    get("a pipe", "/view?type=input&filename=pipe.png", 404),
    get("a device of Windows", "/view?filename=NUL.png", 400),
    get("a hidden file", "/view?type=temp&subfolder=.jobs&filename=a.files", 400, 403),
    get("a folder nobody knows", "/view?type=models&filename=a.png", 400),
    get("a workflow that climbs", "/api/darkroom/workflows/..%2f..%2f__server%2ftoken", 400),
    get("a version that climbs", "/api/darkroom/workflows/a?version=../../x", 404),
    get("weights outside", "/view_metadata/checkpoints?filename=../../secret.safetensors", 404),
    get("a script outside of its pack", "/extensions/pack/..%2f..%2fsecret.js", 400, 403, 404),
    get("a user's list that climbs", "/userdata?dir=..", 403),
    get("NUL in a folder of a user", "/v2/userdata?path=a%00", 400, 403),
]
