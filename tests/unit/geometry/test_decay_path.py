# SPDX-License-Identifier: MIT
"""Decay paths: every point what `solve` finds alone, in the order asked for; bad input refused."""

import numpy as np
import pytest

from simulations.errors import InputError
from simulations.geometry import decay_path, solve, solve_exchangeable, zero_threshold

COUNTS = (40, 7, 25, 7, 12, 3)


def test_every_point_is_what_solve_finds_in_the_order_asked_for():
    decays = np.array([1e-3, 5e-1, 2e-5, 1e-2, 8e-2])
    path = decay_path(counts=COUNTS, weight_decays=decays, feature_decay=5e-3)
    assert len(path) == len(decays)
    for decay, point in zip(decays, path, strict=True):
        alone = solve(counts=COUNTS, weight_decay=decay, feature_decay=5e-3)
        assert point.status == alone.status
        assert point.status in ("optimal", "trivial")
        assert point.value == pytest.approx(alone.value, rel=1e-10)
        np.testing.assert_allclose(point.logits, alone.logits, atol=1e-6)
        np.testing.assert_allclose(point.weight @ point.weight.T, alone.weight @ alone.weight.T, atol=1e-6)
        assert -1e-12 <= point.gap <= 1e-9 * min(1.0, point.value)


def test_the_path_crosses_collapse_and_ends_at_zero():
    counts = np.arange(5, 35)
    kappas = zero_threshold(counts) * np.array([1.01, 0.9, 0.5, 0.2, 0.05])
    path = decay_path(counts=counts, weight_decays=kappas**2 / 1e-3, feature_decay=1e-3, tolerance=1e-8)
    assert [point.status for point in path] == ["trivial"] + ["optimal"] * 4
    ranks = [point.details["rank"] for point in path]
    assert ranks[0] == 0
    assert ranks[-1] == 29
    assert ranks == sorted(ranks)
    assert path[0].value == pytest.approx(np.log(30), rel=1e-12)


def test_a_feature_decay_a_point():
    path = decay_path(counts=(5, 4, 3), weight_decays=[1e-2, 1e-2], feature_decay=[1e-2, 1e-3])
    alone = solve(counts=(5, 4, 3), weight_decay=1e-2, feature_decay=1e-3)
    assert path[1].status == "optimal"
    assert path[1].value == pytest.approx(alone.value, rel=1e-11)


def test_a_starved_path_says_so_at_every_point():
    path = decay_path(counts=COUNTS, weight_decays=[1e-3, 1e-4], feature_decay=1e-3, max_iterations=1)
    assert [point.status for point in path] == ["not-converged"] * 2


GOOD = {"counts": (5, 4), "weight_decays": [1e-2], "feature_decay": 1e-2}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"counts": (5, 0)}, "positive whole number"),
        ({"weight_decays": []}, "at least one"),
        ({"weight_decays": [1e-2, 0.0]}, "no minimiser exists"),
        ({"weight_decays": [1e-2, float("nan")]}, "weight_decays"),
        ({"feature_decay": -1.0}, "feature_decay"),
        ({"feature_decay": [1e-2, 1e-3]}, "one for each"),
        ({"tolerance": 0.0}, "tolerance"),
        ({"max_iterations": 0}, "max_iterations"),
        ({"max_iterations": 1.5}, "max_iterations"),
    ],
)
def test_bad_paths_are_refused_with_the_reason(change, message):
    with pytest.raises(InputError, match=message):
        decay_path(**{**GOOD, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"groups": []}, "pairs"),
        ({"groups": [(5, 1)]}, "one class"),
        ({"groups": [(5, 0), (3, 2)]}, "positive whole numbers"),
        ({"groups": [(5.5, 2)]}, "positive whole numbers"),
        ({"groups": [5, 4]}, "pairs"),
        ({"weight_decay": 0.0}, "no minimiser exists"),
        ({"feature_decay": float("inf")}, "finite"),
        ({"tolerance": -1e-9}, "tolerance"),
        ({"max_iterations": 0}, "max_iterations"),
    ],
)
def test_bad_groups_are_refused_with_the_reason(change, message):
    good = {"groups": [(5, 2), (3, 2)], "weight_decay": 1e-2, "feature_decay": 1e-2}
    with pytest.raises(InputError, match=message):
        solve_exchangeable(**{**good, **change})


def test_a_dimension_below_the_rank_is_refused():
    found = solve_exchangeable(groups=[(5, 2), (3, 2)], weight_decay=1e-2, feature_decay=1e-2)
    assert found.status == "optimal"
    with pytest.raises(InputError, match="rank 3"):
        found.expand(2)
    assert found.expand(3).status == "optimal"
