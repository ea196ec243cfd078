# SPDX-License-Identifier: MIT
"""Cosines at every margin: the price of one sample, sharp where it touches, and the bounds that follow."""

import math

import numpy as np
import pytest

import theory
from theory.expressions import le
from theory.kernel import KernelError
from theory.lemmas import directions, small_norms_rate
from theory.proving import combine
from theory.scalars import phi, q


def room(classes, t):
    """K/(t q(t)), K = log C - phi(t) - t q(t)."""
    return (math.log(classes) - phi(t, classes) - t * q(t, classes)) / (t * q(t, classes))


def slack(classes, T, t, n, rho, cosine, square):
    """The price of one sample above phi(t), in units of t q(t)."""
    k = T / t
    price = (rho**2 - 3 + (k**2 * square + 4 * n * k * cosine + 1) / (1 + 2 * n)) / 2
    return (phi(T * rho * cosine, classes) - phi(t, classes)) / (t * q(t, classes)) + price


@pytest.mark.parametrize("classes", [2, 3, 10, 1000])
@pytest.mark.parametrize("t", [0.1, 1.0, 4.0, 12.0])
def test_one_sample_never_costs_less(classes, t):
    rng = np.random.default_rng(classes)
    rho, cosine = rng.exponential(1, 4000), rng.normal(0, 1, 4000)
    T, square = t * (1 + rng.exponential(0.3, 4000)), cosine**2 + rng.exponential(0.2, 4000)
    found = slack(classes, T, t, room(classes, t), rho, cosine, square)
    assert found.min() >= -1e-12


@pytest.mark.parametrize("classes", [2, 10])
@pytest.mark.parametrize("t", [0.5, 3.0, 8.0])
def test_it_touches_where_samples_meet_their_rows_and_where_they_are_lost(classes, t):
    n = room(classes, t)
    assert slack(classes, t, t, n, 1.0, 1.0, 1.0) == pytest.approx(0, abs=1e-12)
    assert slack(classes, t, t, n, 0.0, -2 * n, 4 * n**2) == pytest.approx(0, abs=1e-11)
    assert (
        slack(classes, t, t, 1.01 * n, 0.0, -2.02 * n, (2.02 * n) ** 2) < -1e-4
    )  # n is as large as it may be


def test_the_loss_of_chance_is_above_the_tangent_by_the_stated_amount():
    for classes in (2, 5, 100, 10**5):
        for t in np.geomspace(1e-3, 60, 40):
            tangent = phi(t, classes) + t * q(t, classes)
            assert math.log(classes) - tangent >= t**2 * q(t, classes) / (4 * classes) * (1 - 1e-6) - 1e-15


def test_a_proof_needs_each_of_its_premises():
    goal = directions.means_of_four().relation
    with pytest.raises(KernelError):
        combine(le(goal.lhs, goal.rhs - directions.spare / 100), {directions.means_of_four(): 1})
    with pytest.raises(KernelError):
        combine(le(small_norms_rate.five_terms().relation.lhs, 2), {small_norms_rate.five_terms(): 1})


def flipped(classes, T, share):
    """Loss and 1 - intra where a share of the samples of each class is at 0 and counts against its row."""
    loss = share * math.log(classes) + (1 - share) * phi(T / math.sqrt(1 - share), classes)
    return loss, 1 - (1 - 2 * share) ** 2


@pytest.mark.parametrize(("classes", "T"), [(2, 1.0), (3, 1.4), (10, 2.0), (100, 4.0)])
def test_intra_class_cosines_are_bounded_where_the_threshold_is_not_met(classes, T):
    entry, other = (theory.get(f"intra-class-cosine-{n}") for n in ("every-margin", "sharp"))
    worst = 0.0
    for share in np.geomspace(1e-4, 0.1, 25):
        loss, lost = flipped(classes, T, share)
        values = {"C": classes, "alpha": 1.0, "beta": T * (classes - 1) / classes, "L": loss}
        values |= {"bias_norm": 0.0, "mean_norm": 0.0}
        bound = 1 - float(entry.evaluate(**values))
        assert lost <= bound
        assert other.unmet(**values)
        worst = max(worst, lost / bound)
    assert worst > 0.5


def klein(step, T, deform):
    """Four classes along (1, 1, 1), (1, -1, -1), ...: features 1 + d_k, rows 1 - ``deform`` d_k times it."""
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], dtype=float)
    turn = step * np.array([1.0, -1.0, 0.0])
    features, rows = corners * (1 + turn), corners * (1 - deform * turn)
    alpha, beta = (math.sqrt((x**2).sum() / 4) for x in (features, rows))
    rows *= T * 3 / (4 * alpha * beta)
    logits = features @ rows.T
    loss = float(np.mean(np.log(np.exp(logits).sum(1)) - np.diag(logits)))
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    gram = (unit @ unit.T + 1 / 3)[~np.eye(4, dtype=bool)]
    beta = math.sqrt((rows**2).sum() / 4)
    values = {"C": 4, "L": loss, "alpha": alpha, "beta": beta, "bias_norm": 0.0, "mean_norm": 0.0}
    values["weight_spectral"] = np.linalg.norm(rows, 2) ** 2 / beta**2
    return values, float(np.maximum(gram, 0).mean())


@pytest.mark.parametrize("deform", [-1.0, 0.0, 0.5])
@pytest.mark.parametrize("step", [0.2, 0.01])
def test_cosines_between_classes_stay_below_their_bound_and_not_far_below(step, deform):
    values, found = klein(step, 7.0, deform)
    bound = float(theory.get("inter-class-cosine").evaluate(**values))
    assert 0.1 < found / bound < 1
