# SPDX-License-Identifier: MIT
"""Standardisation and padding: statistics of the training set, applied to it and to the test set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulations.errors import InputError, unknown

MODES = ("none", "all", "channel", "pixel")
# Rows that are converted at a time: working memory stays small beside the result.
_ROWS = 2048


@dataclass(frozen=True)
class Standardiser:
    """x -> (x - mean) / deviation, with a mean and a deviation that broadcast over samples (n, ...)."""

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]

    @classmethod
    def fit(cls, values: NDArray, mode: str) -> Standardiser:
        """The statistics of training samples, shape (n, p) or (n, channels, height, width).

        "all": one mean and one deviation; "channel": one of each for every channel of images (for grey images
        the same as "all"); "pixel": one of each for every pixel or coordinate; "none": 0 and 1. Deviations
        divide by n. Where all values are equal the deviation is taken as 1, so that they become 0; but a
        border pixel that is lit in one image of ten thousand is stretched a hundredfold by "pixel".
        Sums of bytes are exact integers, so no order of summation enters. Raises InputError for an unknown
        mode, or "channel" for vectors.
        """
        if mode not in MODES:
            raise unknown("standardise", mode, list(MODES))
        if mode == "channel" and values.ndim != 4:
            raise InputError(
                f"standardise = 'channel' was asked for samples of shape {values.shape[1:]}; channels exist "
                "in images only: take 'all' or 'pixel'"
            )
        if mode == "none":
            return cls(np.zeros(1), np.ones(1))
        axes = {"all": tuple(range(values.ndim)), "channel": (0, 2, 3), "pixel": (0,)}[mode]
        if np.issubdtype(values.dtype, np.integer):
            mean, deviation = _exact_moments(values, axes)
        else:
            wide = values.astype(np.float64)
            mean, deviation = wide.mean(axis=axes, keepdims=True), wide.std(axis=axes, keepdims=True)
        return cls(mean[0], np.where(deviation[0] > 0, deviation[0], 1.0))

    def apply(self, values: NDArray, pad: tuple[int, int] | None = None) -> NDArray[np.float32]:
        """Standardised samples as rows (n, p). pad: (height, width) to centre images in, on black (0)."""
        shape = values.shape[1:] if pad is None else (values.shape[1], *pad)
        result = np.empty((len(values), *shape), dtype=np.float32)
        window: tuple = (...,)
        if pad is not None:
            top, left = (pad[0] - values.shape[2]) // 2, (pad[1] - values.shape[3]) // 2
            window = (..., slice(top, top + values.shape[2]), slice(left, left + values.shape[3]))
            # Black outside the image; with a deviation for each pixel it is constant there, and becomes 0.
            black = np.zeros((shape[0], 1, 1))
            if self.mean.ndim != 3 or self.mean.shape[1:] == (1, 1):
                black = black - self.mean / self.deviation
            result[:] = black
        for start in range(0, len(values), _ROWS):
            part = slice(start, start + _ROWS)
            result[part][window] = (values[part].astype(np.float64) - self.mean) / self.deviation
        return result.reshape(len(values), -1)


def _exact_moments(values: NDArray, axes: tuple[int, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and deviation over `axes` of integers of at most two bytes, by exact sums."""
    first = np.zeros((1, *values.shape[1:]), dtype=np.int64)
    second = np.zeros_like(first)
    for start in range(0, len(values), _ROWS):
        part = values[start : start + _ROWS].astype(np.int64)
        first[0] += part.sum(axis=0)
        second[0] += (part * part).sum(axis=0)
    count = values.size // int(np.prod([n for axis, n in enumerate(values.shape) if axis not in axes]))
    # Python integers: the product of a count and a sum of squares can pass 2^63.
    total = first.sum(axis=axes, keepdims=True).astype(object)
    squares = second.sum(axis=axes, keepdims=True).astype(object)
    variance = (count * squares - total * total) / count**2
    return (total / count).astype(np.float64), np.sqrt(variance.astype(np.float64))


def padded_size(image_shape: tuple[int, int, int] | None, pad_to: int | None) -> tuple[int, int] | None:
    """(height, width) after padding, or None for no padding.

    Raises InputError for vectors, for a size that is no whole number, or one smaller than the image.
    """
    if pad_to is None:
        return None
    if image_shape is None:
        raise InputError(
            f"pad_to = {pad_to!r} was asked, but the samples are vectors; only images are padded"
        )
    if not isinstance(pad_to, int) or isinstance(pad_to, bool) or pad_to < max(image_shape[1:]):
        raise InputError(
            f"pad_to = {pad_to!r}; required is a whole number of at least {max(image_shape[1:])}, the size "
            f"of the images ({image_shape[1]} x {image_shape[2]})"
        )
    return pad_to, pad_to
