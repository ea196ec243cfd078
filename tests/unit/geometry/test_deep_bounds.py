# SPDX-License-Identifier: MIT
"""Lower bounds for deep cross-entropy: true for every matrix of logits, and how near they come."""

import math

import numpy as np
import pytest

from simulations.geometry import balanced_optimum, solve_model
from simulations.geometry.models._deep_bound import two_directions_bound
from simulations.geometry.models._deep_scalar import least_with_power


def nuclear(C, price, p, budget=60):
    """The bound from the nuclear norm alone, one sample a class."""

    def conjugate(kappa):
        return balanced_optimum(
            num_classes=C, samples_per_class=1, weight_decay=kappa, feature_decay=kappa
        ).value

    return least_with_power(
        conjugate, start=math.log(C), steepest=1 / C, price=price, exponent=p, budget=budget
    ).lower


def equal(C, depth, decay):
    return solve_model("deep-linear", counts=[1] * C, depth=depth, weight_decay=decay, feature_decay=decay)


def test_nuclear_bound_against_a_grid_and_below_it_from_any_slopes():
    C, price, p = 5, 0.06, 0.5
    grid = np.linspace(0.0, 200.0, 400_001)
    least = np.min(np.log1p((C - 1) * np.exp(-grid / (C - 1))) + price * grid**p)
    for budget in (1, 2, 3, 5, 60):
        bound = nuclear(C, price, p, budget)
        assert bound <= least + 1e-12
    assert bound == pytest.approx(least, rel=1e-9)


@pytest.mark.parametrize(("C", "price"), [(3, 0.2), (4, 0.05), (7, 0.02)])
@pytest.mark.parametrize("p", [2 / 3, 0.4])
def test_bound_from_two_directions_lies_below_every_matrix(C, price, p):
    """Against random, low-rank and structured logits at many scales; nearly rank one among them."""
    generator, n = np.random.default_rng(C), 2
    bound = two_directions_bound(num_classes=C, samples_per_class=n, price=price, exponent=p)
    shapes, least = [np.eye(C) - 1 / C], math.inf
    for rank in range(1, C):
        for _ in range(20):
            code = generator.normal(size=(C, rank))
            shapes += [code @ generator.normal(size=(rank, C)), code @ code.T]
    line = np.linspace(-1, 1, C)
    shapes += [np.outer(line, line) + size * (np.eye(C) - 1 / C) for size in (0.01, 0.1, 0.5, 1.0)]
    for shape in shapes:
        values = np.linalg.svd(np.sqrt(n) * shape, compute_uv=False)
        values = values[values > 1e-12]
        for scale in np.geomspace(0.05, 50.0, 30):
            margins = scale * (shape - np.diag(shape)[:, None])
            loss = np.mean(np.logaddexp.reduce(margins, axis=1))
            least = min(least, loss + price * np.sum((scale * values) ** p))
    assert bound <= least
    assert bound >= 0.5 * least
    assert two_directions_bound(num_classes=C, samples_per_class=1, price=price, exponent=p) > nuclear(
        C, price, p
    )


def test_three_classes_have_a_small_gap_and_zero_is_certified_only_where_it_is():
    found = equal(3, 2, 1e-3)
    assert found.status == "uncertified"
    assert found.details["structure"] == "collapse"
    assert found.gap < 0.03 * found.value
    assert equal(3, 2, 0.25).status == "trivial"
    near = equal(3, 2, 0.2)
    assert near.status == "uncertified"
    assert near.gap > 0.01


def test_coarser_minimisation_is_a_lower_bound_too():
    fine, coarse = (
        two_directions_bound(
            num_classes=4, samples_per_class=1, price=0.075, exponent=2 / 3, accuracy=accuracy
        )
        for accuracy in (1e-9, 1e-2)
    )
    assert 0.98 * fine < coarse <= fine * (1 + 1e-9)
