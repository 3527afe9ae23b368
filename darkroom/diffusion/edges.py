"""Edges of pictures, as guides for a ControlNet."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Values = NDArray[np.float32]

LUMA = (0.299, 0.587, 0.114)
"""ITU-R BT.601 weights of red, green and blue in brightness."""

BLUR_SIDE, BLUR_SIGMA = 5, 1.0
GRADIENT_STEPS = 8000
"""Steps per unit of gradient in 16 bit: a Sobel gradient of values in 0..1 is at most 4, so 32,000."""


def canny(image: Tensor, low: float, high: float) -> Tensor:
    """White edges one pixel wide on black (Canny 1986, doi:10.1109/TPAMI.1986.4767851).

    image: (batch, height, width, 3), 0..1
    low, high: of the Sobel gradient's length (0 to 4) after a slight blur; above `high` is an edge, above `low` too
    where it continues one
    """
    values = image[..., :3].detach().cpu().numpy().astype(np.float32)
    found = np.stack([edges_of(picture @ np.asarray(LUMA, np.float32), low, high) for picture in values])
    return torch.from_numpy(found)[..., None].repeat(1, 1, 1, 3)


def edges_of(brightness: Values, low: float, high: float) -> Values:
    """brightness: (height, width), 0..1; the result is 0 or 1."""
    smooth = cv2.GaussianBlur(brightness, (BLUR_SIDE, BLUR_SIDE), BLUR_SIGMA, borderType=cv2.BORDER_REFLECT_101)
    across, down = (
        np.rint(cv2.Sobel(smooth, cv2.CV_32F, *order, ksize=3, borderType=cv2.BORDER_REPLICATE) * GRADIENT_STEPS)
        for order in ((1, 0), (0, 1))
    )
    low, high = min(low, high), max(low, high)
    lines = cv2.Canny(
        across.astype(np.int16), down.astype(np.int16), low * GRADIENT_STEPS, high * GRADIENT_STEPS, L2gradient=True
    )
    return np.asarray(lines > 0, dtype=np.float32)
