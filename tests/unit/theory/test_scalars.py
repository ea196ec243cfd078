# SPDX-License-Identifier: MIT
"""theory.scalars against 50-digit (or longer) arithmetic, defining equations and published roundings."""

import mpmath
import numpy as np
import pytest

from theory import scalars

CLASSES = (2, 3, 10, 1000, 21841, 10**6)
MARGINS = (-500.0, -60.5, -1.25, -1e-9, 0.0, 1e-9, 0.3, 2.0, 7.97, 31.0, 80.0, 500.0)


@pytest.fixture(autouse=True)
def _fifty_digits():
    with mpmath.workdps(50):
        yield


def exact_phi(t, C):
    return mpmath.log1p((C - 1) * mpmath.exp(-mpmath.mpf(t)))


def exact_q(t, C):
    return (C - 1) / (C - 1 + mpmath.exp(mpmath.mpf(t)))


def exact_psi(p, C):
    p = mpmath.mpf(p)
    return -p * mpmath.log(p) - (1 - p) * mpmath.log1p(-p) + p * mpmath.log(C - 1)


def relative_error(got, want):
    return abs(mpmath.mpf(float(got)) / want - 1)


@pytest.mark.parametrize("C", CLASSES)
def test_phi_and_q_to_full_precision(C):
    for t in MARGINS:
        assert relative_error(scalars.phi(t, C), exact_phi(t, C)) < 1e-15
        assert relative_error(scalars.q(t, C), exact_q(t, C)) < 1e-15


@pytest.mark.parametrize("C", CLASSES)
def test_phi_inverse(C):
    for L in (1e-300, 1e-12, 0.3, 2.0, 30.0, 699.0, 701.0, 5000.0):
        want = mpmath.log((C - 1) / mpmath.expm1(mpmath.mpf(L)))
        assert abs(scalars.phi_inverse(L, C) - want) < 1e-15 * (abs(want) + np.log(C))


@pytest.mark.parametrize("C", CLASSES)
def test_psi_and_its_slope(C):
    with mpmath.workdps(350):
        for p in (1e-300, 1e-12, 0.1, 0.5, 0.868854, 1 - 1e-9, 1 - 2**-53):
            assert relative_error(scalars.psi(p, C), exact_psi(p, C)) < 1e-15
            want = mpmath.log((C - 1) * (1 - mpmath.mpf(p)) / mpmath.mpf(p))
            assert abs(scalars.psi_prime(p, C) - want) < 1e-15 * max(mpmath.log(C - 1) + 40, abs(want))


def exact_psi_inverse(L, C):
    low, high = mpmath.mpf(0), mpmath.mpf(2000)
    for _ in range(220):
        middle = (low + high) / 2
        too_low = exact_phi(middle, C) + middle * exact_q(middle, C) < mpmath.mpf(L)
        low, high = (low, middle) if too_low else (middle, high)
    return exact_q(low, C)


@pytest.mark.parametrize("C", CLASSES)
def test_psi_inverse_to_full_precision_even_at_both_ends(C):
    top = float(np.log(C))
    levels = [1e-300, 1e-50, 1e-12, 1e-6, 1e-3, 0.3 * top, 0.5 * top, 0.51 * top, 0.9 * top]
    levels += [top - gap for gap in (1e-1, 1e-3, 1e-6, 1e-9, 1e-12, 1e-14)]
    found = scalars.psi_inverse(levels, C)
    for L, p in zip(levels, found, strict=True):
        assert relative_error(p, exact_psi_inverse(L, C)) < 2e-15, (L, C)


def test_psi_inverse_at_the_ends():
    assert scalars.psi_inverse(0.0, 7) == 0.0
    assert scalars.psi_inverse(np.log(7), 7) == pytest.approx(6 / 7, abs=3e-8)
    assert scalars.psi_inverse(np.log(7) * (1 + 4e-16), 7) == 6 / 7


@pytest.mark.parametrize("C", CLASSES)
def test_bregman_keeps_its_digits_near_and_far(C):
    with mpmath.workdps(600):
        for T in (-300.0, -20.25, -0.5, 0.0, 0.7, float(np.log(C - 1)), 7.975, 40.0, 300.0):
            for D in (1e-12, 1e-9, 1e-4, 0.03, 0.4999, 0.5001, 1.0, 5.0, 60.0, 400.0):
                for t in (T + D, T - D):
                    distance = mpmath.mpf(t) - mpmath.mpf(T)
                    want = exact_phi(t, C) - exact_phi(T, C) + exact_q(T, C) * distance
                    assert relative_error(scalars.bregman(t, T, C), want) < 1e-12 if distance else want == 0


def test_bregman_where_the_mass_at_T_underflows():
    assert scalars.bregman(50.0, 800.0, 10) == scalars.phi(50.0, 10)
    assert scalars.bregman(3.0, 3.0, 10) == 0.0


PUBLISHED = {  # rounded to three decimals, for C = 2, 3, 4, 10, 100, 1000, 21841
    1.5: (1.133, 1.386, 1.580, 2.262, 4.256, 6.431, 9.440),
    2.5: (2.086, 2.381, 2.599, 3.334, 5.373, 7.555, 10.561),
    3.0: (2.381, 2.679, 2.899, 3.637, 5.676, 7.855, 10.858),
}


@pytest.mark.parametrize("k", sorted(PUBLISHED))
def test_thresholds_match_the_table_and_solve_their_equation(k):
    classes = np.array([2, 3, 4, 10, 100, 1000, 21841])
    roots = scalars.threshold(k, classes)
    np.testing.assert_allclose(roots, PUBLISHED[k], atol=5.01e-4)
    for C, T in zip(classes.tolist(), roots.tolist(), strict=True):
        residual = mpmath.log(C) - exact_phi(T, C) - k * T * exact_q(T, C)
        slope = exact_q(T, C) * (1 - k + k * T * (1 - exact_q(T, C)))
        assert abs(residual / slope) < 4e-15 * T
        just_below = T * (1 - 1e-6)
        assert mpmath.log(C) < exact_phi(just_below, C) + k * just_below * exact_q(just_below, C)


def test_threshold_next_to_its_limit():
    root = scalars.threshold(1.01, 5)
    assert 0 < root < 0.2
    assert scalars.phi(root, 5) + 1.01 * root * scalars.q(root, 5) == pytest.approx(np.log(5), rel=1e-14)


def test_regularised_optimum():
    decay, C = 5e-4, 10
    T, mass = scalars.optimal_T(decay, C), scalars.optimal_q(decay, C)
    assert abs(T - 8.7508) < 1e-4
    assert scalars.q(T, C) == pytest.approx(mass, rel=1e-14)
    least = scalars.least_regularized_loss(decay, C)
    assert least == pytest.approx(scalars.phi(T, C) + T * mass, rel=1e-14)
    assert least == pytest.approx(0.01388, abs=5e-6)


def test_regularised_optimum_at_the_trivial_end():
    for C in CLASSES:
        decay = 1 / np.sqrt(C)
        assert scalars.optimal_T(decay, C) == pytest.approx(0.0, abs=1e-15 * C)
        assert scalars.least_regularized_loss(decay, C) == pytest.approx(np.log(C), rel=1e-14)


def test_legendre_duality_on_a_grid():
    t, C = np.linspace(0.0, 30.0, 7)[:, None], np.array([2, 10, 1000])
    mass = scalars.q(t, C)
    np.testing.assert_allclose(scalars.psi(mass, C), scalars.phi(t, C) + t * mass, rtol=1e-13)
    np.testing.assert_allclose(scalars.psi_prime(mass, C), t + 0 * C, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(scalars.phi_inverse(scalars.phi(t, C), C), t + 0 * C, rtol=1e-12, atol=1e-12)


def test_shapes_broadcast_and_scalars_stay_scalars():
    assert isinstance(scalars.phi(1.0, 3), np.float64)
    assert isinstance(scalars.psi_inverse(0.5, 3), np.float64)
    assert isinstance(scalars.threshold(2.5, 3), np.float64)
    assert scalars.bregman(np.ones((4, 1, 1)), np.ones((3, 1)), [2, 5]).shape == (4, 3, 2)
    assert scalars.psi_inverse(np.full((3, 1), 0.2), [2, 5]).shape == (3, 2)
    assert scalars.phi(np.float32(1.0), 3).dtype == np.float64
    assert scalars.psi_inverse(np.zeros((0,)), 3).shape == (0,)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: scalars.phi(float("nan"), 3), r"t = nan.*finite"),
        (lambda: scalars.phi(0.0, 1), r"C = 1\.0.*>= 2"),
        (lambda: scalars.q(0.0, 2.5), r"C = 2\.5.*integer"),
        (lambda: scalars.phi_inverse([1.0, 0.0], 3), r"L = 0\.0.*L > 0"),
        (lambda: scalars.psi(1.1, 3), r"p = 1\.1.*0 <= p <= 1"),
        (lambda: scalars.psi_prime(0.0, 3), r"p = 0\.0.*0 < p < 1"),
        (lambda: scalars.psi_inverse(1.2, 3), r"L = 1\.2.*log C"),
        (lambda: scalars.psi_inverse(-1e-9, 3), r"L = -1e-09.*log C"),
        (lambda: scalars.bregman(1.0, float("inf"), 3), r"T = inf.*finite"),
        (lambda: scalars.optimal_T(0.6, 4), r"weight_decay = 0\.6.*1/sqrt\(C\)"),
        (lambda: scalars.optimal_q(0.0, 4), r"weight_decay = 0\.0.*0 < weight_decay"),
        (lambda: scalars.threshold(1.0, 4), r"k = 1\.0.*k > 1"),
        (lambda: scalars.phi("three", 4), r"t must be real numbers"),
    ],
)
def test_outside_the_domain_the_argument_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()
