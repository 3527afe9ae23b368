"""How a scene is told in words: several wordings of one small grammar, and the way back from words to the scene."""

import re

import numpy as np

from starter.scene import Colour, Ground, Kind, Scene, Sky, Thing

# Each sky as an adverbial ("... at sunset") and as a subject ("sunset over ...").
SKY_ADVERBIALS: dict[Sky, tuple[str, ...]] = {
    Sky.DAY: ("on a sunny day", "under a blue sky", "by day"),
    Sky.SUNSET: ("at sunset", "under a sunset sky", "in the evening at sunset"),
    Sky.NIGHT: ("at night", "under the stars", "on a starry night"),
    Sky.OVERCAST: ("on an overcast day", "under a grey sky", "under grey clouds"),
    Sky.DAWN: ("at dawn", "under a dawn sky", "early at dawn"),
}
SKY_SUBJECTS: dict[Sky, tuple[str, ...]] = {
    Sky.DAY: ("sunny day", "blue sky"),
    Sky.SUNSET: ("sunset", "evening sunset"),
    Sky.NIGHT: ("night", "starry night"),
    Sky.OVERCAST: ("overcast sky", "grey sky"),
    Sky.DAWN: ("dawn", "pale dawn"),
}
GROUND_PLACES: dict[Ground, tuple[str, ...]] = {
    Ground.MEADOW: ("on a meadow", "on a green meadow", "in a meadow"),
    Ground.SEA: ("at sea", "by the sea", "on the sea"),
    Ground.DESERT: ("in the desert", "on desert sand", "in a desert"),
    Ground.SNOW: ("in the snow", "on snow", "in deep snow"),
}
GROUND_SUBJECTS: dict[Ground, tuple[str, ...]] = {
    Ground.MEADOW: ("a meadow", "a green meadow"),
    Ground.SEA: ("the sea", "the blue sea"),
    Ground.DESERT: ("the desert", "desert sand"),
    Ground.SNOW: ("snow", "a snow field"),
}
KIND_NAMES: dict[Kind, tuple[str, ...]] = {
    Kind.HOUSE: ("house",),
    Kind.TREE: ("tree",),
    Kind.TENT: ("tent",),
    Kind.LIGHTHOUSE: ("lighthouse",),
    Kind.BOAT: ("boat", "sailing boat"),
    Kind.MOUNTAIN: ("mountain",),
    Kind.BALLOON: ("balloon", "hot air balloon"),
}
OPENINGS = ("", "a postcard of ", "a picture of ")


def _pick(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[int(rng.integers(len(choices)))]


def _article(words: str) -> str:
    return ("an " if words[0] in "aeiou" else "a ") + words


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def caption(scene: Scene, seed: int) -> str:
    """Tell a scene in one of the grammar's wordings, chosen by the seed; colours stand right before their things."""
    rng = np.random.default_rng((seed, 3))
    names = [f"{thing.colour} {_pick(rng, KIND_NAMES[thing.kind])}" for thing in scene.things]
    with_articles = _listed([_article(name) for name in names])
    place = _pick(rng, GROUND_PLACES[scene.ground])
    when = _pick(rng, SKY_ADVERBIALS[scene.sky])
    wording = int(rng.integers(5))
    if wording == 0:
        subject = _pick(rng, SKY_SUBJECTS[scene.sky])
        return f"{subject} over {_pick(rng, GROUND_SUBJECTS[scene.ground])} with {with_articles}"
    if wording == 1:
        return ", ".join([*names, scene.ground, _pick(rng, SKY_SUBJECTS[scene.sky])])
    if wording == 2:
        return f"{when} {place}, {with_articles}"
    return f"{_pick(rng, OPENINGS)}{with_articles} {place} {when}"


# Words that settle a sky. A blue or green thing, a sunny day and the blue sea must not be taken for skies.
_SKY_WORDS: dict[Sky, str] = {
    Sky.DAY: r"\bday\b|\bblue sky\b|\bsunny\b",
    Sky.SUNSET: r"\bsunset\b",
    Sky.NIGHT: r"\bnight\b|\bstars\b|\bstarry\b",
    Sky.OVERCAST: r"\bovercast\b|\bgrey\b",
    Sky.DAWN: r"\bdawn\b",
}


def parse(text: str) -> Scene:
    """The scene that a caption tells; ValueError names the part that is missing."""
    words = text.lower()
    # "an overcast day" is overcast: the more special skies are asked first.
    by_rank = (Sky.OVERCAST, Sky.SUNSET, Sky.NIGHT, Sky.DAWN, Sky.DAY)
    sky = next((sky for sky in by_rank if re.search(_SKY_WORDS[sky], words)), None)
    ground = next((ground for ground in Ground if re.search(rf"\b{ground}\b", words)), None)
    colours = "|".join(Colour)
    found = re.findall(rf"\b({colours}) (?:sailing |hot air )?({'|'.join(Kind)})\b", words)
    if sky is None or ground is None or not found:
        missing = "sky" if sky is None else "ground" if ground is None else "thing with its colour"
        raise ValueError(f"caption {text!r} names no {missing}; write it like 'a red house on a meadow at sunset'")
    return Scene(sky, ground, tuple(Thing(Kind(kind), Colour(colour)) for colour, kind in found))
