# SPDX-License-Identifier: MIT
"""Handwritten digits of the UCI repository as shipped with scikit-learn: 1797 real 8 x 8 images, nothing to
fetch."""

from __future__ import annotations

import numpy as np

from simulations.datasets import Dataset, Samples
from simulations.datasets._sampling import balanced_subset, standardise


def draw(rng: np.random.Generator, *, per_class: int | None = None, balanced: bool = True) -> Samples:
    """8 x 8 grey images as rows of 64 standardised pixels, ten classes.

    per_class: images of each class (at most 174, the size of the smallest class, which is the default).
    balanced: False keeps all 1797 images (174 to 183 a class) and ignores per_class.
    """
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    labels = labels.astype(np.int64)
    if balanced:
        chosen = balanced_subset(rng, labels, per_class, "digits")
        pixels, labels = pixels[chosen], labels[chosen]
    return Samples(
        standardise(pixels),
        labels,
        10,
        "optical recognition of handwritten digits (UCI; Kaynak 1995), scikit-learn",
    )


DATASET = Dataset(
    title="handwritten digits, 8 x 8 pixels",
    draw=draw,
    variants={"digits": {}, "digits-raw": {"balanced": False}},
    tiny={"per_class": 12},
)
