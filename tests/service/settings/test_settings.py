"""Settings come from a file, the environment and the command line, in this order; errors say what to write instead."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from darkroom.service.contracts import Limits
from darkroom.service.settings.others import OTHERS
from darkroom.service.settings.sources import SettingsError, parser, read_settings
from darkroom.service.settings.table import ROWS, Settings

COMFYUI_FLAGS = [
    "--listen",
    "--port",
    "--tls-keyfile",
    "--tls-certfile",
    "--enable-cors-header",
    "--max-upload-size",
    "--enable-compress-response-body",
    "--base-directory",
    "--extra-model-paths-config",
    "--output-directory",
    "--temp-directory",
    "--input-directory",
    "--user-directory",
    "--auto-launch",
    "--disable-auto-launch",
    "--windows-standalone-build",
    "--quick-test-for-ci",
    "--dont-print-server",
    "--verbose",
    "--log-stdout",
    "--cuda-device",
    "--default-device",
    "--cuda-malloc",
    "--disable-cuda-malloc",
    "--directml",
    "--oneapi-device-selector",
    "--disable-ipex-optimize",
    "--supports-fp8-compute",
    "--cpu",
    "--force-fp32",
    "--force-fp16",
    "--fp32-unet",
    "--fp64-unet",
    "--bf16-unet",
    "--fp16-unet",
    "--fp8_e4m3fn-unet",
    "--fp8_e5m2-unet",
    "--fp8_e8m0fnu-unet",
    "--fp16-vae",
    "--fp32-vae",
    "--bf16-vae",
    "--cpu-vae",
    "--fp8_e4m3fn-text-enc",
    "--fp8_e5m2-text-enc",
    "--fp16-text-enc",
    "--fp32-text-enc",
    "--bf16-text-enc",
    "--force-channels-last",
    "--gpu-only",
    "--highvram",
    "--normalvram",
    "--lowvram",
    "--novram",
    "--reserve-vram",
    "--async-offload",
    "--disable-async-offload",
    "--force-non-blocking",
    "--disable-smart-memory",
    "--disable-pinned-memory",
    "--mmap-torch-files",
    "--disable-mmap",
    "--use-split-cross-attention",
    "--use-quad-cross-attention",
    "--use-pytorch-cross-attention",
    "--use-sage-attention",
    "--use-flash-attention",
    "--disable-xformers",
    "--force-upcast-attention",
    "--dont-upcast-attention",
    "--cache-classic",
    "--cache-lru",
    "--cache-none",
    "--cache-ram",
    "--preview-method",
    "--preview-size",
    "--disable-all-custom-nodes",
    "--whitelist-custom-nodes",
    "--disable-api-nodes",
    "--enable-manager",
    "--disable-manager-ui",
    "--enable-manager-legacy-ui",
    "--deterministic",
    "--fast",
    "--disable-metadata",
    "--multi-user",
    "--default-hashing-function",
    "--front-end-version",
    "--front-end-root",
    "--comfy-api-base",
    "--database-url",
]


def settings(*flags: str, file: str | None = None, base: Path | None = None, **environment: str) -> Settings:
    base = base or Path("/nowhere")
    if file is not None:
        (base / "darkroom.toml").write_text(file, encoding="utf-8")
    return read_settings(flags, environment, base)


def complaint(*flags: str, file: str | None = None, base: Path | None = None, **environment: str) -> str:
    with pytest.raises(SettingsError) as raised:
        settings(*flags, file=file, base=base, **environment)
    return str(raised.value)


def test_each_flag_of_comfyui_is_known_once() -> None:
    ours = [row.flag for row in ROWS]
    assert set(COMFYUI_FLAGS) <= {*ours, *OTHERS}
    assert not set(ours) & set(OTHERS)
    assert len(set(ours)) == len(ours)


def test_each_setting_has_help_and_stands_in_the_printed_reference() -> None:
    printed = parser().format_help()
    for row in ROWS:
        assert len(row.help) >= 10, row.flag
        assert re.search(rf"{re.escape(row.flag)}\b", printed), row.flag
    described = {row.field for row in ROWS if not row.limit}
    assert described == {each.name for each in fields(Settings)} - {"limits", "ignored"}
    assert {row.field for row in ROWS if row.limit} == {each.name for each in fields(Limits)}


def test_without_anything_the_defaults_hold() -> None:
    assert settings() == Settings()


def test_the_command_line_is_stronger_than_the_environment_and_that_than_the_file(tmp_path: Path) -> None:
    file = "port = 1\npreview-size = 100\nretention = 3\n"
    read = settings("--port", "3", file=file, base=tmp_path, DARKROOM_PORT="2", DARKROOM_PREVIEW_SIZE="200")
    assert (read.port, read.preview_size, read.retention) == (3, 200, 3.0)
    assert read.settings == tmp_path / "darkroom.toml"


def test_the_file_takes_lists_switches_paths_and_a_table_of_limits(tmp_path: Path) -> None:
    file = """
        listen = ["127.0.0.1", "::1"]
        devices = ["cuda:0", "cuda:1"]
        multi_user = true
        output-directory = "~/out"
        [limits]
        json_depth = 7
        body-seconds = 1.5
    """
    read = settings(file=file, base=tmp_path)
    assert read.listen == ("127.0.0.1", "::1")
    assert read.devices == ("cuda:0", "cuda:1")
    assert read.multi_user is True
    assert read.output_directory == Path("~/out").expanduser()
    assert (read.limits.json_depth, read.limits.body_seconds) == (7, 1.5)


def test_the_environment_has_every_setting_and_limit() -> None:
    read = settings(
        DARKROOM_LISTEN="::1,127.0.0.1",
        DARKROOM_CPU="yes",
        DARKROOM_DEVICES="cpu",
        DARKROOM_LIMIT_JSON_DEPTH="9",
        PORT="x",
    )
    assert (read.listen, read.cpu, read.devices, read.limits.json_depth) == (("::1", "127.0.0.1"), True, ("cpu",), 9)
    assert settings(DARKROOM_PORT="").port == 8188


@pytest.mark.parametrize(
    ("given", "listen"),
    [
        (["--listen"], ("0.0.0.0", "::")),
        (["--listen", "0.0.0.0"], ("0.0.0.0",)),
        (["--listen", "127.0.0.1,::1"], ("127.0.0.1", "::1")),
        (["--listen", "[::1]"], ("::1",)),
        (["--listen", " 127.0.0.1 , localhost,127.0.0.1"], ("127.0.0.1", "localhost")),
    ],
)
def test_listen_takes_one_address_several_or_none(given: list[str], listen: tuple[str, ...]) -> None:
    assert settings(*given).listen == listen


@pytest.mark.parametrize(
    ("given", "field", "value"),
    [
        (["--enable-cors-header"], "enable_cors_header", "*"),
        (["--enable-cors-header", "http://a.example"], "enable_cors_header", "http://a.example"),
        (["--verbose"], "level", "DEBUG"),
        (["--verbose", "warning"], "level", "WARNING"),
        (["--verbose", "--log-level", "ERROR"], "level", "ERROR"),
        (["--cache-ram"], "cache_ram", 4.0),
        (["--cache-ram", "8"], "cache_ram", 8.0),
        (["--devices", "cpu,cuda:0"], "devices", ("cpu", "cuda:0")),
        (["--devices", "cpu", "cuda:0"], "devices", ("cpu", "cuda:0")),
        (["--cpu"], "devices", ("cpu",)),
        (["--cuda-device", "1"], "cuda_device", ("1",)),
        (["--whitelist-custom-nodes", "a", "b"], "whitelist_custom_nodes", ("a", "b")),
        (["--allow-host", "Box.Example.", "--allow-host", "b"], "allow_host", ("box.example", "b")),
        (
            ["--extra-model-paths-config", "a,b.yaml", "c.yaml"],
            "extra_model_paths_config",
            (Path("a,b.yaml"), Path("c.yaml")),
        ),
    ],
)
def test_flags_take_the_forms_of_comfyui(given: list[str], field: str, value: object) -> None:
    assert getattr(settings(*given), field) == value


def test_the_upload_limit_is_in_megabytes_as_a_flag_and_in_bytes_as_a_limit() -> None:
    assert settings("--max-upload-size", "0.5").limits.upload_bytes == 2**19
    assert settings("--max-upload-size", "5", "--limit-upload-bytes", "77").limits.upload_bytes == 77


def test_flags_without_effect_here_are_taken_and_named() -> None:
    read = settings("--lowvram", "--fast", "fp16_accumulation", "autotune", "--reserve-vram", "2", "--async-offload")
    assert set(read.ignored) == {"--lowvram", "--fast", "--reserve-vram", "--async-offload"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--prot", "1"], ("command line", "--prot", "nearest is --port")),
        (["--port", "http"], ("command line: --port", "came 'http'", "wanted a whole number from 0 to 65535")),
        (["--port", "70000"], ("--port", "came '70000'")),
        (["--port"], ("--port", "expected one argument")),
        (["--listen", "not an address"], ("--listen", "not an address", "wanted addresses")),
        (["--preview-method", "best"], ("came 'best'", "none, auto, latent2rgb, taesd")),
        (["--max-upload-size", "nan"], ("--max-upload-size", "came 'nan'")),
        (["--cache-ram", "inf"], ("--cache-ram", "came 'inf'")),
        (["--limit-json-depth", "0"], ("--limit-json-depth", "of 1 or more")),
        (["--cache-none", "--cache-lru", "3"], ("--cache-lru", "--cache-none", "exclude")),
        (["--fp16-unet", "--fp64-unet"], ("--fp16-unet", "--fp64-unet", "exclude")),
        (["--gpu-only", "--lowvram"], ("--gpu-only", "--lowvram", "exclude")),
        (["--cpu", "--devices", "cuda:0"], ("--cpu", "--devices cuda:0")),
        (["--tls-keyfile", "key.pem"], ("--tls-certfile", "belong together")),
        (["--tls-keyfile", "/no/k.pem", "--tls-certfile", "/no/c.pem"], ("/no/k.pem", "no such file")),
        (["--token", "0123456789abcdef", "--no-token"], ("--token", "--no-token")),
        (["--settings", "/no/such.toml"], ("/no/such.toml", "no such file")),
        (["stray"], ("stray",)),
    ],
)
def test_an_error_says_where_what_came_and_what_was_wanted(given: list[str], words: tuple[str, ...]) -> None:
    said = complaint(*given)
    assert all(word in said for word in words), said


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("prot = 1", ("darkroom.toml: prot", "nearest is port")),
        ("port = 'http'", ("darkroom.toml: port", "came 'http'")),
        ("port = [1, 2]", ("port", "came [1, 2]")),
        ("port = true", ("port", "came True")),
        ("port = 1.5", ("port", "came 1.5")),
        ("multi-user = 3", ("multi-user", "true or false")),
        ("[limits]\njson-deep = 1", ("[limits]", "json-deep", "nearest is json-depth")),
        ("limits = 3", ("limits", "table")),
        ("[network]\nport = 1", ("network", "no such setting")),
        ("port = ", ("darkroom.toml", "no TOML")),
    ],
)
def test_an_error_in_the_file_names_the_file_and_the_key(file: str, words: tuple[str, ...], tmp_path: Path) -> None:
    said = complaint(file=file, base=tmp_path)
    assert all(word in said for word in words), said


def test_an_error_in_the_environment_names_the_variable() -> None:
    assert "environment: DARKROOM_PORT: came 'x'" in complaint(DARKROOM_PORT="x")
    assert "nearest is DARKROOM_PORT" in complaint(DARKROOM_PROT="1")


def test_a_secret_stands_in_no_error() -> None:
    said = complaint("--token", "too short")
    assert "too short" not in said and "--token" in said
