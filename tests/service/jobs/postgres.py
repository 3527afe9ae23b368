"""A PostgreSQL server of our own for tests: in a temporary folder, reached over a socket in that folder only."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

NOT_INSTALLED = "PostgreSQL is not installed (no initdb and pg_ctl in PATH or /usr/lib/postgresql/*/bin)"
SETTINGS = ("listen_addresses=''", "fsync=off", "max_connections=50", "shared_buffers=16MB")


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, or None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((each for each in folders if (each / "initdb").exists() and (each / "pg_ctl").exists()), None)


def as_other_user(folder: Path) -> list[str]:
    """What to put before a command, since the server refuses to run as root; the folder is given to that user."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return []
    name = (
        "postgres" if subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode == 0 else "nobody"
    )
    shutil.chown(folder, name)
    return ["runuser", "-u", name, "--"]


def run(command: Sequence[str | Path], folder: Path) -> None:
    log = folder.with_suffix(".out")
    with log.open("wb") as out:  # a pipe would stay open as long as the server that the command starts
        done = subprocess.run(command, stdout=out, stderr=out, cwd=folder, check=False, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{command}: {log.read_text(errors='replace')}")


def control(folder: Path) -> list[str | Path]:
    """pg_ctl for the server of a folder."""
    found = programs()
    if found is None:
        raise FileNotFoundError(NOT_INSTALLED)
    return [*as_other_user(folder), found / "pg_ctl", "-D", folder / "data"]


def start(folder: Path) -> None:
    options = " ".join(f"-c {each}" for each in (*SETTINGS, f"unix_socket_directories={folder}"))
    run([*control(folder), "-w", "-l", folder / "log", "-o", options, "start"], folder)


def stop(folder: Path) -> None:
    """As a crash would."""
    run([*control(folder), "-m", "immediate", "stop"], folder)


@contextmanager
def server() -> Iterator[str]:
    """The folder of a running server's socket. Raises FileNotFoundError where PostgreSQL is not installed."""
    found = programs()
    if found is None:
        raise FileNotFoundError(NOT_INSTALLED)
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # the path of a socket must be short
    try:
        user, data = as_other_user(folder), folder / "data"
        run([*user, found / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"], folder)
        start(folder)
        try:
            yield str(folder)
        finally:
            stop(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        folder.with_suffix(".out").unlink(missing_ok=True)


def url(folder: str, name: str = "postgres") -> str:
    """Of a database of that server."""
    return f"postgresql+psycopg://postgres@/{name}?host={folder}"
