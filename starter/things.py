"""Houses, trees, boats and the rest: each kind is one recipe in the table at the end.

A recipe paints into the frame (x, base, height): the middle and the foot of the thing and its height, all in parts of
the picture. Light always falls from the left, where suns and moons hang.
"""

from collections.abc import Callable
from dataclasses import dataclass

from starter.landscape import Light
from starter.paint import Canvas, Point, Rgb, mix, times
from starter.scene import Colour, Kind

PALETTE: dict[Colour, Rgb] = {
    Colour.RED: (0.82, 0.13, 0.14),
    Colour.ORANGE: (0.96, 0.50, 0.08),
    Colour.YELLOW: (0.99, 0.83, 0.16),
    Colour.GREEN: (0.10, 0.50, 0.26),
    Colour.BLUE: (0.10, 0.30, 0.80),
    Colour.PURPLE: (0.50, 0.20, 0.66),
    Colour.WHITE: (0.95, 0.95, 0.94),
}
WOOD: Rgb = (0.44, 0.28, 0.18)
SLATE: Rgb = (0.29, 0.29, 0.36)
WHITE: Rgb = (1.0, 1.0, 1.0)
LAMP: Rgb = (1.0, 0.88, 0.45)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a thing stands: x of its middle, y of its foot, its height; maps thing units (x to the right, y up)."""

    x: float
    base: float
    height: float
    on_sea: bool

    def at(self, across: float, up: float) -> Point:
        """The picture point of a point in thing units (1 = the thing's height)."""
        return (self.x + across * self.height, self.base - up * self.height)

    def points(self, *pairs: Point) -> list[Point]:
        """The picture points of a polygon in thing units."""
        return [self.at(*pair) for pair in pairs]


@dataclass(frozen=True, slots=True)
class Paints:
    """The three tones of one colour under one light."""

    lit: Rgb
    plain: Rgb
    dark: Rgb

    @staticmethod
    def of(colour: Rgb, light: Light) -> "Paints":
        """Mix the tones: towards white where light falls, towards blue-black where it does not."""
        plain = times(colour, light.tint)
        dark = mix(times(plain, (0.66, 0.66, 0.74)), light.haze, 0.05)
        return Paints(mix(plain, times(WHITE, light.tint), 0.28), plain, dark)


def _shadow(canvas: Canvas, frame: Frame, half_width: float) -> None:
    centre = frame.at(0.12, 0.0)
    canvas.glow(centre, (half_width * frame.height * 1.35, 0.045), (0.05, 0.06, 0.14), 0.55)


def _reflection(canvas: Canvas, frame: Frame, half_width: float, colour: Rgb) -> None:
    centre = frame.at(0.0, -0.06)
    canvas.glow(centre, (half_width * frame.height * 1.2, 0.05), colour, 0.5)


def house(canvas: Canvas, frame: Frame, colour: Rgb, light: Light) -> None:
    """Gable front in the light, long side in the shade, a slate roof, a door and two windows."""
    wall, roof, wood = Paints.of(colour, light), Paints.of(SLATE, light), Paints.of(WOOD, light)
    _shadow(canvas, frame, 0.75)
    chimney = frame.points((0.30, 0.62), (0.30, 1.0), (0.42, 1.0), (0.42, 0.62))
    canvas.polygon(chimney, wood.plain, wood.dark, (frame.at(0.28, 0.8), frame.at(0.44, 0.8)))
    side = frame.points((0.02, 0.0), (0.02, 0.52), (0.66, 0.52), (0.66, 0.04))
    canvas.polygon(side, wall.plain, wall.dark, (frame.at(0.02, 0.3), frame.at(0.5, 0.3)))
    front = frame.points((-0.62, 0.02), (-0.62, 0.52), (-0.30, 0.92), (0.02, 0.52), (0.02, 0.0))
    canvas.polygon(front, wall.lit, wall.plain, (frame.at(-0.62, 0.6), frame.at(0.02, 0.1)))
    slope = frame.points((-0.32, 0.94), (0.42, 0.94), (0.74, 0.48), (0.04, 0.48))
    canvas.polygon(slope, roof.lit, roof.plain, (frame.at(0.0, 0.94), frame.at(0.2, 0.48)))
    barge = frame.points((-0.70, 0.47), (-0.31, 0.95), (-0.29, 0.84), (-0.64, 0.43))
    canvas.polygon(barge, roof.plain)
    glass = LAMP if light.night else times((0.72, 0.86, 0.95), light.tint)
    canvas.polygon(frame.points((-0.40, 0.01), (-0.40, 0.33), (-0.20, 0.33), (-0.20, 0.01)), wood.plain)
    canvas.polygon(frame.points((-0.38, 0.48), (-0.38, 0.66), (-0.22, 0.66), (-0.22, 0.48)), glass)
    canvas.polygon(frame.points((0.22, 0.20), (0.22, 0.38), (0.48, 0.38), (0.48, 0.20)), glass)


def tree(canvas: Canvas, frame: Frame, colour: Rgb, light: Light) -> None:
    """A trunk under a round crown of four balls of leaves."""
    leaves, wood = Paints.of(colour, light), Paints.of(WOOD, light)
    _shadow(canvas, frame, 0.42)
    trunk = frame.points((-0.07, 0.0), (-0.05, 0.45), (0.05, 0.45), (0.08, 0.0))
    canvas.polygon(trunk, wood.lit, wood.dark, (frame.at(-0.07, 0.2), frame.at(0.08, 0.2)))
    for across, up, radius in ((0.20, 0.52, 0.22), (-0.20, 0.54, 0.22), (0.10, 0.74, 0.24), (-0.06, 0.72, 0.27)):
        size = radius * frame.height
        canvas.ellipse(frame.at(across, up), (size, size), mix(leaves.dark, leaves.plain, 0.4), lit=leaves.lit)


def tent(canvas: Canvas, frame: Frame, colour: Rgb, light: Light) -> None:
    """A ridge tent: open front to the left, long side in the shade."""
    cloth = Paints.of(colour, light)
    _shadow(canvas, frame, 0.95)
    side = frame.points((-0.30, 1.0), (0.52, 0.92), (0.98, 0.03), (0.25, 0.0))
    canvas.polygon(side, cloth.plain, cloth.dark, (frame.at(-0.2, 0.9), frame.at(0.5, 0.0)))
    front = frame.points((-0.30, 1.0), (-0.88, 0.03), (0.25, 0.0))
    canvas.polygon(front, cloth.lit, cloth.plain, (frame.at(-0.6, 0.5), frame.at(0.2, 0.2)))
    inside = LAMP if light.night else times((0.20, 0.17, 0.20), light.tint)
    canvas.polygon(frame.points((-0.30, 0.74), (-0.52, 0.02), (-0.08, 0.01)), inside)


def lighthouse(canvas: Canvas, frame: Frame, colour: Rgb, light: Light) -> None:
    """A tapering tower with two pale bands, a lamp room and a cap; on a rock where there is water."""
    tower, slate = Paints.of(colour, light), Paints.of(SLATE, light)
    band = Paints.of((0.74, 0.76, 0.80) if colour == PALETTE[Colour.WHITE] else (0.95, 0.95, 0.94), light)
    if frame.on_sea:
        rock = Paints.of((0.46, 0.42, 0.40), light)
        canvas.ellipse(frame.at(0.0, -0.01), (0.30 * frame.height, 0.09 * frame.height), rock.dark, lit=rock.lit)
    else:
        _shadow(canvas, frame, 0.26)

    def ring(low: float, high: float, paint: Paints) -> None:
        wide, narrow = 0.165 - 0.06 * low, 0.165 - 0.06 * high
        corners = frame.points((-wide, low), (-narrow, high), (narrow, high), (wide, low))
        canvas.polygon(corners, paint.lit, paint.dark, (frame.at(-wide, 0.5), frame.at(wide, 0.5)))

    ring(0.0, 0.78, tower)
    ring(0.20, 0.32, band)
    ring(0.50, 0.60, band)
    lamp = frame.points((-0.075, 0.80), (-0.075, 0.91), (0.075, 0.91), (0.075, 0.80))
    if light.night:
        canvas.glow(frame.at(0.0, 0.85), (0.30 * frame.height, 0.24 * frame.height), LAMP, 0.8)
    canvas.polygon(lamp, LAMP)
    canvas.polygon(frame.points((-0.15, 0.76), (-0.15, 0.81), (0.15, 0.81), (0.15, 0.76)), slate.plain)
    canvas.polygon(frame.points((-0.11, 0.90), (0.0, 1.0), (0.11, 0.90)), slate.plain)


def boat(canvas: Canvas, frame: Frame, colour: Rgb, light: Light) -> None:
    """A sailing boat, ashore where there is no sea: wooden hull, a large lit sail and a small one in the shade."""
    sail, wood = Paints.of(colour, light), Paints.of(WOOD, light)
    if frame.on_sea:
        _reflection(canvas, frame, 0.55, mix(sail.plain, wood.plain, 0.4))
    else:
        _shadow(canvas, frame, 0.5)
    mast = frame.points((0.03, 0.1), (0.03, 1.0), (0.06, 1.0), (0.06, 0.1))
    canvas.polygon(mast, wood.dark)
    main = frame.points((0.02, 0.97), (0.02, 0.24), (-0.50, 0.24), (-0.28, 0.62))
    canvas.polygon(main, sail.lit, sail.plain, (frame.at(-0.4, 0.6), frame.at(0.02, 0.3)))
    jib = frame.points((0.08, 0.86), (0.08, 0.24), (0.46, 0.24))
    canvas.polygon(jib, sail.plain, sail.dark, (frame.at(0.08, 0.5), frame.at(0.4, 0.24)))
    hull = frame.points((-0.56, 0.19), (-0.42, 0.0), (0.36, 0.0), (0.56, 0.19))
    canvas.polygon(hull, wood.lit, wood.dark, (frame.at(-0.4, 0.2), frame.at(0.4, 0.0)))


def mountain(canvas: Canvas, frame: Frame, colour: Rgb, light: Light) -> None:
    """A broad peak with a lower shoulder, lit on its left flank, capped with snow."""
    rock = Paints.of(mix(colour, light.haze, 0.10), light)
    cap = Paints.of(WHITE, light)
    shoulder = frame.points((0.2, -0.05), (0.80, 0.56), (1.50, -0.05))
    canvas.polygon(shoulder, rock.plain, rock.dark, (frame.at(0.4, 0.3), frame.at(1.1, 0.2)))
    lit = frame.points((0.0, 1.0), (-1.25, -0.05), (0.26, -0.05), (0.10, 0.42))
    canvas.polygon(lit, rock.lit, rock.plain, (frame.at(-0.5, 0.6), frame.at(0.1, 0.0)))
    dark = frame.points((0.0, 1.0), (0.10, 0.42), (0.26, -0.05), (1.02, -0.05))
    canvas.polygon(dark, rock.dark)
    snow_lit = frame.points((0.0, 1.0), (-0.34, 0.715), (-0.17, 0.745), (-0.03, 0.66), (0.045, 0.74))
    canvas.polygon(snow_lit, cap.lit)
    snow_dark = frame.points((0.0, 1.0), (0.045, 0.74), (0.15, 0.69), (0.29, 0.71))
    canvas.polygon(snow_dark, mix(cap.dark, cap.plain, 0.35))


def balloon(canvas: Canvas, frame: Frame, colour: Rgb, light: Light) -> None:
    """A hot-air balloon: a ball with a paler gore, narrowing to a basket."""
    cloth, wood = Paints.of(colour, light), Paints.of(WOOD, light)
    pale = mix(cloth.lit, times(WHITE, light.tint), 0.45)
    if colour == PALETTE[Colour.WHITE]:
        pale = Paints.of((0.80, 0.82, 0.86), light).plain
    neck = frame.points((-0.33, 0.50), (-0.09, 0.20), (0.09, 0.20), (0.33, 0.50))
    canvas.polygon(neck, cloth.plain, cloth.dark, (frame.at(-0.25, 0.4), frame.at(0.25, 0.35)))
    size = 0.37 * frame.height
    canvas.ellipse(frame.at(0.0, 0.63), (size, size), mix(cloth.dark, cloth.plain, 0.5), lit=cloth.lit)
    canvas.ellipse(frame.at(-0.03, 0.63), (0.30 * size, 0.985 * size), pale)
    canvas.polygon(frame.points((-0.10, 0.30), (-0.05, 0.20), (0.05, 0.20), (0.08, 0.30)), pale)
    basket = frame.points((-0.09, 0.13), (-0.07, 0.0), (0.07, 0.0), (0.09, 0.13))
    ropes = frame.points((-0.09, 0.20), (-0.07, 0.12), (0.07, 0.12), (0.09, 0.20))
    canvas.polygon(ropes, mix(wood.dark, light.haze, 0.5))
    canvas.polygon(basket, wood.lit, wood.dark, (frame.at(-0.09, 0.1), frame.at(0.09, 0.0)))


THINGS: dict[Kind, Callable[[Canvas, Frame, Rgb, Light], None]] = {
    Kind.HOUSE: house,
    Kind.TREE: tree,
    Kind.TENT: tent,
    Kind.LIGHTHOUSE: lighthouse,
    Kind.BOAT: boat,
    Kind.MOUNTAIN: mountain,
    Kind.BALLOON: balloon,
}
