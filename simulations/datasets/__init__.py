# SPDX-License-Identifier: MIT
"""Data sets, one file each. Every file defines `DATASET`, a `Dataset`, which may offer several named
variants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulations.discovery import discover

__all__ = ["Dataset", "Samples", "load", "names"]


@dataclass(frozen=True)
class Samples:
    """A labelled sample: rows are samples.

    inputs: (n, p) float32. labels: (n,) int64 in 0..num_classes-1. source: where the numbers come from, in
    words.
    """

    inputs: NDArray[np.float32]
    labels: NDArray[np.int64]
    num_classes: int
    source: str

    @property
    def counts(self) -> NDArray[np.int64]:
        """Samples of each class, shape (C,)."""
        return np.bincount(self.labels, minlength=self.num_classes)


@dataclass(frozen=True)
class Dataset:
    """A source of samples.

    draw: function (rng, **options) -> Samples. It takes all its randomness from the NumPy generator `rng`:
    the same seed gives the same bytes. It never opens a network connection.
    variants: public name -> the options which that name stands for. Options given by the caller override
    them. tiny: options of a draw small enough for a test.
    """

    title: str
    draw: Callable[..., Samples]
    variants: Mapping[str, Mapping[str, Any]]
    tiny: Mapping[str, Any] = field(default_factory=dict)


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
    """Draw the named data set. The same name, seed and options give the same bytes.

    Raises InputError for an unknown name (with the nearest one), an unknown option, or data that are not
    installed.
    """
    from simulations.errors import InputError

    dataset, defaults = find(name)
    allowed = _options(dataset.draw)
    for option in options:
        if option not in allowed:
            raise InputError(f"dataset {name!r} has no option {option!r}; it takes {', '.join(allowed)}")
    return dataset.draw(np.random.default_rng(seed), **{**defaults, **options})


def _options(draw: Callable[..., Samples]) -> list[str]:
    import inspect

    return [name for name in inspect.signature(draw).parameters if name != "rng"]
