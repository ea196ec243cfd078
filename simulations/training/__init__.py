# SPDX-License-Identifier: MIT
"""Training: one loop for a network, one program for a whole ensemble, the papers' protocols by name."""

from simulations.configuration import Config, TrainingDiverged
from simulations.training.loop import TERMINAL_ACCURACY, Observer, Run, parameter_groups, train

__all__ = [
    "TERMINAL_ACCURACY",
    "Config",
    "Observer",
    "Run",
    "TrainingDiverged",
    "parameter_groups",
    "train",
]
