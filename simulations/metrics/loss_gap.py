# SPDX-License-Identifier: MIT
"""How the loss gap is spent: loss - phi(T) as the sum of three non-negative terms, none of them a difference.

loss - phi(T) = E[CE - phi(t)] + E[phi(t) - phi(T) + q(T)(t - T)]
                + (T q(T)/2) E||h/alpha - (w_y - wbar)/beta||^2

(theorem loss-gap-identity), with t = z_y - mean of the other logits and T = C alpha beta/(C-1).
"""

from simulations.metrics import _arrays as arrays
from simulations.metrics._arrays import Array
from simulations.metrics._batch import Batch
from simulations.metrics._family import MetricFamily, Quantity, Value
from simulations.metrics._statistics import Averages, Reference
from theory import scalars


def _margin_spread(batch: Batch) -> Array:
    """(n,): phi(t) - phi(T) + q(T)(t - T)."""
    reference = batch.reference
    return arrays.via_numpy(lambda t: scalars.bregman(t, reference.T, reference.C), batch.margins)


def _distance(averages: Averages, reference: Reference) -> float:
    """E||h/alpha - (w_y - wbar)/beta||^2; zero where T = 0, as its factor T q(T)/2 is."""
    if reference.T == 0.0:
        return 0.0
    alpha, directions = reference.alpha, reference.classifier.centred / reference.classifier.beta
    apart = ((reference.means / alpha - directions) ** 2).sum(axis=1)
    return averages.balanced("residual") / alpha**2 + float(apart.mean())


def _terms(batch: Batch) -> dict:
    return {
        "wrong_class_spread": batch.wrong_class_spread,
        "margin_spread": _margin_spread(batch),
        "residual": batch.residual_squares,
    }


def _values(averages: Averages, reference: Reference) -> dict[str, Value]:
    T, C = reference.T, reference.C
    wrong_class_spread = averages.balanced("wrong_class_spread")
    margin_spread = averages.balanced("margin_spread")
    misalignment = 0.5 * T * float(scalars.q(T, C)) * _distance(averages, reference)
    return {
        "minimum_loss": float(scalars.phi(T, C)),
        "loss_gap": wrong_class_spread + margin_spread + misalignment,
        "gap_decomposition.wrong_class_spread": wrong_class_spread,
        "gap_decomposition.margin_spread": margin_spread,
        "gap_decomposition.misalignment": misalignment,
    }


_SOURCE = "theorem loss-gap-identity"

METRIC = MetricFamily(
    title="Loss gap",
    order=2,
    quantities=(
        Quantity(
            "minimum_loss",
            "phi(T) = log(1 + (C-1) e^-T)",
            "Pan & Cao 2023, Theorem 2.1",
            "(0, log C]",
            scale="loss",
        ),
        Quantity(
            "loss_gap", "loss - minimum_loss, as the sum of the terms", _SOURCE, "[0, inf)", "0", scale="loss"
        ),
        Quantity(
            "gap_decomposition.wrong_class_spread",
            "E[CE - phi(t)], t = z_y - mean of the other logits",
            _SOURCE,
            "[0, inf)",
            "0",
            scale="loss",
        ),
        Quantity(
            "gap_decomposition.margin_spread",
            "E[phi(t) - phi(T) + q(T)(t - T)]",
            _SOURCE,
            "[0, inf)",
            "0",
            scale="loss",
        ),
        Quantity(
            "gap_decomposition.misalignment",
            "(T q(T)/2) E||h/alpha - (w_y - wbar)/beta||^2",
            _SOURCE,
            "[0, 2 T q(T)]",
            "0",
            scale="loss",
        ),
    ),
    values=_values,
    widths={"wrong_class_spread": "1", "margin_spread": "1", "residual": "1"},
    terms=_terms,
)
