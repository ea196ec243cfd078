# SPDX-License-Identifier: MIT
"""The best line against a direct search over margins and cosines of contact, and against the sharp bounds."""

import numpy as np
import pytest

from theory import contact_lines, scalars


def level(C, T, share):
    least = float(scalars.phi(T, C))
    return least + share * (np.log(C) - least)


def search(C, T, L, *, power, rise):
    """Best admissible line over a grid of tau and x, written from the statement."""
    tau = np.linspace(0.01, 2.2 * T, 600)[:, None]
    x = np.linspace(0.002, 1.0, 500)[None, :]
    phi, q = scalars.phi(tau, C), scalars.q(tau, C)
    spent = (L - phi + q * T * x) / (tau * q)
    lines = x**2 * (3 - 2 * spent) if power == 2 else x * (2 - spent)
    allowed = phi + q * tau * (1 / x + rise) <= np.log(C)
    return float(np.where(allowed, lines, -1.0).max())


@pytest.mark.parametrize(
    ("C", "T", "share"), [(3, 2.6, 0.1), (3, 8.0, 0.02), (10, 5.0, 0.1), (10, 3.0, 0.02)]
)
def test_the_best_line_is_that_of_a_direct_search(C, T, share):
    L = level(C, T, share)
    for function, power, rise, floor in (
        (contact_lines.best_class_line, 2, 1.5, 0.0),
        (contact_lines.best_sample_line, 1, 2.0, -1.0),
    ):
        found, direct = float(function(L, T, C)), search(C, T, L, power=power, rise=rise)
        assert found == pytest.approx(max(direct, floor), abs=0.02)
        assert found >= max(direct, floor) - 0.02


def test_it_is_the_sharp_bound_where_that_one_holds():
    C, T, L = 10, 6.0, level(10, 6.0, 0.01)
    tau = float(scalars.phi_inverse(L, C))
    assert np.log(C) - L >= float(scalars.q(tau, C)) * (T + 2 * tau)
    assert float(contact_lines.best_class_line(L, T, C)) == pytest.approx((tau / T) ** 2, rel=1e-9)
    assert float(contact_lines.best_sample_line(L, T, C)) == pytest.approx(tau / T, rel=1e-9)


def test_with_weight_decay_too():
    C, decay = 10, 5e-4
    q, loss = float(scalars.optimal_q(decay, C)), float(scalars.least_regularized_loss(decay, C)) * 1.1
    p = float(scalars.psi_inverse(loss, C))
    assert float(contact_lines.best_decay_line(loss, decay, C)) == pytest.approx((q / p) ** 2, rel=1e-9)


def test_arrays_large_and_small_agree():
    C, T = 4, np.linspace(2.0, 9.0, 1200)
    L = scalars.phi(T, C) + 0.02
    large = contact_lines.best_class_line(L, T, C)
    assert large.shape == T.shape
    np.testing.assert_allclose(large[::100], contact_lines.best_class_line(L[::100], T[::100], C), rtol=1e-12)
    assert np.all((large >= 0) & (large <= 1))


def test_nothing_is_claimed_where_nothing_is_known():
    assert float(contact_lines.best_class_line(2.2, 0.1, 10)) == 0.0
    assert float(contact_lines.best_sample_line(2.2, 0.1, 10)) == -1.0
