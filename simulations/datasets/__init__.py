# SPDX-License-Identifier: MIT
"""Data sets, one file each. Every file defines `DATASET`, a `Dataset`, which may offer several named
variants.

A file only draws or reads. What all share is done here, by `load`: hold-out, balanced subsets, imbalance,
padding, standardisation and label noise (`simulations.datasets._preparation`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulations.discovery import discover

__all__ = ["Dataset", "Images", "Samples", "load", "names"]


# The shared options that say how many samples each class has.
_SIZES = ("per_class", "balanced", "counts")


@dataclass(frozen=True)
class Samples:
    """A labelled sample: rows are samples.

    inputs: (n, p) float32. labels: (n,) int64 in 0..num_classes-1, what a network is trained on. source:
    where the numbers come from, in words.
    image_shape: (channels, height, width) with product p when the rows are images in that order, else None.
    clean_labels: (n,) int64, the labels before label noise, and flipped: the sorted indices whose label the
    noise changed; both None without noise. test: the held-out samples, prepared like the training samples and
    with their statistics, never noisy or thinned; None unless asked for.
    """

    inputs: NDArray[np.float32]
    labels: NDArray[np.int64]
    num_classes: int
    source: str
    image_shape: tuple[int, int, int] | None = None
    clean_labels: NDArray[np.int64] | None = None
    flipped: NDArray[np.int64] | None = None
    test: Samples | None = None

    @property
    def counts(self) -> NDArray[np.int64]:
        """Samples of each class, shape (C,), by the labels that are trained on."""
        return np.bincount(self.labels, minlength=self.num_classes)

    @property
    def clean_counts(self) -> NDArray[np.int64]:
        """Samples of each class before label noise, shape (C,)."""
        labels = self.labels if self.clean_labels is None else self.clean_labels
        return np.bincount(labels, minlength=self.num_classes)

    @property
    def images(self) -> NDArray[np.float32]:
        """The inputs as (n, channels, height, width), a view. Raises InputError when they are no images."""
        from simulations.errors import InputError

        if self.image_shape is None:
            raise InputError(
                f"{self.source}: the samples are vectors of length {self.inputs.shape[1]}, not images; take "
                "an image data set, or a network for vectors"
            )
        return self.inputs.reshape(len(self.inputs), *self.image_shape)


@dataclass(frozen=True)
class Images:
    """Images as they lie on disk: labels at once, pixels when asked for.

    read: sorted indices (m,) -> (m, *image_shape), bytes. labels: (n,) int64. image_shape: (channels, height,
    width). test: gives the official test images, or None where there are none.
    """

    read: Callable[[NDArray[np.int64]], NDArray[np.uint8]]
    labels: NDArray[np.int64]
    num_classes: int
    image_shape: tuple[int, int, int]
    source: str
    test: Callable[[], Images] | None = None


@dataclass(frozen=True)
class Dataset:
    """A source of samples.

    draw: function (rng, **options) -> Samples (vectors, float32) or Images (raw pixels). It takes all its
    randomness from the NumPy generator `rng`: the same seed gives the same bytes. It opens no network
    connection, unless it has an option `download` and that is True.
    variants: public name -> the options which that name stands for, those of `draw` and the shared ones of
    `Preparation`. Options given by the caller override them (any one of per_class, balanced and counts
    overrides all three). tiny: options of a draw small enough for a test.
    absence: says what is missing on this machine and how to get it, or None when all is there.
    """

    title: str
    draw: Callable[..., Samples | Images]
    variants: Mapping[str, Mapping[str, Any]]
    tiny: Mapping[str, Any] = field(default_factory=dict)
    absence: Callable[[], str | None] = lambda: None


def all_datasets() -> list[Dataset]:
    """Every data set, in the order of the file names."""
    return list(discover(__name__, "DATASET").values())


def names() -> list[str]:
    """The public names of all data sets and variants."""
    return sorted(variant for dataset in all_datasets() for variant in dataset.variants)


def find(name: str) -> tuple[Dataset, dict[str, Any]]:
    """The data set that offers `name`, and the options the name stands for; InputError names the nearest
    otherwise."""
    from simulations.errors import unknown

    for dataset in all_datasets():
        if name in dataset.variants:
            return dataset, dict(dataset.variants[name])
    raise unknown("dataset", name, names())


def load(name: str, *, seed: int = 0, **options: Any) -> Samples:
    """Draw the named data set and prepare it. The same name, seed and options give the same bytes.

    options: those of the data set's own `draw`, and the shared ones of `_preparation.Preparation`: per_class,
    balanced, counts, imbalance, imbalance_ratio, minority_fraction, label_noise, test, standardise, pad_to.
    Raises InputError for an unknown name or option (with the nearest one), a value out of its range, labels
    that do not cover 0..C-1, or data that are not installed.
    """
    from simulations.datasets._preparation import Preparation, option_names, prepare
    from simulations.errors import InputError, nearest

    dataset, defaults = find(name)
    own, shared = _options(dataset.draw), option_names()
    allowed = own + [option for option in shared if option not in own]
    for option in options:
        if option not in allowed:
            guess = nearest(option, allowed)
            hint = f"did you mean {guess!r}? " if guess else ""
            raise InputError(
                f"dataset {name!r} has no option {option!r}: {hint}it takes {', '.join(allowed)}"
            )
    if any(option in options for option in _SIZES):
        # A size that the caller asks for replaces the variant's own, however that was stated.
        defaults = {key: value for key, value in defaults.items() if key in own or key not in _SIZES}
    given = {**defaults, **options}
    preparation = Preparation(**{key: value for key, value in given.items() if key not in own})
    rng = np.random.default_rng(seed)
    drawn = dataset.draw(rng, **{key: value for key, value in given.items() if key in own})
    return prepare(rng, drawn, preparation, name=name)


def _options(draw: Callable[..., Any]) -> list[str]:
    import inspect

    return [name for name in inspect.signature(draw).parameters if name != "rng"]
