# SPDX-License-Identifier: MIT
"""Departures and settings of the adversary: gradients, values against the metrics, losses by two ways."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from simulations import measure
from simulations.geometry.attack import angles, departures
from simulations.geometry.attack.exact import exact_witness
from simulations.geometry.attack.other_losses import Focal, SquaredError
from simulations.geometry.attack.quantities import QUANTITIES, VALUES
from simulations.geometry.attack.settings import Configuration, FixedNorms, WeightDecay

SETTINGS = [
    FixedNorms(4, 3, 5, 3.0),
    FixedNorms(4, 3, 5, 3.0, centred=True),
    FixedNorms(3, 2, 4, 2.0, centred=True, bias=True),
    WeightDecay(4, 3, 5, 0.05, bias=True),
    WeightDecay(3, 2, 4, 0.05, centred=True),
    WeightDecay(4, 2, 5, 0.03, smoothing=0.1, bias=True),
    SquaredError(4, 2, 5, 0.1),
    SquaredError(4, 2, 5, 0.1, bias=True),
    Focal(4, 2, 5, 3.0, bias=True, focal_gamma=2.0),
    Focal(3, 2, 3, 1.5, focal_gamma=0.7),
]
PARTS = [name for name, quantity in QUANTITIES.items() if quantity.parts or quantity.departure]


def moved(setting, size=0.4, seed=0):
    """A flat vector away from every kink and from collapse."""
    generator = np.random.default_rng(seed)
    rows = generator.normal(size=(setting.C, setting.dimension))
    features = rows[:, None, :] + size * generator.normal(
        size=(setting.C, setting.samples, setting.dimension)
    )
    flat = setting.pack(unit_weight=rows, unit_features=features, margin=setting.best_margin)
    if setting.bias:
        flat[-setting.C :] = generator.normal(size=setting.C)
    return flat


def check(setting, function, flat):
    slope = setting.pull_back(flat, function(setting.configuration(flat))[1])
    numeric = approx_fprime(flat, lambda x: function(setting.configuration(x))[0], 1e-7)
    np.testing.assert_allclose(slope, numeric, atol=2e-5 * max(1.0, float(abs(numeric).max())))


@pytest.mark.parametrize("setting", SETTINGS, ids=repr)
def test_gradient_of_the_excess(setting):
    check(setting, setting.excess, moved(setting))


@pytest.mark.parametrize("setting", SETTINGS, ids=repr)
@pytest.mark.parametrize("size", [0.01, 0.4, 3.0])
def test_excess_is_the_loss_minus_its_least_value(setting, size):
    point = setting.configuration(moved(setting, size))
    assert setting.least + setting.excess(point)[0] == pytest.approx(setting.loss(point), rel=1e-12)
    assert setting.excess(point)[0] >= 0.0


@pytest.mark.parametrize("name", PARTS)
def test_gradients_of_departures(name):
    setting = WeightDecay(4, 3, 5, 0.05, bias=True)
    check(setting, QUANTITIES[name].of(setting, 2), moved(setting))
    if name != "kl":
        other = FixedNorms(4, 3, 5, 3.0, centred=True)
        check(other, QUANTITIES[name].of(other, 2), moved(other, seed=1))


@pytest.mark.parametrize("name", [name for name in VALUES if name != "opposition"])
def test_gradients_of_the_values_that_bounds_depend_on(name):
    setting = WeightDecay(4, 3, 5, 0.05)
    check(setting, VALUES[name], moved(setting))


@pytest.mark.parametrize("name", [name for name in PARTS if "." in name or name.startswith("within")])
def test_departures_are_the_measured_quantities(name):
    """At a centred configuration without bias, where measured and attacked cosines mean the same."""
    setting = FixedNorms(4, 3, 5, 3.0, centred=True)
    point = setting.configuration(moved(setting))
    measured = measure(
        features=point.features.reshape(-1, 5), labels=np.repeat(np.arange(4), 3), weight=point.weight
    )
    quantity = QUANTITIES[name]
    if name.startswith("1 - "):
        wanted = 1.0 - measured[name.removeprefix("1 - ")]
    elif name not in measured.values and name != "row_cosine.min" and "." in name:
        pytest.skip("not reported by measure")
    elif name == "row_cosine.min":
        cosines = 1.0 - departures.sample_angles(point)[0]
        assert cosines.mean() == pytest.approx(measured["row_cosine.mean"], rel=1e-12)
        return
    else:
        wanted = float(quantity.bound(measured[name], 4))
    if quantity.parts is not None:
        found = float(quantity.parts(point)[0].max())
    elif name == "inter_class_cosine.max":
        means = (point.features / np.linalg.norm(point.features, axis=-1, keepdims=True)).mean(axis=1)
        found = max((means @ means.T)[~np.eye(4, dtype=bool)]) + 1 / 3
        assert quantity.departure(point)[0] == pytest.approx((means @ means.T)[0, 1] + 1 / 3, rel=1e-12)
    else:
        found = quantity.of(setting, 1)(point)[0]
    assert found == pytest.approx(wanted, rel=1e-11)


def test_values_are_the_measured_ones():
    setting = WeightDecay(4, 3, 5, 0.05)
    point = setting.configuration(moved(setting))
    measured = measure(
        features=point.features.reshape(-1, 5), labels=np.repeat(np.arange(4), 3), weight=point.weight
    )
    for name, source in {
        "alpha": "feature_norm",
        "beta": "weight_norm",
        "mean_norm": "mean_norm",
        "weight_spectral": "nc2.spectral_weights",
        "means_spectral": "nc2.spectral_means",
    }.items():
        assert VALUES[name](point)[0] == pytest.approx(measured[source], rel=1e-12)


def test_the_opposition_is_the_largest_negative_deviation():
    rows = np.array([[2.0, 0.0], [-1.0, 0.5], [-1.0, -0.5]])
    beta = np.mean(np.sum(rows**2, axis=1))
    gram = rows @ rows.T / beta
    wanted = max(-(gram[c, j] + gram[c, c] / 2) for c in range(3) for j in range(3) if c != j)
    found = angles.opposition(Configuration(rows, np.ones((3, 1, 2))))[0]
    assert found == pytest.approx(max(wanted, 0.0), rel=1e-12)


@pytest.mark.parametrize("setting", SETTINGS, ids=repr)
@pytest.mark.parametrize("relative", [1e-6, 0.05, 0.3])
def test_the_exact_witness_spends_the_gap_exactly(setting, relative):
    gap = min(relative * setting.price, 0.9 * (setting.most - setting.least))
    flat = exact_witness(setting, QUANTITIES["within_class_variability"], gap)
    point = setting.configuration(flat)
    digits = 1e-9 if isinstance(setting, Focal) else 1e-12
    assert setting.excess(point)[0] <= gap
    assert setting.excess(point)[0] == pytest.approx(gap, rel=max(digits, 1e-16 * setting.least / gap * 100))
    gain, _ = setting.contact(gap)
    assert departures.within_class_variability(point)[0] == pytest.approx(1 - gain**2, rel=1e-6)


def test_without_room_there_is_no_exact_witness():
    variability = QUANTITIES["within_class_variability"]
    assert exact_witness(FixedNorms(4, 2, 3, 5.0), variability, 1e-3) is None
    assert exact_witness(FixedNorms(4, 1, 5, 5.0), variability, 1e-3) is None
    assert exact_witness(FixedNorms(4, 2, 2, 5.0), variability, 1e-3) is None
