# SPDX-License-Identifier: MIT
"""Quadratic-mean norms of features and classifier, and the margin T that they allow."""

from simulations.metrics._batch import Batch
from simulations.metrics._family import MetricFamily, Quantity, Value
from simulations.metrics._statistics import Averages, Reference


def _terms(batch: Batch) -> dict:
    return {"residual": batch.residual_squares}


def _values(averages: Averages, reference: Reference) -> dict[str, Value]:
    alpha, between = reference.alpha, float((reference.centred_means**2).sum()) / reference.C
    return {
        "feature_norm": alpha,
        "feature_norm_centred": (averages.balanced("residual") + between) ** 0.5,
        "weight_norm": reference.classifier.beta,
        "weight_frobenius": reference.classifier.frobenius,
        "T": reference.T,
        "mean_norm": reference.global_norm / alpha if alpha > 0 else None,
        "bias_norm": reference.classifier.bias_norm,
    }


_PAPER = "Pan & Cao 2023, Theorem 2.1"

METRIC = MetricFamily(
    title="Norms",
    order=1,
    quantities=(
        Quantity("feature_norm", "alpha = sqrt(E||h||^2), uncentred", _PAPER, "[0, inf)"),
        Quantity("feature_norm_centred", "sqrt(E||h - mu_G||^2)", "", "[0, feature_norm]"),
        Quantity("weight_norm", "beta = sqrt((1/C) sum ||w_c - wbar||^2), centred", _PAPER, "[0, inf)"),
        Quantity("weight_frobenius", "||W||_F", _PAPER, "[sqrt(C) weight_norm, inf)"),
        Quantity("T", "C alpha beta/(C-1), the largest mean margin the norms allow", _PAPER, "[0, inf)"),
        Quantity("mean_norm", "||mu_G||/alpha; 0 under batch norm without bias", "", "[0, 1]"),
        Quantity("bias_norm", "sqrt(mean_c (b_c - mean b)^2); 0 without bias", "", "[0, inf)"),
    ),
    values=_values,
    widths={"residual": "1"},
    terms=_terms,
)
