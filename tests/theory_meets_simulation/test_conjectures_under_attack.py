# SPDX-License-Identifier: MIT
"""Open conjectures under attack: an optimiser looks for a configuration that beats each, at every test run.

A conjecture that is beaten fails its test: it is then to be refuted in its theorem file, with the witness.
Each attack also beats a claim a little stronger, so that "never beaten" means something.
"""

import numpy as np
import pytest

import theory
from simulations.geometry import worst_case
from simulations.geometry.attack.adversary import spend
from simulations.geometry.attack.departures import cosine_spread
from simulations.geometry.attack.settings import FixedNorms
from simulations.geometry.closed_forms import simplex_etf
from theory import scalars

ROUNDING = 1e-9
CONJECTURES = {
    "intra-class-cosine-centred-conjecture",
    "intra-class-cosine-flipped-conjecture",
    "within-class-variability-low-dimension-conjecture",
}


def test_they_are_conjectures_and_every_open_one_of_cosines_and_variability_is_attacked_here():
    for name in CONJECTURES:
        entry = theory.get(name)
        assert entry.kind == "conjecture"
        assert entry.prove is None
        assert entry.uncovered
        assert entry.verify().verdict == "UNDECIDED"


# ---- a bias and a free global mean


def worst_centred(C, samples, T, loss, seed):
    """The largest mean of 1 - intra_c found with a bias at this loss, from collapse plus noise and flips.

    Centred rows and centred features of norm 1, and any bias, which stands for <w_j, mu_G> too.
    """
    generator = np.random.default_rng(seed)
    setting = FixedNorms(C, samples, C, T, centred=True, bias=True)
    best = 0.0
    for flip, bias in ((False, 0.1), (False, 1.0), (True, 0.3)):
        rows = simplex_etf(C, C)
        features = np.repeat(rows[:, None, :], samples, axis=1)
        features += 0.3 * generator.normal(size=features.shape)
        if flip:
            features[:, 0] *= -0.05
        flat = np.concatenate([rows.ravel(), features.ravel(), bias * generator.normal(size=C)])
        found = spend(setting, cosine_spread, flat, gap=loss - setting.least, scale=0.1)
        if found is not None:
            best = max(best, cosine_spread(setting.configuration(found))[0])
    return best


def sharp_condition(C, T, loss):
    """Whether log C - L >= q(tau)(T + (3/2) tau), and 1 - (tau/T)^2."""
    tau = float(scalars.phi_inverse(loss, C))
    room = np.log(C) - loss - float(scalars.q(tau, C)) * (T + 1.5 * tau)
    return room >= 0, 1 - (tau / T) ** 2


@pytest.mark.parametrize(
    ("C", "samples", "T", "share"),
    [(2, 3, 2.5, 0.02), (3, 2, 2.5, 0.01), (3, 4, 5.0, 0.05), (4, 2, 3.0, 0.03)],
)
def test_a_bias_does_not_beat_the_sharp_cosine_bound(C, samples, T, share):
    least = float(scalars.phi(T, C))
    loss = least + share * (np.log(C) - least)
    met, bound = sharp_condition(C, T, loss)
    assert met
    attained = worst_centred(C, samples, T, loss, seed=C)
    assert attained <= bound * (1 + ROUNDING)
    assert attained > 0.9 * bound  # one a tenth stronger is beaten


# ---- beyond the condition of the sharp bound


def flipped_case(C, samples, tau):
    """T, loss, and ((1-f)^{3/2} tau/T - f)^2 at f = 1/samples, f stationary; and the configuration."""
    f = 1 / samples
    reach = (np.log(C) - scalars.phi(tau, C)) / scalars.q(tau, C) - 1.5 * tau
    T, x = float(np.sqrt(1 - f) * reach), float(tau / reach)
    loss = float(f * np.log(C) + (1 - f) * scalars.phi(tau, C))
    rows = simplex_etf(C, C)
    outside = np.linalg.svd(rows)[2][-1]  # orthogonal to the simplex
    features = np.zeros((C, samples, C))
    for n in range(1, samples):
        features[:, n] = x * rows + (-1) ** n * np.sqrt(1 - x * x) * outside
    return T, loss, max((1 - f) * x - f, 0.0) ** 2, rows, features


@pytest.mark.parametrize(("C", "samples", "tau"), [(3, 5, 2.45), (4, 7, 2.9), (2, 7, 2.2)])
def test_beyond_the_condition_equally_flipped_classes_stay_the_worst(C, samples, tau):
    T, loss, least, rows, features = flipped_case(C, samples, tau)
    assert least > 0
    assert not sharp_condition(C, T, loss)[0]
    setting, generator = FixedNorms(C, samples, C, T), np.random.default_rng(samples)
    best = 0.0
    for noise, size in ((1e-4, 0.01), (0.01, 0.05), (0.1, 0.05)):
        moved = features + noise * generator.normal(size=features.shape)
        moved[:, 0] = size * (noise * generator.normal(size=rows.shape) - rows)
        flat = np.concatenate([rows.ravel(), moved.ravel()])
        found = spend(setting, cosine_spread, flat, gap=loss - setting.least, scale=1 - least)
        if found is not None:
            best = max(best, cosine_spread(setting.configuration(found))[0])
    assert best <= (1 - least) * (1 + 1e-6)
    assert best > 0.99 * (1 - least)  # the candidate is reached, and one a hundredth stronger is beaten
    proved = theory.get("intra-class-cosine-any-loss")
    alpha = float(np.sqrt(T * (C - 1) / C))
    bound = proved.evaluate(C=C, alpha=alpha, beta=alpha, L=loss, bias_norm=0.0, mean_norm=0.0)
    assert bound <= 1 - best


# ---- d = C - 1


@pytest.mark.parametrize(
    ("C", "T", "relative"),
    [(3, 3.0, 1e-5), (3, 20.0, 3e-3), (4, 12.0, 1e-2), (4, 0.3, 0.1), (5, 8.0, 0.03), (10, 10.0, 1e-3)],
)
def test_in_C_minus_1_dimensions_the_variability_stays_below(C, T, relative):
    gap = relative * T * float(scalars.q(T, C))

    def bound(**_):
        return 2 * relative * (1 + C * T * relative) / (1 + T / C)

    found = worst_case(
        "within-class-variability",
        C=C,
        samples_per_class=2,
        feature_dim=C - 1,
        T=T,
        loss_gap=gap,
        bound=bound,
        starts=["random-noise", "abandoned-class"],
    )
    assert found.slack >= 0
    assert found.ratio <= 1 + ROUNDING
    assert found.attained >= 0.95 * 2 * relative / (1 + T / C)  # the first order is reached
