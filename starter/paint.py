"""Anti-aliased, shaded shapes on a float canvas: the few brushes that postcards are painted with."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Pixels: TypeAlias = npt.NDArray[np.float32]
Point: TypeAlias = tuple[float, float]
Rgb: TypeAlias = tuple[float, float, float]

FRACTION_BITS = 6  # cv2 polygons take fixed-point coordinates; 1/64 pixel is finer than the eye


def mix(first: Rgb, second: Rgb, amount: float) -> Rgb:
    """`first` with `amount` (0..1) of `second` stirred in."""
    return (
        first[0] + (second[0] - first[0]) * amount,
        first[1] + (second[1] - first[1]) * amount,
        first[2] + (second[2] - first[2]) * amount,
    )


def times(colour: Rgb, light: Rgb) -> Rgb:
    """`colour` seen under coloured light."""
    return (colour[0] * light[0], colour[1] * light[1], colour[2] * light[2])


class Canvas:
    """A square picture under the brush; shapes are given in the unit square, y pointing down.

    pixels: (side, side, 3), RGB in 0..1
    """

    def __init__(self, side: int) -> None:
        self.side = side
        self.pixels: Pixels = np.zeros((side, side, 3), np.float32)
        self._centres: Pixels = ((np.arange(side) + 0.5) / side).astype(np.float32)

    def _blend(self, rows: slice, columns: slice, colour: Any, alpha: Any) -> None:
        area = self.pixels[rows, columns]
        area += (colour - area) * alpha

    def backdrop(self, stops: Sequence[tuple[float, Rgb]]) -> None:
        """Fill everything with a vertical gradient through (height, colour) stops."""
        heights = [height for height, _ in stops]
        for channel in range(3):
            values = np.interp(self._centres, heights, [colour[channel] for _, colour in stops])
            self.pixels[:, :, channel] = values[:, None]

    def polygon(
        self, points: Sequence[Point], start: Rgb, end: Rgb | None = None, axis: tuple[Point, Point] | None = None
    ) -> None:
        """Fill a polygon with one colour, or with a gradient from `start` to `end` along `axis`."""
        corners = np.asarray(points, np.float32) * self.side
        left, top = np.clip(np.floor(corners.min(0)).astype(int) - 1, 0, self.side)
        right, bottom = np.clip(np.ceil(corners.max(0)).astype(int) + 2, 0, self.side)
        if right <= left or bottom <= top:
            return
        mask = np.zeros((bottom - top, right - left), np.uint8)
        fixed = np.round((corners - (left + 0.5, top + 0.5)) * (1 << FRACTION_BITS)).astype(np.int32)
        cv2.fillPoly(mask, [fixed], (255,), cv2.LINE_AA, FRACTION_BITS)
        alpha = (mask.astype(np.float32) / 255)[:, :, None]
        rows, columns = slice(top, bottom), slice(left, right)
        colour: Any = np.asarray(start, np.float32)
        if end is not None and axis is not None:
            share = self._share_along(axis, rows, columns)
            colour = colour + (np.asarray(end, np.float32) - colour) * share
        self._blend(rows, columns, colour, alpha)

    def _share_along(self, axis: tuple[Point, Point], rows: slice, columns: slice) -> Pixels:
        (from_x, from_y), (to_x, to_y) = axis
        step_x, step_y = to_x - from_x, to_y - from_y
        length = step_x**2 + step_y**2
        along_x = (self._centres[columns] - from_x) * (step_x / length)
        along_y = (self._centres[rows] - from_y) * (step_y / length)
        share: Pixels = np.clip(along_y[:, None] + along_x[None, :], 0, 1)[:, :, None]
        return share

    def ellipse(self, centre: Point, radii: Point, colour: Rgb, lit: Rgb | None = None, edge: float = 0.006) -> None:
        """Fill an ellipse with a soft rim, `edge` wide; with `lit`, shade it like a ball lit from the upper left."""
        rows, columns = self._box(centre, (radii[0] + edge, radii[1] + edge))
        across = (self._centres[columns] - centre[0])[None, :] / radii[0]
        down = (self._centres[rows] - centre[1])[:, None] / radii[1]
        distance = np.sqrt(across**2 + down**2)
        alpha = np.clip((1 - distance) * min(radii) / edge + 0.5, 0, 1)[:, :, None]
        fill: Any = np.asarray(colour, np.float32)
        if lit is not None:
            shade = np.clip(1 - np.sqrt((across + 0.45) ** 2 + (down + 0.5) ** 2) / 1.5, 0, 1)[:, :, None]
            fill = fill + (np.asarray(lit, np.float32) - fill) * shade
        self._blend(rows, columns, fill, alpha)

    def glow(self, centre: Point, radii: Point, colour: Rgb, strength: float) -> None:
        """Lay a soft round veil of `colour`, `strength` at its middle and nothing at its rim (light, or a shadow)."""
        rows, columns = self._box(centre, radii)
        across = (self._centres[columns] - centre[0])[None, :] / radii[0]
        down = (self._centres[rows] - centre[1])[:, None] / radii[1]
        alpha = strength * np.clip(1 - (across**2 + down**2), 0, 1) ** 2
        self._blend(rows, columns, np.asarray(colour, np.float32), alpha[:, :, None])

    def _box(self, centre: Point, radii: Point) -> tuple[slice, slice]:
        left, right = ((centre[0] + sign * radii[0]) * self.side for sign in (-1, 1))
        top, bottom = ((centre[1] + sign * radii[1]) * self.side for sign in (-1, 1))
        columns = slice(max(0, int(left)), max(0, min(self.side, int(right) + 2)))
        return slice(max(0, int(top)), max(0, min(self.side, int(bottom) + 2))), columns

    def finished(self, side: int) -> npt.NDArray[np.uint8]:
        """The picture averaged down to (side, side, 3) bytes."""
        small = cv2.resize(self.pixels, (side, side), interpolation=cv2.INTER_AREA)
        picture: npt.NDArray[np.uint8] = np.clip(np.round(small * 255), 0, 255).astype(np.uint8)
        return picture
