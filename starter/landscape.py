"""Skies and grounds: each a short painting recipe, in a table from name to recipe."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from starter.paint import Canvas, Point, Rgb, mix, times
from starter.scene import Ground, Sky


@dataclass(frozen=True, slots=True)
class Light:
    """How a sky lights what stands below it: the colour of its light, and the haze at the horizon."""

    tint: Rgb
    haze: Rgb
    night: bool = False


LIGHTS: dict[Sky, Light] = {
    Sky.DAY: Light((1.0, 1.0, 1.0), (0.80, 0.91, 0.98)),
    Sky.SUNSET: Light((1.0, 0.84, 0.74), (0.99, 0.66, 0.36)),
    Sky.NIGHT: Light((0.70, 0.72, 0.86), (0.20, 0.27, 0.47), night=True),
    Sky.OVERCAST: Light((0.82, 0.84, 0.86), (0.78, 0.80, 0.82)),
    Sky.DAWN: Light((1.0, 0.92, 0.95), (1.0, 0.86, 0.80)),
}


def _jitter(rng: np.random.Generator, amount: float) -> float:
    return float(rng.uniform(-amount, amount))


def _cloud(canvas: Canvas, centre: Point, size: float, colour: Rgb, edge: float) -> None:
    x, y = centre
    canvas.ellipse((x - 0.85 * size, y + 0.06 * size), (0.62 * size, 0.30 * size), colour, edge=edge)
    canvas.ellipse((x + 0.80 * size, y + 0.08 * size), (0.70 * size, 0.28 * size), colour, edge=edge)
    canvas.ellipse((x, y - 0.10 * size), (0.80 * size, 0.46 * size), colour, edge=edge)


def day(canvas: Canvas, horizon: float, rng: np.random.Generator) -> None:
    """Blue, with a sun in the upper left and two white clouds."""
    canvas.backdrop([(0.0, (0.22, 0.53, 0.89)), (horizon, (0.78, 0.91, 0.99)), (1.0, (0.78, 0.91, 0.99))])
    sun = (0.14 + _jitter(rng, 0.03), 0.13 + _jitter(rng, 0.02))
    canvas.glow(sun, (0.26, 0.26), (1.0, 0.97, 0.78), 0.75)
    canvas.ellipse(sun, (0.065, 0.065), (1.0, 0.96, 0.70))
    _cloud(canvas, (0.80 + _jitter(rng, 0.06), 0.14 + _jitter(rng, 0.03)), 0.13, (0.98, 0.99, 1.0), 0.03)
    _cloud(canvas, (0.42 + _jitter(rng, 0.08), 0.36 + _jitter(rng, 0.04)), 0.09, (0.96, 0.98, 1.0), 0.03)


def sunset(canvas: Canvas, horizon: float, rng: np.random.Generator) -> None:
    """Violet to orange, with a large sun low on the left."""
    canvas.backdrop(
        [
            (0.0, (0.36, 0.20, 0.46)),
            (0.45 * horizon, (0.86, 0.33, 0.36)),
            (horizon, (1.0, 0.72, 0.32)),
            (1.0, (1.0, 0.72, 0.32)),
        ]
    )
    sun = (0.24 + _jitter(rng, 0.06), horizon - 0.07 + _jitter(rng, 0.02))
    canvas.glow(sun, (0.42, 0.34), (1.0, 0.84, 0.46), 0.8)
    canvas.ellipse(sun, (0.10, 0.10), (1.0, 0.93, 0.66))
    y = 0.20 + _jitter(rng, 0.04)
    canvas.glow((0.62 + _jitter(rng, 0.08), y), (0.42, 0.035), (1.0, 0.60, 0.42), 0.7)


STARS: tuple[Point, ...] = ((0.09, 0.36), (0.38, 0.12), (0.46, 0.33), (0.63, 0.10), (0.74, 0.25), (0.91, 0.13))


def night(canvas: Canvas, horizon: float, rng: np.random.Generator) -> None:
    """Dark blue, with a moon in the upper left and a few soft stars."""
    canvas.backdrop([(0.0, (0.04, 0.06, 0.20)), (horizon, (0.19, 0.27, 0.50)), (1.0, (0.19, 0.27, 0.50))])
    for x, y in STARS:
        canvas.glow((x + _jitter(rng, 0.015), y + _jitter(rng, 0.015)), (0.026, 0.026), (1.0, 1.0, 0.94), 1.0)
    moon = (0.15 + _jitter(rng, 0.03), 0.15 + _jitter(rng, 0.02))
    canvas.glow(moon, (0.24, 0.24), (0.60, 0.68, 0.90), 0.55)
    canvas.ellipse(moon, (0.075, 0.075), (0.90, 0.91, 0.86), lit=(1.0, 1.0, 0.96))


def overcast(canvas: Canvas, horizon: float, rng: np.random.Generator) -> None:
    """Grey, with three banks of heavy cloud."""
    canvas.backdrop([(0.0, (0.52, 0.55, 0.59)), (horizon, (0.79, 0.81, 0.83)), (1.0, (0.79, 0.81, 0.83))])
    for x, y, size, grey in ((0.18, 0.10, 0.24, 0.46), (0.74, 0.08, 0.26, 0.49), (0.48, 0.27, 0.20, 0.66)):
        centre = (x + _jitter(rng, 0.06), y + _jitter(rng, 0.03))
        _cloud(canvas, centre, size, (grey, grey + 0.02, grey + 0.05), 0.07)


def dawn(canvas: Canvas, horizon: float, rng: np.random.Generator) -> None:
    """Pale green-blue to pink, with thin rosy clouds and a faint glow on the left."""
    canvas.backdrop(
        [
            (0.0, (0.60, 0.80, 0.86)),
            (0.5 * horizon, (0.93, 0.83, 0.88)),
            (horizon, (1.0, 0.76, 0.76)),
            (1.0, (1.0, 0.76, 0.76)),
        ]
    )
    canvas.glow((0.25 + _jitter(rng, 0.06), horizon), (0.45, 0.28), (1.0, 0.95, 0.78), 0.9)
    for x, y in ((0.30, 0.16), (0.72, 0.28)):
        canvas.glow((x + _jitter(rng, 0.06), y + _jitter(rng, 0.03)), (0.34, 0.04), (0.98, 0.68, 0.76), 0.75)


def _hills(horizon: float, swell: float, phase: float, waves: float) -> list[Point]:
    xs = np.linspace(-0.02, 1.02, 27)
    ridge = [(float(x), horizon + swell * float(np.sin(waves * np.pi * x + phase))) for x in xs]
    return [*ridge, (1.02, 1.05), (-0.02, 1.05)]


def _land(canvas: Canvas, horizon: float, rng: np.random.Generator, layers: tuple[tuple[Rgb, Rgb], ...]) -> None:
    """Rolling layers, far to near, each a vertical gradient between two colours."""
    for depth, (top, bottom) in enumerate(layers):
        y = horizon + 0.10 * depth
        swell = 0.008 + 0.010 * depth
        ridge = _hills(y, swell, float(rng.uniform(0, 2 * np.pi)), 1.6)
        canvas.polygon(ridge, top, bottom, ((0.5, y), (0.5, min(1.0, y + 0.30))))


def meadow(canvas: Canvas, horizon: float, light: Light, rng: np.random.Generator) -> None:
    """Three rolling greens."""
    far, near, front = (0.56, 0.77, 0.42), (0.42, 0.69, 0.29), (0.30, 0.58, 0.22)
    tint = mix(light.tint, (0.5, 0.5, 0.6), 0.5) if light.night else light.tint
    layers = ((mix(times(far, tint), light.haze, 0.15), times(near, tint)), (times(near, tint), times(front, tint)))
    _land(canvas, horizon, rng, layers)


def desert(canvas: Canvas, horizon: float, light: Light, rng: np.random.Generator) -> None:
    """Dunes of sand."""
    far, near, front = (0.95, 0.82, 0.57), (0.88, 0.70, 0.42), (0.78, 0.57, 0.31)
    tint = mix(light.tint, (0.5, 0.5, 0.6), 0.5) if light.night else light.tint
    layers = ((mix(times(far, tint), light.haze, 0.10), times(near, tint)), (times(far, tint), times(front, tint)))
    _land(canvas, horizon, rng, layers)


def snow(canvas: Canvas, horizon: float, light: Light, rng: np.random.Generator) -> None:
    """White drifts with blue shade."""
    lit, shade = (0.97, 0.98, 1.0), (0.74, 0.82, 0.94)
    tint = mix(light.tint, (1.0, 1.0, 1.0), 0.25)
    layers = ((times((0.88, 0.92, 0.98), tint), times(shade, tint)), (times(lit, tint), times(shade, tint)))
    _land(canvas, horizon, rng, layers)


def sea(canvas: Canvas, horizon: float, light: Light, rng: np.random.Generator) -> None:
    """Blue water, lighter at the horizon, with a few broad glints."""
    far = mix(times((0.30, 0.62, 0.80), light.tint), light.haze, 0.25)
    near = times((0.05, 0.30, 0.55), mix(light.tint, (1.0, 1.0, 1.0), 0.3))
    edge = [(-0.02, horizon), (1.02, horizon), (1.02, 1.05), (-0.02, 1.05)]
    canvas.polygon(edge, far, near, ((0.5, horizon), (0.5, 1.0)))
    for x, y, width in ((0.22, 0.07, 0.24), (0.74, 0.14, 0.28), (0.30, 0.24, 0.32)):
        centre = (x + _jitter(rng, 0.06), horizon + y + _jitter(rng, 0.015))
        canvas.glow(centre, (width, 0.018), mix(far, (1.0, 1.0, 1.0), 0.35), 0.75)


SKIES: dict[Sky, Callable[[Canvas, float, np.random.Generator], None]] = {
    Sky.DAY: day,
    Sky.SUNSET: sunset,
    Sky.NIGHT: night,
    Sky.OVERCAST: overcast,
    Sky.DAWN: dawn,
}
GROUNDS: dict[Ground, Callable[[Canvas, float, Light, np.random.Generator], None]] = {
    Ground.MEADOW: meadow,
    Ground.SEA: sea,
    Ground.DESERT: desert,
    Ground.SNOW: snow,
}
