# SPDX-License-Identifier: MIT
"""Every quantity that a theorem bounds, as a departure from collapse to be maximised.

A `Quantity` knows its departure (with gradient) and how a bound on the quantity becomes one on the
departure: a cosine of at least b is a departure of at most 1 - b.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulations import metrics
from simulations.geometry.attack import angles, departures
from simulations.geometry.attack.departures import Departure, Parts, of_share
from simulations.geometry.attack.divergence import label_divergence, logits
from simulations.geometry.attack.measured import numerical
from simulations.geometry.attack.settings import Configuration, WeightDecay

if TYPE_CHECKING:
    from simulations.geometry.attack.settings import Setting

__all__ = ["COSINES", "QUANTITIES", "VALUES", "Quantity", "quantity_of"]


@dataclass(frozen=True)
class Quantity:
    """What is bounded.

    name: a measured quantity's dotted name, or ours. departure: to be maximised; None for a least loss.
    parts, unit: for quantities of the worst class or sample, all of them and "class", "sample" or "pair".
    best: value at collapse: departure = |quantity - best|. lower: bounded from below. linear: near
    collapse the departure is of first order in the distance, not of second. kind: which starts suit it.
    numeric: the gradient is a difference quotient, which is slow.
    """

    name: str
    departure: Departure | None = None
    parts: Parts | None = None
    unit: str = ""
    best: Callable[[Any], Any] = lambda C: 0
    lower: bool = False
    linear: bool = False
    kind: str = "within"
    numeric: bool = False

    @property
    def words(self) -> str:
        """The departure in words."""
        if self.departure is None and self.parts is None:
            return self.name
        if self.lower:
            return f"1 - {self.name}"
        return f"{self.name} + 1/(C-1)" if self.name == "inter_class_cosine.max" else self.name

    def of(self, setting: Setting, share: int) -> Departure | None:
        """The departure in this setting, for the worst ``share`` classes or samples."""
        if self.name == "kl":
            return _divergence(setting)
        return self.departure if self.parts is None else of_share(self.parts, share)

    def bound(self, value: Any, C: Any) -> Any:
        """A bound on the quantity as one on the departure."""
        if self.departure is None and self.parts is None:
            return value
        return self.best(C) - value if self.lower else value - self.best(C)


def _divergence(setting: Setting) -> Departure:
    if not isinstance(setting, WeightDecay):
        raise TypeError(f"the divergence from the smoothed label belongs to weight decay, not to {setting}")

    def departure(point: Configuration) -> tuple[float, Configuration]:
        value, slope = label_divergence(logits(point), setting._q, setting.best_margin)
        weight = (slope.reshape(-1, setting.C).T) @ point.features.reshape(-1, setting.dimension)
        return value, Configuration(weight, slope @ point.weight, slope.sum(axis=(0, 1)))

    return departure


def _one(C: Any) -> int:
    return 1


def _simplex_cosine(C: Any) -> Any:
    return -1 / (C - 1)


_ALL = (
    Quantity("loss"),
    Quantity("regularized_loss"),
    Quantity("within_class_variability", departures.within_class_variability),
    Quantity("class_variability.mean", departures.class_variability),
    Quantity("class_variability.max", parts=departures.class_variabilities, unit="class", kind="share"),
    Quantity("intra_class_cosine.mean", departures.cosine_spread, best=_one, lower=True),
    Quantity("1 - intra_class_cosine.mean", departures.cosine_spread),
    Quantity(
        "intra_class_cosine.min",
        parts=departures.cosine_spreads,
        unit="class",
        best=_one,
        lower=True,
        kind="share",
    ),
    Quantity("row_cosine.mean", departures.sample_angle, best=_one, lower=True, kind="sample"),
    Quantity(
        "row_cosine.min", parts=departures.sample_angles, unit="sample", best=_one, lower=True, kind="share"
    ),
    Quantity("row_cosine_centred.mean", departures.sample_angle, best=_one, lower=True, kind="sample"),
    Quantity("row_cosine.square", departures.sample_squared_angle, best=_one, lower=True),
    Quantity("row_cosine.weighted_square", departures.sample_weighted_angle, best=_one, lower=True),
    Quantity("misalignment", departures.squared_misalignment, kind="sample"),
    Quantity("spring", departures.spring, kind="spring"),
    Quantity("weight_mean_norm_squared", departures.mean_row, kind="mean-row"),
    Quantity("kl", departures.spring, kind="norm"),
    Quantity("nc3.self_duality", angles.self_duality, kind="between"),
    Quantity("nc2.gram_deviation_weights", angles.gram_deviation_weights, linear=True, kind="between"),
    Quantity("nc2.gram_deviation_means", angles.gram_deviation_means, linear=True, kind="between"),
    Quantity("nc2.max_angle_weights", angles.max_angle_weights, linear=True, kind="between"),
    Quantity("nc2.max_angle_means", angles.max_angle_means, linear=True, kind="between"),
    Quantity("nc2.equinorm_weights", angles.equinorm_weights, linear=True, kind="between"),
    Quantity("nc2.equinorm_means", angles.equinorm_means, linear=True, kind="between"),
    Quantity("nc2.equiangular_weights", angles.equiangular_weights, linear=True, kind="between"),
    Quantity("nc2.equiangular_means", angles.equiangular_means, linear=True, kind="between"),
    Quantity("gram_spread_weights", angles.gram_spread_weights, kind="between"),
    Quantity("inter_class_cosine.excess", angles.positive_cosines, linear=True, kind="between"),
    Quantity(
        "inter_class_cosine.max",
        angles.largest_cosine,
        unit="pair",
        best=_simplex_cosine,
        linear=True,
        kind="between",
    ),
)


def quantity_of(name: str, direction: str) -> Quantity:
    """The quantity of this name; a metric without a departure of its own gets one with numerical gradient.

    direction: "<=" or ">=", of the quantity and its bound. Raises InputError for a name that nothing has.
    """
    if name in QUANTITIES:
        return QUANTITIES[name]
    known = metrics.quantities().get(name)
    best = (lambda C: 0.0) if known is None or known.at_collapse is None else known.collapse_value
    lower = direction == ">="
    return Quantity(
        name,
        numerical(name, best=best, sign=-1.0 if lower else 1.0),  # type: ignore[arg-type]
        best=best,
        lower=lower,
        kind="within" if "class" in name or name.startswith("nc1") else "between",
        numeric=True,
    )


#: Quantities by name.
QUANTITIES = {quantity.name: quantity for quantity in _ALL}
#: Cosines of features with global mean zero.
COSINES = frozenset(name for name in QUANTITIES if "_class_cosine" in name or "_centred" in name)

#: Inputs of bounds that are not fixed by the setting but measured on the configuration.
VALUES: dict[str, Departure] = {
    "alpha": angles.feature_norm,
    "beta": angles.weight_norm,
    "mean_norm": angles.mean_norm,
    "weight_frobenius": angles.frobenius,
    "weight_spectral": angles.spectral_weights,
    "means_spectral": angles.spectral_means,
    "opposition": angles.opposition,
}
