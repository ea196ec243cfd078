# SPDX-License-Identifier: MIT
"""Intra- and inter-class cosine similarity of centred features.

u_c = mean_i (h - mu_G)/||h - mu_G||, so that ||u_c||^2 is the mean of cos over all n_c^2 ordered pairs of a
class (a sample with itself included) and <u_c, u_c'> the mean over the pairs of two classes. A sample
with h = mu_G has unit vector 0. The authors' code averages over distinct pairs: (n||u||^2 - 1)/(n - 1).
"""

import numpy as np

from simulations.metrics import _arrays as arrays
from simulations.metrics._batch import Batch
from simulations.metrics._family import MetricFamily, Quantity, Value
from simulations.metrics._statistics import Averages, Reference


def _terms(batch: Batch) -> dict:
    return {"unit": batch.units}


def _values(averages: Averages, reference: Reference) -> dict[str, Value]:
    means, counts = arrays.to_numpy(averages["unit"]), arrays.to_numpy(reference.counts)
    gram = means @ means.T
    intra, inter = np.diag(gram), gram[~np.eye(reference.C, dtype=bool)]
    distinct = None
    if counts.min() > 1:
        distinct = (counts * intra - 1) / (counts - 1)
    return {
        "intra_class_cosine.mean": float(intra.mean()),
        "intra_class_cosine.min": float(intra.min()),
        "intra_class_cosine_distinct.mean": None if distinct is None else float(distinct.mean()),
        "intra_class_cosine_distinct.min": None if distinct is None else float(distinct.min()),
        "inter_class_cosine.mean": float(inter.mean()),
        "inter_class_cosine.max": float(inter.max()),
        "inter_class_cosine.excess": float(np.maximum(inter + 1.0 / (reference.C - 1), 0.0).mean()),
    }


_PAPER = "Pan & Cao 2023, Section 2"
_CODE = "Pan & Cao 2023, the authors' code; null if a class has one sample"

METRIC = MetricFamily(
    title="Cosine similarity",
    order=8,
    quantities=(
        Quantity("intra_class_cosine.mean", "mean over classes of ||u_c||^2", _PAPER, "[0, 1]", "1"),
        Quantity("intra_class_cosine.min", "least over classes of ||u_c||^2", _PAPER, "[0, 1]", "1"),
        Quantity(
            "intra_class_cosine_distinct.mean",
            "mean over classes of (n||u_c||^2 - 1)/(n - 1)",
            _CODE,
            "[-1, 1]",
            "1",
        ),
        Quantity(
            "intra_class_cosine_distinct.min",
            "least over classes of (n||u_c||^2 - 1)/(n - 1)",
            _CODE,
            "[-1, 1]",
            "1",
        ),
        Quantity(
            "inter_class_cosine.mean", "mean over c != c' of <u_c, u_c'>", _PAPER, "[-1/(C-1), 1]", "-1/(C-1)"
        ),
        Quantity(
            "inter_class_cosine.max",
            "largest over c != c' of <u_c, u_c'>",
            _PAPER,
            "[-1/(C-1), 1]",
            "-1/(C-1)",
        ),
        Quantity(
            "inter_class_cosine.excess",
            "mean over c != c' of the positive part of <u_c, u_c'> + 1/(C-1)",
            "theorem inter-class-cosine",
            "[0, C/(C-1)]",
            "0",
        ),
    ),
    values=_values,
    widths={"unit": "d"},
    terms=_terms,
)
