# SPDX-License-Identifier: MIT
"""NC2, convergence to a simplex equiangular tight frame: norms and angles of class means and classifier rows.

Means are mu_c - mu_G; classifier rows w_c are raw, as in the paper. Undefined (null) where a vector is zero.
The Gram deviations, which our theorems bound, take mu_c as it is and w_c - wbar, norms and angles in one.
"""

import numpy as np

from simulations.metrics import _arrays as arrays
from simulations.metrics._family import MetricFamily, Quantity, Value
from simulations.metrics._statistics import Averages, Reference


def _values(averages: Averages, reference: Reference) -> dict[str, Value]:
    means = _geometry(arrays.to_numpy(reference.centred_means))
    weights = _geometry(arrays.to_numpy(reference.classifier.weight))
    means |= _gram(arrays.to_numpy(reference.means), reference.alpha)
    weights |= _gram(arrays.to_numpy(reference.classifier.centred), reference.classifier.beta)
    return {
        quantity.name: (means if "_means" in quantity.name else weights)[_kind(quantity.name)]
        for quantity in METRIC.quantities
    }


def _kind(name: str) -> str:
    return name.removeprefix("nc2.").replace("_means", "").replace("_weights", "")


def _geometry(rows: np.ndarray) -> dict[str, float | None]:
    """Spread of norms and of cosines over the C rows of a (C, d) matrix."""
    lengths = np.sqrt((rows**2).sum(axis=1))
    C, mean = len(rows), float(lengths.mean())
    result: dict[str, float | None] = dict.fromkeys(
        ("equinorm", "equinorm_unbiased", "equiangular", "max_angle"), None
    )
    if mean > 0:
        result["equinorm"] = float(lengths.std()) / mean
        result["equinorm_unbiased"] = float(lengths.std(ddof=1)) / mean
    if lengths.all():
        units = rows / lengths[:, None]
        cosines = (units @ units.T)[~np.eye(C, dtype=bool)]
        result["equiangular"] = float(cosines.std())
        result["max_angle"] = float(np.abs(cosines + 1 / (C - 1)).mean())
    return result


def _gram(rows: np.ndarray, scale: float) -> dict[str, float | None]:
    """How far the Gram matrix of (C, d) rows is from its row means; its largest eigenvalue; over scale^2."""
    if scale == 0:
        return {"gram_deviation": None, "spectral": None}
    unit = rows / scale
    gram, C = unit @ unit.T, len(rows)
    wrong = ~np.eye(C, dtype=bool)
    level = np.where(wrong, gram, 0.0).sum(axis=1) / (C - 1)
    deviation = float(np.abs(gram - level[:, None])[wrong].mean())
    return {"gram_deviation": deviation, "spectral": float(np.linalg.norm(unit, 2)) ** 2}


_PAPER = "Papyan, Han & Donoho 2020, Figure "


def _pair(name: str, formula: str, source: str, values: str) -> tuple[Quantity, Quantity]:
    """The same quantity for class means (x = mu_c - mu_G) and for classifier rows (x = w_c)."""
    base, _, variant = name.partition(" ")
    return (
        Quantity(f"nc2.{base}_means{variant}", f"{formula}, x = mu_c - mu_G", source, values, "0"),
        Quantity(f"nc2.{base}_weights{variant}", f"{formula}, x = w_c", source, values, "0"),
    )


METRIC = MetricFamily(
    title="NC2  simplex geometry",
    order=5,
    quantities=(
        *_pair("equinorm", "population std / mean over classes of ||x||", _PAPER + "2", "[0, sqrt(C-1)]"),
        *_pair(
            "equinorm _unbiased",
            "std (ddof = 1) / mean over classes of ||x||",
            _PAPER + "2, the authors' notebook",
            "[0, sqrt(C)]",
        ),
        *_pair("equiangular", "population std over ordered pairs of cos(x_c, x_c')", _PAPER + "3", "[0, 1]"),
        *_pair(
            "max_angle",
            "mean over ordered pairs of |cos(x_c, x_c') + 1/(C-1)|",
            _PAPER + "4",
            "[0, C/(C-1)]",
        ),
        *(
            quantity
            for name, row in (("means", "x = mu_c/alpha"), ("weights", "x = (w_c - wbar)/beta"))
            for quantity in (
                Quantity(
                    f"nc2.gram_deviation_{name}",
                    f"mean over ordered pairs of |<x_c, x_c'> - mean over c' of this|, {row}",
                    "this project (2026), theorems equiangular-means and equiangular-weights",
                    # For fixed signs of the differences linear in the Gram matrix, whose trace is <= C: the
                    # worst are numbers x_c with sum of squares C, whose sum be X. A mean absolute deviation
                    # is at most the standard one, so that the C-1 differences of row c add up to at most
                    # |x_c| sqrt((C-1)(C - x_c^2) - (X - x_c)^2). Cauchy and Schwarz over the rows, the
                    # radicands having the sum (C-2)(C^2 - X^2): all add up to at most C sqrt(C(C-2)).
                    "[0, sqrt(C*(C-2))/(C-1)]",
                    "0",
                ),
                Quantity(
                    f"nc2.spectral_{name}",
                    f"largest squared singular value of the rows, {row}",
                    "this project (2026), theorems equiangular-means and equiangular-weights",
                    "[0, C]",
                ),
            )
        ),
    ),
    values=_values,
)
