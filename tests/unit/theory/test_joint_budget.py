# SPDX-License-Identifier: MIT
"""Cosines between classes on one budget: the scalar steps in numbers, the chosen x, and what is attained."""

import math

import numpy as np
import pytest

import theory
from theory.expressions import le
from theory.kernel import KernelError
from theory.lemmas import chosen_pairs, joint_budget, tilted_directions
from theory.proving import combine
from theory.scalars import phi, q


def entropy(s):
    return s**2 * (0.5 + 0.45 * s**2)


@pytest.mark.parametrize("classes", [2, 10, 1000])
@pytest.mark.parametrize("t", [0.1, 2.0, 8.0])
def test_the_entropy_of_a_tilt_comes_out_of_the_loss(classes, t):
    y, a = np.meshgrid(np.linspace(-20, 40, 241), [0.0, 1e-3, 0.03, 0.5])
    left = (1 - a * (1 - q(t, classes))) * (phi(y, classes) - phi(t, classes))
    right = phi(y + a, classes) - phi(t, classes) + a * q(t, classes)
    assert (right - left).min() >= -1e-12
    assert abs(right - left)[0].max() <= 1e-12  # nothing is lost without a tilt


def test_what_is_paid_for_the_entropy_is_little_more_than_it():
    s = np.linspace(1e-4, 0.25, 400)
    cost = entropy(s)
    paid = s**2 * (0.5 + 0.75 * s**2)
    assert (cost / (1 - cost) <= paid).all()
    assert (paid / cost < 1.04).all()


def bound(x, classes, T, tau, spectral):
    """The stated bound of inter-class-cosine at x."""
    mass, open_ = q(tau, classes), 1 - tau / T
    room = math.log(classes) - phi(tau, classes) - tau * mass
    rate = T * mass / (2 * room)
    s = x / (4 * (1 + x) * (1 + rate))
    paid = s**2 * (0.5 + 0.75 * s**2)
    far = 2 * open_ * (1 + mass * (T + tau) / (4 * room)) + (2 + tau * mass / room) * paid / T
    turned = (rate * x / (1 + x) + (1 + 2 * rate) ** 2 * x) / (1 + rate) ** 2
    return classes / (classes - 1) * far * (1 + 1 / x) + spectral / (16 * classes) * turned


@pytest.mark.parametrize(("classes", "T"), [(2, 1.5), (4, 5.0), (10, 4.0), (10, 10.0), (100, 15.0)])
@pytest.mark.parametrize("part", [1e-6, 0.01, 0.2])
def test_the_number_is_the_bound_at_an_x_near_its_best(classes, T, part):
    tau, size = T * (1 - part), math.sqrt(T * (classes - 1) / classes)
    spectral = classes / (classes - 1)
    values = {"C": classes, "alpha": size, "beta": size, "L": float(phi(tau, classes))}
    values |= {"weight_spectral": spectral, "bias_norm": 0.0, "mean_norm": 0.0}
    found = float(theory.get("inter-class-cosine").evaluate(**values))
    least = min(bound(x, classes, T, tau, spectral) for x in np.geomspace(1e-3, 1e5, 4000))
    assert least * (1 - 1e-5) <= found <= 1.01 * least


def circulant(classes, step, rows):
    """Each class nearer to half of the others: features m + step x, rows m + ``rows`` step x."""
    apart = np.abs(np.subtract.outer(np.arange(classes), np.arange(classes)))
    apart = np.minimum(apart, classes - apart)
    table = np.where(apart <= (classes - 1) // 4, 1.0, -1.0) * (apart > 0)
    assert not table.sum(1).any()
    simplex = (np.eye(classes) - 1 / classes) * math.sqrt(classes / (classes - 1))
    turned = table @ simplex * (classes - 1) / classes
    return simplex + step * turned, simplex + rows * step * turned


@pytest.mark.parametrize("classes", [5, 9, 13])
def test_the_factor_of_the_root_is_attained_where_wrong_classes_have_little_mass(classes):
    T, step = 12.0, 1e-4
    features, weight = circulant(classes, step, (classes - T) / (classes + T))
    features /= math.sqrt((features**2).sum() / classes)
    weight -= weight.mean(0)
    weight *= T * (classes - 1) / classes / math.sqrt((weight**2).sum() / classes)
    logits = features @ weight.T
    loss = float(np.mean(np.log(np.exp(logits - np.diag(logits)[:, None]).sum(1))))
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    gram = (unit @ unit.T + 1 / (classes - 1))[~np.eye(classes, dtype=bool)]
    beta = math.sqrt((weight**2).sum() / classes)
    values = {"C": classes, "alpha": 1.0, "beta": beta, "L": loss, "bias_norm": 0.0, "mean_norm": 0.0}
    values["weight_spectral"] = np.linalg.norm(weight, 2) ** 2 / beta**2
    bound_ = float(theory.get("inter-class-cosine").evaluate(**values))
    assert 0.998 < np.maximum(gram, 0).mean() / bound_ < 1


def test_a_proof_needs_each_of_its_premises():
    whole = joint_budget.symmetric().relation
    with pytest.raises(KernelError):
        combine(le(whole.lhs, whole.rhs * 99 / 100), {joint_budget.symmetric(): 1})
    with pytest.raises(KernelError):
        combine(tilted_directions.loss_of_arrows().relation, {tilted_directions.loss_of_tilted_turns(): 1})
    one = chosen_pairs.no_smaller().relation
    with pytest.raises(KernelError):
        combine(one, {chosen_pairs.positive_share(): 1})
