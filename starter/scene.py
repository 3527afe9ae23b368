"""What a postcard shows: the closed little world of the starter model, as plain facts."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np


class Sky(StrEnum):
    """Time of day or weather."""

    DAY = "day"
    SUNSET = "sunset"
    NIGHT = "night"
    OVERCAST = "overcast"
    DAWN = "dawn"


class Ground(StrEnum):
    """What lies below the horizon."""

    MEADOW = "meadow"
    SEA = "sea"
    DESERT = "desert"
    SNOW = "snow"


class Kind(StrEnum):
    """A thing that a postcard can show; a scene holds each kind at most once."""

    HOUSE = "house"
    TREE = "tree"
    TENT = "tent"
    LIGHTHOUSE = "lighthouse"
    BOAT = "boat"
    MOUNTAIN = "mountain"
    BALLOON = "balloon"


class Colour(StrEnum):
    """The colour of a thing's largest part (walls, leaves, sails, rock, cloth)."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    WHITE = "white"


STANDING_ON_LAND = (Kind.HOUSE, Kind.TREE, Kind.TENT, Kind.LIGHTHOUSE, Kind.BOAT)  # a boat there is drawn ashore
STANDING_ON_SEA = (Kind.BOAT, Kind.LIGHTHOUSE)
ANYWHERE = (Kind.MOUNTAIN, Kind.BALLOON)
CHANCE_OF_COUNT = (0.5, 0.38, 0.12)  # of one, two, three things


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of a scene."""

    kind: Kind
    colour: Colour


@dataclass(frozen=True, slots=True)
class Scene:
    """The ground truth of a postcard: one to three things of different kinds, in the order the caption names them."""

    sky: Sky
    ground: Ground
    things: tuple[Thing, ...]


def standing_kinds(ground: Ground) -> tuple[Kind, ...]:
    """The kinds that can stand on (or swim in) this ground, besides mountains behind it and balloons above it."""
    return STANDING_ON_SEA if ground is Ground.SEA else STANDING_ON_LAND


def random_scene(seed: int) -> Scene:
    """The scene of this seed: every sky and ground alike often, every kind that fits the ground alike often."""
    rng = np.random.default_rng((seed, 1))
    sky = list(Sky)[rng.integers(len(Sky))]
    ground = list(Ground)[rng.integers(len(Ground))]
    kinds = [*standing_kinds(ground), *ANYWHERE]
    count = 1 + int(rng.choice(len(CHANCE_OF_COUNT), p=CHANCE_OF_COUNT))
    chosen = [kinds[index] for index in rng.permutation(len(kinds))]
    room_on_ground = 2
    things: list[Thing] = []
    for kind in chosen:
        if kind not in ANYWHERE:
            if not room_on_ground:
                continue
            room_on_ground -= 1
        things.append(Thing(kind, list(Colour)[rng.integers(len(Colour))]))
        if len(things) == count:
            break
    return Scene(sky, ground, tuple(things))
