# SPDX-License-Identifier: MIT
"""The papers' training protocols by name: optimizer, learning rate, schedule, decay, epochs, batch size.

A protocol says how a network is trained, not which network on which data. What it sets is in the papers or
in their authors' public code; its `source` and `notes` say where, and in what our runs differ. Milestones are
fractions of the epochs, so that a shortened run keeps the shape of the schedule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulations.configuration import Config
from simulations.errors import InputError, unknown

__all__ = ["Protocol", "get", "names"]


@dataclass(frozen=True)
class Protocol:
    """How one paper trained.

    settings: fields of `Config`. source: publication and locator. notes: what is uncertain, and what differs.
    mean_squared_error_rate: the learning rate published for torch.nn.MSELoss, or None.
    """

    name: str
    title: str
    settings: Mapping[str, Any]
    source: str
    notes: str
    mean_squared_error_rate: float | None = None

    def config(self, *, fraction: float = 1.0, num_classes: int | None = None, **changes: Any) -> Config:
        """A run by this protocol, with ``changes`` of any fields of `Config`; a change beats the protocol.

        fraction: of the published epochs, rounded, at least 1; the learning rate falls at the same fractions
        of the run. It is for runs at the scale of a CPU, and an explicit ``epochs`` beats it.
        num_classes: C, needed for the squared error where the learning rate was published for
        torch.nn.MSELoss, the mean over C outputs. Ours, half their sum, is C/2 times that, so that the same
        steps are made with learning rate 2/C times the published one and weight decay C/2 times.
        Raises InputError for a field that does not exist, a fraction outside (0, 1], or a missing C.
        """
        if isinstance(fraction, bool) or not isinstance(fraction, int | float) or not 0 < fraction <= 1:
            raise InputError(f"protocol {self.name}: fraction = {fraction!r}; required is 0 < fraction <= 1")
        settings = dict(self.settings)
        settings["epochs"] = max(1, round(fraction * settings["epochs"]))
        if changes.get("loss") == "squared-error" and self.mean_squared_error_rate is not None:
            settings |= self._squared_error(num_classes, changes)
        return Config.from_dict({**settings, **changes})

    def _squared_error(self, num_classes: int | None, changes: Mapping[str, Any]) -> dict[str, float]:
        if {"learning_rate", "weight_decay"} <= changes.keys():
            return {}
        if num_classes is None:
            raise InputError(
                f"protocol {self.name}: the learning rate for the squared error was published for the mean "
                "over the C outputs, ours is half the sum; pass num_classes = C, or both learning_rate and "
                "weight_decay"
            )
        assert self.mean_squared_error_rate is not None  # the caller's condition
        return {
            "learning_rate": self.mean_squared_error_rate * 2 / num_classes,
            "weight_decay": self.settings["weight_decay"] * num_classes / 2,
        }


_PAN_CAO = {
    "optimizer": "adam",
    "milestones": (0.25, 0.5, 0.75),
    "weight_decay": 5e-4,
    "decay_on": "all",
    "epochs": 300,
    "batch_size": 128,
}
_PAN_CAO_SOURCE = "Pan & Cao 2023 (arXiv:2309.04644v3), experiments; values from the authors' public code"
_PAN_CAO_NOTES = (
    "Adam with coupled decay of all parameters, learning rate x 0.1 at 25, 50 and 75 % of 300 epochs. The "
    "decay is an axis of their figures, 1e-4 to 1e-2; 5e-4 here is one point of it. Random seeds were not "
    "set there. Their batch norm and classifier in image networks carry biases; ours can be built without."
)
_PAPYAN = {
    "optimizer": "sgd",
    "momentum": 0.9,
    "learning_rate": 0.0679,
    "weight_decay": 5e-4,
    "decay_on": "all",
    "batch_size": 128,
    "measurements": 50,
}
_PAPYAN_SOURCE = (
    "Papyan, Han & Donoho 2020 (arXiv:2008.08186), Materials and Methods; learning rates, batch size and "
    "measurements from the authors' notebook (github.com/neuralcollapse/neuralcollapse; MNIST, ResNet-18)"
)
_PAPYAN_NOTES = (
    "The paper chose the learning rate of each network and data set among 25 from 1e-4 to 0.25 by the final "
    "test error; 0.0679 is that of MNIST with ResNet-18, and for others a start. The notebook drops the last "
    "batch of an epoch when it is smaller; ours has batches of nearly equal size instead. Classifiers have a "
    "bias there and none here."
)

_PROTOCOLS = (
    Protocol(
        name="pan-cao-synthetic",
        title="perceptrons on synthetic data: Adam at 1e-3, 300 epochs",
        settings={**_PAN_CAO, "learning_rate": 1e-3},
        source=_PAN_CAO_SOURCE,
        notes=_PAN_CAO_NOTES,
    ),
    Protocol(
        name="pan-cao-vision",
        title="VGG and ResNet on images: Adam at 1e-4, 300 epochs",
        settings={**_PAN_CAO, "learning_rate": 1e-4},
        source=_PAN_CAO_SOURCE,
        notes=_PAN_CAO_NOTES,
    ),
    Protocol(
        name="papyan-han-donoho",
        title="SGD with momentum 0.9 into the terminal phase, 350 epochs",
        settings={**_PAPYAN, "epochs": 350, "milestones": (1 / 3, 2 / 3)},
        source=_PAPYAN_SOURCE,
        notes=_PAPYAN_NOTES
        + " The notebook lowers the rate after 116 and 233 epochs of 350, these fractions after 117 and 234.",
        mean_squared_error_rate=0.0184,
    ),
    Protocol(
        name="papyan-han-donoho-imagenet",
        title="the same for ImageNet: decay 1e-4, 300 epochs",
        settings={**_PAPYAN, "weight_decay": 1e-4, "epochs": 300, "milestones": (1 / 2, 3 / 4)},
        source=_PAPYAN_SOURCE,
        notes=_PAPYAN_NOTES + " That the rate falls at one half and three quarters is not certain.",
        mean_squared_error_rate=0.0184,
    ),
)


def names() -> list[str]:
    """The names of all protocols."""
    return sorted(protocol.name for protocol in _PROTOCOLS)


def get(name: str) -> Protocol:
    """The protocol of that name; InputError names the nearest one otherwise."""
    known = {protocol.name: protocol for protocol in _PROTOCOLS}
    if name not in known:
        raise unknown("protocol", name, known)
    return known[name]
