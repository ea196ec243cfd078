# SPDX-License-Identifier: MIT
"""From a registered theorem to a claim that can be attacked: the quantity, the setting and the bound.

Theorems with a measurable side say all of it themselves. For theorems that bound something that `measure`
does not report, `BOUNDED` names the quantity; the bound is always the theorem's own formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulations.errors import InputError, unknown
from simulations.geometry.attack.quantities import COSINES, QUANTITIES, Quantity, quantity_of
from theory.registry import theorems

if TYPE_CHECKING:
    from theory.entry import Entry
    from theory.evaluation import Formula

__all__ = ["BOUNDED", "LOSSES", "NOT_ATTACKED", "Claim", "attackable", "claim_of", "free_claim"]

#: Values that say how much loss there is to spend.
LOSSES = frozenset({"L", "eps", "L_reg", "eps_reg", "L_smoothed", "L_square", "L_free", "tau"})

#: Quantity that a theorem without a measurable side bounds by its formula.
BOUNDED = {
    "class-variability-per-class-expansion": "class_variability.max",
    "equiangular-weights-rms": "gram_spread_weights",
    "fang-2021-layer-peeled": "loss",
    "focal-variability": "within_class_variability",
    "label-smoothing-least-loss": "regularized_loss",
    "label-smoothing-variability": "within_class_variability",
    "intra-class-cosine-relative-excess": "1 - intra_class_cosine.mean",
    "low-dimension-loss": "loss",
    "misalignment-budget": "misalignment",
    "pan-cao-2.1-inter": "inter_class_cosine.max",
    "pan-cao-2.1-intra": "intra_class_cosine.min",
    "pan-cao-2.2-inter": "inter_class_cosine.max",
    "pan-cao-2.2-intra": "intra_class_cosine.min",
    "pan-cao-route-intra": "intra_class_cosine.min",
    "sample-cosine-any-loss": "row_cosine.mean",
    "sample-cosine-per-sample": "row_cosine.min",
    "sample-cosine-weight-decay-per-sample": "row_cosine.min",
    "sample-cosine-weight-decay-share": "row_cosine.min",
    "squared-error-bias-variability": "within_class_variability",
    "squared-error-least-loss": "regularized_loss",
    "squared-error-variability": "within_class_variability",
    "weight-decay-alignment-budget": "spring",
    "weight-decay-divergence-budget": "kl",
    "weight-decay-mean-row-budget": "weight_mean_norm_squared",
    "within-class-variability-feature-decay": "within_class_variability",
    "within-class-variability-linear": "within_class_variability",
    "within-class-variability-remainder": "within_class_variability",
    "zhou-2022-label-smoothing": "regularized_loss",
    "zhou-2022-mse-orthogonal-frame": "regularized_loss",
    "zhu-2021-least-loss": "regularized_loss",
}
#: Theorems on squared error -> whether the bias is free.
SQUARED_ERROR = {
    "squared-error-variability": False,
    "squared-error-bias-variability": True,
    "squared-error-least-loss": False,
    "zhou-2022-mse-orthogonal-frame": False,
}

#: Theorems without a bias whose formula does not say so.
WITHOUT_BIAS = frozenset({"class-variability-per-class-expansion", "intra-class-cosine-relative-excess"})

#: Theorems with a loss among their inputs that say nothing about one configuration at one loss, and why.
NOT_ATTACKED = {
    "centred-margins": "a scalar fact: no configuration and no loss enter",
    "decay-at-fixed-excess": "compares one bound at two weight decays",
    "decay-at-fixed-gap": "compares one bound at two weight decays",
    "focal-tangent": "a scalar inequality between a loss and its tangent",
    "half-margin-parabola": "a scalar inequality between two losses",
    "intra-class-cosine-necessity": "a derivative of the cosine along one family, not a bound",
    "loss-power-tangent": "a scalar inequality between a loss and its tangent",
    "pan-cao-approximate-jensen": "about convex functions, not about configurations",
    "regularized-loss-large-decay": "bounds the penalties from below, not a departure from collapse",
    "within-class-variability-expansion": "its number lacks the remainder, so it is not a bound",
    "within-class-variability-weight-decay-expansion": "its number lacks the remainder, so it is not a bound",
    "wrong-probability-tangent": "a scalar inequality between a probability and its tangent",
}


@dataclass(frozen=True)
class Claim:
    """One inequality: ``quantity`` bounded by ``formula`` (None for a bound of the user's own).

    loss: "cross-entropy", "squared error" or "focal". decay: penalised norms instead of fixed ones;
    feature_decay: both decays, of the objective of zhu-2021-least-loss. centred: features have global mean
    zero (with a bias: it stands for any global mean). bias: the theorem allows one.
    """

    name: str
    quantity: Quantity
    entry: Entry | None = None
    loss: str = "cross-entropy"
    decay: bool = False
    feature_decay: bool = False
    centred: bool = False
    bias: bool = False

    @property
    def formula(self) -> Formula | None:
        """The theorem's number."""
        return None if self.entry is None else self.entry._formula()

    @property
    def minimum(self) -> bool:
        """Whether the least loss itself is bounded."""
        return self.quantity.departure is None and self.quantity.parts is None

    @property
    def direction(self) -> str:
        """Of departure and bound."""
        return ">=" if self.minimum else "<="


def attackable(registry: Mapping[str, Entry] | None = None) -> list[str]:
    """Names of the theorems that can be attacked: all with a measurable side, and those of `BOUNDED`."""
    entries = theorems() if registry is None else registry
    return [name for name, entry in entries.items() if entry.measurable is not None or name in BOUNDED]


def claim_of(theorem: str | Entry) -> Claim:
    """The claim of a registered theorem. InputError for an unknown one, and where nothing is bounded."""
    if isinstance(theorem, str):
        registry = theorems()
        if theorem not in registry:
            raise unknown("theorem", theorem, attackable(registry))
        entry = registry[theorem]
    else:
        entry = theorem
    name = entry.measurable.quantity if entry.measurable else BOUNDED.get(entry.name)
    if name is None:
        why = NOT_ATTACKED.get(
            entry.name, "it bounds no departure from collapse by a loss, or BOUNDED in claims.py lacks it"
        )
        raise InputError(
            f"worst_case: {entry.name} cannot be attacked: {why}. Attack a claim of your own with quantity= "
            "and bound=."
        )
    direction = entry.measurable.direction if entry.measurable else "<="
    inputs, conditions = set(entry.inputs), entry.hypotheses
    squared = SQUARED_ERROR.get(entry.name)
    text = {str(condition.lhs) for condition in conditions}
    shifted = "alpha_centred" in inputs
    return Claim(
        name=entry.name,
        quantity=quantity_of(name, direction),
        entry=entry,
        loss="focal" if "focal_gamma" in inputs else "cross-entropy" if squared is None else "squared error",
        decay="weight_decay" in inputs,
        feature_decay="feature_decay" in inputs,
        centred=shifted or "mean_norm" in text or name in COSINES,
        bias=squared if squared is not None else "bias_norm" not in text and entry.name not in WITHOUT_BIAS,
    )


def free_claim(quantity: str, *, decay: bool, bias: bool) -> Claim:
    """A claim without a theorem, about one of `QUANTITIES`."""
    if quantity not in QUANTITIES:
        raise unknown("quantity", quantity, list(QUANTITIES))
    return Claim(quantity, QUANTITIES[quantity], decay=decay, centred=quantity in COSINES, bias=bias)


def needed(claim: Claim) -> set[str]:
    """Names of the values that the claim's formula takes."""
    formula: Any = claim.formula
    return set() if formula is None else set(formula.inputs)
