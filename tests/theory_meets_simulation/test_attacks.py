# SPDX-License-Identifier: MIT
"""Every bound attacked by an optimiser: none may be beaten by more than rounding, tight ones must be reached,
and the adversary itself must beat false bounds planted for it."""

import numpy as np
import pytest

from simulations.geometry import tightness, worst_case
from theory import scalars

ROUNDING = 1e-9
REACHED = 1.0 - 1e-4
TIGHT = ["within-class-variability", "self-duality-tradeoff", "within-class-variability-weight-decay"]
CELLS = [  # C, samples, d >= C, T, relative loss gap eps/(T q) or eps/(T* q*)
    (2, 2, 2, 3.0, 0.05),
    (3, 2, 3, 0.7, 0.3),
    (4, 2, 4, 5.0, 1e-6),
    (4, 3, 6, 5.0, 0.2),
    (4, 2, 4, 12.0, 0.5),
    (10, 2, 10, 9.0, 0.01),
]


def settings_of(name, C, T, relative):
    """Keywords and the loss gap; the weight decay is the one whose optimal margin is T."""
    mass = float(scalars.q(T, C))
    gap = relative * T * mass
    if name.endswith("weight-decay"):
        room = 0.9 * float(np.log(C) - scalars.psi(mass, C))
        return {"weight_decay": mass * np.sqrt(C) / (C - 1), "loss_gap": min(gap, room)}
    return {"T": T, "loss_gap": min(gap, 0.9 * float(np.log(C) - scalars.phi(T, C)))}


def within(found):
    """The configuration, judged by the definition of the loss alone, is within the level."""
    return found.slack >= 0.0 and found.loss <= found.level * (1 + 1e-12) + 1e-15


@pytest.mark.parametrize("name", TIGHT)
@pytest.mark.parametrize(("C", "samples", "d", "T", "relative"), CELLS)
def test_tight_bounds_are_reached_and_never_beaten(name, C, samples, d, T, relative):
    problem = settings_of(name, C, T, relative)
    starts = ["random-noise", "abandoned-class", "random"]  # none of these knows the witness
    found = worst_case(name, C=C, samples_per_class=samples, feature_dim=d, starts=starts, **problem)
    assert within(found)
    assert found.ratio <= 1.0 + ROUNDING
    assert found.ratio >= REACHED


@pytest.mark.parametrize(("C", "samples", "d"), [(2, 2, 2), (4, 2, 4), (4, 4, 5), (10, 3, 10)])
@pytest.mark.parametrize("factor", [1.0, 1.7])
@pytest.mark.parametrize("relative", [1e-6, 0.02, 0.4])
def test_cosine_bound_is_never_beaten_and_its_constant_is_sharp(C, samples, d, factor, relative):
    T = factor * float(scalars.threshold(2.5, C)) * (1 + 1e-12)
    gap = min(relative * T * float(scalars.q(T, C)), 0.9 * float(np.log(C) - scalars.phi(T, C)))
    starts = ["random-noise"] if relative < 1e-5 else ["random-noise", "flipped-samples", "abandoned-class"]
    found = worst_case(
        "intra-class-cosine", C=C, samples_per_class=samples, feature_dim=d, T=T, loss_gap=gap, starts=starts
    )
    assert within(found)
    assert found.ratio <= 1.0 + ROUNDING
    if relative < 1e-5:
        assert found.ratio >= REACHED


@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_least_losses_are_reached_from_dimension_C_minus_1_on(d):
    for name, problem in (
        ("minimum-cross-entropy", {"T": 5.0}),
        ("minimum-cross-entropy", {"T": 0.3}),
        ("minimum-regularized-loss", {"weight_decay": 0.02}),
        ("minimum-regularized-loss", {"weight_decay": 0.4}),
    ):
        found = worst_case(name, C=4, samples_per_class=2, feature_dim=d, **problem)
        assert found.ratio <= 1.0 + 1e-12
        assert (found.ratio >= 1.0 - 1e-9) == (d >= 3)


def test_in_dimension_C_minus_1_the_within_class_bound_is_not_reached():
    """There is no room orthogonal to span W; to leading order the ratio is 1/(1 + T/C)."""
    found = worst_case(
        "within-class-variability",
        C=4,
        samples_per_class=2,
        feature_dim=3,
        T=5.0,
        loss_gap=1e-7,
        starts=["random-noise"],
    )
    assert found.ratio == pytest.approx(1.0 / (1.0 + 5.0 / 4.0), rel=1e-3)


def sharp_within(*, C, T, L, **_):
    return 1.0 - (float(scalars.phi_inverse(L, C)) / T) ** 2


@pytest.mark.parametrize("name", TIGHT)
def test_the_adversary_beats_a_bound_one_per_cent_too_strong(name):
    problem = settings_of(name, 4, 5.0, 0.05)
    honest = worst_case(name, C=4, samples_per_class=2, feature_dim=4, starts=["random-noise"], **problem)
    planted = worst_case(
        name,
        C=4,
        samples_per_class=2,
        feature_dim=4,
        starts=["random-noise"],
        bound=lambda **_: 0.99 * honest.bound,
        **problem,
    )
    assert planted.slack >= 0.0
    assert planted.ratio > 1.01


def test_the_adversary_beats_an_exponent_that_is_too_good():
    """nu <= 1 - (tau/T)^1.9 instead of 2, and a rate eps^1.1 instead of eps."""
    problem = {"C": 4, "samples_per_class": 2, "feature_dim": 4, "T": 5.0, "starts": ["random-noise"]}
    power = worst_case(
        "within-class-variability",
        loss_gap=0.01,
        bound=lambda C, T, L, **_: 1.0 - (float(scalars.phi_inverse(L, C)) / T) ** 1.9,
        **problem,
    )
    assert power.ratio > 1.01
    rate = worst_case(
        "within-class-variability", loss_gap=1e-6, bound=lambda eps, **_: 40.0 * eps**1.1, **problem
    )
    assert rate.ratio > 1.01


@pytest.mark.parametrize(
    ("C", "samples", "T", "share", "start"),
    [(3, 4, 0.5, 0.3, "flipped-samples"), (3, 2, 0.2, 0.03, "random")],
)
def test_below_its_threshold_the_cosine_bound_is_false(C, samples, T, share, start):
    """For T < T_5/2(C) shrunk, flipped samples beat both the sharp and the linear form."""
    assert scalars.threshold(2.5, C) > T
    least = float(scalars.phi(T, C))
    level = least + share * (float(np.log(C)) - least)
    found = worst_case(
        "intra-class-cosine",
        C=C,
        samples_per_class=samples,
        feature_dim=C,
        T=T,
        loss=level,
        bound=sharp_within,
        starts=[start],
    )
    assert within(found)
    assert found.ratio > 1.2
    assert found.attained > 1.2 * 2.0 * (level - least) / (T * scalars.q(T, C))


def test_tightness_over_loss_gaps_is_linear_and_attained():
    gaps = np.logspace(-7, -2, 6)
    curve = tightness(
        "within-class-variability", C=4, samples_per_class=2, feature_dim=4, T=5.0, loss_gaps=gaps
    )
    np.testing.assert_array_equal(curve.loss_gap, gaps)
    assert len(curve.ratio) == len(curve.cases) == 6
    assert np.all(curve.ratio <= 1.0 + ROUNDING)
    assert np.all(curve.ratio >= REACHED)
    assert curve.slope_bound == pytest.approx(1.0, abs=1e-2)
    assert curve.slope_attained == pytest.approx(1.0, abs=1e-2)


def test_the_configuration_reproduces_what_is_reported():
    """Quantities recomputed from features, labels and weight by their definitions."""
    found = worst_case("intra-class-cosine", C=3, samples_per_class=3, feature_dim=4, T=4.0, loss_gap=0.02)
    classes = [found.features[found.labels == c] for c in range(3)]
    units = [h / np.linalg.norm(h, axis=1, keepdims=True) for h in classes]
    intra = np.mean([np.sum(u.mean(axis=0) ** 2) for u in units])
    assert 1.0 - intra == pytest.approx(found.attained, abs=1e-12)
    logits = found.features @ found.weight.T
    loss = np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(9), found.labels])
    assert loss == pytest.approx(found.loss, rel=1e-12)
