# SPDX-License-Identifier: MIT
"""Supervised contrastive loss, classes of any sizes: no less than a function of the C x C mean products.

For the anchor h_ci the loss is log S_ci minus the mean of <h_ci, h> over the other samples of its class, with
S_ci the sum of exp <h_ci, h> over all samples but the anchor (Graf et al. 2021; a temperature is a factor of
the features).  With N_cj the number of samples of class j that an anchor of class c is compared with (n_j,
less 1 for j = c) and g_cj the mean of <h_ci, h_ji'> over these pairs, the mean loss of class c is at least

    log sum_j N_cj e^{g_cj} - g_cc,

Jensen's inequality for a convex function of the Gram matrix.  Attained by collapsed classes.  What remains is
a convex program in the C x C matrix g, and its tangent at any matrix r is a lower bound linear in the Gram
matrix (the true neighbour): this project (2026), where Graf et al. 2021 have equal classes.
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, exp, log

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, le
from theory.kernel import Theorem
from theory.lemmas.class_gram import (
    BATCH,
    PRODUCTS,
    SHARES,
    N,
    chi,
    contrast,
    ell,
    g,
    level,
    level_of,
    line,
    n,
    r,
    share,
    tangent,
)
from theory.proving import assume, average, combine, instantiate
from theory.symbols import c, h, i, j

HYPOTHESES = (*BATCH, level_of(g(c, j)), SHARES)


def claim(more: object = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(Mean(share(c) * (level(c) - g(c, c) + more), c), contrast()), hypotheses)


@lru_cache
def prove() -> Theorem:
    """The tangent at the mean products themselves, which touches."""
    there = instantiate(tangent(), functions={r: ((c, j), g(c, j))}, label="at the mean products")
    scaled = combine(
        le(share(c) * (level(c) - g(c, c)), share(c) * (Mean(ell(c, i), i) - g(c, c))),
        {there: share(c)},
        facts=[assume(SHARES)],
        label="weight of a class",
    )
    return combine(claim().conclusion, {average(scaled, c): 1})  # type: ignore[arg-type]


def collapsed(more: int = 0, spread: int = 0) -> Witness:
    """Two classes of two samples at +1 and -1, apart by +-spread within a class; reference products 0.

    Weights of the classes 1/2 each.  more: added to the own products of the classes.
    """
    at = {(x, y): Integer(1 - 2 * x) + spread * (1 - 2 * y) for x in range(2) for y in range(2)}

    def same(x: int, a: int, y: int, b: int) -> bool:
        return (x, a) == (y, b)

    def row(x: int, a: int) -> Expr:
        rest = [at[x, a] * at[key] for key in at if not same(x, a, *key)]
        return log(sum(exp(value) for value in rest))

    def mean(x: int, y: int) -> Expr:
        pairs = [(a, b) for a in range(2) for b in range(2) if not same(x, a, y, b)]
        return sum(at[x, a] * at[y, b] for a, b in pairs) / Integer(len(pairs)) + more * int(x == y)

    def count(x: int, y: int) -> Integer:
        return Integer(2 - int(x == y))

    return Witness(
        2,
        2,
        1,
        {
            h: lambda c, i, k: at[c, i],
            chi: lambda c, i, j, i2: Integer(not same(c, i, j, i2)),
            n: lambda j: Integer(2),
            N: count,
            g: mean,
            r: lambda c, j: Integer(0),
            ell: row,
            level: lambda c: log(sum(count(c, y) * exp(mean(c, y)) for y in range(2))),
            share: lambda c: Rational(1, 2),
        },
        {},
        "two classes of two samples at 1 and -1",
    )


def twins() -> list[Twin]:
    return [
        Twin("1 % more inside the logarithm", claim(log(Rational(101, 100))), collapsed()),
        Twin(
            "own products not of the features",
            claim(hypotheses=tuple(a for a in HYPOTHESES if a is not PRODUCTS)),
            collapsed(more=1),
        ),
        Twin(
            "an identity, for classes that are not collapsed",
            Statement(le(contrast(), claim().conclusion.lhs), HYPOTHESES),  # type: ignore[union-attr]
            collapsed(spread=1),
        ),
    ]


def neighbour() -> Neighbour:
    hypotheses = (*BATCH, level_of(r(c, j)))
    return Neighbour("the tangent at any matrix", Statement(line(), hypotheses), tangent)


_n, _C = value("samples_per_class"), value("C")
THEOREM = Entry(
    name="graf-2021-class-gram",
    title="Supervised contrastive loss from the mean products of the classes",
    kind="tight",
    source="Graf et al. 2021, arXiv:2102.08817 (contrastive loss); any classes: this project (2026)",
    says=(
        "Classes of any sizes: the supervised contrastive loss, anchors left out, is at least sum_c pi_c "
        "(log sum_j N_cj e^{g_cj} - g_cc), g the mean products of different samples; attained by collapsed "
        "classes. The number: equal classes whose own products exceed all others by t."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=collapsed,
    formula=Formula(
        log(_n - 1 + _n * (_C - 1) * exp(-value("t"))),
        (Condition("2 <= samples per class", Integer(2), _n),),
    ),
)
