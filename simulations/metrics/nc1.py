# SPDX-License-Identifier: MIT
"""NC1, variability collapse: within-class scatter against the scatter of the class means.

Sigma_W = E[(h - mu_c)(h - mu_c)'], Sigma_B = (1/C) sum (mu_c - mu_G)(mu_c - mu_G)'. Neither is ever formed:
Tr(Sigma_W Sigma_B^+) = E||A'(h - mu_c)||^2 with A A' = Sigma_B^+ from the C x d class means, rank C-1, and
E||h - mu_G||^2 = Tr Sigma_W + Tr Sigma_B.
"""

import numpy as np

from simulations.metrics import _arrays as arrays
from simulations.metrics._batch import Batch
from simulations.metrics._family import MetricFamily, Quantity, Value
from simulations.metrics._statistics import Averages, Reference


def _terms(batch: Batch) -> dict:
    factors = batch.reference.whitening
    whitened = 0.0 * batch.residual_squares
    if factors is not None:
        whitened = ((batch.coordinates[:, : len(factors)] * factors) ** 2).sum(axis=1)
    return {"residual": batch.residual_squares, "whitened": whitened}


def _values(averages: Averages, reference: Reference) -> dict[str, Value]:
    within = averages.balanced("residual")
    between = float((reference.centred_means**2).sum()) / reference.C
    total = within + between
    pinv = averages.balanced("whitened") if reference.whitening is not None else None
    own = _own(arrays.to_numpy(averages["residual"]), arrays.to_numpy(reference.mean_squares))
    return {
        "within_class_variability": within / reference.alpha**2 if reference.alpha > 0 else None,
        "within_class_variability_centred": within / total if total > 0 else None,
        "class_variability.mean": None if own is None else float(own.mean()),
        "class_variability.max": None if own is None else float(own.max()),
        "nc1.trace_ratio": within / between if between > 0 else None,
        "nc1.pinv_trace": None if pinv is None else pinv / reference.C,
        "nc1.pinv_trace_unscaled": pinv,
        "nc1.cdnv": _cdnv(arrays.to_numpy(averages["residual"]), arrays.to_numpy(reference.centred_means)),
    }


def _own(within: np.ndarray, squares: np.ndarray) -> np.ndarray | None:
    """nu_c = E_i||h - mu_c||^2 / E_i||h||^2 of every class; None where a class has no feature but zero."""
    return within / squares if squares.all() else None


def _cdnv(variances: np.ndarray, means: np.ndarray) -> float | None:
    """Mean over ordered pairs of (v_c + v_c')/(2||mu_c - mu_c'||^2); None when two class means agree."""
    C, total = len(variances), 0.0
    for c in range(C):
        distances = ((means - means[c]) ** 2).sum(axis=1)
        distances[c] = np.inf
        if not distances.all():
            return None
        total += float(((variances + variances[c]) / (2 * distances)).sum())
    return total / (C * (C - 1))


METRIC = MetricFamily(
    title="NC1  within-class variability",
    order=4,
    quantities=(
        Quantity(
            "within_class_variability",
            "nu = E||h - mu_c||^2 / feature_norm^2",
            "theorem within-class-variability",
            "[0, 1]",
            "0",
        ),
        Quantity(
            "within_class_variability_centred", "E||h - mu_c||^2 / feature_norm_centred^2", "", "[0, 1]", "0"
        ),
        Quantity(
            "class_variability.mean",
            "mean over classes of nu_c = E_i||h - mu_c||^2 / E_i||h||^2",
            "theorem class-variability",
            "[0, 1]",
            "0",
        ),
        Quantity(
            "class_variability.max",
            "largest nu_c = E_i||h - mu_c||^2 / E_i||h||^2",
            "theorem class-variability-per-class",
            "[0, 1]",
            "0",
        ),
        Quantity("nc1.trace_ratio", "Tr Sigma_W / Tr Sigma_B", "", "[0, inf)", "0"),
        Quantity(
            "nc1.pinv_trace",
            "Tr(Sigma_W Sigma_B^+)/C",
            "Papyan, Han & Donoho 2020, Figure 6",
            "[0, inf)",
            "0",
        ),
        Quantity(
            "nc1.pinv_trace_unscaled",
            "Tr(Sigma_W Sigma_B^+)",
            "Papyan, Han & Donoho 2020, the authors' notebook",
            "[0, inf)",
            "0",
        ),
        Quantity(
            "nc1.cdnv",
            "mean over c != c' of (v_c + v_c')/(2||mu_c - mu_c'||^2), v_c = mean ||h - mu_c||^2",
            "Galanti, György & Hutter 2021 (arXiv:2112.15121)",
            "[0, inf)",
            "0",
        ),
    ),
    values=_values,
    widths={"residual": "1", "whitened": "1"},
    terms=_terms,
)
