# SPDX-License-Identifier: MIT
"""Long runs on handwritten digits, densely measured: the terminal phase of training and where the loss gap
goes.

Papyan, Han & Donoho 2020: SGD with momentum 0.9, weight decay 5e-4, learning rate x 0.1 at one and two
thirds.
"""

from __future__ import annotations

from simulations.configuration import Config
from simulations.sweeps._definition import Sweep


def _runs(
    *,
    width: int,
    epochs: int,
    measurements: int,
    learning_rate: float = 0.1,
    per_class: int | None = None,
    batch_size: int = 128,
) -> list[Config]:
    return [
        Config(
            dataset="digits",
            dataset_options={} if per_class is None else {"per_class": per_class},
            depth=4,
            width=width,
            batch_norm=batch_norm,
            optimizer="sgd",
            learning_rate=learning_rate,
            milestones=(1 / 3, 2 / 3),
            weight_decay=5e-4,
            epochs=epochs,
            measurements=measurements,
            batch_size=batch_size,
        )
        for batch_norm in ("scale-only", "affine", "none")
    ]


def quick() -> list[Config]:
    """450 epochs, measured at about 45 of them."""
    return _runs(width=128, epochs=450, measurements=60)


def paper() -> list[Config]:
    """A wider network, ten times the published 350 epochs."""
    return _runs(width=300, epochs=3500, measurements=120)


def tiny() -> list[Config]:
    """Thirty epochs on 120 images."""
    return _runs(width=16, epochs=30, measurements=8, per_class=12, batch_size=24)


SWEEP = Sweep(
    name="terminal-phase",
    title="the terminal phase of training on handwritten digits",
    presets={"quick": quick, "paper": paper, "tiny": tiny},
)
