# SPDX-License-Identifier: MIT
"""Weight decay x last-layer batch norm x seed on real handwritten digits: bounds against measurements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulations.configuration import Config
from simulations.sweeps._definition import TINY, Sweep, grid
from simulations.sweeps._pan_cao import DECAYS, PUBLISHED


def _grid(*, decays: Iterable[float], seeds: int, per_class: int | None = None, **fixed: Any) -> list[Config]:
    axes = {"batch_norm": ("scale-only", "affine", "none"), "weight_decay": decays, "seed": range(seeds)}
    options = {} if per_class is None else {"per_class": per_class}
    return grid(axes, dataset="digits", dataset_options=options, dataset_seed=0, depth=3, **fixed)


def quick() -> list[Config]:
    """Thirty small networks."""
    return _grid(
        decays=(1e-4, 5e-4, 1e-3, 2e-3, 5e-3),
        seeds=2,
        width=128,
        epochs=120,
        learning_rate=5e-3,
        measurements=8,
    )


def paper() -> list[Config]:
    """Pan & Cao's decays, width and number of epochs, on digits."""
    return _grid(decays=DECAYS, seeds=3, **PUBLISHED)


def tiny() -> list[Config]:
    """Six networks on 120 images."""
    return _grid(decays=(1e-3, 5e-3), seeds=1, per_class=12, measurements=3, **TINY)


SWEEP = Sweep(
    name="digits",
    title="weight decay and last-layer batch norm on handwritten digits",
    presets={"quick": quick, "paper": paper, "tiny": tiny},
)
