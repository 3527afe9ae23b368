"""From settings to the parts of a server: folders, what workers get, facts, sockets, and the temp folder's upkeep."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import socket
import ssl
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from darkroom.commands.exits import USAGE, Stop
from darkroom.commands.opening import REPOSITORY
from darkroom.files.folders import Folders
from darkroom.service import settings as settings_package
from darkroom.service.contracts import Facts
from darkroom.service.observe.sanitise import SECRETS
from darkroom.service.settings.listen import address_of, bracketed
from darkroom.service.settings.table import Settings
from nodes.embeddings import prompt_tokens

GIB = 2**30
LOCK = ".lock"
EXTRA_PATHS = "extra_model_paths.yaml"
WEB = REPOSITORY / "web" / "dist"
TEMPLATES = REPOSITORY / "workflows"
BACKLOG = 512
"""Connections that wait until they are taken; many clients come back at once after a restart."""


class NoIpv6(Stop):
    """This machine has no IPv6; that matters only where nothing else was asked for."""


class Places:
    """Where this server's files are, after all settings."""

    def __init__(self, settings: Settings) -> None:
        self.base = (settings.base_directory or REPOSITORY).absolute()
        if not self.base.is_dir():
            raise Stop(USAGE, f"--base-directory {self.base}: there is no such folder")
        self.user = (settings.user_directory or self.base / "user").absolute()
        self.temp = ((settings.temp_directory or self.base) / "temp").absolute()
        self.token = self.user / "__server" / "token.json"
        self.definitions = self.user / "__server" / "definitions.json"
        self.results = self.user / "__server" / "results"
        self.journals = self.user / "__server" / "journals"
        extra = extra_paths(settings, self.base)
        self.extra: Mapping[str, Sequence[Path]] = extra.folders if extra else {}
        self.custom_nodes = (self.base / "custom_nodes", *(extra.custom_nodes if extra else ()))
        self.files = Folders(
            self.base,
            output=settings.output_directory,
            input=settings.input_directory,
            temp=self.temp,
            extra_paths=self.extra,
            allow_pickle=settings.allow_pickle,
        )


def extra_paths(settings: Settings, base: Path) -> Any:
    """Folders of the files that were named, and of the one that lies in the base folder; None where there is none."""
    usual = base / EXTRA_PATHS
    files = [*([usual] if usual.is_file() else []), *settings.extra_model_paths_config]
    if not files:
        return None
    reader = settings_package.extra_paths
    try:
        return reader.read_extra_paths(files)
    except reader.ExtraPathsError as error:
        raise Stop(USAGE, str(error)) from error


def worker_settings(settings: Settings, places: Places, device: str) -> dict[str, Any]:
    """What one worker is started with: the fields of `darkroom.worker.settings.WorkerSettings`."""
    cache, headroom = "classic", 4 * GIB
    if settings.cache_none:
        cache = "none"
    elif settings.cache_ram is not None:
        cache, headroom = "ram", int(settings.cache_ram * GIB)
    elif settings.cache_lru:
        cache = "lru"
    return {
        "device": device,
        "base": places.base,
        "output": settings.output_directory,
        "input": settings.input_directory,
        "temp": places.temp,
        "extra_paths": {key: tuple(paths) for key, paths in places.extra.items()},
        "allow_pickle": settings.allow_pickle,
        "cache": cache,
        "headroom_bytes": headroom,
        "journals": places.journals,
        "results": places.results,
        "results_bytes": int(settings.cache_disk * GIB),
        "unet": precision(settings, "unet"),
        "vae": precision(settings, "vae"),
        "text": precision(settings, "text_enc"),
        "custom_nodes": places.custom_nodes,
        "whitelist": settings.whitelist_custom_nodes,
        "disable_all_custom_nodes": settings.disable_all_custom_nodes,
        "deterministic": settings.deterministic,
        "log_level": settings.level,
    }


def precision(settings: Settings, part: str) -> str:
    """The number format that was asked for a part, else for everything, else "auto"."""
    for name in ("fp32", "bf16", "fp16"):
        if getattr(settings, f"{name}_{part}"):
            return name
    return "fp32" if settings.force_fp32 else "fp16" if settings.force_fp16 else "auto"


def facts(settings: Settings, places: Places, arguments: Sequence[str]) -> Facts:
    """What routes may know of how the server was started."""
    web = settings.front_end_root or (WEB if WEB.is_dir() else None)
    return Facts(
        folders=places.files,
        user=places.user,
        web=web.absolute() if web else None,
        templates=TEMPLATES,
        limits=settings.limits,
        metadata=not settings.disable_metadata,
        preview=settings.preview_method,
        preview_size=settings.preview_size,
        multi_user=settings.multi_user,
        argv=tuple(SECRETS.scrubbed(each) for each in arguments),
        custom_nodes=() if settings.disable_all_custom_nodes else places.custom_nodes,
        hashing=settings.default_hashing_function,
        prompt_tokens=prompt_tokens,
    )


def packs_digest(folders: Iterable[Path], settings: Settings) -> str:
    """Changes whenever a source of a pack does, as far as sizes and times tell; without reading any."""
    found = [f"{settings.disable_all_custom_nodes} {sorted(settings.whitelist_custom_nodes)}"]
    for folder in folders:
        for here, inner, names in os.walk(folder, followlinks=True):
            inner[:] = sorted(name for name in inner if not name.startswith((".", "__pycache__")))
            for name in sorted(names):
                if name.endswith(".py"):
                    with contextlib.suppress(OSError):
                        status = (Path(here) / name).stat()
                        found.append(f"{here}/{name} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(found).encode("utf-8", "surrogateescape")).hexdigest()


def tls(settings: Settings) -> ssl.SSLContext | None:
    """The context of HTTPS, or None for plain HTTP. Raises Stop where key and certificate cannot be used."""
    if settings.tls_certfile is None or settings.tls_keyfile is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        # An empty password fails at once where the key has one, instead of asking in the terminal.
        context.load_cert_chain(settings.tls_certfile, settings.tls_keyfile, password=lambda: "")
    except (OSError, ValueError) as error:
        raise Stop(
            USAGE,
            f"--tls-certfile {settings.tls_certfile}, --tls-keyfile {settings.tls_keyfile}: cannot be used ({error}); "
            "give a PEM certificate and its key without a password",
        ) from error
    return context


def bind(settings: Settings) -> list[socket.socket]:
    """Sockets that listen, all at one port. Raises Stop with what to do where an address cannot be had."""
    made: list[socket.socket] = []
    port = settings.port
    try:
        for host in settings.listen:
            for family, address in resolved(host, port):
                try:
                    made.append(listening(family, (address[0], port, *address[2:])))
                except NoIpv6:
                    if not made:
                        raise
                port = made[0].getsockname()[1]
    except BaseException:
        for each in made:
            each.close()
        raise
    return made


def resolved(host: str, port: int) -> list[tuple[int, Any]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise Stop(USAGE, f"--listen {host}: no address is known for it ({error}); give one") from error
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def listening(family: int, address: Any) -> socket.socket:
    """One socket. An IPv6 one takes IPv6 only, as the IPv4 address has one of its own."""
    try:
        made = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise NoIpv6(USAGE, unlistenable(address[0], address[1], error)) from error
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen(BACKLOG)
        made.setblocking(False)
    except OSError as error:
        made.close()
        is_absent = address[0] == "::" and error.errno == errno.EADDRNOTAVAIL
        raise (NoIpv6 if is_absent else Stop)(USAGE, unlistenable(address[0], address[1], error)) from error
    return made


def unlistenable(host: str, port: int, error: OSError) -> str:
    where = f"{bracketed(host)}:{port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"{where} is in use, perhaps by another Darkroom; stop that one, or start with --port {port + 1} "
            "(--port 0 takes any free one)"
        )
    if error.errno == errno.EACCES:
        return f"{where}: only the administrator may listen there; choose a --port of 1024 or more"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{where}: this machine does not have that address; choose another one for --listen"
    return f"{where}: cannot listen there ({error.strerror}); choose another --listen or --port"


def urls(settings: Settings, port: int) -> list[str]:
    """Addresses to open in a browser, the best first."""
    scheme = "https" if settings.tls_certfile else "http"
    hosts: list[str] = []
    for host in settings.listen:
        address = address_of(host)
        if address is not None and address.is_unspecified:
            hosts += ["127.0.0.1" if address.version == 4 else "::1", *(outward() if address.version == 4 else [])]
        else:
            hosts.append(host)
    return [f"{scheme}://{bracketed(host)}:{port}" for host in dict.fromkeys(hosts)]


def outward() -> list[str]:
    """The address under which this machine is seen; nothing is sent to find it out."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return [probe.getsockname()[0]]
    return []


class Temp:
    """The temp folder while this server runs: emptied at start and end, unless another server works with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Stop(USAGE, f"{folder}: cannot be used as temp folder ({error}); give a --temp-directory") from error

    def begin(self) -> None:
        """Empty it, and tell other servers that it is in use."""
        self._empty_if_alone()
        fcntl.flock(self._lock, fcntl.LOCK_SH)

    def end(self) -> None:
        self._empty_if_alone()
        os.close(self._lock)

    def _empty_if_alone(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return
        for entry in list(os.scandir(self._folder)):
            if entry.name == LOCK:
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()
