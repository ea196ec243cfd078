# SPDX-License-Identifier: MIT
"""Cosine of a sample with its classifier row: NC1 and NC3 of every single sample in one number.

x = cos(w_y - wbar, h) and, centred, cos(w_y - wbar, h - mu_G). Where either vector is zero x is 0, the mean
over its possible directions.
"""

import numpy as np

from simulations.metrics import _arrays as arrays
from simulations.metrics._batch import Batch
from simulations.metrics._family import MetricFamily, Quantity, Value
from simulations.metrics._statistics import ROUNDING, Averages, Reference


def _terms(batch: Batch) -> dict:
    reference, xp = batch.reference, batch.xp
    own = batch.own_products * arrays.rows_at(reference.row_sizes, batch.labels)
    raw = own * arrays.reciprocals(xp.sqrt(batch.squares))
    lengths = xp.sqrt(batch.centred_squares)
    centred = batch.alignments * arrays.reciprocals(lengths, ROUNDING * reference.global_norm)
    return {"raw": raw, "square": raw**2, "centred": centred}


def _values(averages: Averages, reference: Reference) -> dict[str, Value]:
    beta = reference.classifier.beta
    sizes = (arrays.to_numpy(reference.classifier.centred) ** 2).sum(axis=1)
    squares = arrays.to_numpy(averages["square"])
    return {
        "row_cosine.mean": averages.balanced("raw"),
        "row_cosine.square": float(squares.mean()),
        "row_cosine.weighted_square": float(np.mean(sizes * squares)) / beta**2 if beta > 0 else None,
        "row_cosine_centred.mean": averages.balanced("centred"),
    }


METRIC = MetricFamily(
    title="Cosine with the classifier row",
    order=9,
    quantities=(
        Quantity("row_cosine.mean", "E cos(w_y - wbar, h)", "theorem sample-cosine", "[-1, 1]", "1"),
        Quantity(
            "row_cosine.square", "E cos(w_y - wbar, h)^2", "theorem sample-cosine-squared", "[0, 1]", "1"
        ),
        Quantity(
            "row_cosine.weighted_square",
            "E (||w_y - wbar||/weight_norm)^2 cos(w_y - wbar, h)^2",
            "theorem sample-cosine-weighted",
            "[0, 1]",
            "1",
        ),
        Quantity(
            "row_cosine_centred.mean",
            "E cos(w_y - wbar, h - mu_G)",
            "theorem sample-cosine-centred",
            "[-1, 1]",
            "1",
        ),
    ),
    values=_values,
    widths={"raw": "1", "square": "1", "centred": "1"},
    terms=_terms,
)
