# SPDX-License-Identifier: MIT
"""The regularised loss of a last layer with weight decay, its least value, and the gap between them.

regularized_loss - psi(q*) = E[CE - phi(t)] + E[phi(t) - phi(T*) + q*(t - T*)]
                             + (lambda/2) E||h - sqrt(C) (w_y - wbar)||^2 + (lambda C/2) ||wbar||^2
(theorem regularized-loss-identity). The first two terms are a Kullback-Leibler divergence. alpha^2 stands for
||gamma||^2 of a batch norm before the classifier and is never larger. All are null without weight_decay.
"""

import math

from simulations.metrics import _arrays as arrays
from simulations.metrics._batch import Batch
from simulations.metrics._family import MetricFamily, Quantity, Value
from simulations.metrics._statistics import Averages, Reference
from theory import scalars


def _interior(decay: float, C: int) -> bool:
    """Whether 0 < lambda < 1/sqrt(C), where the least regularised loss has a non-zero minimiser."""
    return 0.0 < decay < 1.0 / math.sqrt(C)


def _terms(batch: Batch) -> dict:
    reference = batch.reference
    decay = reference.weight_decay
    terms = {
        "cross_entropy": batch.losses,
        "residual": batch.residual_squares,
        "divergence": 0.0 * batch.losses,
    }
    if decay is not None and _interior(decay, reference.C):
        C = reference.C
        margin = float(scalars.optimal_T(decay, C))
        spread = arrays.via_numpy(lambda t: scalars.bregman(t, margin, C), batch.margins)
        terms["divergence"] = batch.wrong_class_spread + spread
    return terms


def least(weight_decay: float, C: int) -> float:
    """psi(q*), the least regularised loss; 0 without decay, log C from lambda = 1/sqrt(C) on."""
    if weight_decay == 0.0:
        return 0.0
    if weight_decay * math.sqrt(C) >= 1.0:
        return math.log(C)
    return float(scalars.least_regularized_loss(weight_decay, C))


def _values(averages: Averages, reference: Reference) -> dict[str, Value]:
    decay, classifier, C = reference.weight_decay, reference.classifier, reference.C
    if decay is None:
        return {quantity.name: None for quantity in METRIC.quantities}
    norms = reference.alpha**2 + classifier.frobenius**2
    total = averages.balanced("cross_entropy") + 0.5 * decay * norms
    minimum = least(decay, C)
    if _interior(decay, C):
        apart = ((reference.means - math.sqrt(C) * classifier.centred) ** 2).sum(axis=1)
        distance = averages.balanced("residual") + float(apart.mean())
        penalty = distance + C * classifier.mean_norm**2
        gap = averages.balanced("divergence") + 0.5 * decay * penalty
    else:
        gap = total - minimum
    return {
        "regularized_loss": total,
        "minimum_regularized_loss": minimum,
        "regularized_loss_gap": gap,
    }


METRIC = MetricFamily(
    title="Regularised loss (with weight_decay)",
    order=3,
    quantities=(
        Quantity(
            "regularized_loss",
            "loss + (weight_decay/2)(feature_norm^2 + weight_frobenius^2)",
            "Pan & Cao 2023, Theorem 2.2",
            "[minimum_regularized_loss, inf)",
            scale="loss",
        ),
        Quantity(
            "minimum_regularized_loss",
            "psi(q*), q* = weight_decay (C-1)/sqrt(C); log C for weight_decay >= 1/sqrt(C)",
            "Pan & Cao 2023, Theorem 2.2",
            "[0, log C]",
            scale="loss",
        ),
        Quantity(
            "regularized_loss_gap",
            "regularized_loss - minimum_regularized_loss, as a sum of non-negative terms",
            "theorem regularized-loss-identity",
            "[0, inf)",
            scale="loss",
        ),
    ),
    values=_values,
    widths={"cross_entropy": "1", "residual": "1", "divergence": "1"},
    terms=_terms,
)
