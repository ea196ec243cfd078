# SPDX-License-Identifier: MIT
"""Collapse metrics: simulations.measure against d x d matrices and a full pseudo-inverse.

The alternative is written in the style of Papyan, Han & Donoho's public notebook: Sigma_W accumulated as a
d x d matrix class by class, Tr(Sigma_W pinv(Sigma_B)), and only the four headline metrics. Ours returns all
metrics, the loss-gap decomposition and the guarantees. error: relative difference of Tr(Sigma_W Sigma_B^+).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks._table import Row, timed

SIZES = [(10, 2000, 128), (10, 5000, 512), (100, 5000, 512)]


def run() -> list[Row]:
    """Random nearly collapsed features of three sizes."""
    from simulations import measure

    rows = []
    for C, n, d in SIZES:
        data = _features(C, n, d)
        measure(**{key: value[: 5 * C] if len(value) == n else value for key, value in data.items()})
        ours_seconds, ours = timed(lambda data=data: measure(**data), repeats=3)
        naive_seconds, naive = timed(lambda data=data: naive_metrics(**data))
        value = ours["nc1.pinv_trace_unscaled"]
        problem = f"C = {C}, n = {n}, d = {d}"
        rows.append(Row(problem, "simulations.measure (all)", ours_seconds, None))
        error = abs(naive["pinv_trace"] - value) / value
        rows.append(Row(problem, "d x d and pinv (four metrics)", naive_seconds, error))
    return rows


def _features(C: int, n: int, d: int) -> dict[str, Any]:
    generator = np.random.default_rng(0)
    means = generator.normal(size=(C, d))
    labels = np.arange(n) % C
    features = means[labels] + 0.3 * generator.normal(size=(n, d))
    return {"features": features, "labels": labels, "weight": means / np.sqrt(d)}


def naive_metrics(features: np.ndarray, labels: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    """NC1 to NC4 with explicit covariance matrices, balanced classes."""
    C, d = weight.shape
    means = np.stack([features[labels == c].mean(axis=0) for c in range(C)])
    centred = means - means.mean(axis=0)
    within = np.zeros((d, d))
    for c in range(C):
        apart = features[labels == c] - means[c]
        within += apart.T @ apart / len(apart) / C
    between = centred.T @ centred / C
    norms = np.linalg.norm(centred, axis=1)
    cosines = (centred @ centred.T) / np.outer(norms, norms)
    duality = np.linalg.norm(weight / np.linalg.norm(weight) - centred / np.linalg.norm(centred)) ** 2
    distances = (
        ((features[:, None, :] - means[None]) ** 2).sum(axis=-1) if C * len(features) * d < 5e7 else None
    )
    if distances is None:
        nearest = np.array([np.argmin(((means - h) ** 2).sum(axis=1)) for h in features])
    else:
        nearest = distances.argmin(axis=1)
    return {
        "pinv_trace": float(np.trace(within @ np.linalg.pinv(between, rcond=1e-10))),
        "equinorm": float(norms.std() / norms.mean()),
        "equiangular": float(cosines[~np.eye(C, dtype=bool)].std()),
        "self_duality": float(duality),
        "ncc_mismatch": float(np.mean(nearest != (features @ weight.T).argmax(axis=1))),
    }
