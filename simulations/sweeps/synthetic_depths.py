# SPDX-License-Identifier: MIT
"""Pan & Cao's appendix grid: teachers x networks of 3, 6 and 9 layers x last-layer batch norm x weight decay.

Pan & Cao 2023 (arXiv:2309.04644), appendix. The preset "paper" is the published protocol with all four
teachers. The preset "cpu" keeps the depths, the optimizer, the schedule and the range of decays, with three
teachers, 1000 points, width 64 and 200 epochs, at a learning rate with which networks of every depth reach
the terminal phase in so few steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulations.configuration import Config
from simulations.sweeps._definition import Sweep, grid

DEPTHS = (3, 6, 9)
SMALL = {"width": 64, "epochs": 200, "batch_size": 64, "learning_rate": 5e-3, "measurements": 4}


def _grid(
    *, datasets: Iterable[str], points: int, decays: Iterable[float], seeds: int, **fixed: Any
) -> list[Config]:
    axes = {
        "dataset": datasets,
        "depth": DEPTHS,
        "batch_norm": ("scale-only", "none"),
        "weight_decay": decays,
        "seed": range(seeds),
    }
    return grid(axes, dataset_options={"points": points}, **fixed)


def quick() -> list[Config]:
    """One teacher, three decays, one seed of the preset "cpu": eighteen runs of two to six seconds."""
    return _grid(datasets=("conic-hull",), points=1000, decays=(1e-4, 1e-3, 1e-2), seeds=1, **SMALL)


def cpu() -> list[Config]:
    """Three teachers, five decays, two seeds: 180 runs, a quarter of an hour of one core."""
    decays = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
    return _grid(datasets=("conic-hull", "mlp3", "mlp6"), points=1000, decays=decays, seeds=2, **SMALL)


def paper() -> list[Config]:
    """10 000 points of R^16, width 300, Adam at 1e-3, 300 epochs, three seeds: the published protocol."""
    return _grid(
        datasets=("conic-hull", "mlp3", "mlp6", "mlp9"),
        points=10_000,
        decays=(1e-4, 3e-4, 5e-4, 1e-3, 3e-3, 5e-3, 1e-2),
        seeds=3,
        width=300,
        epochs=300,
        learning_rate=1e-3,
        measurements=12,
    )


def tiny() -> list[Config]:
    """Six networks on 120 points."""
    return _grid(
        datasets=("conic-hull",),
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
    name="synthetic-depths",
    title="Pan & Cao's appendix grid over depths",
    presets={"quick": quick, "cpu": cpu, "paper": paper, "tiny": tiny},
)
