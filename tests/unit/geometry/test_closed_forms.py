# SPDX-License-Identifier: MIT
"""Closed forms: the simplex, the balanced optimum and the thresholds, each against its definition."""

import numpy as np
import pytest

from simulations.errors import InputError
from simulations.geometry import balanced_optimum, minority_collapse_threshold, simplex_etf, zero_threshold
from simulations.geometry.closed_forms import centred_basis
from simulations.geometry.program import Program


@pytest.mark.parametrize(("C", "d"), [(2, None), (3, 2), (4, 7), (10, 10), (50, 49)])
def test_simplex_is_the_equiangular_tight_frame(C, d):
    rows = simplex_etf(C, d)
    assert rows.shape == (C, C - 1 if d is None else d)
    target = C / (C - 1) * (np.eye(C) - 1.0 / C)
    np.testing.assert_allclose(rows @ rows.T, target, atol=1e-14)
    np.testing.assert_allclose(rows.sum(axis=0), 0.0, atol=1e-13)


def test_centred_basis_is_orthonormal_and_centred():
    basis = centred_basis(6)
    np.testing.assert_allclose(basis.T @ basis, np.eye(5), atol=1e-15)
    np.testing.assert_allclose(basis.sum(axis=0), 0.0, atol=1e-15)


@pytest.mark.parametrize(("C", "d"), [(1, None), (4, 2)])
def test_impossible_simplex_says_why(C, d):
    with pytest.raises(InputError, match="simplex"):
        simplex_etf(C, d)


@pytest.mark.parametrize(
    ("C", "n", "wd", "fd"), [(2, 5, 1e-2, 1e-2), (4, 10, 5e-3, 5e-3), (10, 100, 1e-3, 1e-6)]
)
def test_balanced_optimum_is_stationary_along_its_own_family(C, n, wd, fd):
    found = balanced_optimum(num_classes=C, samples_per_class=n, weight_decay=wd, feature_decay=fd)
    assert not found.trivial
    weight, means = found.weight_norm * simplex_etf(C), found.feature_norm * simplex_etf(C)
    program = Program(counts=np.full(C, float(n)), weight_decay=wd, feature_decay=fd)
    np.testing.assert_allclose(means @ weight.T, found.logits, atol=1e-12)

    def objective(stretch):
        loss = program.share @ program.losses(stretch * means @ weight.T)
        penalty = wd * np.sum((stretch * weight) ** 2) + fd * n * np.sum(means**2)
        return loss + penalty / 2

    assert objective(1.0) == pytest.approx(found.value, rel=1e-13)
    assert program.dual_value(found.logits) == pytest.approx(found.value, rel=1e-12)
    for stretch in (0.99, 1.01):
        assert objective(stretch) > found.value


def test_zero_threshold_is_where_the_balanced_optimum_dies():
    C, n = 5, 20
    kappa = zero_threshold([n] * C)
    assert kappa == pytest.approx(1.0 / (C * np.sqrt(n)), rel=1e-13)
    for factor, trivial in ((0.999, False), (1.001, True)):
        found = balanced_optimum(
            num_classes=C, samples_per_class=n, weight_decay=factor * kappa, feature_decay=factor * kappa
        )
        assert found.trivial is trivial
        assert (found.logit_gap == 0.0) is trivial


def test_minority_threshold_value_and_bad_input():
    assert minority_collapse_threshold(100, 3000) == pytest.approx(0.1 / 30, rel=1e-14)
    with pytest.raises(InputError, match="minority_count"):
        minority_collapse_threshold(0, 10)
