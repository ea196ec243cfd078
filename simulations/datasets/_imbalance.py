# SPDX-License-Identifier: MIT
"""How many samples each class keeps, and which labels are made wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulations.errors import InputError, unknown

PROFILES = ("long-tailed", "step")


def imbalanced_counts(
    profile: str, *, largest: int, num_classes: int, ratio: float, minority_fraction: float = 0.5
) -> NDArray[np.int64]:
    """Samples of each class, shape (C,), not increasing: `largest` for class 0, largest / ratio for class
    C-1.

    "long-tailed": n_c = largest ratio^(-c / (C - 1)), rounded down (Cui et al. 2019, arXiv:1901.05555; Cao et
    al. 2019, arXiv:1906.07413, whose CIFAR-10-LT this reproduces). "step": the last `minority_fraction` of
    the classes (rounded to whole classes) have largest / ratio, rounded down, the others `largest` (Buda et
    al. 2018, arXiv:1710.05381). ratio >= 1 is largest class over smallest; 0 < minority_fraction < 1.
    Raises InputError for an unknown profile, a value out of range, or a class that would be left empty.
    """
    if profile not in PROFILES:
        raise unknown("imbalance", profile, list(PROFILES))
    if not _number(ratio) or ratio < 1:
        raise InputError(
            f"imbalance_ratio = {ratio!r}; required is a finite number of at least 1: the size of the "
            "largest class over that of the smallest"
        )
    if profile == "long-tailed":
        exponents = np.arange(num_classes) / max(num_classes - 1, 1)
        counts = _floor(largest * float(ratio) ** -exponents)
    else:
        minorities = _minorities(minority_fraction, num_classes)
        counts = np.full(num_classes, largest, dtype=np.int64)
        counts[num_classes - minorities :] = _floor(np.array(largest / ratio))
    if counts.min() < 1:
        raise InputError(
            f"imbalance_ratio = {ratio:g} leaves class {int(counts.argmin())} empty when the largest class "
            f"has {largest} samples; take a ratio of at most {largest}, or more samples a class"
        )
    return counts


def _floor(sizes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rounded down, but for whole numbers that arithmetic has put a hair below themselves."""
    return np.floor(sizes * (1 + 1e-12)).astype(np.int64)


def _minorities(fraction: float, num_classes: int) -> int:
    minorities = round(fraction * num_classes) if _number(fraction) else 0
    if not 0 < minorities < num_classes:
        raise InputError(
            f"minority_fraction = {fraction!r} makes {minorities} of {num_classes} classes minorities; "
            "required is a fraction of the classes, > 0 and < 1, that leaves classes of both kinds"
        )
    return minorities


def choose(
    rng: np.random.Generator, labels: NDArray[np.int64], counts: NDArray[np.int64], name: str
) -> NDArray[np.int64]:
    """Sorted indices of counts[c] random samples of each class c, without replacement.

    Raises InputError, naming the class and its size, when a class is smaller than asked.
    """
    available = np.bincount(labels, minlength=len(counts))
    short = np.flatnonzero(counts > available)
    if short.size:
        worst = int(short[np.argmin(available[short])])
        raise InputError(
            f"dataset {name!r}: {int(counts[worst])} samples of class {worst} were asked (per_class, counts "
            f"or imbalance), but it has {int(available[worst])}; ask for at most that many"
        )
    chosen = [
        rng.choice(np.flatnonzero(labels == c), size=int(n), replace=False) for c, n in enumerate(counts)
    ]
    return np.sort(np.concatenate(chosen))


def explicit_counts(counts: Sequence[int], num_classes: int, name: str) -> NDArray[np.int64]:
    """The counts as an array (C,). Raises InputError unless there is one whole number >= 1 for each class."""
    values = list(counts) if isinstance(counts, list | tuple | np.ndarray) else []
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) and n >= 1 for n in values)
    if len(values) != num_classes or not whole:
        raise InputError(
            f"dataset {name!r}: counts = {counts!r}; required are {num_classes} whole numbers of at least 1, "
            "one for each class"
        )
    return np.asarray(values, dtype=np.int64)


def noisy_labels(
    rng: np.random.Generator, labels: NDArray[np.int64], *, num_classes: int, fraction: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Symmetric label noise: the labels after it, shape (n,), and the sorted indices of the changed ones.

    Exactly round(fraction n) labels, chosen uniformly, move to a uniformly random other class: every flipped
    label is wrong. (Where a flip may also return the label itself, as in some papers, their noise rate r is
    fraction = r (C - 1) / C here.) Raises InputError unless 0 <= fraction < 1.
    """
    if not _number(fraction) or not 0 <= fraction < 1:
        raise InputError(
            f"label_noise = {fraction!r}; required is the fraction of wrong labels, >= 0 and < 1"
        )
    flipped = np.sort(rng.choice(len(labels), size=round(fraction * len(labels)), replace=False))
    noisy = labels.copy()
    noisy[flipped] = (labels[flipped] + rng.integers(1, num_classes, size=flipped.size)) % num_classes
    return noisy, flipped.astype(np.int64)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
