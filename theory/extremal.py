# SPDX-License-Identifier: MIT
"""Configurations that attain the worst case, as numbers of any precision: for the exponent audit.

Each function builds a classifier W (C rows) and features H (two samples a class), without bias, and
``measured`` computes loss, norms and cosines from them.  The working precision is mpmath's.  Which
configurations are extremal: this project (2026), theorems within-class-variability, intra-class-cosine-sharp
and equiangular-weights-rms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import mpmath as mp

Vector = list[Any]


@dataclass(frozen=True)
class Measured:
    """What a configuration spends and shows.

    gap: loss minus the least loss at its norms (or the least regularised loss, ``least``); margin: T.
    intra: one cosine a class; inter_max: largest mean cosine between two classes; weights_rms: root mean
    square of cos(w_c, w_j) + 1/(C-1) over pairs.
    """

    gap: Any
    margin: Any
    intra: list[Any]
    inter_max: Any
    weights_rms: Any
    least: Any


def dot(a: Vector, b: Vector) -> Any:
    """Inner product."""
    return mp.fsum(x * y for x, y in zip(a, b, strict=True))


def phi(t: Any, classes: int) -> Any:
    """Least cross-entropy at margin t."""
    return mp.log1p((classes - 1) * mp.exp(-t))


def q(t: Any, classes: int) -> Any:
    """Wrong-class mass at margin t."""
    return (classes - 1) / (classes - 1 + mp.exp(t))


def measured(rows: Sequence[Vector], features: Sequence[Sequence[Vector]], decay: Any = 0) -> Measured:
    """Loss gap, margin and cosines of the bias-free classifier ``rows`` on ``features`` (class, sample).

    With a ``decay`` > 0 the gap is that of L + (decay/2)(E||h||^2 + ||W||_F^2).
    """
    C, n = len(rows), len(features[0])
    centre = [mp.fsum(column) / C for column in zip(*rows, strict=True)]
    losses = []
    for c, samples in enumerate(features):
        for x in samples:
            own = dot(rows[c], x)
            wrong = [mp.exp(dot(row, x) - own) for j, row in enumerate(rows) if j != c]
            losses.append(mp.log1p(mp.fsum(wrong)))
    loss = mp.fsum(losses) / (C * n)
    alpha2 = mp.fsum(dot(x, x) for samples in features for x in samples) / (C * n)
    centred = [[a - b for a, b in zip(row, centre, strict=True)] for row in rows]
    beta2 = mp.fsum(dot(r, r) for r in centred) / C
    margin = C * mp.sqrt(alpha2 * beta2) / (C - 1)
    least = phi(margin, C)
    if decay:
        loss += decay / 2 * (alpha2 + mp.fsum(dot(r, r) for r in rows))
        best = mp.log(mp.sqrt(C) / decay - (C - 1))
        least = phi(best, C) + best * q(best, C)
    means = [_mean([_unit(x) for x in samples]) for samples in features]
    pairs = [(c, j) for c in range(C) for j in range(C) if c != j]
    units = [_unit(r) for r in centred]
    off = mp.fsum((dot(units[c], units[j]) + mp.mpf(1) / (C - 1)) ** 2 for c, j in pairs)
    return Measured(
        gap=loss - least,
        margin=margin,
        intra=[dot(v, v) for v in means],
        inter_max=max(dot(means[c], means[j]) for c, j in pairs),
        weights_rms=mp.sqrt(off / len(pairs)),
        least=least,
    )


def _unit(x: Vector) -> Vector:
    size = mp.sqrt(dot(x, x))
    return [a / size for a in x]


def _mean(vectors: Sequence[Vector]) -> Vector:
    return [mp.fsum(column) / len(vectors) for column in zip(*vectors, strict=True)]


def _simplex(classes: int) -> list[Vector]:
    """Unit vectors of the simplex in C + 1 coordinates; the last is 0 and left for noise."""
    scale = mp.sqrt(mp.mpf(classes) / (classes - 1))
    return [
        [scale * ((c == k) - mp.mpf(1) / classes) for k in range(classes)] + [mp.mpf(0)]
        for c in range(classes)
    ]


def _noisy(direction: Vector, norm: Any, noise: Any) -> list[Vector]:
    """Two samples of the given norm, apart from the direction by +-``noise`` (relative) in the last place."""
    straight = norm * mp.sqrt(1 - noise**2)
    base = [straight * a for a in direction[:-1]]
    return [[*base, sign * norm * noise] for sign in (1, -1)]


def scattered(*, classes: int, margin: Any, noise: Any, noisy: int) -> Measured:
    """A simplex with T = ``margin``; in the first ``noisy`` classes 1 - intra_c is ``noise``^2."""
    axes = _simplex(classes)
    row = mp.mpf(margin) * (classes - 1) / classes
    features = [_noisy(axes[c], mp.mpf(1), noise if c < noisy else mp.mpf(0)) for c in range(classes)]
    return measured([[row * a for a in axis] for axis in axes], features)


def decayed(*, classes: int, decay: Any, short: Any) -> Measured:
    """A simplex at weight decay with 1 - intra_c = ``short``: the norms that give the least regularised loss.

    The margin t of the samples solves a q(t) = q*, a = sqrt(1 - short), q* = decay (C-1)/sqrt(C).
    """
    a = mp.sqrt(1 - short)
    mass = decay * (classes - 1) / mp.sqrt(classes) / a
    t = mp.log((classes - 1) * (1 - mass) / mass)
    product = t / a * (classes - 1) / classes  # alpha beta, with alpha = sqrt(C) beta
    beta = mp.sqrt(product / mp.sqrt(classes))
    axes = _simplex(classes)
    features = [_noisy(axis, mp.sqrt(classes) * beta, mp.sqrt(short)) for axis in axes]
    return measured([[beta * x for x in axis] for axis in axes], features, decay)


def turned(pattern: Any, margin: Any, features: bool) -> Measured:
    """One Gram matrix T (I - J/C) + ``pattern`` (zero diagonal and row sums), the other follows part of it.

    With A A^T that matrix and B = A - kappa pattern A^+, kappa = T/(T + C), the cost per squared size of the
    pattern is least to second order; A holds the features if ``features``, else the classifier.
    """
    C = pattern.rows
    target = mp.matrix(C, C)
    for c in range(C):
        for j in range(C):
            target[c, j] = margin * ((c == j) - mp.mpf(1) / C) + pattern[c, j]
    values, vectors = mp.eigsy(target)
    # the least eigenvalue is 0, on the vector of ones
    roots = [mp.sqrt(x) if x > margin / 2 else mp.mpf(0) for x in values]
    inverse = [1 / x if x else mp.mpf(0) for x in roots]
    one = vectors * mp.diag(roots) * vectors.T
    follow = one - margin / (margin + C) * pattern * (vectors * mp.diag(inverse) * vectors.T)
    tables = [[[m[c, k] for k in range(C)] for c in range(C)] for m in (one, follow)]
    samples, rows = tables if features else reversed(tables)
    return measured(rows, [[x] for x in samples])


def equiangular(*, classes: int, margin: Any, step: Any, features: bool) -> Measured:
    """Pairs {0,1}, {2,3} nearer by ``step``, {0,2}, {1,3} further apart."""
    pattern = mp.matrix(classes, classes)
    for c, j, sign in ((0, 1, 1), (2, 3, 1), (0, 2, -1), (1, 3, -1)):
        pattern[c, j] = pattern[j, c] = sign * mp.mpf(step)
    return turned(pattern, mp.mpf(margin), features)


def circulant(classes: int, margin: Any, step: Any, distances: int) -> Measured:
    """Classes on a circle (an odd number): pairs at distance at most ``distances`` are nearer, others not.

    The share of turned pairs is delta = 2 distances/(C-1); their cosines rise by (1-delta) step, the others
    fall by delta step, so that every row still sums to 0.
    """
    share = mp.mpf(2 * distances) / (classes - 1)
    pattern = mp.matrix(classes, classes)
    for c in range(classes):
        for j in range(classes):
            apart = min((c - j) % classes, (j - c) % classes)
            if apart:
                pattern[c, j] = mp.mpf(step) * ((apart <= distances) - share)
    return turned(pattern, mp.mpf(margin), True)
