# SPDX-License-Identifier: MIT
"""Weight decay x last-layer batch norm x seed on Fashion-MNIST: a three-layer perceptron on real clothes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulations.configuration import Config
from simulations.sweeps._definition import TINY, Sweep, grid
from simulations.sweeps._pan_cao import DECAYS, PUBLISHED


def _grid(*, per_class: int, decays: Iterable[float], seeds: int, **fixed: Any) -> list[Config]:
    axes = {"batch_norm": ("scale-only", "none"), "weight_decay": decays, "seed": range(seeds)}
    options = {"per_class": per_class}
    return grid(axes, dataset="fashion-mnist", dataset_options=options, dataset_seed=0, depth=3, **fixed)


def quick() -> list[Config]:
    """Twenty networks on 150 images a class."""
    return _grid(
        per_class=150,
        decays=(1e-4, 5e-4, 1e-3, 2e-3, 5e-3),
        seeds=2,
        width=100,
        epochs=130,
        learning_rate=5e-3,
        measurements=8,
    )


def paper() -> list[Config]:
    """Pan & Cao's decays, width and epochs on 1000 images a class."""
    return _grid(per_class=1000, decays=DECAYS, seeds=3, **PUBLISHED)


def tiny() -> list[Config]:
    """Four networks on 120 images."""
    return _grid(per_class=12, decays=(1e-3, 5e-3), seeds=1, measurements=3, **TINY)


SWEEP = Sweep(
    name="fashion-mnist",
    title="weight decay and last-layer batch norm on Fashion-MNIST",
    presets={"quick": quick, "paper": paper, "tiny": tiny},
)
