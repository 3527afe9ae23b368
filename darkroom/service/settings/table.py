"""Every setting of the server, once: its form, its default and what it does.

The command line, the keys of the settings file, the names of environment variables and `--help` derive from `Settings`.
"""

# ruff: noqa: RUF009 (each default is a dataclass field that `setting` makes)

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from darkroom.service.contracts import Limits
from darkroom.service.settings.kinds import SWITCH, Kind, checked, number, one_of, path, text, whole
from darkroom.service.settings.listen import EVERYWHERE, read_addresses, read_host

PREFIX = "DARKROOM_"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def setting(default: Any, kind: Kind, group: str, help: str, *, exclusive: str | None = None) -> Any:
    """A field of `Settings`. exclusive: at most one of these may be given; flag: the name where `-` is not `_`."""
    metadata = {"kind": kind, "group": group, "help": help, "exclusive": exclusive}
    return field(default=default, metadata=metadata)


def switch(group: str, help: str, *, exclusive: str | None = None) -> Any:
    return setting(False, SWITCH, group, help, exclusive=exclusive)


HOSTS = Kind("host names or addresses", read_host, "HOST", many=True)
ADDRESSES = checked("addresses or host names with commas between", read_addresses, "ADDRESS", bare=EVERYWHERE)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a server was started with, checked. Folders are None where they follow the base folder."""

    listen: tuple[str, ...] = setting(
        ("127.0.0.1",), ADDRESSES, "network", "listen at these addresses; without a value, at all of this machine's"
    )
    port: int = setting(8188, whole(0, 65535, metavar="PORT"), "network", "port to listen at; 0 takes any free one")
    tls_keyfile: Path | None = setting(None, path("FILE"), "network", "private key for HTTPS, PEM")
    tls_certfile: Path | None = setting(None, path("FILE"), "network", "certificate for HTTPS, PEM")
    enable_cors_header: str | None = setting(
        None, text("an origin or *", "ORIGIN", bare="*"), "network", "let pages of another origin use this server"
    )
    max_upload_size: float = setting(
        100.0, number(0.001, 1_000_000, metavar="MB"), "network", "largest request body in megabytes"
    )
    enable_compress_response_body: bool = switch("network", "compress JSON and text answers")
    allow_host: tuple[str, ...] = setting((), HOSTS, "network", "further names under which browsers reach this server")
    max_connections: int = setting(1000, whole(1), "network", "connections at once; further ones get 503")
    header_seconds: float = setting(10.0, number(0.1), "network", "time for the head of a request to arrive")
    keepalive_seconds: float = setting(75.0, number(0), "network", "time that an idle connection is kept")
    token: str | None = setting(
        None, text("16 or more letters and digits", "TEXT"), "access", "the access token, instead of one made by itself"
    )
    no_token: bool = switch("access", "let anybody in who can reach the server, also from other machines")
    allow_pickle: bool = switch("access", "read .ckpt, .pt and .bin weights too (weights only)")
    settings: Path | None = setting(None, path("FILE"), "folders", "settings file (default: darkroom.toml in the base)")
    base_directory: Path | None = setting(None, path(), "folders", "holds models, input, output, temp, user")
    output_directory: Path | None = setting(None, path(), "folders", "where results are saved")
    input_directory: Path | None = setting(None, path(), "folders", "where uploads are kept")
    temp_directory: Path | None = setting(None, path(), "folders", "holds a folder `temp`, emptied at start and end")
    user_directory: Path | None = setting(None, path(), "folders", "settings, workflows, database and access token")
    extra_model_paths_config: tuple[Path, ...] = setting(
        (), path("FILE", many=True), "folders", "YAML files that name further models folders"
    )
    front_end_root: Path | None = setting(None, path(), "folders", "a built editor to serve instead of ours")
    database: str | None = setting(
        None,
        text("a database URL", "URL"),
        "jobs",
        "sqlite:///FILE or postgresql+psycopg://...; else a file in the user folder",
    )
    name: str | None = setting(
        None,
        text("a name", "NAME"),
        "jobs",
        "this server's name among others on its database; else host and port",
    )
    retention: float = setting(
        0.0, number(0, metavar="DAYS"), "jobs", "forget ended jobs after so many days; 0 keeps them"
    )
    retention_jobs: int = setting(10_000, whole(0), "jobs", "keep so many ended jobs; 0 keeps all")
    devices: tuple[str, ...] = setting(
        ("auto",), text("devices", "DEVICE", many=True), "workers", "a worker for each: cpu, cuda:0, ... or auto"
    )
    cpu: bool = setting(False, SWITCH, "workers", "compute on the processor", exclusive="memory")
    cuda_device: tuple[str, ...] = setting(
        (), Kind("GPU numbers", lambda given: str(int(given)), "N", many=True), "workers", "only these GPUs are seen"
    )
    heartbeat_timeout: float = setting(
        60.0, number(1, metavar="SECONDS"), "workers", "a worker silent for so long counts as hung"
    )
    lease_seconds: float = setting(
        60.0, number(1, metavar="SECONDS"), "workers", "a job of a dead server is taken over after so long"
    )
    deterministic: bool = switch("workers", "use only algorithms that give the same bits each time")
    force_fp32: bool = switch("precision", "compute everything in fp32", exclusive="precision")
    force_fp16: bool = switch("precision", "compute everything in fp16", exclusive="precision")
    fp32_unet: bool = switch("precision", "U-Net in fp32", exclusive="U-Net precision")
    bf16_unet: bool = switch("precision", "U-Net in bf16", exclusive="U-Net precision")
    fp16_unet: bool = switch("precision", "U-Net in fp16", exclusive="U-Net precision")
    fp16_vae: bool = switch("precision", "VAE in fp16", exclusive="VAE precision")
    fp32_vae: bool = switch("precision", "VAE in fp32", exclusive="VAE precision")
    bf16_vae: bool = switch("precision", "VAE in bf16", exclusive="VAE precision")
    fp16_text_enc: bool = switch("precision", "text model in fp16", exclusive="text model precision")
    fp32_text_enc: bool = switch("precision", "text model in fp32", exclusive="text model precision")
    bf16_text_enc: bool = switch("precision", "text model in bf16", exclusive="text model precision")
    cache_classic: bool = switch("cache", "keep results within a budget (the default)", exclusive="cache")
    cache_lru: int = setting(0, whole(0), "cache", "the same as --cache-classic, unless N is 0", exclusive="cache")
    cache_none: bool = switch("cache", "keep no results", exclusive="cache")
    cache_ram: float | None = setting(
        None,
        number(0, metavar="GB", bare="4.0"),
        "cache",
        "keep results while so many GB stay free",
        exclusive="cache",
    )
    cache_disk: float = setting(
        2.0,
        number(0, metavar="GB"),
        "cache",
        "keep results that took long in files, for jobs that begin again; 0: none",
    )
    preview_method: str = setting(
        "none", one_of("none", "auto", "latent2rgb", "taesd"), "previews", "how pictures in the making are shown"
    )
    preview_size: int = setting(512, whole(16, 4096, metavar="PIXELS"), "previews", "longest side of a preview")
    disable_all_custom_nodes: bool = switch("nodes", "load no node packs")
    whitelist_custom_nodes: tuple[str, ...] = setting(
        (), text("names of packs", "PACK", many=True), "nodes", "load these in spite of --disable-all-custom-nodes"
    )
    disable_metadata: bool = switch("files", "save no prompt and workflow in pictures")
    default_hashing_function: str = setting(
        "sha256", one_of("md5", "sha1", "sha256", "sha512"), "files", "how uploads of one name are compared"
    )
    multi_user: bool = switch("files", "separate settings and workflows for each user")
    auto_launch: bool = switch("start", "open the editor in a browser")
    disable_auto_launch: bool = switch("start", "open no browser, in spite of --auto-launch")
    quick_test_for_ci: bool = switch("start", "leave as soon as a worker is ready")
    dont_print_server: bool = switch("start", "print no addresses")
    verbose: str = setting(
        "INFO", one_of(*LEVELS, bare="DEBUG"), "logs", "how much is logged; without a value, everything"
    )
    log_level: str | None = setting(None, one_of(*LEVELS), "logs", "the same as --verbose, and stronger")
    log_format: str = setting("text", one_of("text", "json"), "logs", "lines for people, or one JSON object each")
    log_stdout: bool = switch("logs", "log to the standard output instead of the standard error")
    limits: Limits = field(default_factory=Limits)
    ignored: tuple[str, ...] = ()
    """Flags of ComfyUI that were given and do nothing here."""

    @property
    def level(self) -> str:
        return self.log_level or self.verbose


LIMIT_HELP = {
    "upload_bytes": "largest request body in bytes; stronger than --max-upload-size",
    "json_bytes": "largest JSON in a request or a picture, in bytes",
    "json_groups": "most lists and objects in JSON",
    "json_depth": "deepest nesting of JSON",
    "graph_nodes": "most nodes in a workflow",
    "text_bytes": "longest text in a workflow's input, in bytes",
    "image_pixels": "largest picture in pixels",
    "image_frames": "most frames of an animation",
    "image_text_bytes": "largest unpacked text of a picture",
    "form_parts": "most parts of an upload",
    "socket_message_bytes": "largest WebSocket message",
    "socket_clients": "most WebSocket clients at once",
    "socket_queue_bytes": "what may wait for a slow client before it is dropped",
    "queued_jobs": "most jobs that wait",
    "body_seconds": "time for the body of a request to arrive",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as its sources name it. limit: it belongs to the table [limits]."""

    field: str
    flag: str
    key: str
    variable: str
    kind: Kind
    group: str
    help: str
    default: Any
    exclusive: str | None = None
    limit: bool = False


def row_of(each: Field[Any]) -> Row:
    facts = each.metadata
    key = each.name.replace("_", "-")
    default = None if each.default is MISSING else each.default
    return Row(
        *(each.name, f"--{key}", key, PREFIX + each.name.upper()),
        *(facts["kind"], facts["group"], facts["help"], default, facts["exclusive"]),
    )


def limit_row(each: Field[Any]) -> Row:
    kind = number(0.001) if isinstance(each.default, float) else whole(1)
    key = each.name.replace("_", "-")
    return Row(
        *(each.name, f"--limit-{key}", key, f"{PREFIX}LIMIT_{each.name.upper()}"),
        *(kind, "limits", LIMIT_HELP.get(each.name, ""), each.default),
        limit=True,
    )


ROWS: tuple[Row, ...] = (
    *(row_of(each) for each in fields(Settings) if each.metadata),
    *(limit_row(each) for each in fields(Limits)),
)
