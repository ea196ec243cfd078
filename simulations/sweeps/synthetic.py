# SPDX-License-Identifier: MIT
"""Pan & Cao's synthetic experiment: teachers x depth x last-layer batch norm x weight decay x seed."""

from __future__ import annotations

from typing import Any

from simulations.configuration import Config
from simulations.sweeps._definition import TINY, Sweep
from simulations.sweeps._pan_cao import DECAYS, PUBLISHED, teachers

TEACHERS: dict[str, Any] = {"datasets": ("conic-hull", "mlp3"), "depths": (4, 6)}


def quick() -> list[Config]:
    """The published grid with 2000 points, width 100 and four decays; a seed draws its own teacher."""
    return teachers(
        **TEACHERS,
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
    return teachers(**TEACHERS, points=10_000, decays=DECAYS, seeds=3, **PUBLISHED)


def tiny() -> list[Config]:
    """Eight networks on 120 points."""
    return teachers(**TEACHERS, points=120, decays=(3e-3,), seeds=1, measurements=2, **TINY)


SWEEP = Sweep(
    name="synthetic",
    title="Pan & Cao's synthetic grid",
    presets={"quick": quick, "paper": paper, "tiny": tiny},
)
