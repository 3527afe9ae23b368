"""Settings from their sources; a later one wins: defaults, settings file, environment, command line."""

from __future__ import annotations

import argparse
import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from darkroom.service.contracts import Limits
from darkroom.service.settings.others import NOTHING, ONE, OTHERS, PERHAPS, SOME
from darkroom.service.settings.table import PREFIX, ROWS, Row, Settings

FILE_NAME = "darkroom.toml"
SECRET = ("token", "database")
MINIMUM_TOKEN = 16
TOKEN = re.compile(rf"[!-~]{{{MINIMUM_TOKEN},512}}")
FORMS: Mapping[str | None, Mapping[str, Any]] = {
    NOTHING: {"action": "store_true"},
    ONE: {},
    PERHAPS: {"nargs": "?", "const": ""},
    SOME: {"nargs": "*"},
}
"""What argparse has to know of a flag that does nothing."""

Values = dict[tuple[bool, str], Any]
"""Raw values by (is a limit, field)."""


class SettingsError(Exception):
    """A setting cannot be used; the text says where it came from and what was wanted."""


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SettingsError(f"command line: {message}; `--help` lists every flag")


def parser(prog: str = "server.py") -> argparse.ArgumentParser:
    """The command line, made from the table; only what was given stands in its result."""
    made = Parser(
        prog=prog,
        usage="%(prog)s [FLAG ...]",
        description="Serve the editor and run its jobs.",
        epilog=f"Each flag is also a key of {FILE_NAME} (without the dashes; limits in a table [limits]) and an "
        f"environment variable ({PREFIX}PORT for --port). The command line is stronger than the environment, which is "
        "stronger than the file. Flags of ComfyUI that are not listed here are accepted and do nothing.",
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    groups = {name: made.add_argument_group(name) for name in dict.fromkeys(row.group for row in ROWS)}
    for row in ROWS:
        add(groups[row.group], row)
    for flag, other in OTHERS.items():
        made.add_argument(flag, dest=flag, help=argparse.SUPPRESS, **FORMS[other.takes])
    return made


def add(group: Any, row: Row) -> None:
    """One flag; every value stays text here."""
    kind = row.kind
    shown = row.help if row.default in (None, False, ()) else f"{row.help} (default: {shown_default(row.default)})"
    form: dict[str, Any] = {"dest": row.flag, "help": shown.replace("%", "%%")}
    if kind.switch:
        form |= {"action": "store_const", "const": "true"}
    elif kind.many:
        form |= {"nargs": "+", "action": "extend", "metavar": kind.metavar}
    elif kind.bare is not None:
        form |= {"nargs": "?", "const": kind.bare, "metavar": kind.metavar}
    else:
        form |= {"metavar": kind.metavar}
    group.add_argument(row.flag, **form)


def shown_default(default: Any) -> str:
    return ",".join(default) if isinstance(default, tuple) else str(default)


def read_settings(
    arguments: Sequence[str], environment: Mapping[str, str], base: Path, prog: str = "server.py"
) -> Settings:
    """Settings of all sources, checked one by one and together.

    base: the base folder where none is given. Raises SettingsError; SystemExit after `--help`
    """
    typed, others = of_command_line(arguments, prog)
    named = of_environment(environment)
    place = typed.get((False, "base_directory")) or named.get((False, "base_directory")) or base
    chosen = typed.get((False, "settings")) or named.get((False, "settings"))
    file = Path(chosen).expanduser() if chosen else Path(place) / FILE_NAME
    written = of_file(file, needed=chosen is not None)
    merged = written | named | typed
    known = {(row.limit, row.field) for row in ROWS}
    values = {where: value for where, value in merged.items() if where in known}
    limits = {field: value for (is_limit, field), value in values.items() if is_limit}
    plain = {field: value for (is_limit, field), value in values.items() if not is_limit}
    if "upload_bytes" not in limits and "max_upload_size" in plain:
        limits["upload_bytes"] = int(plain["max_upload_size"] * 2**20)
    if file.is_file():
        plain["settings"] = file
    exclude(typed, others)
    return together(Settings(**plain, limits=Limits(**limits), ignored=tuple(others)))


def of_command_line(arguments: Sequence[str], prog: str) -> tuple[Values, list[str]]:
    """Checked values, and the flags that do nothing here."""
    found, unknown = parser(prog).parse_known_args(arguments)
    if unknown:
        flags = [*(row.flag for row in ROWS), *OTHERS]
        raise SettingsError(f"command line: {unknown[0]}: there is no such flag{nearest(unknown[0], flags)}")
    given = vars(found)
    values = {}
    for row in ROWS:
        if row.flag in given:
            values[(row.limit, row.field)] = checked("command line", row.flag, row, given[row.flag])
    return values, [flag for flag in OTHERS if flag in given]


def of_environment(environment: Mapping[str, str]) -> Values:
    """Checked values of variables. An empty variable counts as absent; an unknown one of our prefix is an error."""
    rows = {row.variable: row for row in ROWS}
    values = {}
    for name, given in environment.items():
        if not name.startswith(PREFIX) or not given:
            continue
        if name not in rows:
            raise SettingsError(f"environment: {name}: there is no such setting{nearest(name, rows)}")
        values[(rows[name].limit, rows[name].field)] = checked("environment", name, rows[name], given)
    return values


def of_file(file: Path, *, needed: bool) -> Values:
    """Checked values of the settings file; keys may have `-` or `_`."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if needed:
            raise SettingsError(f"--settings {file}: there is no such file") from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read ({error}); give a readable TOML file with --settings") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: is no TOML: {error}") from error
    limits = content.pop("limits", {})
    if not isinstance(limits, dict):
        raise SettingsError(f"{file}: limits: came {type(limits).__name__}, wanted a table [limits]")
    return of_table(content, f"{file}", limit=False) | of_table(limits, f"{file}, [limits]", limit=True)


def of_table(table: Mapping[str, Any], source: str, *, limit: bool) -> Values:
    rows = {row.key: row for row in ROWS if row.limit == limit and row.field != "settings"}
    values = {}
    for key, given in table.items():
        row = rows.get(key.replace("_", "-"))
        if row is None:
            raise SettingsError(f"{source}: {key}: there is no such setting{nearest(key, rows)}")
        values[(limit, row.field)] = checked(source, key, row, given)
    return values


def checked(source: str, key: str, row: Row, given: Any) -> Any:
    """The value, or a SettingsError that shows it (unless it is secret)."""
    try:
        return row.kind.value(given)
    except (ValueError, OverflowError) as error:
        came = "something else" if row.field in SECRET else repr(given)
        raise SettingsError(f"{source}: {key}: came {came}, wanted {row.kind.wanted}") from error


def nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name.partition("=")[0], list(known), n=1, cutoff=0.5)
    return f"; the nearest is {near[0]}" if near else "; `--help` lists every flag"


def exclude(typed: Values, others: Sequence[str]) -> None:
    """Raise where two flags of one exclusive group were typed."""
    groups: dict[str, list[str]] = {}
    for row in ROWS:
        if row.exclusive and (row.limit, row.field) in typed:
            groups.setdefault(row.exclusive, []).append(row.flag)
    for flag in others:
        group = OTHERS[flag].exclusive
        if group:
            groups.setdefault(group, []).append(flag)
    for group, flags in groups.items():
        if len(flags) > 1:
            raise SettingsError(f"command line: {' and '.join(flags)} exclude each other ({group}); give one of them")


def together(settings: Settings) -> Settings:
    """What no single setting can tell."""
    if (settings.tls_keyfile is None) != (settings.tls_certfile is None):
        raise SettingsError("--tls-keyfile and --tls-certfile belong together; give both, or neither")
    for flag, file in (("--tls-keyfile", settings.tls_keyfile), ("--tls-certfile", settings.tls_certfile)):
        if file is not None and not file.is_file():
            raise SettingsError(f"{flag} {file}: there is no such file; give the path of a PEM file")
    token = settings.token
    if token is not None and not TOKEN.fullmatch(token):
        raise SettingsError(f"--token: wants {MINIMUM_TOKEN} or more letters and digits, so that nobody can guess it")
    if token is not None and settings.no_token:
        raise SettingsError("--token and --no-token exclude each other; give one of them")
    return replace(settings, devices=devices_of(settings))


def devices_of(settings: Settings) -> tuple[str, ...]:
    if not settings.cpu:
        return settings.devices
    if settings.devices not in (("auto",), ("cpu",)):
        raise SettingsError(f"--cpu and --devices {','.join(settings.devices)} contradict each other; give one of them")
    return ("cpu",)
