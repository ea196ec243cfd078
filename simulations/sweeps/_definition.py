# SPDX-License-Identifier: MIT
"""What a sweep file defines: the object `SWEEP`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from simulations.configuration import Config

PRESETS = ("quick", "paper", "tiny")
# A perceptron that learns 120 samples in a second.
TINY: dict[str, Any] = {"width": 16, "epochs": 20, "batch_size": 24, "learning_rate": 1e-2}


def grid(axes: Mapping[str, Iterable[Any]], **fixed: Any) -> list[Config]:
    """A run for each point of the product of ``axes`` (the first axis varies slowest), the rest ``fixed``."""
    return [Config(**fixed, **dict(zip(axes, point, strict=True))) for point in product(*axes.values())]


@dataclass(frozen=True)
class Sweep:
    """A grid of runs.

    presets: for each of "quick" (minutes at most, two cores), "paper" (the scale of the publication) and
    "tiny" (seconds, for tests), a function that returns the runs in the grid's order.
    """

    name: str
    title: str
    presets: Mapping[str, Callable[[], list[Config]]]

    def configs(self, preset: str) -> list[dict[str, Any]]:
        """The runs of a preset as plain dictionaries. Raises InputError for an unknown preset."""
        from simulations.errors import unknown

        if preset not in self.presets:
            raise unknown("preset", preset, self.presets)
        return [config.to_dict() for config in self.presets[preset]()]
