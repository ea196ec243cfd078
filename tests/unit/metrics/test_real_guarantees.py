# SPDX-License-Identifier: MIT
"""The registered theorems against measurements: every row is a verdict or names an unmet hypothesis."""

import json

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulations import comparison, measure, metrics


def theorems():
    import theory

    return theory.theorems()


def test_every_measurable_theorem_has_a_row(random_layer):
    rows = measure(**random_layer()).guarantees
    expected = [name for name, entry in theorems().items() if entry.measurable is not None]
    assert [row["theorem"] for row in rows] == expected
    assert len(expected) >= 4


@pytest.mark.parametrize("name", theorems())
def test_theorems_bound_quantities_that_are_measured(name):
    side = theorems()[name].measurable
    if side is not None:
        assert side.quantity in metrics.quantities()
        assert side.direction in ("<=", ">=")
        assert side.delta in (None, "1/C")
        assert set(side.inputs) <= {*comparison._INPUTS, "delta"}


def faults(m):
    """Guarantees that are violated or contradict what they say of their hypotheses; all are plain JSON."""
    rows = list(comparison.verdicts(m.guarantees))
    json.dumps(rows, allow_nan=False)
    return [row for row in rows if row["verdict"] == "violated" or not _consistent(row)]


def _consistent(row):
    unknown = row["holds"] is None
    return unknown == bool(row["unmet"]) and not (unknown and row["bound"] is not None)


@settings(max_examples=150)
@given(
    seed=st.integers(0, 2**32 - 1),
    C=st.integers(2, 6),
    extra=st.integers(-1, 3),
    noise=st.floats(-13, 0.5).map(lambda x: 10.0**x),
    alpha=st.floats(-1, 1).map(lambda x: 10.0**x),
    beta=st.floats(-1, 1).map(lambda x: 10.0**x),
    centred=st.booleans(),
    decay=st.floats(-5, 0).map(lambda x: 10.0**x),
)
@example(seed=0, C=6, extra=3, noise=1e-8, alpha=1.0, beta=0.1, centred=False, decay=1.0)
@example(seed=59, C=3, extra=3, noise=10**-8.09375, alpha=10**0.21875, beta=0.1, centred=False, decay=1.0)
@example(seed=4, C=5, extra=1, noise=6e-9, alpha=0.2, beta=0.15, centred=True, decay=0.01)
def test_no_proved_bound_is_violated(seed, C, extra, noise, alpha, beta, centred, decay):
    """From exact collapse to noise, with and without global mean zero."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(C), 4)
    frame = np.sqrt(C / (C - 1)) * (np.eye(C) - 1 / C)
    d = C + extra
    rotation = np.linalg.qr(rng.standard_normal((C + 3, C + 3)))[0][:C, :d]
    features = frame[labels] @ rotation + noise * rng.standard_normal((4 * C, d))
    if centred:
        features -= features.mean(axis=0)
    weight = frame @ rotation + noise * rng.standard_normal((C, d))
    m = measure(features=alpha * features, labels=labels, weight=beta * weight, weight_decay=decay)
    assert faults(m) == []


def test_the_regularised_optimum_meets_every_bound(collapsed_layer):
    """The configuration at which the bounds of weight decay are attained, where rounding could tip them."""
    for C, decay in ((2, 0.01), (4, 5e-3), (10, 5e-4)):
        product = (1 - 1 / C) * np.log(np.sqrt(C) / decay - C + 1)
        alpha, beta = np.sqrt(np.sqrt(C) * product), np.sqrt(product / np.sqrt(C))
        for noise in (0.0, 1e-12, 1e-6):
            layer = collapsed_layer(C=C, d=C + 2, alpha=alpha, beta=beta, noise=noise)
            m = measure(**layer, weight_decay=decay)
            assert faults(m) == []
        rows = {row["theorem"]: row for row in m.guarantees}
        assert rows["within-class-variability"]["holds"] is True
        assert rows["within-class-variability"]["bound"] < 1e-4


def test_a_bias_is_an_unmet_hypothesis_of_the_cosine_bound(random_layer):
    rows = {row["theorem"]: row for row in measure(**random_layer(bias=True)).guarantees}
    assert rows["intra-class-cosine"]["holds"] is None
    assert any("bias" in reason for reason in rows["intra-class-cosine"]["unmet"])


def test_the_sharp_bound_is_attained_with_noise_orthogonal_to_the_classifier(collapsed_layer):
    """Simplex ETF with noise orthogonal to span W: equal margins, so nu = 1 - (phi^{-1}(L)/T)^2 exactly."""
    C, d = 4, 8
    layer = collapsed_layer(C=C, d=d, n=2)
    null = np.linalg.svd(layer["weight"])[2][C:]
    noise = np.zeros((2 * C, d))
    for c in range(C):
        noise[layer["labels"] == c] = np.outer([1, -1], null[c % len(null)])
    m = measure(**{**layer, "features": layer["features"] + noise})
    rows = comparison.verdicts(m.guarantees)
    row = next(row for row in rows if row["theorem"] == "within-class-variability")
    assert row["holds"] is True
    assert row["measured"] == pytest.approx(0.2, rel=1e-12)
    assert row["ratio"] == pytest.approx(1, rel=1e-9)
