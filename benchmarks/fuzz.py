"""Throw damaged and made-up files at the readers of workflows and of picture metadata.

    python -m benchmarks.fuzz --seconds 120 --seed 1

Starts from real files (our workflows, and those of comfyui-workflow-templates), damages their JSON or their bytes, and
reads, converts, checks and writes them back. A reader may refuse a file with WorkflowError; anything else that it
raises, a reading that takes more than 5 seconds, or a written file that does not read back the same, is a failure: it
is kept in .cache/fuzz/ and the command ends with 1.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import random
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, seed, settings, strategies

from benchmarks.measure import Row, finish
from darkroom.engine.check import check
from darkroom.engine.drawn.convert import runnable
from darkroom.engine.problems import WorkflowError
from darkroom.engine.read import read_any, read_json
from darkroom.engine.read_api import parse_api
from darkroom.engine.registry import Registry
from darkroom.engine.write import to_api, to_ui
from darkroom.files.folders import Folders
from darkroom.files.metadata import read_metadata, without_png_texts
from nodes.library import library

ROOT = Path(__file__).resolve().parent.parent
FAILURES = ROOT / ".cache" / "fuzz"
SLOW_SECONDS = 5.0
BATCH = 300
TEMPLATES = "comfyui_workflow_templates"
LARGEST_SEED_BYTES = 60_000  # larger files take long and teach no more

ODD_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 10**30, 1e308, float("nan"), float("inf"), "", "\0", "\ud800", "__proto__", "-10", "é" * 300),
    *([], {}, [[]], ["1", 0], ["1", -1], ["1", 1.5], ["1"], [None, None], {"0": 1, "1": 2}, {"__value__": [1]}),
    *({"nodes": []}, {"class_type": "KSampler", "inputs": None}, [1, 2, 3, 4, 5, 6], "KSampler", "*", 4, 2**63),
)

ODD_BYTES = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"tEXt", b"zTXt")


@dataclass(frozen=True)
class Target:
    """One reader. attempt: raises for a failure; damage: makes its next file from a good one."""

    name: str
    seeds: Sequence[bytes]
    damage: Callable[[bytes, random.Random], bytes]
    attempt: Callable[[bytes], None]


def workflow_seeds() -> list[bytes]:
    """Drawn and API JSON of real workflows."""
    templates = resources(TEMPLATES) / "templates"
    found = [path.read_bytes() for path in sorted((ROOT / "workflows").rglob("*.json"))]
    found += [each.read_bytes() for each in templates.iterdir() if each.name.endswith(".json")]
    small = [data for data in found if len(data) <= LARGEST_SEED_BYTES]
    registry = library()
    api = []
    for data in small[:12]:
        loaded = read_any(data, "seed", registry)
        api.append(json.dumps(to_api(loaded.graph)).encode())
    return small + api


def picture_seeds() -> list[bytes]:
    """PNG, WebP and JPEG files with and without texts."""
    pictures = [path.read_bytes() for path in sorted((ROOT / "input").glob("*.png"))]
    templates = resources(TEMPLATES) / "templates"
    pictures += [each.read_bytes() for each in templates.iterdir() if each.name.endswith((".webp", ".png", ".jpg"))][:8]
    return [data[:200_000] for data in pictures]


def places_in(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a JSON value, without recursion."""
    found, waiting = [], [value]
    while waiting:
        each = waiting.pop()
        keys: list[Any] = list(each) if isinstance(each, dict) else list(range(len(each)))
        for key in keys:
            found.append((each, key))
            if isinstance(each[key], dict | list):
                waiting.append(each[key])
    return found


def damaged_json(data: bytes, rng: random.Random) -> bytes:
    """The file with one to six of its values replaced, removed, doubled, swapped or renamed; now and then its bytes."""
    if rng.random() < 0.15:
        return damaged_bytes(data, rng)
    document = json.loads(data)
    for _ in range(rng.randint(1, 6)):
        places = places_in(document)
        if not places:
            break
        holder, key = rng.choice(places)
        action = rng.randrange(5)
        if action == 0:
            holder[key] = rng.choice(ODD_VALUES)
        elif action == 1:
            del holder[key]
        elif action == 2 and isinstance(holder, list):
            holder.append(holder[key])
        elif action == 3:
            other_holder, other_key = rng.choice(places)
            holder[key] = json.loads(json.dumps(other_holder[other_key]))
        elif isinstance(holder, dict):
            holder[str(rng.choice(ODD_VALUES))] = holder.pop(key)
    return json.dumps(document).encode()


def damaged_bytes(data: bytes, rng: random.Random) -> bytes:
    """The file cut, with bytes changed, or with a piece moved."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        if not changed:
            break
        place = rng.randrange(min(len(changed), 4096) if rng.random() < 0.7 else len(changed))
        action = rng.randrange(4)
        if action == 0:
            changed[place] = rng.randrange(256)
        elif action == 1:
            del changed[place : place + rng.randint(1, 64)]
        elif action == 2:
            changed[place:place] = rng.randbytes(rng.randint(1, 16))
        else:
            changed[place : place + 4] = rng.choice(
                (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"tEXt", b"zTXt")
            )
    return bytes(changed)


def try_workflow(registry: Registry, folders: Folders) -> Callable[[bytes], None]:
    def attempt(data: bytes) -> None:
        try:
            document = read_json(data)
            loaded = read_any(document, "fuzz", registry)
        except WorkflowError:
            return
        check(loaded.graph, registry, folders)
        api = to_api(loaded.graph)
        parse_api(json.loads(json.dumps(api)))
        if loaded.workflow is not None:
            written = to_ui(loaded.workflow, registry)
            again = read_any(json.loads(json.dumps(written)), "fuzz", registry)
            assert again.workflow is not None, "a drawn workflow was written as something else"
            first, second = runnable(loaded.workflow, registry).graph, again.graph
            assert set(first.nodes) == set(second.nodes), "nodes were lost in writing and reading again"

    return attempt


def try_picture(data: bytes) -> None:
    read_metadata(data)
    without_png_texts(data)


def targets() -> list[Target]:
    return [
        Target("workflow reader", workflow_seeds(), damaged_json, try_workflow(library(), Folders(ROOT))),
        Target("picture metadata reader", picture_seeds(), damaged_bytes, try_picture),
    ]


def fuzzed(target: Target, seconds: float, first_seed: int) -> tuple[int, int]:
    """How many files were tried and how many batches failed; Hypothesis shrinks what it finds."""
    ends, tried, failed = time.monotonic() + seconds, 0, 0
    last = b""

    def attempt(rng: random.Random, place: int) -> None:
        nonlocal tried, last
        last = target.damage(target.seeds[place], rng)
        tried += 1
        started = time.process_time()
        target.attempt(last)
        spent = time.process_time() - started
        assert spent <= SLOW_SECONDS, f"{spent:.1f} s for one file"

    chosen = strategies.integers(0, len(target.seeds) - 1)
    for number in itertools.count(first_seed):
        if time.monotonic() > ends:
            return tried, failed
        batch = settings(max_examples=BATCH, deadline=None, database=None, suppress_health_check=list(HealthCheck))(
            given(strategies.randoms(use_true_random=False), chosen)(attempt)
        )
        try:
            seed(number)(batch)()
        except Exception:
            traceback.print_exc()
            failed += 1
            FAILURES.mkdir(parents=True, exist_ok=True)
            kept = FAILURES / f"{hashlib.blake2b(last, digest_size=6).hexdigest()}.bin"
            kept.write_bytes(last)
            print(f"{target.name}: kept as {kept}")
    raise AssertionError("unreachable")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120, help="for each reader")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows = []
    for target in targets():
        tried, failed = fuzzed(target, options.seconds, options.seed)
        print(f"{target.name}: {tried} files")
        rows.append(Row(f"{target.name}: failures", 0, failed))
    finish(rows, "make bench-fuzz")


if __name__ == "__main__":
    main()
