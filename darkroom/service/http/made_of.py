"""What made a picture: prompt, seed, sampler and models, found by walking up from the node that showed it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

SEEDS = ("seed", "noise_seed")
PROMPTS = ("positive", "conditioning")
TEXTS = ("text", "text_g", "t5xxl", "clip_l", "prompt", "string", "value")
MODELS = ("ckpt_name", "unet_name", "model_path")
PLAIN: Mapping[str, tuple[str, ...]] = {
    "sampler": ("sampler_name",),
    "scheduler": ("scheduler",),
    "steps": ("steps",),
    "cfg": ("cfg",),
    "denoise": ("denoise",),
}
"""Name of a fact, and the inputs that hold it."""

LONGEST_TEXT = 4000


def made_of(prompt: Mapping[str, Any], node: str) -> dict[str, Any]:
    """The facts that there are; of several samplers in a row, those of the last one. Numbers of seeds are text."""
    above = list(upstream(prompt, node))
    seed = scalar(prompt, above, SEEDS)
    found: dict[str, Any] = {
        "prompt": words(prompt, above, PROMPTS),
        "negative": words(prompt, above, ("negative",)),
        "seed": str(seed) if isinstance(seed, int) and not isinstance(seed, bool) else None,
        "model": scalar(prompt, above, MODELS),
        "loras": [each for id in above if isinstance(each := inputs_of(prompt, id).get("lora_name"), str)],
    }
    if found["seed"] is not None:
        found |= {fact: scalar(prompt, above, names) for fact, names in PLAIN.items()}
    return {key: value for key, value in found.items() if value is not None and value != []}


def upstream(prompt: Mapping[str, Any], node: str) -> Iterator[str]:
    """The node and what leads into it, nearest first."""
    waiting, seen = [node], {node}
    for id in waiting:
        if id not in prompt:
            continue
        yield id
        for value in inputs_of(prompt, id).values():
            source = source_of(value)
            if source is not None and source not in seen:
                seen.add(source)
                waiting.append(source)


def scalar(prompt: Mapping[str, Any], ids: Sequence[str], names: Sequence[str]) -> str | int | float | None:
    """The first of these inputs that is set, also where a node gives its value."""
    for id in ids:
        for name in names:
            value = inputs_of(prompt, id).get(name)
            source = source_of(value)
            if source is not None:
                given = inputs_of(prompt, source)
                value = next((given[key] for key in (name, *names, "value") if plain(given.get(key))), None)
            if isinstance(value, str):
                return value[:LONGEST_TEXT]
            if plain(value):
                return value
    return None


def words(prompt: Mapping[str, Any], ids: Sequence[str], names: Sequence[str]) -> str | None:
    """The text nearest above the first of these inputs that is linked."""
    for id in ids:
        for name in names:
            source = source_of(inputs_of(prompt, id).get(name))
            if source is None:
                continue
            for other in upstream(prompt, source):
                text = next((v for key in TEXTS if isinstance(v := inputs_of(prompt, other).get(key), str)), None)
                if text is not None:
                    return text[:LONGEST_TEXT]
            return None
    return None


def inputs_of(prompt: Mapping[str, Any], id: str) -> Mapping[str, Any]:
    node = prompt.get(id)
    inputs = node.get("inputs") if isinstance(node, Mapping) else None
    return inputs if isinstance(inputs, Mapping) else {}


def source_of(value: Any) -> str | None:
    """The node that a link comes from."""
    linked = isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)
    return value[0] if linked and isinstance(value[1], int) else None


def plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)
