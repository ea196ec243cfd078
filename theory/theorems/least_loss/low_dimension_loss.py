# SPDX-License-Identifier: MIT
"""In d < C - 1 dimensions the loss stays above phi(T) by an explicit amount, linear in C - 1 - d."""

from typing import Any

from sympy import Integer, Rational

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
    PROJECTION,
    SMALL,
    WEIGHT,
    c2,
    column,
    mean_logit,
    off,
    own,
    proj,
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
SPAN = eq(C * Mean(proj(c, c2) * substitute(mean_logit(), {c: c2}), c2), mean_logit(), c, j)
TRACE = le(C * Mean(proj(c, c), c), d)
SHORT = le(step, T)
HYPOTHESES = (*NORMS, PROJECTION, SPAN, TRACE, SMALL, SHORT)


def claim(rank: object = d, factor: object = 1) -> Statement:
    extra = q(T) / (C * (C - 1)) * step * (T - step) * (C - 1 - rank)
    return Statement(le(phi(T) + factor * extra, loss(unbiased_logit)), HYPOTHESES)


def orthogonal() -> Theorem:
    """<Y, Z> = 0: the reference may move along Y without paying the logits less."""
    span = assume(SPAN)
    pairs = C * Mean(off() * unbiased_logit(c, i, j), j) + unbiased_logit(c, i, c)
    diagonal = instantiate(span, {c: j}, label="the true classes")
    return combine(
        eq(Mean(pairs, c, i), 0), {average(diagonal, j): -1, average(span, c, j): 1}, label="<Y, Z> = 0"
    )


def trace() -> tuple[Theorem, Theorem]:
    """mean_c ||Y_c||^2 = mean_c Y_cc, and that is at least (C - 1 - d)/C."""
    here = assume(PROJECTION)
    everywhere = average(here, c, j, label="mean of P")
    rows = average(instantiate(here, {j: c}, label="row norm"), c, label="trace of P")
    squares = C * Mean(off() ** 2, j) - off(c, c) ** 2 + own() ** 2
    same = combine(eq(Mean(squares, c), Mean(own(), c)), {rows: 1, everywhere: -1}, label="tr Y = ||Y||^2")
    room = combine(
        le((C - 1 - d) / C, Mean(own(), c)),
        {assume(TRACE): 1 / C, everywhere: 1},
        slack=C * Mean(column() ** 2, c),
        label="tr Y >= C - 1 - d",
    )
    return same, room


def prove() -> Theorem:
    """The moved reference gains T tr Y and loses ||Y||^2; the rest is the bound for fixed norms."""
    sample = instantiate(
        sample_bound(), functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits <w_j, h>"
    )
    features, weights, margin = map(assume, NORMS)
    square = Mean(sq(lambda x: h(c, i, x) / alpha - wt(c, x) / beta), c, i)
    same, room = trace()
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
            same: gain * step,
            room: gain * (T - step),
        },
        facts=[assume(SHORT)],
        label="fixed norms, and what the dimension costs",
    )


def witness(size: int = 1, rank_one: bool = True) -> Witness:
    """Three classes on a line at 1, -1, 0 times ``size``, T = size^2, and the projection onto that line."""
    place = [Integer(1), Integer(-1), Integer(0)]
    norm = size * Rational(2, 3) ** Rational(1, 2)
    table: dict[Any, Any] = {
        w: lambda j, k: size * place[j],
        h: lambda c, i, k: size * place[c],
        proj: lambda c, j: place[c] * place[j] / 2 if rank_one else Integer(0),
    }
    values = {alpha: norm, beta: norm, T: Integer(size) ** 2, step: Rational(2, 3)}
    return Witness(3, 1, 1, table, values, "three classes on a line")


def twins() -> list[Twin]:
    unspanned = tuple(a for a in HYPOTHESES if a not in (SPAN, TRACE))
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
THEOREM = Entry(
    name="low-dimension-loss",
    title="What too few dimensions cost",
    kind="lower",
    source="this project (2026); collapse needs d >= C - 1: Papyan, Han & Donoho 2020; Graf et al. 2021",
    says=(
        "Without bias, for every s with 0 < s <= 2/3 and s <= T, L >= phi(T) + (q(T)/(C (C-1))) s (T "
        "- s) (C - 1 - d): below C - 1 dimensions collapse is out of reach by an amount linear in the "
        "missing dimensions. P is the projection onto the columns of the class-mean logits."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("cross-entropy-identity",),
    formula=Formula(
        phi_value(_T, _C)
        + q_value(_T, _C) / (_C * (_C - 1)) * Rational(2, 3) * (_T - Rational(2, 3)) * (_C - 1 - _d),
        (
            *NORMS_POSITIVE,
            NO_BIAS,
            Condition("2/3 <= T", Rational(2, 3), _T),
            Condition("d <= C - 1", _d, _C - 1),
        ),
    ),
)
