# SPDX-License-Identifier: MIT
"""Training: one loop for a network, one program for a whole ensemble, the papers' protocols by name.

Names are imported on first use, so that `simulations.training.protocols` does without PyTorch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulations.configuration import Config, TrainingDiverged
    from simulations.training._parameters import parameter_groups
    from simulations.training.ensemble import train_ensemble
    from simulations.training.loop import TERMINAL_ACCURACY, Observer, Run, train

_WHERE = {
    "TERMINAL_ACCURACY": "training.loop",
    "Config": "configuration",
    "Observer": "training.loop",
    "Run": "training.loop",
    "TrainingDiverged": "configuration",
    "parameter_groups": "training._parameters",
    "train": "training.loop",
    "train_ensemble": "training.ensemble",
}
__all__ = [
    "TERMINAL_ACCURACY",
    "Config",
    "Observer",
    "Run",
    "TrainingDiverged",
    "parameter_groups",
    "train",
    "train_ensemble",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'simulations.training' has no attribute {name!r}")
    value = getattr(import_module(f"simulations.{_WHERE[name]}"), name)
    globals()[name] = value
    return value
