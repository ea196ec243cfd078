# SPDX-License-Identifier: MIT
"""The alternatives to simulations.measure, and a reference for NC1 = Tr(Sigma_W Sigma_B^+)/C.

Public package: rhubarbwu/neural-collapse, used where it is importable (neural_collapse) or where the
environment variable NEURAL_COLLAPSE names a checkout of github.com/rhubarbwu/neural-collapse.
Notebook: the algorithm of Papyan, Han & Donoho 2020 (github.com/neuralcollapse/neuralcollapse, function
analysis of neuralcollapse.ipynb), written anew: an outer product (d, d) for every sample, summed; distances
to the class means sample by sample; a truncated singular value decomposition of Sigma_B.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np

BATCH = 128  # what both alternatives' examples pass at a time
CHECKOUT = "NEURAL_COLLAPSE"


def features(
    *, C: int, n: int, d: int, noise: float, offset: float = 0.0, along: float = 1.0, dtype: Any = float
) -> dict[str, Any]:
    """Arguments of measure: balanced classes in random order, ``noise`` about means of size sqrt(d).

    offset is added to every entry; of the noise in the span of the class means only ``along`` is left.
    """
    rng = np.random.default_rng(0)
    means, labels = rng.standard_normal((C, d)), rng.permutation(np.arange(n) % C)
    rows = np.empty((n, d), dtype)
    for c in range(C):
        own = np.flatnonzero(labels == c)
        spread = rng.standard_normal((len(own), d))
        if along != 1.0:
            spread -= spread.mean(axis=0)
            span = np.linalg.qr((means - means.mean(axis=0)).T)[0][:, : C - 1]
            spread -= (1.0 - along) * (spread @ span) @ span.T
        rows[own] = means[c] + offset + noise * spread
    return {"features": rows, "labels": labels, "weight": (means / np.sqrt(d)).astype(dtype)}


def package() -> ModuleType | None:
    """The public package, or None where it is neither installed nor checked out."""
    folder = os.environ.get(CHECKOUT)
    if folder and folder not in sys.path:
        sys.path.append(folder)
    if find_spec("neural_collapse") is None:
        return None
    import_module("neural_collapse.accumulate")
    return import_module("neural_collapse.measure")


def _batches(features: Any, labels: Any, size: int = BATCH) -> Iterator[tuple[Any, Any]]:
    return zip(features.split(size), labels.split(size), strict=True)


def of_package(dtype: Any, features: Any, labels: Any, weight: Any) -> dict[str, float]:
    """NC1 three ways, NC2, NC3, NC4 by the package's own accumulators, its decision count included."""
    measures, accumulate = package(), sys.modules["neural_collapse.accumulate"]
    assert measures is not None
    C, d = weight.shape
    settings = {"device": "cpu", "dtype": dtype}
    first = accumulate.MeanAccumulator(C, d, **settings)
    for x, y in _batches(features, labels):
        first.accumulate(x, y)
    means, centre = first.compute()
    spread = accumulate.VarNormAccumulator(C, d, M=means, **settings)
    scatter = accumulate.CovarAccumulator(C, d, M=means, **settings)
    decisions = accumulate.DecAccumulator(C, d, M=means, W=weight, **settings)
    for x, y in _batches(features.to(dtype), labels):
        spread.accumulate(x, y, means)
        scatter.accumulate(x, y, means)
        decisions.accumulate(x, y, weight, means)
    variances, _ = spread.compute()
    within = scatter.compute()
    return {
        "nc1": measures.covariance_ratio(within, means, centre),
        "trace_ratio": measures.covariance_ratio(within, means, centre, "quotient"),
        "cdnv": measures.variability_cdnv(variances, means),
        "nc2": measures.simplex_etf_error(means, centre),
        "nc3": measures.self_duality_error(weight.to(dtype), means, centre),
        "nc4": 1.0 - measures.clf_ncc_agreement(decisions),
    }


def of_notebook(features: Any, labels: Any, weight: Any) -> dict[str, float]:
    """NC1 to NC4 as the notebook computes them, in the precision of the features."""
    import torch
    from scipy.sparse.linalg import svds

    C, d = weight.shape
    sums, counts = torch.zeros(C, d, dtype=features.dtype), torch.zeros(C)
    for x, y in _batches(features, labels):
        for c in y.unique().tolist():
            sums[c] += x[y == c].sum(dim=0)
            counts[c] += int((y == c).sum())
    means = sums / counts.to(sums.dtype)[:, None]
    scatter, mismatches = torch.zeros(d, d, dtype=features.dtype), 0
    for x, y in _batches(features, labels):
        decided = (x @ weight.T).argmax(dim=1)
        for c in y.unique().tolist():
            own = x[y == c]
            apart = own - means[c]
            scatter += (apart[:, :, None] * apart[:, None, :]).sum(dim=0)
            nearest = torch.stack([torch.linalg.norm(h - means, dim=1) for h in own]).argmin(dim=1)
            mismatches += int((nearest != decided[y == c]).sum())
    centred = means - means.mean(dim=0)
    between = (centred.T @ centred / C).numpy()
    vectors, values, _ = svds(between, k=C - 1, rng=np.random.default_rng(0))
    lengths = torch.linalg.norm(centred, dim=1)
    cosines = (centred / lengths[:, None]) @ (centred / lengths[:, None]).T
    scale = [torch.linalg.norm(x) for x in (weight, centred)]
    inverse = vectors @ np.diag(1 / values) @ vectors.T
    return {
        "nc1": float(np.trace((scatter / len(labels)).numpy() @ inverse)) / C,
        "trace_ratio": float(scatter.trace() / len(labels)) / float(np.trace(between)),
        "nc2": float(lengths.std() / lengths.mean()),
        "max_angle": float((cosines + 1 / (C - 1))[~torch.eye(C, dtype=torch.bool)].abs().mean()),
        "nc3": float(torch.linalg.norm(weight / scale[0] - centred / scale[1]) ** 2),
        "nc4": mismatches / len(labels),
    }


def exact_nc1(features: np.ndarray, labels: np.ndarray, C: int, *, digits: int | None = None) -> float:
    """Tr(Sigma_W Sigma_B^+)/C, balanced over classes, for class means in general position.

    Sums over samples in NumPy's extended precision (64 bits on x86), or exactly to ``digits`` decimal digits
    by mpmath; what is left of size C - 1 always by mpmath, to at least 60. With B the first C - 1 centred
    means and T (C, C-1) such that M = T B, x' Sigma_B^+ x = C y' (T'T)^-1 y, y = (B B')^-1 B x.
    """
    import mpmath

    with mpmath.mp.workdps(digits or 60):
        if digits is None:
            rows: Any = features
            number: Any = np.longdouble
        else:
            rows, number = np.array([[mpmath.mpf(float(x)) for x in row] for row in features]), mpmath.mpf
        share = number(1) / number(C)
        groups = [np.flatnonzero(labels == c) for c in range(C)]
        means = np.stack([_total(rows, group, number) / number(len(group)) for group in groups])
        basis = (means - means.sum(axis=0) * share)[:-1]
        second = np.zeros((C - 1, C - 1), dtype=basis.dtype)
        for c, group in enumerate(groups):
            for i in range(0, len(group), 1024):
                part = rows[group[i : i + 1024]]
                along = (part.astype(number) if digits is None else part) - means[c]
                along = along @ basis.T
                second = second + along.T @ along * share / number(len(group))
        gram, scatter = _exactly(basis @ basis.T), _exactly(second)
        chart = mpmath.eye(C - 1) + mpmath.ones(
            C - 1
        )  # T'T, for the rows of T are unit vectors and minus all
        middle = gram**-1 * scatter * gram**-1 * chart**-1
        return float(mpmath.fsum(middle[k, k] for k in range(C - 1)))  # C from Sigma_B^+, 1/C from NC1


def _total(rows: Any, group: np.ndarray, number: Any) -> Any:
    parts = [rows[group[i : i + 1024]] for i in range(0, len(group), 1024)]
    return sum(
        part.astype(np.longdouble if number is np.longdouble else object).sum(axis=0) for part in parts
    )


def _exactly(matrix: np.ndarray) -> Any:
    """Extended precision to mpmath without loss: a double and the double of what is left."""
    import mpmath

    def entry(x: Any) -> Any:
        if isinstance(x, mpmath.mpf):
            return x
        high = float(x)
        return mpmath.mpf(high) + mpmath.mpf(float(x - np.longdouble(high)))

    return mpmath.matrix([[entry(x) for x in row] for row in matrix])
