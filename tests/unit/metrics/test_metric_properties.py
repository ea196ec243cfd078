# SPDX-License-Identifier: MIT
"""Properties of every metric on random, adversarial and nearly collapsed layers."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulations import measure
from theory import scalars


def _simplex(C, d, rng):
    frame = np.sqrt(C / (C - 1)) * (np.eye(C) - 1 / C)
    size = max(C, d)
    return (frame @ np.linalg.qr(rng.standard_normal((size, size)))[0][:C])[:, :d]


def make_layer(seed, C, d, noise, alpha, beta, offset, bias):
    """A layer at distance ``noise`` from collapse (truncated to d dimensions), classes of unequal size."""
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(C), rng.integers(0, C, 2 * C)])
    simplex = _simplex(C, d, rng)
    features = simplex[labels] + noise * rng.standard_normal((3 * C, d)) + offset
    layer = {
        "features": alpha * features,
        "labels": labels,
        "weight": beta * (simplex + noise * rng.standard_normal((C, d)) + offset),
    }
    if bias:
        layer["bias"] = bias * rng.standard_normal(C)
    return layer


seeds = st.integers(0, 2**32 - 1)
sizes = st.tuples(st.integers(2, 6), st.integers(1, 8))


def powers(low, high):
    return st.floats(low, high).map(lambda x: 10.0**x)


ordinary = st.builds(
    lambda seed, size, noise, alpha, beta, offset, bias: make_layer(
        seed, *size, noise, alpha, beta, offset, bias
    ),
    seeds,
    sizes,
    powers(-2, 1),
    powers(-1, 1),
    powers(-1, 1),
    st.sampled_from([0.0, 0.3]),
    st.sampled_from([0.0, 1.0]),
)
collapsed = st.builds(
    lambda seed, C, noise, scale: make_layer(seed, C, C + 1, noise, scale, scale, 0.0, 0.0),
    seeds,
    st.integers(2, 6),
    powers(-12, -3),
    st.floats(0.5, 4.0),
)
# Large norms, offsets and biases against small spreads, samples on the wrong side: what rounding dislikes.
adversarial = st.builds(
    lambda seed, size, noise, alpha, beta, offset, bias, flip: _flipped(
        make_layer(seed, *size, noise, alpha, beta, offset, bias), flip
    ),
    seeds,
    sizes,
    powers(-9, 3),
    powers(-6, 3),
    powers(-6, 3),
    st.sampled_from([0.0, 1.0, 1e3]),
    st.sampled_from([0.0, 1.0, 1e4]),
    st.booleans(),
)


def _flipped(layer, flip):
    if flip:
        layer["features"][::3] *= -1
    return layer


@settings(max_examples=300)
@given(st.one_of(ordinary, collapsed, adversarial))
def test_the_loss_gap_is_the_sum_of_its_three_terms(layer):
    m = measure(**layer)
    terms = m.gap_decomposition
    total = terms.wrong_class_spread + terms.margin_spread + terms.misalignment
    price = m.T * float(scalars.q(m.T, m.num_classes))
    assert min(terms.values()) >= 0
    assert m.loss_gap == total
    assert abs((m.loss - m.minimum_loss) - total) <= 1e-12 * max(m.loss, price)


@settings(max_examples=100)
@given(st.one_of(ordinary, collapsed), powers(-6, 1))
def test_the_regularised_gap_is_the_difference(layer, weight_decay):
    m = measure(**layer, weight_decay=weight_decay)
    difference = m.regularized_loss - m.minimum_regularized_loss
    assert m.regularized_loss_gap >= -1e-12 * m.regularized_loss
    assert m.regularized_loss_gap == pytest.approx(difference, rel=0, abs=1e-12 * m.regularized_loss)


@settings(max_examples=30)
@given(ordinary)
def test_every_metric_agrees_with_the_naive_implementation(naive, layer):
    values, expected = measure(**layer, weight_decay=0.01).values, naive(**layer, weight_decay=0.01)
    assert expected.keys() <= values.keys()
    for name, value in expected.items():
        if value is None:
            assert values[name] is None, name
        else:
            assert values[name] == pytest.approx(value, rel=1e-9, abs=1e-12), name


@settings(max_examples=30)
@given(collapsed)
def test_nearly_collapsed_values_keep_their_relative_accuracy(naive, layer):
    """Rounding of the logits, some 1e-15 of T, is all that comes between: it enters relative to sqrt(gap)."""
    values, expected = measure(**layer).values, naive(**layer)
    exact = expected["within_class_variability"]
    assert values["within_class_variability"] == pytest.approx(exact, rel=1e-3)
    for name in (
        "loss_gap",
        "gap_decomposition.wrong_class_spread",
        "gap_decomposition.margin_spread",
        "gap_decomposition.misalignment",
    ):
        T, C = expected["T"], values["num_classes"]
        price = float(scalars.q(T, C)) * max(T, 1.0)
        rounding = 1e-14 * max(T, 1.0)
        slack = rounding * np.sqrt(price * expected["loss_gap"]) + price * rounding**2
        assert values[name] == pytest.approx(expected[name], rel=1e-12, abs=slack), name


@settings(max_examples=30)
@given(ordinary)
def test_float32_input_gives_the_values_of_that_input_and_float32_accuracy(layer):
    single = {k: v if k == "labels" else v.astype(np.float32) for k, v in layer.items()}
    double = {k: v if k == "labels" else v.astype(np.float64) for k, v in single.items()}
    m = measure(**single)
    assert m.values == measure(**double).values
    exact = measure(**layer)
    price = exact.T * float(scalars.q(exact.T, exact.num_classes))
    size = max(exact.loss, price, 1e-30) * max(1.0, exact.T)
    assert abs(m.loss - exact.loss) <= 1e-5 * size
    assert abs(m.loss_gap - exact.loss_gap) <= 1e-5 * size
    assert abs((m.loss - m.minimum_loss) - m.loss_gap) <= 1e-12 * max(m.loss, price)


def differences(a, b, *, skip=(), rel=1e-8):
    """Names of the values that differ by more than rounding."""
    return [n for n, value in a.values.items() if n not in skip and not _same(b[n], value, rel)]


def _same(found, expected, rel):
    return found is None if expected is None else found == pytest.approx(expected, rel=rel, abs=1e-10)


@settings(max_examples=30)
@given(ordinary, seeds)
def test_invariant_under_permutation_of_samples_and_classes(layer, seed):
    rng = np.random.default_rng(seed)
    order, classes = rng.permutation(len(layer["labels"])), rng.permutation(len(layer["weight"]))
    changed = {
        "features": layer["features"][order],
        "labels": np.argsort(classes)[layer["labels"][order]],
        "weight": layer["weight"][classes],
        "bias": layer["bias"][classes] if "bias" in layer else None,
    }
    assert differences(measure(**layer, weight_decay=0.01), measure(**changed, weight_decay=0.01)) == []


@settings(max_examples=30)
@given(ordinary, seeds)
def test_invariant_under_rotation_of_feature_space(layer, seed):
    d = layer["features"].shape[1]
    Q = np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]
    rotated = {**layer, "features": layer["features"] @ Q, "weight": layer["weight"] @ Q}
    assert differences(measure(**layer, weight_decay=0.01), measure(**rotated, weight_decay=0.01)) == []


@settings(max_examples=30)
@given(ordinary, powers(-3, 3))
def test_rescaling_of_classifier_against_features_changes_norms_alone(layer, c):
    rescaled = {**layer, "features": layer["features"] / c, "weight": layer["weight"] * c}
    norms = ("feature_norm", "feature_norm_centred", "weight_norm", "weight_frobenius")
    before, after = measure(**layer), measure(**rescaled)
    assert differences(before, after, skip=norms) == []
    for name, factor in zip(norms, (1 / c, 1 / c, c, c), strict=True):
        assert after[name] == pytest.approx(factor * before[name], rel=1e-12)


@settings(max_examples=30)
@given(ordinary, powers(-2, 2))
def test_a_constant_added_to_all_classifier_rows_changes_only_raw_rows(layer, size):
    shift = size * np.ones(layer["weight"].shape[1])
    after = measure(**{**layer, "weight": layer["weight"] + shift})
    skip = {name for name in after.values if "_weights" in name}
    skip |= {"weight_frobenius", "nc3.self_duality", "nc4.ncc_mismatch"}
    assert differences(measure(**layer), after, skip=skip, rel=1e-7) == []


@example(seed=0, C=2, d=1)
@settings(max_examples=20)
@given(seeds, st.integers(2, 6), st.integers(1, 8))
def test_adding_copies_of_every_sample_of_a_class_changes_no_balanced_average(seed, C, d):
    layer = make_layer(seed, C, d, 0.5, 1.0, 1.0, 0.1, 0.0)
    more = np.flatnonzero(layer["labels"] == 0)
    index = np.concatenate([np.arange(len(layer["labels"])), more, more])
    after = measure(**{**layer, "features": layer["features"][index], "labels": layer["labels"][index]})
    skip = {"num_samples", "samples_per_class_min", "samples_per_class_max", "mean_loss", "accuracy"}
    skip |= {"nc4.ncc_mismatch", "intra_class_cosine_distinct.mean", "intra_class_cosine_distinct.min"}
    assert differences(measure(**layer), after, skip=skip) == []


@pytest.mark.parametrize("offset", [1e4, 1e6, 1e8])
def test_the_identity_survives_a_large_common_row(offset):
    """Cross-entropy ignores what all rows share, so its rounding must not count either."""
    layer = make_layer(3, 5, 6, 0.5, 1.0, 1.0, 0.0, 0.0)
    m = measure(**{**layer, "weight": layer["weight"] + offset})
    price = m.T * float(scalars.q(m.T, m.num_classes))
    assert abs((m.loss - m.minimum_loss) - m.loss_gap) <= 1e-12 * max(m.loss, price)


@pytest.mark.parametrize("offset", [1e3, 1e6, 1e8])
def test_a_large_common_mean_does_not_enter_the_pseudo_inverse(offset):
    """Rounding gives the C centred means a C-th direction, which is noise and must be left out."""
    layer = make_layer(3, 5, 8, 0.5, 1.0, 1.0, 0.0, 0.0)
    shifted = {**layer, "features": layer["features"] + offset}
    before, after = measure(**layer).nc1, measure(**shifted).nc1
    assert after.pinv_trace == pytest.approx(before.pinv_trace, rel=1e-13 * offset)
