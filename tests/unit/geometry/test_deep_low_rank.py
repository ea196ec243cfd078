# SPDX-License-Identifier: MIT
"""Deep linear layers, cross-entropy: which structure wins, what certifies it, and the lower bound."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from simulations.errors import InputError
from simulations.geometry import (
    collapse_beaten_at_every_decay,
    deep_linear_competitors,
    solve,
    solve_model,
    structure_crossovers,
)

NAME = "deep-linear"


def direct(counts, decays, width, seed):
    """Least objective that L-BFGS finds on the layers and all features themselves, from one random start."""
    C = len(counts)
    labels = torch.repeat_interleave(torch.arange(C), torch.tensor(counts))
    each = torch.ones(len(labels), dtype=torch.float64)
    shapes = [(width, len(labels)), *[(width, width)] * (len(decays) - 2), (C, width)]
    generator = np.random.default_rng(seed)
    start = np.concatenate([generator.normal(size=a * b) for a, b in shapes])

    def objective(flat):
        x = torch.tensor(flat, requires_grad=True)
        parts = [
            part.reshape(shape)
            for part, shape in zip(x.split([a * b for a, b in shapes]), shapes, strict=True)
        ]
        out = parts[0]
        for layer in parts[1:]:
            out = layer @ out
        loss = each @ torch.nn.functional.cross_entropy(out.T, labels, reduction="none") / each.sum()
        paid = decays[0] * (each * parts[0].square().sum(dim=0)).sum()
        total = loss + 0.5 * (
            paid + sum(d * w.square().sum() for d, w in zip(decays[1:], parts[1:], strict=True))
        )
        total.backward()
        return float(total.detach()), np.asarray(x.grad)

    found = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000, "ftol": 1e-15})
    return float(found.fun)


def equal(C, depth, decay, **more):
    return solve_model(NAME, counts=[1] * C, depth=depth, weight_decay=decay, feature_decay=decay, **more)


@pytest.mark.parametrize(
    ("counts", "weights", "feature"),
    [
        ([1] * 4, [0.05] * 2, 0.05),
        ([2] * 6, [0.01] * 3, 0.01),
        ([6, 3, 1], [0.01, 0.03], 0.01),
        ([9, 2], [0.03] * 4, 0.02),
    ],
)
def test_no_random_start_finds_less_and_the_bound_lies_below(counts, weights, feature):
    found = solve_model(NAME, counts=counts, depth=len(weights), weight_decay=weights, feature_decay=feature)
    assert found.status == ("optimal" if len(counts) == 2 else "uncertified")
    values = [direct(counts, [feature, *weights], len(counts), seed) for seed in range(10)]
    assert min(values) >= found.value - 1e-8
    assert found.details["lower_bound"] <= found.value
    assert found.gap == pytest.approx(found.value - found.details["lower_bound"], abs=1e-12)


@pytest.mark.parametrize("C", [4, 6, 8, 9, 12])
@pytest.mark.parametrize("depth", [2, 3, 5])
@pytest.mark.parametrize("decay", [1e-4, 1e-3, 1e-2])
def test_collapse_loses_wherever_the_inequality_says_so(C, depth, decay):
    found = {
        one.name: one
        for one in deep_linear_competitors(
            num_classes=C, depth=depth, weight_decay=decay, feature_decay=decay
        )
    }
    pairs = found["pairs" if C % 2 == 0 else "pairs-and-triple"]
    p = 2 / (depth + 1)
    exact = C / 2 * 2**p if C % 2 == 0 else (C - 3) / 2 * 2**p + 2 * 1.5**p
    assert collapse_beaten_at_every_decay(num_classes=C, depth=depth) == (exact < C - 1)
    if exact < C - 1:
        assert pairs.value < found["collapse"].value
        assert pairs.rank == (C // 2 if C % 2 == 0 else (C + 1) // 2)


def test_published_range_of_the_inequality():
    """Garrod & Keating 2024, theorem 1: C >= 4 and L >= 3, or C >= 6 and L = 2; never one layer."""
    for C in range(2, 30):
        for depth in (1, 2, 3, 4, 7):
            expected = (C >= 4 and depth >= 3) or (C >= 6 and depth == 2)
            assert collapse_beaten_at_every_decay(num_classes=C, depth=depth) == expected


def test_four_classes_and_two_layers_change_sides_with_the_decay():
    """The inequality fails (2 2^{2/3} > 3), yet collapse is not optimal at a moderate decay."""
    assert not collapse_beaten_at_every_decay(num_classes=4, depth=2)
    moderate, weak = equal(4, 2, 0.05), equal(4, 2, 0.01)
    assert moderate.details["structure"] == "pairs"
    assert moderate.value < moderate.details["collapse_value"] - 0.01
    assert weak.details["structure"] == "collapse"
    assert weak.details["structure_values"]["pairs"] > weak.value + 1e-4


def test_crossover_of_four_classes_and_two_layers():
    """Collapse below one decay, pairs between it and zero; where the sufficient theorem speaks, it agrees."""
    (tie,) = structure_crossovers(num_classes=4, depth=2, first="pairs", second="collapse", high=0.13)
    (death,) = structure_crossovers(num_classes=4, depth=2, first="pairs", second="zero", low=0.01)
    assert 0.0117 < tie < 0.0118 < 0.13 < death < 0.17
    assert structure_crossovers(num_classes=4, depth=3, first="pairs", second="collapse", high=0.05) == []
    seen = 0
    for decay in (0.99 * tie, 1.01 * tie, 0.05, 0.1, 0.99 * death):
        found = deep_linear_competitors(num_classes=4, depth=2, weight_decay=decay, feature_decay=decay)
        assert found[0].name == ("collapse" if decay < tie else "pairs")
        gap = next(one.scale for one in found if one.name == "collapse")
        if 0 < 1.5 * (2 * 2 ** (2 / 3) - 3) * gap < 1 - math.exp(-gap):  # garrod-keating-2024-stationary
            assert found[0].name == "pairs"
            seen += 1
    assert seen >= 2
    with pytest.raises(InputError, match="did you mean 'pairs'"):
        structure_crossovers(num_classes=4, depth=2, first="pair", second="zero")


def test_tiny_decays_keep_relative_accuracy():
    found = equal(4, 3, 1e-12)
    assert found.status == "uncertified"
    assert found.value == pytest.approx(found.details["structure_values"]["pairs"], rel=1e-9)
    assert 0.0 < found.details["lower_bound"] < found.value


def test_competitors_are_attained_by_their_logits_and_sorted():
    C, depth, decay, n = 8, 3, 0.01, 2
    found = deep_linear_competitors(
        num_classes=C, depth=depth, weight_decay=decay, feature_decay=decay, samples_per_class=n
    )
    assert [one.value for one in found] == sorted(one.value for one in found)
    assert {"collapse", "pairs", "cube", "polygon", "grid-2-by-4", "blocks-of-4", "zero"} == {
        one.name for one in found
    }
    for one in found:
        z = one.logits
        loss = np.mean(np.log(np.exp(z).sum(axis=1)) - np.diag(z))
        values = np.linalg.svd(np.sqrt(n) * z, compute_uv=False)
        values = values[values > 1e-10]
        assert len(values) == one.rank
        assert one.value == pytest.approx(loss + 2 * decay * np.sum(values**0.5), rel=1e-10)
        for scale in (0.97, 1.03):  # the best scale
            moved = np.mean(np.log(np.exp(scale * z).sum(axis=1)) - np.diag(scale * z))
            assert moved + 2 * decay * np.sum((scale * values) ** 0.5) >= one.value - 1e-12


def test_deeper_and_wider_prefers_lower_rank():
    ranks = [equal(8, depth, 0.002, restarts=6).details["rank"] for depth in (1, 2, 4)]
    assert ranks[0] == 7
    assert ranks[0] > ranks[1] > ranks[2]


def test_one_layer_is_the_convex_model():
    for counts, decay in (([5] * 4, 0.01), ([9, 4, 1], 0.01), ([50, 2, 2], 0.03)):
        found = solve_model(NAME, counts=counts, depth=1, weight_decay=decay, feature_decay=0.02)
        known = solve(counts=counts, weight_decay=decay, feature_decay=0.02)
        assert found.status == known.status == "optimal"
        assert found.value == pytest.approx(known.value, rel=1e-8)


def test_narrow_layers_keep_fewer_directions_and_the_same_bound():
    wide, narrow = equal(6, 2, 0.01), equal(6, 2, 0.01, feature_dim=2)
    assert narrow.status == "uncertified"
    assert narrow.details["rank"] <= 2
    assert narrow.value > wide.value
    assert narrow.details["lower_bound"] == wide.details["lower_bound"]


def test_two_classes_of_any_size_are_certified():
    for counts, depth in (([10, 2], 3), ([3, 3], 6), ([40, 1], 2)):
        found = solve_model(NAME, counts=counts, depth=depth, weight_decay=0.01, feature_decay=0.01)
        assert found.status == "optimal"
        assert found.details["rank"] == 1


def test_bad_input_of_the_competitors_is_named():
    with pytest.raises(InputError, match="depth"):
        deep_linear_competitors(num_classes=4, depth=0, weight_decay=0.1, feature_decay=0.1)
    with pytest.raises(InputError, match="num_classes"):
        collapse_beaten_at_every_decay(num_classes=1, depth=2)
