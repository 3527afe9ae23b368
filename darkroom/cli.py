"""The `darkroom` command: run and check workflows, and read about nodes, without a browser."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from darkroom import commands
from darkroom.commands.exits import CANCELLED, READER_GONE, USAGE, Stop
from darkroom.engine.problems import printable

FILE_HELP = "a workflow: drawn (UI) JSON, API JSON, or a PNG or WebP picture that carries either"


def parser() -> argparse.ArgumentParser:
    """Every subcommand with its options; the README's commands are tested against it."""
    top = argparse.ArgumentParser(prog="darkroom", description="Run and check diffusion workflows without a browser.")
    subcommands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--base", type=Path, metavar="DIR", help="the folder that holds models/, input/ and output/")
    common.add_argument(
        "--allow-pickle", action="store_true", help="read .ckpt, .pt and .bin weights too (weights only)"
    )

    editing = argparse.ArgumentParser(add_help=False)
    editing.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NODE.INPUT=VALUE",
        help="change a setting; NODE is an id or a title",
    )

    running = subcommands.add_parser("run", parents=[common, editing], help="run a workflow and save what it makes")
    running.add_argument("file", type=Path, metavar="FILE", help=FILE_HELP)
    running.add_argument(
        "--out", type=Path, metavar="DIR", help="where pictures go (default: output/ in the base folder)"
    )
    running.add_argument("--seed", type=int, metavar="N", help="put N into every seed of the workflow")
    running.add_argument("--count", type=int, default=1, metavar="N", help="run N times, each with the next seed")
    running.add_argument("--json", action="store_true", help="print one JSON object for each event")
    running.set_defaults(act=lambda options: commands.run.run(options))

    checking = subcommands.add_parser(
        "check", parents=[common, editing], help="tell everything that is wrong with a workflow"
    )
    checking.add_argument("file", type=Path, metavar="FILE", help=FILE_HELP)
    checking.add_argument("--json", action="store_true", help="print one JSON object for each problem")
    checking.set_defaults(act=lambda options: commands.check.check(options))

    reading = subcommands.add_parser("nodes", parents=[common], help="list the nodes, or explain one")
    reading.add_argument("name", nargs="?", metavar="NAME", help="a node's id or display name")
    reading.add_argument("--json", action="store_true", help="print the definition as /object_info has it")
    reading.set_defaults(act=lambda options: commands.nodes.nodes(options))

    # Its flags are those of server.py, which has a parser of its own.
    serving = subcommands.add_parser("serve", add_help=False, help="serve the editor and run its jobs")
    serving.set_defaults(act=lambda options: commands.serve.serve(options))
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code (see `commands.exits`)."""
    settle_streams()
    top = parser()
    options, rest = top.parse_known_args(arguments)
    if options.command == "serve":
        options.arguments = rest
    elif rest:
        top.error(f"unrecognized arguments: {' '.join(rest)}")
    if getattr(options, "count", 1) < 1:
        print("darkroom: --count wants a whole number of 1 or more", file=sys.stderr)
        return USAGE
    if not 0 <= (getattr(options, "seed", None) or 0) < 2**64:
        print(f"darkroom: --seed {options.seed}: wants a whole number from 0 to {2**64 - 1}", file=sys.stderr)
        return USAGE
    try:
        code: int = options.act(options)
        sys.stdout.flush()
    except Stop as stop:
        print(printable(f"darkroom: {stop}"), file=sys.stderr)
        return stop.code
    except KeyboardInterrupt:
        print("darkroom: stopped", file=sys.stderr)
        return CANCELLED
    except BrokenPipeError:
        # Python would try to print the rest once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    return code


def settle_streams() -> None:
    """Make the standard streams take whatever is printed.

    One that the caller closed swallows it; names of files that are no text are printed as the bytes they are.
    """
    if sys.stdout is None or sys.stderr is None:
        nowhere = Path(os.devnull).open("w")  # noqa: SIM115 (stays open like the streams it stands for)
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    if isinstance(sys.stdout, io.TextIOWrapper):
        is_utf8 = sys.stdout.encoding.lower() in ("utf-8", "utf8")
        sys.stdout.reconfigure(errors="surrogateescape" if is_utf8 else "backslashreplace")
