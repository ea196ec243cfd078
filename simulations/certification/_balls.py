# SPDX-License-Identifier: MIT
"""Vectors and matrices of balls: the operations that the enclosures of measured values are made of.

A ball is a python-flint `arb`: every result holds the true number for every choice of what goes in.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.certificates import ball_matrix
from theory.certificates.spectral import exact_matrix, spectral_norm_bound

Ball = Any  # flint.arb: numbers with +, -, *, / and comparisons that are True only when proved
Balls = list[Ball]


def products(rows: list[Balls]) -> list[Balls]:
    """The Gram matrix of the rows."""
    matrix = ball_matrix(rows)
    found: list[Balls] = (matrix * matrix.transpose()).tolist()
    return found


def dot(one: Balls, other: Balls) -> Ball:
    """The inner product."""
    return sum(a * b for a, b in zip(one, other, strict=True))


def largest(balls: Balls) -> Ball:
    """The largest of the numbers."""
    most = balls[0]
    for ball in balls[1:]:
        most = most.max(ball)
    return most


def not_negative(ball: Ball) -> Ball:
    """What of the ball can be, given that the number in it is known to be >= 0."""
    if ball.lower() >= 0 or not ball.upper() >= 0:
        return ball
    return (ball * 0).union(ball.upper())


def root(square: Ball) -> Ball:
    """The square root of a number that is known to be >= 0."""
    if square > 0 or square.is_zero() or not square.upper() > 0:
        return square.sqrt()
    return (square * 0).union(square.upper().sqrt().upper())


def ratio(inner: Ball, one: Ball, other: Ball) -> Ball:
    """The cosine inner/(one other); of a vector that is exactly zero it is 0."""
    return one * 0 if one.is_zero() or other.is_zero() else inner / (one * other)


def largest_eigenvalue(gram: list[Balls]) -> Ball:
    """Of a positive semidefinite matrix: Rayleigh quotient of a guess below, a norm of its rotation above."""
    middle = np.array([[float(x.mid()) for x in row] for row in gram])
    if not np.isfinite(middle).all():
        return gram[0][0] / 0
    vectors = np.linalg.eigh(middle)[1]
    top = exact_matrix([[x] for x in vectors[:, -1]])
    matrix, hints = ball_matrix(gram), vectors.tolist()
    below = (top.transpose() * matrix * top)[0, 0] / (top.transpose() * top)[0, 0]
    return below.lower().union(spectral_norm_bound(matrix, hints, hints))
