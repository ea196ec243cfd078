# SPDX-License-Identifier: MIT
"""What all data sets share between the numbers on disk and the numbers that are trained on.

In this order, with all randomness from one generator: hold-out, balanced or imbalanced subset,
standardisation by the statistics of the training samples, padding, label noise. Noise draws last, so that the
same seed with and without noise trains on the same images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from simulations.datasets import Images, Samples
from simulations.datasets._imbalance import choose, explicit_counts, imbalanced_counts, noisy_labels
from simulations.datasets._pixels import Standardiser, padded_size
from simulations.errors import InputError


@dataclass(frozen=True)
class Preparation:
    """The shared options of `simulations.datasets.load`; all are plain JSON values.

    per_class: training samples of each class (None: as many as the smallest class has, for images), chosen at
    random. balanced: False keeps all images as they are; None means True for images, and for synthetic data
    that the draw is kept unless per_class asks for a subset.
    imbalance: "long-tailed" or "step", with imbalance_ratio (>= 1) and, for "step", minority_fraction: see
    `_imbalance.imbalanced_counts`; per_class is then the size of the largest class. counts: the number of
    samples of each class, instead of all these.
    label_noise: fraction of wrong training labels, 0 <= fraction < 1: see `_imbalance.noisy_labels`.
    test: True for the official test images, or the fraction of each class (0 < fraction < 1) that is held out
    before anything else; it comes back as `Samples.test`.
    standardise: "none", "all", "channel" or "pixel": see `_pixels.Standardiser`; None means "channel" for
    images and "none" for synthetic data. pad_to: height and width to centre images in, on black.
    """

    per_class: int | None = None
    balanced: bool | None = None
    imbalance: str | None = None
    imbalance_ratio: float | None = None
    minority_fraction: float | None = None
    counts: Sequence[int] | None = None
    label_noise: float = 0.0
    test: bool | float = False
    standardise: str | None = None
    pad_to: int | None = None

    def __post_init__(self) -> None:
        """Raise InputError for options that contradict each other or lack a partner."""
        chosen = self.per_class is not None or self.imbalance is not None
        if self.counts is not None and (chosen or self.balanced):
            raise InputError(
                "counts says how many samples each class has; per_class, balanced and imbalance cannot be "
                "given beside it"
            )
        if self.balanced is False and self.per_class is not None and self.imbalance is None:
            raise InputError(
                f"per_class = {self.per_class!r} asks for equal classes and balanced = False for all "
                "samples; leave one out"
            )
        if (self.imbalance is None) != (self.imbalance_ratio is None):
            given, missing = (
                ("imbalance", "imbalance_ratio") if self.imbalance else ("imbalance_ratio", "imbalance")
            )
            raise InputError(f"{given} = {getattr(self, given)!r} was given without {missing}; give both")
        if self.minority_fraction is not None and self.imbalance != "step":
            raise InputError(
                f"minority_fraction = {self.minority_fraction!r} is for imbalance 'step'; received imbalance "
                f"= {self.imbalance!r}"
            )
        whole = isinstance(self.per_class, int) and not isinstance(self.per_class, bool)
        if self.per_class is not None and (not whole or self.per_class < 1):
            raise InputError(
                f"per_class = {self.per_class!r}; required is a whole number of at least 1, the samples of "
                "each class"
            )


def option_names() -> list[str]:
    """The names of the shared options."""
    return [entry.name for entry in fields(Preparation)]


def prepare(rng: np.random.Generator, drawn: Samples | Images, options: Preparation, *, name: str) -> Samples:
    """Training samples, and test samples where asked for. `name` is for messages. Raises InputError."""
    source = _images_of(drawn) if isinstance(drawn, Samples) else drawn
    are_images = not isinstance(drawn, Samples)
    image_shape = drawn.image_shape
    pad = padded_size(image_shape, options.pad_to)
    mode = options.standardise or ("channel" if are_images else "none")
    check_labels(source.labels, source.num_classes, name)
    pool, held_out = _split(rng, source, options.test, name)
    counts = _counts(options, source.labels[pool], source.num_classes, are_images, name)
    chosen = pool if counts is None else pool[choose(rng, source.labels[pool], counts, name)]
    values = source.read(chosen)
    standardiser = Standardiser.fit(values, mode)
    shape = image_shape if pad is None or image_shape is None else (image_shape[0], *pad)
    clean = source.labels[chosen]
    labels, flipped = noisy_labels(rng, clean, num_classes=source.num_classes, fraction=options.label_noise)
    if options.label_noise:
        check_labels(labels, source.num_classes, name)
    test = None
    if held_out is not None:
        images, indices = held_out
        test = Samples(
            standardiser.apply(images.read(indices), pad),
            images.labels[indices],
            source.num_classes,
            f"{source.source}, held out",
            shape,
        )
    return Samples(
        standardiser.apply(values, pad),
        labels,
        source.num_classes,
        source.source,
        shape,
        clean if options.label_noise else None,
        flipped if options.label_noise else None,
        test,
    )


def check_labels(labels: NDArray[np.int64], num_classes: int, name: str) -> None:
    """Raise InputError unless the labels are whole numbers that cover 0..num_classes-1 and nothing else.

    Every metric of neural collapse averages over classes, and an empty class has no mean.
    """
    if labels.size and not 0 <= int(labels.min()) <= int(labels.max()) < num_classes:
        raise InputError(
            f"dataset {name!r}: labels from {int(labels.min())} to {int(labels.max())} were read; required "
            f"are labels from 0 to {num_classes - 1}"
        )
    empty = np.flatnonzero(np.bincount(labels, minlength=num_classes) == 0)
    if empty.size:
        listed = ", ".join(map(str, empty[:8])) + (", ..." if empty.size > 8 else "")
        raise InputError(
            f"dataset {name!r}: the labels do not cover 0..{num_classes - 1}: no sample of class {listed}; "
            "an empty class has no mean and nothing to collapse to: take more samples, or complete the files"
        )


def _images_of(samples: Samples) -> Images:
    def read(indices: NDArray[np.int64]) -> NDArray:
        return samples.inputs[indices].reshape(len(indices), *(samples.image_shape or (-1,)))

    # A vector has no image shape; nothing below asks for it then.
    return Images(read, samples.labels, samples.num_classes, samples.image_shape or (0, 0, 0), samples.source)


def _counts(
    options: Preparation, labels: NDArray[np.int64], num_classes: int, are_images: bool, name: str
) -> NDArray[np.int64] | None:
    """How many samples of each class to keep, shape (C,), or None for all."""
    if options.counts is not None:
        return explicit_counts(options.counts, num_classes, name)
    smallest = np.bincount(labels, minlength=num_classes)
    balanced = are_images if options.balanced is None else options.balanced
    if not balanced and options.per_class is None and options.imbalance is None:
        return None
    largest = int(smallest.min()) if options.per_class is None else options.per_class
    if options.imbalance is None:
        if largest > smallest.min():
            raise InputError(
                f"dataset {name!r}: per_class = {largest} was asked, but the smallest class (class "
                f"{int(smallest.argmin())}) has {int(smallest.min())} samples; ask for a number from 1 to "
                f"{int(smallest.min())}"
            )
        return np.full(num_classes, largest, dtype=np.int64)
    assert options.imbalance_ratio is not None  # checked when the options were made
    fraction = 0.5 if options.minority_fraction is None else options.minority_fraction
    return imbalanced_counts(
        options.imbalance,
        largest=largest,
        num_classes=num_classes,
        ratio=options.imbalance_ratio,
        minority_fraction=fraction,
    )


def _split(
    rng: np.random.Generator, source: Images, test: bool | float, name: str
) -> tuple[NDArray[np.int64], tuple[Images, NDArray[np.int64]] | None]:
    """Indices to train on, and what to test on: (images, their indices), or None."""
    everything = np.arange(len(source.labels))
    if test is False or test is None:
        return everything, None
    if test is True:
        if source.test is None:
            raise InputError(
                f"dataset {name!r} has no official test samples; hold some out with test = 0.2 (the fraction "
                "of each class)"
            )
        official = source.test()
        check_labels(official.labels, source.num_classes, name)
        return everything, (official, np.arange(len(official.labels)))
    if not isinstance(test, int | float) or not 0 < test < 1:
        raise InputError(
            f"test = {test!r}; required is true for the official test samples, or the fraction of each class "
            "to hold out, > 0 and < 1"
        )
    sizes = np.bincount(source.labels, minlength=source.num_classes)
    held = np.rint(test * sizes).astype(np.int64)
    if (held < 1).any() or (held >= sizes).any():
        worst = int(sizes.argmin())
        raise InputError(
            f"dataset {name!r}: test = {test!r} of the {int(sizes[worst])} samples of class {worst} leaves "
            "training or test without a sample of it; take another fraction, or more samples"
        )
    out = choose(rng, source.labels, held, name)
    return np.setdiff1d(everything, out), (source, out)
