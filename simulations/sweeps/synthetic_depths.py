# SPDX-License-Identifier: MIT
"""Pan & Cao's appendix grid: teachers x networks of 3, 6 and 9 layers x last-layer batch norm x weight decay.

Pan & Cao 2023 (arXiv:2309.04644), appendix. The preset "paper" is the published protocol with all four
teachers. The preset "cpu" keeps the depths, the optimizer, the schedule and the range of decays, with three
teachers, 1000 points, width 64 and 200 epochs, at a learning rate with which networks of every depth reach
the terminal phase in so few steps.
"""

from __future__ import annotations

from typing import Any

from simulations.configuration import Config
from simulations.sweeps._definition import TINY, Sweep
from simulations.sweeps._pan_cao import DECAYS, PUBLISHED, teachers

DEPTHS = (3, 6, 9)
SMALL: dict[str, Any] = {
    "width": 64,
    "epochs": 200,
    "batch_size": 64,
    "learning_rate": 5e-3,
    "measurements": 4,
}


def quick() -> list[Config]:
    """One teacher, three decays, one seed of the preset "cpu": eighteen runs of two to six seconds."""
    decays = (1e-4, 1e-3, 1e-2)
    return teachers(datasets=("conic-hull",), depths=DEPTHS, points=1000, decays=decays, seeds=1, **SMALL)


def cpu() -> list[Config]:
    """Three teachers, five decays, two seeds: 180 runs, a quarter of an hour of one core."""
    decays = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
    datasets = ("conic-hull", "mlp3", "mlp6")
    return teachers(datasets=datasets, depths=DEPTHS, points=1000, decays=decays, seeds=2, **SMALL)


def paper() -> list[Config]:
    """10 000 points of R^16, width 300, Adam at 1e-3, 300 epochs, three seeds: the published protocol."""
    datasets = ("conic-hull", "mlp3", "mlp6", "mlp9")
    return teachers(datasets=datasets, depths=DEPTHS, points=10_000, decays=DECAYS, seeds=3, **PUBLISHED)


def tiny() -> list[Config]:
    """Six networks on 120 points."""
    settings = {"decays": (3e-3,), "seeds": 1, "measurements": 2, **TINY}
    return teachers(datasets=("conic-hull",), depths=DEPTHS, points=120, **settings)


SWEEP = Sweep(
    name="synthetic-depths",
    title="Pan & Cao's appendix grid over depths",
    presets={"quick": quick, "cpu": cpu, "paper": paper, "tiny": tiny},
)
