# SPDX-License-Identifier: MIT
"""In d < C - 1 dimensions the loss stays above phi(T) by an explicit amount, linear in C - 1 - d."""

from typing import Any

from sympy import Abs, Integer, Rational

from theory.definitions import (
    alignment,
    loss,
    mean_square_features,
    mean_square_weights,
    phi,
    q,
    sq,
    unbiased_logit,
    wt,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import NO_BIAS, NORMS_POSITIVE, Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import Mean, eq, le, substitute
from theory.kernel import Theorem
from theory.lemmas import mean_margin
from theory.lemmas.low_rank import (
    BALANCED,
    PROJECTION,
    SMALL,
    WEIGHT,
    c2,
    mean_logit,
    proj,
    row_norm,
    sample_bound,
    step,
)
from theory.proving import assume, average, combine, instantiate, visible
from theory.symbols import C, T, alpha, beta, c, d, h, i, j, w, z

NORMS = (
    le(mean_square_features(), alpha**2),
    le(mean_square_weights(), beta**2),
    eq(T, C * alpha * beta / (C - 1)),
)
OUT_OF_REACH = eq(C * Mean(proj(c, c2) * substitute(mean_logit(), {c: c2}), c2), 0, c, j)
TRACE = le(C - 1 - d, C * Mean(proj(c, c), c))
SHORT = le(step, T)
HYPOTHESES = (*NORMS, PROJECTION, BALANCED, OUT_OF_REACH, TRACE, SMALL, SHORT)


def claim(rank: object = d, factor: object = 1) -> Statement:
    extra = q(T) / (C * (C - 1)) * step * (T - step) * (C - 1 - rank)
    return Statement(le(phi(T) + factor * extra, loss(unbiased_logit)), HYPOTHESES)


def orthogonal() -> Theorem:
    """<P, Z> = 0: the reference may move along P without paying the logits less."""
    here = assume(PROJECTION)
    symmetric = combine(
        eq(proj(c, j), proj(j, c)),
        {here: -1, instantiate(here, {c: j, j: c}, label="exchanged"): 1},
        label="P is symmetric",
    )
    scaled = combine(
        eq(proj(c, j) * mean_logit(), proj(j, c) * mean_logit()), {symmetric: mean_logit()}, label="times Z"
    )
    diagonal = instantiate(assume(OUT_OF_REACH), {j: c}, label="the true classes")
    return combine(
        eq(Mean(C * Mean(proj(c, j) * unbiased_logit(c, i, j), j), c, i), 0),
        {average(diagonal, c): 1, average(scaled, c, j): C},
        label="<P, Z> = 0",
    )


def prove() -> Theorem:
    """The moved reference gains T tr P and loses ||P||^2; the rest is the bound for fixed norms."""
    sample = instantiate(
        sample_bound(), functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits <w_j, h>"
    )
    features, weights, margin = map(assume, NORMS)
    square = Mean(sq(lambda x: h(c, i, x) / alpha - wt(c, x) / beta), c, i)
    rate, gain = T * q(T) / 2, WEIGHT * step
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(sample, c, i, label="E over samples"): 1,
            mean_margin(unbiased_logit): q(T),
            visible(le(0, square), label="a mean of squares"): rate,
            features: rate / alpha**2,
            weights: rate / beta**2,
            margin: -q(T) * alignment() / (alpha * beta),
            orthogonal(): gain,
            average(row_norm(), c, label="||P||^2 = tr P"): gain * step,
            assume(TRACE): gain * (T - step) / C,
        },
        facts=[assume(SHORT)],
        label="fixed norms, and what the dimension costs",
    )


def witness(size: int = 1, rank_one: bool = True) -> Witness:
    """Three classes on a line at 1, -1, 0 times ``size``, T = size^2, and the projection on what is left."""
    place, rest = [Integer(1), Integer(-1), Integer(0)], [Integer(1), Integer(1), Integer(-2)]
    norm = size * Rational(2, 3) ** Rational(1, 2)
    table: dict[Any, Any] = {
        w: lambda j, k: size * place[j],
        h: lambda c, i, k: size * place[c],
        proj: lambda c, j: rest[c] * rest[j] / 6 if rank_one else Integer(0),
    }
    values = {alpha: norm, beta: norm, T: Integer(size) ** 2, step: Rational(2, 3)}
    return Witness(3, 1, 1, table, values, "three classes on a line")


def twins() -> list[Twin]:
    unspanned = tuple(a for a in HYPOTHESES if a not in (OUT_OF_REACH, TRACE))
    return [
        Twin("forty times the cost", claim(factor=40), witness()),
        Twin("d - 40 instead of d", claim(rank=d - 40), witness()),
        Twin(
            "a rank of -100, for any projection",
            Statement(claim(rank=-100).conclusion, unspanned),
            witness(rank_one=False),
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(rank=d + 1)
    rate = q(T) / (C * (C - 1)) * step
    return Neighbour(
        "one dimension more",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1, assume(SHORT): rate}),  # type: ignore[arg-type]
    )


_C, _d = value("C"), value("dimension")
_T = _C * value("alpha") * value("beta") / (_C - 1)
_S = (1 + _T / 2 - Abs(1 - _T / 2)) / 2  # the smaller one of 1 and T/2
THEOREM = Entry(
    name="low-dimension-loss",
    title="What too few dimensions cost",
    kind="lower",
    source="this project (2026); collapse needs d >= C - 1: Papyan, Han & Donoho 2020; Graf et al. 2021",
    says=(
        "Without bias, for every s with 0 < s <= 1 and s <= T, L >= phi(T) + (q(T)/(C (C-1))) s (T "
        "- s) (C - 1 - d): below C - 1 dimensions collapse is out of reach by an amount linear in the "
        "missing dimensions. P is the projection onto what the columns of the class-mean logits and the "
        "vector of ones leave. The number has s = 1, or T/2 if that is less."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("cross-entropy-identity",),
    formula=Formula(
        phi_value(_T, _C) + q_value(_T, _C) / (_C * (_C - 1)) * _S * (_T - _S) * (_C - 1 - _d),
        (
            *NORMS_POSITIVE,
            NO_BIAS,
            Condition("d <= C - 1", _d, _C - 1),
        ),
    ),
)
