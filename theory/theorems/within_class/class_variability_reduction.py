# SPDX-License-Identifier: MIT
"""If a fraction delta of the classes has sqrt(1 - nu_c) <= a, then L >= Gamma_delta(a): the exact reduction.

Gamma_delta(a) = max over p of delta psi(p/a) + (1-delta) psi(p) - p T: a Legendre dual of the least loss when
the classes share the norm between the scattered and the others.  Stated for every p, so nothing is solved.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Rational

from theory.definitions import loss, psi, unbiased_logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import NO_BIAS, NORMS_POSITIVE, Condition, value
from theory.evaluation import psi as psi_value
from theory.expressions import Relation, le, lt
from theory.kernel import Theorem
from theory.lemmas.budgets import (
    CLASS_NORMS,
    CLASS_PRODUCT,
    FIXED_NORMS,
    MARGIN,
    any_share,
    class_dual,
    class_loss,
    class_polar,
    class_square,
    share,
    size,
)
from theory.lemmas.class_variability import class_price, fraction
from theory.lemmas.indicators import charged
from theory.lemmas.polar import kappa
from theory.polar_configurations import one_class_scattered
from theory.proving import assume, average, cases, combine, instantiate
from theory.symbols import T, alpha, beta, c, delta, p, positive

p_a = positive("p_a", "p_a", "p/a, the wrong-class mass of the scattered classes")
MANY = le(delta, fraction(p / p_a))
DEARER = le(psi(p), psi(p_a))
HYPOTHESES = (*any_share(class_polar(beta, alpha)), *CLASS_NORMS, MARGIN, lt(p, 1), lt(p_a, 1), MANY)


def claim(factor: Any = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    level = delta * psi(p_a) + (1 - delta) * psi(p) - p * T
    return Statement(le(factor * level, loss(unbiased_logit)), hypotheses)


EXCESS = class_loss() + p * T * CLASS_PRODUCT - psi(p)


@lru_cache
def every_class() -> Theorem:
    """0 <= E_i CE_ci + p T kappa_c size_c - psi(p)."""
    return combine(le(0, EXCESS), {class_price(FIXED_NORMS): 1}, label="every class pays psi(p)")


@lru_cache
def scattered() -> Theorem:
    """psi(p) <= psi(p/a) |- (psi(p/a) - psi(p)) 1[share_c <= a] <= what every class pays."""
    signs = [assume(le(0, kappa(c), c)), assume(le(0, size(c), c))]
    event = p / p_a - share(c)
    price = psi(p_a) - psi(p)
    bad = combine(
        le(price, EXCESS),
        {
            instantiate(class_dual(FIXED_NORMS), {p: p_a}): 1,
            assume(le(0, event)): p_a * T * CLASS_PRODUCT,
        },
        facts=signs,
        label="a class with a short mean pays psi(p/a)",
    )
    return charged(event, price, every_class(), bad, facts=[assume(DEARER)])


def _norms() -> dict[Theorem, Expr]:
    """E kappa_c size_c <= 1, times p T."""
    weights, features = map(assume, CLASS_NORMS)
    return dict.fromkeys((average(class_square(), c), weights, features), p * T / 2)


def prove() -> Theorem:
    """A class costs psi(p) - p T s at least, and psi(p/a) - p T s if its mean is short; E s <= 1.

    Where psi(p/a) is less than psi(p), the first bound is enough.
    """
    goal: Any = claim().conclusion
    dearer = assume(DEARER)
    paid = average(scattered(), c, label="mean over classes")
    more = combine(
        goal,
        {paid: 1, assume(MANY): psi(p_a) - psi(p), **_norms()},
        facts=[dearer],
        label="norms at most 1",
    )
    cheaper = assume(lt(psi(p_a), psi(p)))
    less = combine(
        goal,
        {average(every_class(), c): 1, cheaper: delta, **_norms()},
        label="nothing to pay",
    )
    either = cases(more, less, split=DEARER, label="whether a short mean is dearer")
    return combine(goal, {either: 1}, label="in both cases")


def witness(inverse: int = 4) -> Witness:
    """C = 4, T = 2 log 3: one class with a = 1/2, p = q(T) = 1/4 and p/a = q(a T) = 1/2."""
    return one_class_scattered(values={delta: Rational(1, inverse), p: Rational(1, 4), p_a: Rational(1, 2)})


def twins() -> list[Twin]:
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), witness()),
        Twin("fewer classes scattered", claim(hypotheses=HYPOTHESES[:-1]), witness(2)),
    ]


def neighbour() -> Neighbour:
    level = claim().conclusion.lhs - Rational(1, 100)  # type: ignore[union-attr]
    goal = le(level, loss(unbiased_logit))
    return Neighbour(
        "1/100 less", Statement(goal, HYPOTHESES), lambda: combine(goal, {prove(): 1}, slack=Rational(1, 100))
    )


_C, _P = value("C"), value("p")
_T = _C * value("alpha") * value("beta") / (_C - 1)
_A, _D = value("share"), value("delta")
THEOREM = Entry(
    name="class-variability-reduction",
    title="Scattered classes: the exact price",
    kind="tight",
    source="this project (2026); Legendre dual of the loss of Pan & Cao 2023, theorem 2.1",
    says=(
        "If a fraction delta of the classes has sqrt(1 - nu_c) <= a, the loss is at least delta psi(p/a) + "
        "(1-delta) psi(p) - p T for every p <= a (C-1)/C, without bias; attained when a q(T a) = q(T)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        _D * psi_value(_P / _A, _C) + (1 - _D) * psi_value(_P, _C) - _P * _T,
        (
            *NORMS_POSITIVE,
            NO_BIAS,
            Condition("0 < p", Rational(0), _P, strict=True),
            Condition("0 < a", Rational(0), _A, strict=True),
            Condition("a <= 1", _A, Rational(1)),
            Condition("p/a <= (C-1)/C", _P, _A * (_C - 1) / _C),
        ),
    ),
    uses=("cross-entropy-identity",),
)
