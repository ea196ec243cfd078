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
from theory.lemmas.between_classes import tilted_means, tilted_sum
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, alpha, atom, beta, c, j, positive, tau

test = atom("test", "f", "test(c, j): a number in [-1, 1] for each ordered pair of classes")
pair = atom("pair", "u", "pair(c, j): test(c, j) minus its mean over the wrong classes of c")
matrix = atom("matrix", "K", "matrix(c, j): an entry of a C x C matrix")
Lambda = positive(
    "Lambda", r"\Lambda", "largest squared singular value of the rows, relative to their mean squared norm"
)
LOSS = le(loss(unbiased_logit), phi(tau))
TEST = (le(-1, test(c, j), c, j), le(test(c, j), 1, c, j))


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
