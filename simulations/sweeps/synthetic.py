# SPDX-License-Identifier: MIT
"""Pan & Cao's synthetic experiment: teachers x depth x last-layer batch norm x weight decay x seed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulations.configuration import Config
from simulations.sweeps._definition import Sweep, grid


def _grid(*, points: int, decays: Iterable[float], seeds: int, **fixed: Any) -> list[Config]:
    axes = {
        "dataset": ("conic-hull", "mlp3"),
        "depth": (4, 6),
        "batch_norm": ("scale-only", "none"),
        "weight_decay": decays,
        "seed": range(seeds),
    }
    return grid(axes, dataset_options={"points": points}, **fixed)


def quick() -> list[Config]:
    """The published grid with 2000 points, width 100 and four decays; a seed draws its own teacher."""
    return _grid(
        points=2000,
        decays=(2e-4, 1e-3, 3e-3, 1e-2),
        seeds=2,
        width=100,
        epochs=110,
        learning_rate=5e-3,
        measurements=6,
    )


def paper() -> list[Config]:
    """10 000 points of R^16, width 300, Adam at 1e-3, 300 epochs, three seeds: Pan & Cao 2023, Figure 1."""
    return _grid(
        points=10_000,
        decays=(1e-4, 3e-4, 5e-4, 1e-3, 3e-3, 5e-3, 1e-2),
        seeds=3,
        width=300,
        epochs=300,
        learning_rate=1e-3,
        measurements=12,
    )


def tiny() -> list[Config]:
    """Eight networks on 120 points."""
    return _grid(
        points=120,
        decays=(3e-3,),
        seeds=1,
        width=16,
        epochs=20,
        batch_size=24,
        learning_rate=1e-2,
        measurements=2,
    )


SWEEP = Sweep(
    name="synthetic",
    title="Pan & Cao's synthetic grid",
    presets={"quick": quick, "paper": paper, "tiny": tiny},
)
