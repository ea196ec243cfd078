# SPDX-License-Identifier: MIT
"""What several sweeps take from Pan & Cao 2023 (arXiv:2309.04644): protocol and grid of the perceptrons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulations.configuration import Config
from simulations.sweeps._definition import grid

DECAYS = (1e-4, 3e-4, 5e-4, 1e-3, 3e-3, 5e-3, 1e-2)
# Perceptrons of width 300, Adam at 1e-3, 300 epochs.
PUBLISHED: dict[str, Any] = {"width": 300, "epochs": 300, "learning_rate": 1e-3, "measurements": 12}


def teachers(
    *,
    datasets: Iterable[str],
    depths: Iterable[int],
    points: int,
    decays: Iterable[float],
    seeds: int,
    **fixed: Any,
) -> list[Config]:
    """Teachers x depths x last-layer batch norm x weight decays x seeds; a seed draws its own teacher."""
    axes = {
        "dataset": datasets,
        "depth": depths,
        "batch_norm": ("scale-only", "none"),
        "weight_decay": decays,
        "seed": range(seeds),
    }
    return grid(axes, dataset_options={"points": points}, **fixed)
