# SPDX-License-Identifier: MIT
"""What every theorem on the norms and angles of rows and class means shares: settings, witnesses, numbers.

FIXED: norms at most alpha and beta, loss at most phi(tau).  DECAYED: loss with weight decay at most m_reg +
eps, in units of the norms at the optimum, lambda = sqrt(C)/(C - 1 + e^T), T = T*.  Either pays for the norms,
so a theorem proved under ``between_classes.PRICED`` holds in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import Abs, Expr, Integer, Rational, exp, expand, radsimp, sqrt, sympify
from sympy.core.function import AppliedUndef

from theory.definitions import loss, phi, q, sq, unbiased_logit, wbar
from theory.definitions_collapse import length, unit
from theory.evaluation import (
    lost_margin,
    optimal_q,
    optimal_T,
    phi_inverse,
    value,
)
from theory.expressions import Relation, is_index, le, substitute
from theory.kernel import Theorem
from theory.lemmas.between_classes import NORMS, PRICED, level, y
from theory.lemmas.cosines import level as tau
from theory.lemmas.equiangular import Lambda, pair, test
from theory.lemmas.length_variance import spends
from theory.lemmas.lifted_means import split
from theory.lemmas.near_unit import centre, ratio
from theory.lemmas.raw_rows import most, step
from theory.lemmas.short_vectors import amount, at_most_size
from theory.lemmas.short_vectors import stretch as whole
from theory.lemmas.signs import blur, free_y
from theory.lemmas.tilted_classes import margin_t
from theory.lemmas.weight_decay import DECAY, SCALE, regularized_gap
from theory.proving import assume, combine, cut, instantiate
from theory.rules.common import same_relation
from theory.statement import Witness
from theory.symbols import C, T, alpha, beta, eps, gamma_sq, h, p, w

THIRD = Rational(1, 3)
BLUR = Rational(1, 10**4)
PLACE = [[Integer(7), Integer(1)], [Integer(-5), Integer(-5)], [Integer(-2), Integer(4)]]
ROW = sqrt((C - 1) * T) * C ** Rational(-3, 4)
FEATURE = sqrt((C - 1) * T) * C ** Rational(-1, 4)
LOSS = le(loss(unbiased_logit), phi(tau))
FIXED = (*NORMS, LOSS)
GAP = le(regularized_gap(), eps)
DECAYED = (SCALE, GAP)
UNITS = {beta: ROW, alpha: FEATURE}
AT_LOSS = {ratio: sqrt(T / tau), spends: Abs(T / tau - 1), p: q(tau), level: tau, margin_t: tau}
AT_DECAY = {ratio: Integer(1), spends: eps / (T * q(T)), p: q(T), level: T - eps / q(T), margin_t: T}


def at_loss(thing: Any) -> Any:
    """An expression or hypothesis of ``lemmas.raw_rows`` or ``lemmas.lifted_means`` at a loss phi(tau)."""
    return _changed(thing, AT_LOSS)


def at_decay(thing: Any) -> Any:
    """The same with weight decay, in units of the optimum."""
    return _changed(_changed(thing, AT_DECAY), UNITS)


def _changed(thing: Any, values: dict[Any, Any]) -> Any:
    if isinstance(thing, Relation):
        return thing.map(lambda side: substitute(side, values))
    return substitute(thing, values)


def proved_at_loss(theorem: Theorem) -> Theorem:
    """A theorem of these lemmas at a loss phi(tau)."""
    return instantiate(theorem, AT_LOSS, label="at the loss phi(tau)")


def proved_at_decay(theorem: Theorem) -> Theorem:
    """A theorem of these lemmas with weight decay, in units of the optimum."""
    moved = instantiate(theorem, AT_DECAY, label="at T*")  # type: ignore[arg-type]
    return instantiate(moved, UNITS, label="units of the optimum")  # type: ignore[arg-type]


@lru_cache
def fixed(theorem: Theorem, hypotheses: Sequence[Relation]) -> Theorem:
    """``theorem``, proved under PRICED and SPENT, for FIXED; its hypotheses as in ``hypotheses``."""
    features, weights, _ = map(assume, NORMS)
    cost = T * q(tau) / 2
    paid = combine(
        at_loss(PRICED),
        {assume(LOSS): 1, features: cost / alpha**2, weights: cost / beta**2},
        label="norms at most alpha and beta",
    )
    above = instantiate(at_most_size(), {amount: T / tau - 1}, label="r <= |r|")
    return _as_written(proved_at_loss(theorem), [paid, above], hypotheses)


@lru_cache
def decayed(theorem: Theorem, hypotheses: Sequence[Relation]) -> Theorem:
    """``theorem``, proved under PRICED and SPENT, for DECAYED; its hypotheses as in ``hypotheses``."""
    paid = combine(
        at_decay(PRICED),
        {assume(GAP): 1, assume(SCALE): DECAY / 2},
        slack=DECAY * C / 2 * sq(wbar),
        label="the decay is the price",
    )
    return _as_written(proved_at_decay(theorem), [paid], hypotheses)


def _as_written(theorem: Theorem, paid: Sequence[Theorem], hypotheses: Sequence[Relation]) -> Theorem:
    for price in paid:
        near = [a for a in theorem.hypotheses if _named(a) == _named(price.relation)]
        if any(same_relation(price.relation, a) for a in near):
            theorem = cut(theorem, price, label="the norms are paid for")
    left = [a for a in hypotheses if a not in theorem.hypotheses and not _signs(a)]
    return cut(theorem, *map(assume, left), label="hypotheses as stated") if left else theorem


def _named(relation: Relation) -> set[Any]:
    """The atoms and parameters it speaks of: quick to compare, where normal forms take long."""
    gap = relation.rhs - relation.lhs
    return {f.func for f in gap.atoms(AppliedUndef)} | {x for x in gap.free_symbols if not is_index(x)}


def _signs(relation: Relation) -> bool:
    """Whether it defines the table of signs: as proved it has other names of indices, and is long."""
    return pair in {f.func for f in relation.lhs.atoms(AppliedUndef)} and relation.op == "=="


# ---- witnesses: three classes on a line, and the simplex with far rows or class means


def isosceles(
    at: Any = 1, *, gap: Any = THIRD, margin: Any = 2, decay: bool = False, long: Any = 1, size: Any = 1
) -> Witness:
    """C = 3, T = 3: rows and features along (7, 1), (-5, -5), (-2, 4); the first direction ``long`` times.

    x and y are ``at``, g is ``at``^2/100, the table of signs is multiplied by ``size``; the loss is 0.162.
    """
    radius = [sqrt(50), sqrt(50), sqrt(20)]
    share = 1 / sqrt(40)  # the mean of the squared norms is 40
    sides = _units(decay)
    side = 1 if long == 1 else -1
    signs = [[1, -1, side], [-1, 1, 1], [side, 1, 1]]
    stretched = [long, Integer(1), Integer(1)]
    return Witness(
        3,
        1,
        2,
        {
            w: lambda j, k: sides[beta] * share * PLACE[j][k],
            h: lambda c, i, k: sides[alpha] * share * PLACE[c][k],
            length: lambda c: share * radius[c] / stretched[c],
            unit: lambda c, k: PLACE[c][k] / radius[c] * stretched[c],
            test: lambda c, j: size * Integer(signs[c][j]),
            pair: lambda c, j: size * _centred(signs[c], c, j),
        },
        _values(sides, at, gap, margin, decay),
        "three classes at the corners of an isosceles triangle",
    )


def angled(at: Any = 1, *, free: Any = 100, decay: bool = False, margin: Any = 2, **rest: Any) -> Witness:
    """``isosceles`` with the signs of its cosines, y = ``free``/``at``, V = 1 + ``at`` or 1.27, g = 0.

    R and s are those of ``lemmas.raw_rows`` where R is less than 1/2.
    """
    base = isosceles(at, decay=decay, margin=margin, **rest)
    units = [[base.functions[unit](c, k) for k in range(2)] for c in range(3)]
    gaps = [[sum(a * b for a, b in zip(x, v, strict=True)) + Rational(1, 2) for v in units] for x in units]
    signs = [[radsimp(gap / (Abs(gap) + BLUR)) for gap in row] for row in gaps]
    share, wrong = sympify(free) / at, 2 * exp(-sympify(3 if decay else margin))
    largest = Rational(4, 7) * (1 - _whole(at) ** 2 * (1 + 2 * wrong) / 3)
    steps = {blur: BLUR, free_y: share, most: largest, step: largest / (1 + share), split: Integer(1)}
    return replace(
        base,
        functions={**base.functions, pair: lambda c, j: _centred(signs[c], c, j)},
        values={**base.values, **steps},
    )


def _whole(at: Any) -> Any:
    return Rational(127, 100) if at == 1 else 1 + at


def _units(decay: bool) -> dict[Any, Expr]:
    if decay:
        return {key: side.subs({C: 3, T: 3}) for key, side in UNITS.items()}
    return {beta: sympify(1), alpha: sympify(2)}


def _values(sides: dict[Any, Expr], at: Any, gap: Any, margin: Any, decay: bool) -> dict[Any, Any]:
    values: dict[Any, Any] = {
        T: 3,
        tau: margin,
        eps: gap,
        y: at,
        whole: _whole(at),
        centre: sympify(at) ** 2 / 100,
        Lambda: 4,
    }
    return values | ({gamma_sq: sides[alpha] ** 2} if decay else sides)


def _centred(signs: list[Any], c: int, j: int) -> Any:
    return expand(signs[j] - sum(s for n, s in enumerate(signs) if n != c) / Integer(len(signs) - 1))


# ---- numbers

SIZE = value("C")
T_VALUE = SIZE * value("alpha") * value("beta") / (SIZE - 1)
TAU_VALUE = phi_inverse(value("L"), SIZE)
T_STAR_VALUE, Q_STAR_VALUE = (f(value("weight_decay"), SIZE) for f in (optimal_T, optimal_q))


@dataclass(frozen=True)
class Numbers:
    """Rate of inner products, margin scale, units of rows and features, in measured values."""

    gap: Expr
    margin: Expr
    row: Expr
    feature: Expr

    def row_centre(self) -> Expr:
        """At least ||wbar|| in units of the rows: ||W||_F^2 = C (beta^2 + ||wbar||^2).

        A millionth of beta is added, under the root: the difference of two squares is rounded.
        """
        rounded = Abs(value("weight_frobenius") ** 2 / SIZE - value("beta") ** 2)
        square = rounded + value("beta") ** 2 / 10**12
        return sqrt(square) / self.row

    def mean_centre(self) -> Expr:
        """||mu_G|| in units of the features."""
        return value("mean_norm") * value("alpha") / self.feature


FIXED_NUMBERS = Numbers(lost_margin(value("L"), T_VALUE, SIZE), T_VALUE, value("beta"), value("alpha"))
RATE_VALUE = value("eps_reg") / (T_STAR_VALUE * Q_STAR_VALUE)
DECAY_NUMBERS = Numbers(
    RATE_VALUE,
    T_STAR_VALUE,
    sqrt((SIZE - 1) * T_STAR_VALUE) * SIZE ** Rational(-3, 4),
    sqrt((SIZE - 1) * T_STAR_VALUE) * SIZE ** Rational(-1, 4),
)
