"""Draw a scene as a postcard: composition (who stands where, how large), then the painting recipes back to front."""

import numpy as np
import numpy.typing as npt

from starter.landscape import GROUNDS, LIGHTS, SKIES
from starter.paint import Canvas
from starter.scene import ANYWHERE, Ground, Kind, Scene
from starter.things import PALETTE, THINGS, Frame

SIDE = 128  # pixels of the pictures that the starter learns
SUPERSAMPLING = 2
EDITION = 3  # of the drawing; to be raised with every change of it, for pictures kept on disk are named by it

# Height of a thing that is alone in the picture, in parts of the picture; companions make it a little smaller.
HEIGHTS: dict[Kind, float] = {
    Kind.HOUSE: 0.44,
    Kind.TREE: 0.52,
    Kind.TENT: 0.34,
    Kind.LIGHTHOUSE: 0.62,
    Kind.BOAT: 0.50,
    Kind.MOUNTAIN: 0.42,
    Kind.BALLOON: 0.52,
}


def compose(scene: Scene, horizon: float, rng: np.random.Generator) -> dict[Kind, Frame]:
    """Give every thing its frame: mountains on the horizon, balloons in the sky, the rest on the ground, spread out.

    Places follow from the scene (of two things on the ground the one named first stands on the left), so that a caption
    says where each colour belongs: a network learns that much faster than from things that change sides by chance.
    """
    kinds = [thing.kind for thing in scene.things]
    standing = [kind for kind in kinds if kind not in ANYWHERE]
    has_balloon, has_mountain = Kind.BALLOON in kinds, Kind.MOUNTAIN in kinds
    on_sea = scene.ground is Ground.SEA
    frames: dict[Kind, Frame] = {}

    def near(value: float, amount: float) -> float:
        return float(value + rng.uniform(-amount, amount))

    for index, kind in enumerate(standing):
        if len(standing) == 2:
            x, scale = 0.265 + 0.47 * index, 0.84
        elif has_balloon:
            x, scale = 0.31, 0.88
        elif has_mountain:
            x, scale = 0.69, 0.88
        else:
            x, scale = near(0.5, 0.12), 1.0
        height = HEIGHTS[kind] * scale * near(1.0, 0.05)
        frames[kind] = Frame(near(x, 0.025), near(horizon + 0.16, 0.025), height, on_sea)
    if has_balloon:
        if len(standing) == 2:
            x, scale, foot = 0.5, 0.66, 0.44
        elif standing or has_mountain:  # on the right, for suns and moons hang on the left
            x, scale, foot = 0.74, 0.80, 0.52
        else:
            x, scale, foot = near(0.52, 0.12), 1.0, 0.66
        frames[Kind.BALLOON] = Frame(near(x, 0.03), near(foot, 0.03), HEIGHTS[Kind.BALLOON] * scale, on_sea)
    if has_mountain:
        x = 0.48 if len(kinds) == 1 or len(standing) == 2 else 0.52 if standing and has_balloon else 0.36
        frames[Kind.MOUNTAIN] = Frame(near(x, 0.05), horizon + 0.01, HEIGHTS[Kind.MOUNTAIN] * near(0.97, 0.05), on_sea)
    return frames


def draw(scene: Scene, seed: int, side: int = SIDE) -> npt.NDArray[np.uint8]:
    """The postcard of a scene: (side, side, 3) RGB bytes, the same for the same arguments."""
    rng = np.random.default_rng((seed, 2))
    canvas = Canvas(side * SUPERSAMPLING)
    light = LIGHTS[scene.sky]
    horizon = float(rng.uniform(0.655, 0.695))
    SKIES[scene.sky](canvas, horizon, rng)
    frames = compose(scene, horizon, rng)
    colours = {thing.kind: PALETTE[thing.colour] for thing in scene.things}
    if Kind.MOUNTAIN in frames:
        THINGS[Kind.MOUNTAIN](canvas, frames[Kind.MOUNTAIN], colours[Kind.MOUNTAIN], light)
    GROUNDS[scene.ground](canvas, horizon, light, rng)
    # From far to near: what stands higher in the picture is further away.
    nearer = sorted((frame.base, kind) for kind, frame in frames.items() if kind is not Kind.MOUNTAIN)
    for _, kind in nearer:
        THINGS[kind](canvas, frames[kind], colours[kind], light)
    return canvas.finished(side)
