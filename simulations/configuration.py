# SPDX-License-Identifier: MIT
"""What one training run is: a plain record of choices that, with the code, determines every number of the
run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from simulations.errors import InputError, unknown

OPTIMIZERS = ("adam", "sgd")
DECAYED = ("all", "last-layer")
DTYPES = ("float32", "float64")
PRECISIONS = ("full", "bfloat16", "float16")
# What a decay of its own can be given to; "rest" is every trained parameter of no other group that is named.
DECAY_GROUPS = ("head", "last_batch_norm", "batch_norms", "biases", "rest")
# Fields that `to_dict` leaves out where they have their default: choices that came later than records.
_LATER = (
    "network_options",
    "loss_options",
    "decay_groups",
    "gamma_norm",
    "precision",
    "compile",
    "robustness_samples",
)
# Whole numbers: the least, and the first that is too large. Seeds are those that every generator takes.
_WHOLE = {
    "epochs": (1, 2**31),
    "batch_size": (1, 2**31),
    "measurements": (1, 2**31),
    "width": (1, 2**31),
    "depth": (1, 2**16),
    "seed": (0, 2**63),
    "dataset_seed": (0, 2**63),
    "robustness_samples": (0, 2**31),
}


class TrainingDiverged(InputError):
    """The loss of a run stopped being a finite number: its learning rate is too large for it.

    epoch, batch (from 1) and learning_rate: where it happened. history: the rows measured before it.
    checkpoint: the file that holds the last good state, or None when none was asked for.
    """

    def __init__(
        self,
        message: str,
        *,
        epoch: int | None = None,
        batch: int | None = None,
        learning_rate: float | None = None,
        history: Sequence[dict[str, Any]] = (),
        checkpoint: Path | None = None,
    ) -> None:
        super().__init__(message)
        self.epoch, self.batch, self.learning_rate = epoch, batch, learning_rate
        self.history, self.checkpoint = list(history), checkpoint


@dataclass(frozen=True)
class Config:
    """One run. The defaults are Pan & Cao 2023's protocol (arXiv:2309.04644) for synthetic data, apart from
    `seed`.

    dataset, dataset_options: name and options for `simulations.datasets.load`; dataset_seed: its seed, None =
    `seed`. network, depth (mlp: linear layers, classifier included; else the published depth), width (mlp:
    hidden units; else channels of the first stage, at most the published ones), batch_norm, network_options
    (more of the network's own, such as width_multiplier): for `simulations.networks`. loss, loss_options
    (its parameters, such as smoothing): for `simulations.losses`. With a `test` among the dataset_options
    every measurement covers the held-out samples, too.
    optimizer: "adam" or "sgd"; momentum is used by sgd. learning_rate is multiplied by 0.1 after each
    fraction of the epochs in `milestones`.
    weight_decay: lambda >= 0, coupled: (lambda / 2) times the squared norm of the parameters of `decay_on` is
    added to the loss. decay_on: "all" parameters, or the "last-layer": the scale of the last batch norm and
    the classifier. decay_groups: another lambda for each of these groups of parameters, found by inspection:
    "head" (the classifier), "last_batch_norm" (scale and bias directly before it), "batch_norms" (the other
    ones), "biases" (all further biases), "rest" (what no named group holds). Measurements speak of
    weight_decay in any case. gamma_norm: the scale of the last batch norm is held constant, equal entries of
    this norm, and not decayed; None trains it from ones (Pan & Cao 2023, runs with frozen gamma).
    epochs, batch_size: an epoch is split into ceil(n / batch_size) batches of (nearly) equal
    size. measurements: about how many epochs are measured, log-spaced from 1 to `epochs`.
    dtype: of training; measuring is in float64 always. precision: "full" (everything in dtype), or "bfloat16"
    or "float16" for the forward pass (torch.autocast; with loss scaling for float16). compile: train through
    torch.compile. robustness_samples: so many of the held-out samples are attacked at zero training error and
    at the end (`simulations.robustness`).
    """

    dataset: str = "digits"
    dataset_options: Mapping[str, Any] = field(default_factory=dict)
    dataset_seed: int | None = None
    network: str = "mlp"
    depth: int = 4
    width: int = 300
    batch_norm: str = "scale-only"
    network_options: Mapping[str, Any] = field(default_factory=dict)
    loss: str = "cross-entropy"
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    milestones: tuple[float, ...] = (0.25, 0.5, 0.75)
    weight_decay: float = 5e-4
    decay_on: str = "all"
    epochs: int = 300
    batch_size: int = 128
    measurements: int = 12
    seed: int = 0
    dtype: str = "float32"
    loss_options: Mapping[str, Any] = field(default_factory=dict)
    decay_groups: Mapping[str, float] = field(default_factory=dict)
    gamma_norm: float | None = None
    precision: str = "full"
    compile: bool = False
    robustness_samples: int = 0

    def __post_init__(self) -> None:
        """Raise InputError, saying what was received and what is required, for a value outside its range."""
        for name, known in (
            ("optimizer", OPTIMIZERS),
            ("decay_on", DECAYED),
            ("dtype", DTYPES),
            ("precision", PRECISIONS),
        ):
            if getattr(self, name) not in known:
                raise unknown(name, getattr(self, name), list(known))
        for name, (least, limit) in _WHOLE.items():
            value = getattr(self, name)
            if name == "dataset_seed" and value is None:
                continue
            if not isinstance(value, int) or isinstance(value, bool) or not least <= value < limit:
                raise InputError(
                    f"Config: {name} = {value!r}; required is a whole number of at least {least}, below "
                    f"2^{limit.bit_length() - 1}"
                )
        for name, positive in (("learning_rate", True), ("weight_decay", False), ("momentum", False)):
            value = getattr(self, name)
            if not math.isfinite(value) or value < 0 or (positive and value == 0):
                sign = "positive" if positive else "non-negative"
                raise InputError(f"Config: {name} = {value!r}; required is a finite {sign} number")
        if self.momentum >= 1:
            raise InputError(f"Config: momentum = {self.momentum!r}; required is 0 <= momentum < 1")
        if any(not 0 < fraction < 1 for fraction in self.milestones):
            raise InputError(
                f"Config: milestones = {self.milestones!r}; required are fractions of the epochs, > 0, < 1"
            )
        self._check_later()

    def _check_later(self) -> None:
        for group, decay in self.decay_groups.items():
            if group not in DECAY_GROUPS:
                raise unknown("group of parameters in decay_groups", group, DECAY_GROUPS)
            if not _is_number(decay) or decay < 0:
                raise InputError(
                    f"Config: decay_groups gives {group!r} the decay {decay!r}; required is a finite "
                    "non-negative number"
                )
        if self.gamma_norm is not None and (not _is_number(self.gamma_norm) or self.gamma_norm <= 0):
            raise InputError(
                f"Config: gamma_norm = {self.gamma_norm!r}; required is a finite positive number"
            )
        if self.gamma_norm is not None and self.batch_norm == "none":
            raise InputError(
                f"Config: gamma_norm = {self.gamma_norm!r} holds the scale of the last batch norm, but "
                "batch_norm = 'none' has none; take 'scale-only' or 'affine'"
            )
        if self.precision != "full" and self.dtype != "float32":
            raise InputError(
                f"Config: precision = {self.precision!r} with dtype = {self.dtype!r}; mixed precision keeps "
                "its weights in float32"
            )
        if not isinstance(self.compile, bool):
            raise InputError(f"Config: compile = {self.compile!r}; required is True or False")
        samples = self.robustness_samples
        if samples and not self.dataset_options.get("test"):
            raise InputError(
                f"Config: robustness_samples = {samples} of the held-out samples, but none are held out; "
                "give dataset_options a test"
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, in the order of the fields. Choices that were added later (network_options,
        loss_options, decay_groups, gamma_norm, precision, compile, robustness_samples) only where they are
        not at their default."""
        values = asdict(self) | {
            "milestones": list(self.milestones),
            "dataset_options": dict(self.dataset_options),
        }
        usual = Config.__dataclass_fields__
        for name in _LATER:
            value = values.pop(name)
            entry = usual[name]
            default = {} if entry.default is MISSING else entry.default
            if value != default:
                values[name] = dict(value) if isinstance(value, Mapping) else value
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Config:
        """The inverse of `to_dict`. Raises InputError for a key that is no field."""
        known = [entry.name for entry in fields(cls)]
        for key in values:
            if key not in known:
                raise unknown("setting of Config", key, known)
        return cls(**{**values, "milestones": tuple(values.get("milestones", cls.milestones))})

    def measured_epochs(self) -> list[int]:
        """The epochs after which the network is measured: log-spaced, the first and the last always among
        them."""
        if self.measurements == 1:
            return [self.epochs]
        step = math.log(self.epochs) / (self.measurements - 1)
        return sorted({round(math.exp(step * k)) for k in range(self.measurements)} | {1, self.epochs})

    def rate_at(self, epoch: int) -> float:
        """The learning rate of epoch 1..epochs."""
        passed = sum(epoch - 1 >= fraction * self.epochs for fraction in self.milestones)
        return self.learning_rate * 0.1**passed

    def label(self) -> str:
        """A short name for progress lines."""
        network = "" if self.network == "mlp" else f"{self.network} "
        return (
            f"{self.dataset} {network}{self.depth}x{self.width} bn={self.batch_norm} "
            f"wd={self.weight_decay:g} seed={self.seed}"
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
