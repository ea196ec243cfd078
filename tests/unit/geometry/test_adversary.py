# SPDX-License-Identifier: MIT
"""The adversary's parts: gradients, the two ways of computing the loss, exact feasibility, bad input."""

import mpmath
import numpy as np
import pytest
from scipy.optimize import approx_fprime

from simulations.errors import InputError
from simulations.geometry import tightness, worst_case
from simulations.geometry.attack import departures
from simulations.geometry.attack.adversary import repair
from simulations.geometry.attack.divergence import mass_gain
from simulations.geometry.attack.settings import FixedNorms, WeightDecay
from simulations.geometry.attack.starts import STARTS

SETTINGS = [
    FixedNorms(4, 3, 5, 3.0),
    FixedNorms(2, 2, 1, 6.0),
    FixedNorms(3, 1, 2, 0.5),
    WeightDecay(4, 3, 5, 0.05),
]


@pytest.mark.parametrize("setting", SETTINGS, ids=repr)
@pytest.mark.parametrize("start", STARTS)
def test_gradients_against_finite_differences(setting, start):
    flat = STARTS[start](setting, 0.3, np.random.default_rng(1))
    functions = [setting.excess, departures.within_class_variability]
    if start not in ("flipped-samples", "abandoned-class"):  # tiny features make the cosines steep
        functions.append(departures.cosine_spread)
    if isinstance(setting, FixedNorms):
        functions.append(departures.misalignment)
    for function in functions:
        slope = setting.pull_back(flat, function(setting.configuration(flat))[1])
        numeric = approx_fprime(flat, lambda x: function(setting.configuration(x))[0], 1e-7)  # noqa: B023
        np.testing.assert_allclose(slope, numeric, atol=1e-5 * max(1.0, abs(slope).max()))


@pytest.mark.parametrize("setting", SETTINGS, ids=repr)
@pytest.mark.parametrize("start", STARTS)
def test_excess_is_the_loss_minus_its_least_value(setting, start):
    point = setting.configuration(STARTS[start](setting, 0.5, np.random.default_rng(2)))
    assert setting.least + setting.excess(point)[0] == pytest.approx(setting.loss(point), rel=1e-13)


def test_excess_survives_logits_that_overflow_an_exponential():
    setting = WeightDecay(3, 2, 3, 0.01)
    flat = 60.0 * np.random.default_rng(0).normal(size=9 + 18)
    point = setting.configuration(flat)
    assert setting.least + setting.excess(point)[0] == pytest.approx(setting.loss(point), rel=1e-12)


def test_fixed_norms_hold_exactly():
    found = worst_case(
        "within-class-variability",
        C=3,
        samples_per_class=4,
        feature_dim=5,
        alpha=2.5,
        beta=0.8,
        loss_gap=0.05,
    )
    centred = found.weight - found.weight.mean(axis=0)
    assert np.sqrt(np.mean(np.sum(found.features**2, axis=1))) == pytest.approx(2.5, rel=1e-14)
    assert np.sqrt(np.mean(np.sum(centred**2, axis=1))) == pytest.approx(0.8, rel=1e-14)
    assert found.slack >= 0.0
    assert found.features.shape == (12, 5)
    assert found.labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4


def test_repair_lands_at_or_below_the_level():
    setting = FixedNorms(4, 2, 4, 5.0)
    flat = STARTS["random-noise"](setting, 0.05, np.random.default_rng(3))
    gap = 0.5 * setting.excess(setting.configuration(flat))[0]
    repaired = repair(setting, flat, gap=gap)
    assert repaired is not None
    assert setting.excess(setting.configuration(repaired))[0] <= gap


def test_same_seed_same_answer():
    problem = {"C": 3, "samples_per_class": 2, "feature_dim": 3, "T": 4.0, "loss_gap": 0.01, "seed": 5}
    first, second = (worst_case("self-duality-tradeoff", **problem) for _ in range(2))
    assert first.attained == second.attained
    np.testing.assert_array_equal(first.features, second.features)


GOOD = {"C": 4, "samples_per_class": 2, "feature_dim": 4, "T": 5.0, "loss_gap": 0.01}


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("within-clas-variability", {}, "within-class-variability"),
        ("within-class-variability", {"T": None}, "needs either T, or alpha and beta"),
        ("within-class-variability", {"T": -1.0}, "positive"),
        ("within-class-variability", {"alpha": 1.0}, "needs either T"),
        ("within-class-variability", {"loss_gap": 5.0}, "log C"),
        ("within-class-variability", {"loss": 0.5}, "one of loss and loss_gap"),
        ("within-class-variability", {"C": 1}, "at least 2"),
        ("within-class-variability", {"samples_per_class": 0}, "samples_per_class"),
        ("within-class-variability", {"starts": ["orthogonal-nois"]}, "orthogonal-noise"),
        ("within-class-variability", {"feature_dim": 1}, "least loss is larger"),
        ("intra-class-cosine", {"T": 2.0}, r"T_\{5/2\}"),
        ("within-class-variability-weight-decay", {"weight_decay": 0.6}, "zero classifier"),
        ("minimum-cross-entropy", {}, "neither loss nor loss_gap"),
    ],
)
def test_bad_input_is_refused_with_the_reason(name, change, message):
    with pytest.raises(InputError, match=message):
        worst_case(name, **{**GOOD, **change})


def test_tightness_of_a_minimum_is_refused():
    with pytest.raises(InputError, match="no loss gap"):
        tightness("minimum-cross-entropy", C=3, samples_per_class=2, feature_dim=3, T=3.0, loss_gaps=[0.1])


@pytest.mark.parametrize("weight_decay", [1e-6, 0.02, 0.3])
@pytest.mark.parametrize("relative", [1e-12, 1e-6, 1e-2, 0.5])
def test_gained_mass_against_fifty_digits(weight_decay, relative):
    """psi^{-1}(psi(q*) + eps) - q*, by bisection in mpmath."""
    C = 4
    with mpmath.workdps(50):
        q = mpmath.mpf(weight_decay) * 3 / 2

        def psi(p):
            return -p * mpmath.log(p / 3) - (1 - p) * mpmath.log(1 - p)

        eps = mpmath.mpf(float(relative * (mpmath.log(4) - psi(q))))
        exact = mpmath.findroot(
            lambda p: psi(p) - psi(q) - eps, (q, mpmath.mpf(3) / 4), solver="anderson", tol=1e-40
        )
        wanted = float(exact - q)
    assert mass_gain(C=C, q=float(q), excess=float(eps)) == pytest.approx(wanted, rel=1e-12)
