"""Sheets of pictures, and how close two pictures are."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt


def psnr(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]) -> float:
    """Mean peak signal-to-noise ratio over pictures (batch, height, width, 3), in dB."""
    error = np.square(first.astype(np.float64) - second.astype(np.float64)).mean(axis=(1, 2, 3))
    return float(np.mean(10 * np.log10(255**2 / np.maximum(error, 1e-3))))


def sheet(file: Path, pictures: npt.NDArray[np.uint8], columns: int) -> None:
    """Write pictures as one file, row by row; OSError where the file cannot be written."""
    missing = -len(pictures) % columns
    filled = np.concatenate([pictures, np.full((missing, *pictures.shape[1:]), 255, np.uint8)])
    rows = [np.concatenate(list(filled[start : start + columns]), 1) for start in range(0, len(filled), columns)]
    if not cv2.imwrite(str(file), np.concatenate(rows, 0)[:, :, ::-1]):
        raise OSError(f"{file} could not be written")
