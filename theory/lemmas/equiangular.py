# SPDX-License-Identifier: MIT
"""Mean absolute deviations from equal angles, in dual form: tested against any table of numbers in [-1, 1].

``test(c, j)`` stands for an arbitrary table f with |f| <= 1; the mean over ordered pairs j != c of
f_cj (K_cj - mean_{j' != c} K_cj') is at most the mean absolute deviation of the Gram matrix K from its row
means, with equality for the table of signs.  So a bound for every f is a bound on that deviation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sympy import Expr, Symbol

from theory.definitions import loss, phi, sq, unbiased_logit
from theory.expressions import Mean, Relation, eq, le, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.between_classes import NORMS, level, tilt, tilted_means, tilted_sum, y
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, T, alpha, atom, beta, c, j, positive, tau

test = atom("test", "f", "test(c, j): a number in [-1, 1] for each ordered pair of classes")
pair = atom("pair", "u", "pair(c, j): test(c, j) minus its mean over the wrong classes of c")
matrix = atom("matrix", "K", "matrix(c, j): an entry of a C x C matrix")
Lambda = positive(
    "Lambda", r"\Lambda", "largest squared singular value of the rows, relative to their mean squared norm"
)
LOSS = le(loss(unbiased_logit), phi(tau))
TEST = (le(-1, test(c, j), c, j), le(test(c, j), 1, c, j))
step = y / (2 * (1 + y))


def over_pairs(body: Callable[[Symbol, Symbol], Any]) -> Expr:
    """mean_c mean_{j != c} of ``body(c, j)``."""
    return Mean(wrong_mean(lambda jj: body(c, jj), c, C), c)


def centred(cc: Symbol, jj: Symbol) -> Expr:
    """f_cj minus its mean over the wrong classes of c."""
    return test(cc, jj) - wrong_mean(lambda j_: test(cc, j_), cc, C)


CENTRED = eq(pair(c, j), centred(c, j), c, j)


def deviation(of: Callable[..., Expr], cc: Symbol, jj: Symbol) -> Expr:
    """K_cj minus its mean over j' != c."""
    return of(cc, jj) - wrong_mean(lambda j_: of(cc, j_), cc, C)


def tested(of: Callable[..., Expr], scale: Expr) -> Expr:
    """mean_c mean_{j != c} f_cj (K_cj - mean_{j' != c} K_cj')/scale^2."""
    return over_pairs(lambda c_, j_: test(c_, j_) * deviation(of, c_, j_)) / scale**2


def spectral_weights() -> Relation:
    """mean_c ||mean_{j != c} u_cj w~_j||^2 <= Lambda beta^2/(C-1) mean of u^2, for the centred table u."""
    quadratic = Mean(sq(lambda kk: tilted_sum(c, kk, pair)), c)
    return le(quadratic, Lambda * beta**2 / (C - 1) * over_pairs(lambda c_, j_: pair(c_, j_) ** 2))


def spectral_means() -> Relation:
    """mean_j ||mean_{c != j} u_cj mu_c||^2 <= Lambda alpha^2/(C-1) mean of u^2, for the centred table u."""
    quadratic = Mean(sq(lambda kk: tilted_means(j, kk, pair)), j)
    return le(quadratic, Lambda * alpha**2 / (C - 1) * over_pairs(lambda c_, j_: pair(c_, j_) ** 2))


def bound(margin: Expr = tau) -> Expr:
    """C/(C-1) (2 e + 2 e/y + (y/4) (Lambda (C-1)/C^2 + 1/T)) with e = 1 - tau/T, tau = ``margin``."""
    e = 1 - margin / T
    return C / (C - 1) * (2 * e + 2 * e / y + y / 4 * (Lambda * (C - 1) / C**2 + 1 / T))


@lru_cache
def centred_spread() -> Theorem:
    """The centred table has a mean square at most that of f."""
    shift = wrong_mean(lambda j_: test(c, j_), c, C)
    both = combine(
        eq(pair(c, j) ** 2, centred(c, j) ** 2), {assume(CENTRED): pair(c, j) + centred(c, j)}, label="u^2"
    )
    same = average(average(both, j, excluding=c), c, label="mean over pairs")
    goal = le(over_pairs(lambda c_, j_: pair(c_, j_) ** 2), over_pairs(lambda c_, j_: test(c_, j_) ** 2))
    return combine(goal, {same: 1}, slack=Mean(shift**2, c), label="variance")


@lru_cache
def square_at_most_one() -> Theorem:
    """mean f^2 <= 1."""
    low, high = map(assume, TEST)
    above = combine(le(0, 1 + test(c, j)), {low: 1}, label="f >= -1")
    square = combine(le(test(c, j) ** 2, 1), {high: 1 + test(c, j)}, facts=[above], label="f^2 <= 1")
    return average(average(square, j, excluding=c), c, label="mean over pairs")


@lru_cache
def spread_at_most_one() -> Theorem:
    """The centred table has mean square at most 1."""
    goal = le(centred_spread().relation.lhs, 1)
    return combine(goal, {centred_spread(): 1, square_at_most_one(): 1})


@lru_cache
def admissible() -> tuple[Theorem, Theorem]:
    """1/(1+y) <= 1 + y/(2(1+y)) u, and this tilt has mean 1 over the wrong classes."""
    low, high = map(assume, TEST)
    mean = average(high, j, excluding=c, label="mean of f <= 1")
    zero = average(assume(CENTRED), j, excluding=c, label="mean of u")
    tilted = 1 + step * pair(c, j)
    floor = combine(
        le(1 / (1 + y), tilted), {low: step, mean: step, assume(CENTRED): -step}, label="f - mean f >= -2"
    )
    one = combine(
        eq(wrong_mean(lambda jj: 1 + step * pair(c, jj), c, C), 1), {zero: step}, label="the tilt has mean 1"
    )
    return floor, one


@lru_cache
def moved(of: Callable[..., Expr]) -> Theorem:
    """mean u K == mean f (K - mean K), for the matrix ``of``."""
    one = combine(
        eq(pair(c, j) * matrix(c, j), centred(c, j) * matrix(c, j)), {assume(CENTRED): matrix(c, j)}
    )
    identity = combine(
        eq(
            over_pairs(lambda c_, j_: pair(c_, j_) * matrix(c_, j_)),
            over_pairs(lambda c_, j_: test(c_, j_) * deviation(matrix, c_, j_)),
        ),
        {average(average(one, j, excluding=c), c): 1},
        label="centring moves across",
    )
    return instantiate(identity, functions={matrix: ((c, j), of(c, j))}, label="K := the Gram matrix")


@lru_cache
def equiangular(lemma: Theorem, of: Callable[..., Expr], scale: Expr, spectral: Relation) -> Theorem:
    """tested(of, scale) <= bound, under MARGIN, PRICED, TEST, CENTRED and ``spectral``.

    ``lemma`` is ``tilted_norms`` or ``tilted_norms_of_means``; the tilt is 1 + y/(2(1+y)) u.
    """
    tilted = instantiate(lemma, functions={tilt: ((c, j), 1 + step * pair(c, j))}, label="tilt along u")
    tilted = cut(tilted, *admissible(), label="the tilt is admissible")
    product = alpha * beta
    inverse = combine(
        eq(1 / product, C / ((C - 1) * T)), {assume(NORMS[2]): 1 / (T * product)}, label="1/(alpha beta)"
    )
    size = step * (C - 1) / (2 * C)
    return combine(
        le(tested(of, scale), bound(level)),
        {
            tilted: 1 / (step * product),
            assume(spectral): size / scale**2,
            spread_at_most_one(): size * Lambda / (C - 1) + y / (4 * product),
            inverse: (T - level) / step + y / 4,
            moved(of): -1 / scale**2,
        },
        slack=Lambda * y**2 / (4 * C * (1 + y)),
        label="divide by the step",
    )
