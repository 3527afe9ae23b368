"""`server.py` and `darkroom serve` as processes: they start, say where they are, and stop in order."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from darkroom.commands.exits import DONE, USAGE, Stop
from darkroom.commands.serve_parts import Places, Temp, bind, packs_digest, tls, worker_settings
from darkroom.service.settings.sources import read_settings
from darkroom.service.settings.table import Settings
from darkroom.worker.settings import WorkerSettings

ROOT = Path(__file__).parent.parent.parent
NO_WORKERS = "devices = []\n"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "darkroom.toml").write_text(NO_WORKERS, encoding="utf-8")
    return tmp_path


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@contextmanager
def started(*command: str, base: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process and the first line that it prints."""
    flags = ["--base-directory", str(base), "--port", "0"]
    process = subprocess.Popen(
        [sys.executable, *command, *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(),
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        assert process.stderr is not None
        process.stderr.close()


def url_in(line: str) -> str:
    found = re.search(r"https?://\S+", line)
    assert found, line
    return found[0]


@pytest.mark.parametrize("name", ["server.py", "main.py"])
def test_server_py_starts_also_as_main_py_answers_and_stops_at_a_signal(name: str, base: Path) -> None:
    script = ROOT / "server.py"
    if name != "server.py":
        script = base / name
        script.symlink_to(ROOT / "server.py")
    with started(str(script), base=base) as (process, line):
        with urllib.request.urlopen(f"{url_in(line)}queue", timeout=5) as reply:
            assert reply.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == DONE
    assert (base / "user" / "darkroom.db").is_file()


def test_darkroom_serve_is_the_same(base: Path) -> None:
    with started("-m", "darkroom", "serve", base=base) as (process, line):
        assert urllib.request.urlopen(f"{url_in(line)}queue", timeout=5).status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == DONE


def test_the_server_never_imports_torch(base: Path) -> None:
    code = (
        "import sys; from darkroom.commands import serve; serve.library();"
        "bad = {'torch', 'diffusers', 'transformers', 'alembic', 'sqlalchemy', 'yaml', 'PIL'} & set(sys.modules);"
        "sys.exit(', '.join(bad) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr


def test_a_new_token_is_shown_once_as_a_link(base: Path) -> None:
    with started("server.py", "--listen", "127.0.0.1", "--allow-host", "box.example", base=base) as (process, _):
        assert process.stdout is not None
        assert "/?token=" in process.stdout.readline()
    with started("server.py", "--allow-host", "box.example", base=base) as (process, _):
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "/?token=" not in line and "token.json" in line


def test_a_port_in_use_is_told_with_a_remedy(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "server.py", "--base-directory", str(base), "--port", str(port)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
    assert done.returncode == USAGE
    assert f"127.0.0.1:{port} is in use" in done.stderr and "--port" in done.stderr
    assert "Traceback" not in done.stderr


def settings(base: Path, *flags: str) -> Settings:
    return read_settings(["--base-directory", str(base), *flags], {}, base)


def test_several_addresses_share_one_port_even_if_any_was_asked_for(base: Path) -> None:
    sockets = bind(settings(base, "--port", "0", "--listen", "127.0.0.1,127.0.0.2"))
    assert len({each.getsockname()[1] for each in sockets}) == 1
    for each in sockets:
        each.close()


def test_an_address_that_is_not_ours_is_told(base: Path) -> None:
    with pytest.raises(Stop, match="does not have that address"):
        bind(settings(base, "--port", "0", "--listen", "192.0.2.77"))


def test_a_key_that_is_none_is_told(base: Path) -> None:
    (base / "key.pem").write_text("no key")
    pair = ("--tls-keyfile", str(base / "key.pem"), "--tls-certfile", str(base / "key.pem"))
    with pytest.raises(Stop, match="PEM"):
        tls(settings(base, *pair))
    assert tls(settings(base)) is None
    assert ssl.HAS_TLSv1_2


def test_workers_get_what_the_flags_say(base: Path) -> None:
    (base / "extra_model_paths.yaml").write_text("a:\n  vae: /vaes\n  custom_nodes: /packs\n")
    flags = ("--fp16-unet", "--force-fp32", "--cache-ram", "2", "--output-directory", "/out", "--deterministic")
    chosen = settings(base, *flags)
    given = WorkerSettings(**worker_settings(chosen, Places(chosen), "cuda:1"))
    assert (given.device, given.unet, given.vae, given.text) == ("cuda:1", "fp16", "fp32", "fp32")
    assert (given.cache, given.headroom_bytes, given.output) == ("ram", 2 * 2**30, Path("/out"))
    assert given.extra_paths == {"vae": (Path("/vaes"),)}
    assert given.custom_nodes == (base / "custom_nodes", Path("/packs"))
    assert given.deterministic and not given.allow_pickle


def test_the_temp_folder_is_emptied_and_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    temp = tmp_path / "temp"
    (temp / "sub").mkdir(parents=True)
    (temp / "sub" / "a.png").touch()
    (temp / "link").symlink_to(outside)
    Temp(temp).begin()
    assert sorted(each.name for each in temp.iterdir()) == [".lock"]
    assert (outside / "kept").is_file()


def test_a_temp_folder_that_another_server_uses_is_left_alone(tmp_path: Path) -> None:
    first, second = Temp(tmp_path), Temp(tmp_path)
    first.begin()
    (tmp_path / "a.png").touch()
    second.begin()
    first.end()
    assert (tmp_path / "a.png").is_file()
    second.end()
    assert not (tmp_path / "a.png").exists()


def test_the_digest_of_packs_changes_with_their_sources_and_flags(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    source = tmp_path / "pack" / "__init__.py"
    source.write_text("a = 1")
    plain = settings(tmp_path)
    first = packs_digest([tmp_path], plain)
    assert packs_digest([tmp_path], plain) == first
    assert packs_digest([tmp_path], settings(tmp_path, "--whitelist-custom-nodes", "pack")) != first
    source.write_text("a = 12")
    assert packs_digest([tmp_path], plain) != first
