# SPDX-License-Identifier: MIT
"""Weight decay x last-layer batch norm x seed on real handwritten digits: bounds against measurements."""

from __future__ import annotations

from collections.abc import Iterable

from simulations.configuration import Config
from simulations.sweeps._definition import Sweep


def _grid(
    *,
    decays: Iterable[float],
    seeds: int,
    width: int,
    epochs: int,
    learning_rate: float,
    measurements: int,
    batch_size: int = 128,
    per_class: int | None = None,
) -> list[Config]:
    return [
        Config(
            dataset="digits",
            dataset_options={} if per_class is None else {"per_class": per_class},
            dataset_seed=0,
            depth=3,
            width=width,
            batch_norm=batch_norm,
            weight_decay=decay,
            seed=seed,
            epochs=epochs,
            learning_rate=learning_rate,
            measurements=measurements,
            batch_size=batch_size,
        )
        for batch_norm in ("scale-only", "affine", "none")
        for decay in decays
        for seed in range(seeds)
    ]


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
    return _grid(
        decays=(1e-4, 3e-4, 5e-4, 1e-3, 3e-3, 5e-3, 1e-2),
        seeds=3,
        width=300,
        epochs=300,
        learning_rate=1e-3,
        measurements=12,
    )


def tiny() -> list[Config]:
    """Six networks on 120 images."""
    return _grid(
        decays=(1e-3, 5e-3),
        seeds=1,
        width=16,
        epochs=20,
        batch_size=24,
        learning_rate=1e-2,
        measurements=3,
        per_class=12,
    )


SWEEP = Sweep(
    name="digits",
    title="weight decay and last-layer batch norm on handwritten digits",
    presets={"quick": quick, "paper": paper, "tiny": tiny},
)
