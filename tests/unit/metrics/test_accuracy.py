# SPDX-License-Identifier: MIT
"""How many digits are right, against 40-digit arithmetic, and how much memory a measurement takes."""

import tracemalloc

import numpy as np
import pytest

from simulations import InputError, measurement
from simulations.measurement import evaluate

EPS = float(np.finfo(float).eps)
NC1 = ("within_class_variability", "nc1.trace_ratio", "nc1.pinv_trace", "nc1.cdnv")


def layer(noise, offset=0.0, along=1.0, C=4, d=8, n=24):
    """float32 features, ``noise`` about class means of size one; ``along`` of it in the means' span."""
    rng = np.random.default_rng(0)
    means, labels = rng.standard_normal((C, d)), np.arange(n) % C
    spread = rng.standard_normal((n, d))
    for c in range(C):
        spread[labels == c] -= spread[labels == c].mean(axis=0)
    span = np.linalg.qr((means - means.mean(axis=0)).T)[0][:, : C - 1]
    spread -= (1 - along) * (spread @ span) @ span.T
    features = (means[labels] + offset + noise * spread).astype(np.float32)
    return {"features": features, "labels": labels, "weight": means.astype(np.float32)}


@pytest.mark.parametrize(
    ("noise", "offset"), [(0.3, 0.0), (1e-4, 0.0), (1e-6, 0.0), (1e-2, 1e3), (1e-5, 1e2), (0.3, 1e5)]
)
def test_nc1_is_right_to_some_units_of_rounding(noise, offset, naive):
    """Class means carry a rounding of eps times their size: once against their own distances (in Sigma_B),
    squared against the distances of samples from them (in Sigma_W)."""
    data = layer(noise, offset)
    values, exact = evaluate(**data), naive(**data)
    size = exact["feature_norm"]
    variance = exact["within_class_variability"] * size**2
    between = (variance / exact["nc1.trace_ratio"]) ** 0.5
    limit = 16 * EPS * (1 + size / between) + (16 * EPS * size) ** 2 / variance
    assert limit < 1e-9
    for name in NC1:
        assert values[name] > 0
        assert values[name] == pytest.approx(exact[name], rel=limit, abs=0), name


def test_a_spread_across_the_class_means_never_gives_a_negative_nc1(naive):
    """float32 covariances and a pseudo-inverse give -3e-10 for such features."""
    data = layer(0.3, along=0.0)
    values, exact = evaluate(**data), naive(**data)
    assert 0 < exact["nc1.pinv_trace"] < 1e-14
    assert values["nc1.pinv_trace"] == pytest.approx(exact["nc1.pinv_trace"], rel=1e-6, abs=0)


def test_float32_features_are_never_held_in_float64():
    n, d = 40_000, 256
    data = layer(0.3, C=4, d=d)
    features = np.zeros((n, d), np.float32) + data["features"][np.arange(n) % 4]
    whole = 8 * n * d
    tracemalloc.start()
    try:
        evaluate(features=features, labels=np.arange(n) % 4, weight=data["weight"])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < whole / 3


def test_families_can_be_measured_alone():
    data = layer(0.3)
    everything, some = evaluate(**data), evaluate(**data, only=("nc1", "nc4"))
    assert {"nc1.cdnv", "nc4.ncc_mismatch"} <= some.keys() < everything.keys()
    assert "loss" not in some
    assert all(some[name] == everything[name] for name in some)


def test_an_entry_that_is_not_a_number_is_found_in_any_slice(monkeypatch):
    monkeypatch.setattr(measurement, "_CHUNK", 60)
    for value in (np.nan, np.inf, -np.inf):
        data = layer(0.3)
        data["features"][17, 5] = value
        with pytest.raises(InputError, match=r"features contains 1 NaN or infinite .* at \(17, 5\)"):
            evaluate(**data)
