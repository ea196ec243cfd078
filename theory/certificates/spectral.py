# SPDX-License-Identifier: MIT
"""Upper bounds on the spectral norm of a matrix of balls, and the doors between floats, balls and fractions.

For square U and V with ||U'U - I||_inf < 1 and ||V'V - I||_inf < 1, both are invertible, their least singular
values are at least sqrt(1 - ||U'U - I||_inf) and so for V, and

    ||M||_op = ||U'^{-1} (U' M V) V^{-1}||_op <= sqrt(||U' M V||_1 ||U' M V||_inf) / (smin(U) smin(V)).

U and V are hints, such as the singular vectors that a floating-point routine found: the bound is true for any
of them (absolute row and column sums, evaluated in balls) and close where U' M V is nearly diagonal. Without
usable hints U = V = I. Source of the method: Rump 2011, "Verified bounds for singular values", BIT 51,
367-384.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flint import arb, arb_mat

Rows = Sequence[Sequence[float]]


def exact_matrix(rows: Rows) -> arb_mat:
    """The floats as exact balls, whatever the precision. Raises ValueError unless rectangular and finite."""
    from flint import arb_mat

    width = len(rows[0]) if len(rows) else 0
    flat = [float(entry) for row in rows for entry in row]
    if not width or any(len(row) != width for row in rows):
        raise ValueError(f"exact_matrix: received {len(rows)} rows that are empty or of different lengths.")
    if not all(map(math.isfinite, flat)):
        raise ValueError("exact_matrix: received NaN or infinity; every entry must be a finite number.")
    return arb_mat(len(rows), width, flat)


def spectral_norm_bound(matrix: arb_mat, left: Rows | None = None, right: Rows | None = None) -> arb:
    """An exact number that is at least ||M||_op for every M (square) inside the balls.

    left, right: hints (C, C), approximate left and right singular vectors as columns; see the module.
    """
    plain = _absolute_sums_bound(matrix)
    if left is None or right is None:
        return plain
    before, after = exact_matrix(left), exact_matrix(right)
    slack = _least_singular_square(before) * _least_singular_square(after)
    if not slack > 0:
        return plain
    rotated = _absolute_sums_bound(before.transpose() * matrix * after)
    return _smaller((rotated / slack.sqrt()).upper(), plain)


def lower_end(ball: arb) -> Fraction:
    """The lower end of the ball, an exact dyadic number. Raises ArithmeticError if it is not finite."""
    return _dyadic(ball.lower())


def upper_end(ball: arb) -> Fraction:
    """The upper end of the ball, an exact dyadic number. Raises ArithmeticError if it is not finite."""
    return _dyadic(ball.upper())


def float_below(value: Fraction) -> float:
    """The largest float that is at most ``value``; minus infinity is one."""
    try:
        nearest = float(value)
    except OverflowError:
        return sys.float_info.max if value > 0 else -math.inf
    return math.nextafter(nearest, -math.inf) if Fraction(nearest) > value else nearest


def float_above(value: Fraction) -> float:
    """The smallest float that is at least ``value``; infinity is one."""
    return 0.0 - float_below(-value)  # not -0.0


def _absolute_sums_bound(matrix: arb_mat) -> arb:
    """sqrt(largest row sum times largest column sum) of absolute values, rounded up: at least ||M||_op."""
    rows = [[entry.abs_upper() for entry in row] for row in matrix.tolist()]
    return (_largest_sum(rows) * _largest_sum(list(zip(*rows, strict=True)))).sqrt().upper()


def _least_singular_square(matrix: arb_mat) -> arb:
    """1 - ||M'M - I||_inf, rounded down: at most the square of the least singular value, if positive."""
    from flint import arb

    product = (matrix.transpose() * matrix).tolist()
    defect = [
        [(entry - int(i == j)).abs_upper() for j, entry in enumerate(row)] for i, row in enumerate(product)
    ]
    return (arb(1) - _largest_sum(defect)).lower()


def _largest_sum(rows: Sequence[Sequence[arb]]) -> arb:
    from flint import arb

    largest = arb(0)
    for row in rows:
        largest = largest.max(sum(row, arb(0)).upper())
    return largest


def _smaller(first: arb, second: arb) -> arb:
    """Of two exact upper bounds the smaller; NaN and infinity lose."""
    return first if first.is_finite() and first <= second else second


def _dyadic(exact: arb) -> Fraction:
    if not exact.is_finite():
        raise ArithmeticError(f"the ball has no finite end ({exact}): a larger precision is needed")
    mantissa, exponent = (int(part) for part in exact.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent
