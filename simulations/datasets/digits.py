# SPDX-License-Identifier: MIT
"""Handwritten digits of the UCI repository as shipped with scikit-learn: 1797 real 8 x 8 images, nothing to
fetch."""

from __future__ import annotations

import numpy as np

from simulations.datasets import Dataset, Images


def draw(rng: np.random.Generator) -> Images:
    """8 x 8 grey images of ten classes, pixels 0..16; 174 to 183 images a class."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    images = pixels.astype(np.uint8).reshape(-1, 1, 8, 8)
    return Images(
        images.__getitem__,
        labels.astype(np.int64),
        10,
        (1, 8, 8),
        "optical recognition of handwritten digits (UCI; Kaynak 1995), scikit-learn",
    )


DATASET = Dataset(
    title="handwritten digits, 8 x 8 pixels",
    draw=draw,
    variants={"digits": {}, "digits-raw": {"balanced": False}},
    tiny={"per_class": 12},
)
