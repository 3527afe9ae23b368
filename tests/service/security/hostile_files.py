"""Hostile files: forms, uploads, pictures."""

from __future__ import annotations

from tests.service.security.hostile import Case, form, get, packed_text, part, png, post

END = b"--a--\r\n"
BOMB = packed_text(bytes(30 * 2**20))

FORMS = [
    post(
        "a form without a boundary",
        "/upload/image",
        b"--a--",
        400,
        415,
        headers="Content-Type: multipart/form-data\r\n",
    ),
    post(
        "a form that is none",
        "/upload/image",
        b"nothing",
        400,
        headers="Content-Type: multipart/form-data; boundary=a\r\n",
    ),
    post(
        "a form cut off",
        "/upload/image",
        b"--a\r\nContent-Disposition: form-data; name=image; filename=a.png\r\n\r\nxx",
        400,
        headers="Content-Type: multipart/form-data; boundary=a\r\n",
    ),
    post("an upload as JSON", "/upload/image", b"{}", 400, 415, headers="Content-Type: application/json\r\n"),
    post(
        "a boundary of 10 kB",
        "/upload/image",
        b"x",
        400,
        415,
        431,
        headers=f"Content-Type: multipart/form-data; boundary={'a' * 8000}\r\n",
    ),
    form("10^5 parts", b"".join(part(b"1", name=f"x{n}", filename=None) for n in range(100_000)) + END, 400),
    form("101 parts", b"".join(part(b"1", name=f"x{n}", filename=None) for n in range(101)) + END, 400),
    form(
        "a part with 10^5 headers",
        b"--a\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(100_000)) + b"\r\n1\r\n" + END,
        400,
    ),
    form("a part with a header of 1 MB", b"--a\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n1\r\n" + END, 400),
    form("a field of 100 kB", part(b"a" * 100_000, name="subfolder", filename=None) + part() + END, 400),
    form("a field that is no UTF-8", part(b"\xff\xfe", name="subfolder", filename=None) + part() + END, 400),
    form(
        "a form in a form",
        b"--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n1\r\n--b--\r\n" + END,
        400,
    ),
    form("a part without a blank line", b"--a\r\nContent-Disposition: form-data; name=image\r\n" + END, 400),
    form("no file in the form", part(name="other", filename=None) + END, 400),
    form("the name of an upload that climbs", part(filename="../../x.png") + END, 400),
    form("a file name that is absolute", part(filename="/etc/x.png") + END, 400),
    form("a file name of a drive", part(filename="C:x.png") + END, 400),
    form("a file name of dots", part(filename="..") + END, 400),
    form("NUL in the name of an upload", part(filename="a\0.png") + END, 400),
    form("escapes in a file name", part(filename="\x1b[31ma.png") + END, 400),
    form("a file name of 300 letters", part(filename="a" * 300 + ".png") + END, 400),
    form("a subfolder that climbs", part(b"../..", name="subfolder", filename=None) + part() + END, 400),
    form("a subfolder that leads out by a link", part(b"outside", name="subfolder", filename=None) + part() + END, 400),
    form("a subfolder that is a file", part(b"small.png", name="subfolder", filename=None) + part() + END, 400),
    form("an upload to a folder nobody knows", part(b"models", name="type", filename=None) + part() + END, 400),
    post(
        "an upload beyond the limit",
        "/upload/image",
        b"",
        413,
        headers=f"Content-Type: multipart/form-data; boundary=a\r\nContent-Length: {2**31}\r\n",
    ),
]


def mask(title: str, reference: bytes, content: bytes = b"x") -> Case:
    body = part(reference, name="original_ref", filename=None) + part(content) + END
    return form(title, body, 400, path="/upload/mask")


OF_SMALL = b'{"filename": "small.png", "type": "input"}'

PICTURES = [
    *(
        get(f"{name}: {query}", f"/view?type=input&filename={name}&{query}", 400)
        for name in ("huge.png", "frames.png", "broken.png", "text.txt")
        for query in ("preview=webp", "channel=a")
    ),
    mask("a mask of what is not there", b'{"filename": "nothing.png"}'),
    mask("a mask of no JSON", b"{"),
    mask("a mask of a list", b"[1]"),
    mask("a mask of a file elsewhere", b'{"filename": "../../secret.txt", "type": "input"}'),
    mask("a mask of a number", b'{"filename": 1}'),
    mask("a mask of something deep", b"[" * 60_000),
    mask("a mask that is no picture", OF_SMALL),
    mask("a mask without transparency", OF_SMALL, png(1, 1)),
    mask("a mask of 3,600,000,000 pixels", OF_SMALL, png(60_000, 60_000)),
    mask("a mask of a huge picture", b'{"filename": "huge.png", "type": "input"}', png(1, 1)),
]


def opened(title: str, data: bytes, *statuses: int) -> Case:
    return post(title, "/api/darkroom/workflows/open", data, *(statuses or (400,)))


TEXT_CHUNKS = [
    opened("30 MiB of zeros as a workflow", png(1, 1, BOMB), 400, 413),
    opened("5 times 8 MiB in a picture", png(1, 1, *[packed_text(bytes(8 * 2**20))] * 5), 400, 413),
    opened("17 MiB of blanks in a picture", png(1, 1, packed_text(b" " * (17 * 2**20))), 413),
    opened("a million lists in a picture", png(1, 1, packed_text(b"[" + b"[]," * 1_000_000 + b"0]")), 413),
    opened("a text that is nested deep", png(1, 1, packed_text(b"[" * 1_000_000)), 400, 413),
    opened("a text that is no zlib", png(1, 1)[:33] + b"\0\0\0\x10zTXtworkflow\0\0......\0\0\0\0" + png(1, 1)[33:]),
    opened("a chunk that is longer than its file", b"\x89PNG\r\n\x1a\n\x7f\xff\xff\xffzTXtworkflow\0\0"),
    opened("a picture without a workflow", png(1, 1)),
    opened("a WebP cut off", b"RIFF\xff\xff\xff\x7fWEBPEXIF\xff\xff\xff\x7fII*\0"),
    opened("a JPEG whose EXIF points outside", b"\xff\xd8\xff\xe1\x00\x18Exif\0\0II*\0\xff\xff\xff\x7f" + bytes(20)),
    opened("no picture at all", bytes(range(256)) * 4),
    opened("a workflow of markup", b"<!doctype html><script>alert(1)</script>"),
    opened("a workflow as a number", b"7"),
]
