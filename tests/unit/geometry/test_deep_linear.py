# SPDX-License-Identifier: MIT
"""Deep linear layers, squared error: the closed form against direct optimisation; the cheapest factors."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

import theory
from simulations.geometry import deep_collapse_threshold, solve_model
from simulations.geometry.models._deep import balanced_factors, checked_problem, penalty
from simulations.geometry.models._deep_factors import DeepObjective
from simulations.geometry.models._deep_scalar import best_ratio
from simulations.geometry.program import Program

SQUARED = "deep-linear-squared-error"


def direct(counts, decays, width, seed, samples=False, size=1.0):
    """Least objective that L-BFGS finds on the layers and features themselves, from one random start."""
    C = len(counts)
    labels = torch.repeat_interleave(torch.arange(C), torch.tensor(counts)) if samples else torch.arange(C)
    each = torch.ones(len(labels)) if samples else torch.tensor(counts)
    each = each.double()
    shapes = [(width, len(labels)), *[(width, width)] * (len(decays) - 2), (C, width)]
    generator = np.random.default_rng(seed)
    start = np.concatenate([generator.normal(size=a * b) * size for a, b in shapes])

    def objective(flat):
        x = torch.tensor(flat, requires_grad=True)
        parts, at = [], 0
        for a, b in shapes:
            parts.append(x[at : at + a * b].reshape(a, b))
            at += a * b
        out = parts[0]
        for layer in parts[1:]:
            out = layer @ out
        error = 0.5 * (out.T - torch.eye(C, dtype=torch.float64)[labels]).square().sum(dim=1)
        paid = decays[0] * (each * parts[0].square().sum(dim=0)).sum()
        paid = paid + sum(one * part.square().sum() for one, part in zip(decays[1:], parts[1:], strict=True))
        total = (each @ error) / each.sum() + 0.5 * paid
        total.backward()
        return float(total.detach()), np.asarray(x.grad)

    found = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000, "ftol": 1e-15})
    return float(found.fun)


@pytest.mark.parametrize(
    ("counts", "weights", "feature", "width"),
    [
        ([1, 1, 1], [0.02, 0.02], 0.02, 3),
        ([6, 3, 1], [0.004, 0.05], 0.01, 3),
        ([8, 2, 2, 1], [0.01, 0.002, 0.03], 0.02, 5),
        ([5, 4, 3], [0.01, 0.01], 0.01, 2),
        ([7, 2], [0.08], 0.02, 2),
    ],
)
def test_squared_error_is_the_least_that_direct_optimisation_finds(counts, weights, feature, width):
    found = solve_model(
        SQUARED,
        counts=counts,
        depth=len(weights),
        weight_decay=weights,
        feature_decay=feature,
        feature_dim=width,
    )
    assert found.status == "optimal"
    assert found.gap <= 1e-13
    values = [direct(counts, [feature, *weights], width, seed, samples=seed % 2 == 0) for seed in range(12)]
    assert min(values) >= found.value - 1e-10
    assert min(values) == pytest.approx(found.value, rel=1e-6)


@pytest.mark.parametrize(("decay", "status"), [(0.198, "optimal"), (0.2, "trivial"), (0.234, "trivial")])
def test_the_largest_root_is_compared_with_zero(decay, status):
    """M = 2: between b/n = 1/2 and 0.6495 a critical point exists and is worse than zero."""
    found = solve_model(SQUARED, counts=[1, 1], depth=2, weight_decay=decay, feature_decay=decay)
    ratio = 4 * math.sqrt(2 * decay**3)  # b/n at M = 2, N = 2, n = 1
    assert found.status == status == ("optimal" if ratio <= 0.5 else "trivial")
    y = float(found.details["largest_roots"][0])
    x = math.sqrt(y / (1 - y))
    assert ratio == pytest.approx(2 * x / (1 + x**2) ** 2, rel=1e-10)  # it solves the published equation
    layers = balanced_factors(
        checked_problem(
            "test", counts=[1, 1], depth=2, weight_decay=decay, feature_decay=decay, feature_dim=2
        ),
        y * np.eye(2),
    )
    paid = (
        0.5 * decay * (np.square(layers.class_means).sum() + sum(np.square(w).sum() for w in layers.layers))
    )
    at_root = 0.5 * (1 - y) ** 2 + float(paid)
    assert (at_root < 0.5) == (status == "optimal")
    assert found.value == pytest.approx(min(at_root, 0.5), rel=1e-12)
    assert min(direct([1, 1], [decay] * 3, 2, seed, size=0.7) for seed in range(8)) >= found.value - 1e-9


def test_squared_error_agrees_with_the_registered_theorems():
    decay, C, n, L = 0.01, 4, 3, 3
    found = solve_model(SQUARED, counts=[n] * C, depth=L, weight_decay=decay, feature_decay=decay)
    assert found.status == "optimal"
    y = float(found.details["ratios"][0])
    value = theory.get("dang-2023-deep-mse-value").evaluate(layers=L, singular_ratio=y)
    assert found.value == pytest.approx(float(value), rel=1e-12)
    for factor, status in ((0.999, "optimal"), (1.001, "trivial")):
        product = factor * deep_collapse_threshold(num_classes=C, depth=L, samples_per_class=n)
        near = product ** (1 / (L + 1))
        assert (
            solve_model(SQUARED, counts=[n] * C, depth=L, weight_decay=near, feature_decay=near).status
            == status
        )


def test_scalar_minimum_against_a_grid():
    grid = np.linspace(0.0, 1.0, 20_001)
    for strength in (1e-6, 0.01, 0.2, 0.4, 0.55, 0.9, 3.0):
        for factors in (2, 3, 4, 9):
            found = best_ratio(strength, 2.0 / factors)
            least = np.min(0.5 * (1 - grid) ** 2 + strength * grid ** (2.0 / factors))
            assert found.lower <= found.value <= least + 1e-15
            assert found.value >= least - 1e-6
            assert found.value - found.lower <= 1e-13


def test_balanced_factors_attain_the_quasi_norm_and_none_is_cheaper():
    generator = np.random.default_rng(3)
    problem = checked_problem(
        "test", counts=[4, 2, 1], depth=3, weight_decay=[0.1, 0.02, 0.3], feature_decay=0.05, feature_dim=4
    )
    logits = generator.normal(size=(3, 3))
    made = balanced_factors(problem, logits)
    np.testing.assert_allclose(made.class_means @ made.weight.T, logits, atol=1e-13)
    values = np.linalg.svd(np.sqrt([[4], [2], [1]]) * logits, compute_uv=False)
    quasi = 2.0 * (0.1 * 0.02 * 0.3 * 0.05) ** 0.25 * np.sum(values**0.5)
    assert penalty(problem, made) == pytest.approx(quasi, rel=1e-12)
    for _ in range(50):  # any other factors of any other product
        parts = [
            generator.normal(size=(3, 4)),
            *generator.normal(size=(2, 4, 4)),
            generator.normal(size=(3, 4)),
        ]
        product = parts[0] @ parts[1] @ parts[2] @ parts[3].T
        own = np.linalg.svd(np.sqrt([[4], [2], [1]]) * product, compute_uv=False)
        cost = 0.5 * 0.05 * np.sum([4, 2, 1] @ np.square(parts[0])) + 0.5 * sum(
            one * np.square(part).sum() for one, part in zip((0.1, 0.02, 0.3), parts[1:], strict=True)
        )
        assert cost >= 2.0 * (0.1 * 0.02 * 0.3 * 0.05) ** 0.25 * np.sum(own**0.5)


def test_gradient_of_the_factors_matches_differences():
    problem = checked_problem(
        "test", counts=[3, 1, 2], depth=3, weight_decay=0.1, feature_decay=0.2, feature_dim=3
    )
    objective = DeepObjective(problem, Program(problem.counts, 1.0, 1.0), 2)
    point = np.random.default_rng(0).normal(size=sum(a * b for a, b in objective.shapes))
    _, gradient = objective.value_and_gradient(point)
    for at in range(0, len(point), 3):
        step = 1e-6 * np.eye(len(point))[at]
        rise = objective.value_and_gradient(point + step)[0] - objective.value_and_gradient(point - step)[0]
        assert rise / 2e-6 == pytest.approx(gradient[at], abs=1e-8)
