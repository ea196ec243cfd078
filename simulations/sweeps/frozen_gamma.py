# SPDX-License-Identifier: MIT
"""Pan & Cao's study of a frozen scale: ||gamma|| of the last batch norm held constant x weight decay x seed.

Behind a batch norm without bias the features have the norm alpha = ||gamma||, so that holding gamma sets one
of the two norms that the theorem depends on (Pan & Cao 2023, arXiv:2309.04644, Theorem 2.1) while the decay
moves the other. The decays are the published ones, {1, 5}e-4 and {1, 5, 7}e-3. The published values of
||gamma|| are not known to us: ours are powers of two around its value at the start, the square root of the
width. Beside them run the trained scale, and no batch norm at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulations.configuration import Config
from simulations.sweeps._definition import TINY, Sweep, grid
from simulations.sweeps._pan_cao import PUBLISHED

DECAYS = (1e-4, 5e-4, 1e-3, 5e-3, 7e-3)


def _runs(
    *, norms: Iterable[float], decays: Iterable[float] = DECAYS, seeds: int = 2, **fixed: Any
) -> list[Config]:
    axes = {"weight_decay": decays, "seed": range(seeds)}
    frozen = [run for norm in norms for run in grid(axes, batch_norm="scale-only", gamma_norm=norm, **fixed)]
    trained = [run for variant in ("scale-only", "none") for run in grid(axes, batch_norm=variant, **fixed)]
    return frozen + trained


def quick() -> list[Config]:
    """Three-layer perceptrons of width 64 on 600 digits: eighty runs of a second or two."""
    return _runs(
        norms=(1.0, 2.0, 4.0, 8.0, 16.0, 32.0),
        dataset="digits",
        dataset_options={"per_class": 60},
        dataset_seed=0,
        depth=3,
        width=64,
        epochs=120,
        learning_rate=5e-3,
        batch_size=64,
        measurements=5,
    )


def paper() -> list[Config]:
    """The published perceptrons, data and protocol: depth 4, width 300, 10 000 points, 300 epochs."""
    return [
        run
        for dataset in ("conic-hull", "mlp3")
        for run in _runs(
            norms=(1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0),
            seeds=3,
            dataset=dataset,
            dataset_options={"points": 10_000},
            depth=4,
            **PUBLISHED,
        )
    ]


def tiny() -> list[Config]:
    """Three networks on 120 digits."""
    return _runs(
        norms=(4.0,),
        decays=(1e-3,),
        seeds=1,
        dataset="digits",
        dataset_options={"per_class": 12},
        dataset_seed=0,
        depth=3,
        measurements=2,
        **TINY,
    )


SWEEP = Sweep(
    name="frozen-gamma",
    title="Pan & Cao's runs with a frozen scale",
    presets={"quick": quick, "paper": paper, "tiny": tiny},
)
