# SPDX-License-Identifier: MIT
"""One direction of the logits cannot serve three classes: cross-entropy in what is left of the nuclear norm.

sqrt(n) z_cj = sigma_1 a_c b_j + sum_l sigma_l u_lc v_lj; for a, b, and the norms ||u_l||, ||v_l|| <= 1 no
orthogonality is used.  Against one of the two classes where b is largest and least, a third class has no
margin from the first direction; all C - 2 of them together have at most sum sigma_l sqrt(C - 1)/sqrt(n) from
the others.  What is bounded is the loss of these classes: for other two classes it may be 0.
"""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational, exp, log, sqrt, sympify

from theory.definitions import cross_entropy
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, le
from theory.kernel import Theorem
from theory.lemmas.schatten import log_value, total_value
from theory.lemmas.two_directions import (
    COUNT,
    EXTREMES,
    HIGHEST,
    LAMBDA,
    LOWEST,
    UNIT,
    WEIGHT,
    below_loss,
    first_left,
    first_right,
    largest,
    least,
    left,
    level,
    logits,
    not_negative,
    right,
    third,
    third_bound,
    third_loss,
    top,
)
from theory.proving import combine, instantiate
from theory.symbols import C, c, n

HYPOTHESES = (*UNIT, COUNT, *EXTREMES)
HIGH, LOW = (1, 0, 0), (0, 1, 0)  # where b is largest and least in the configuration below
MARGIN = LAMBDA * total_value() / (third * sqrt(n))


def claim(factor: Any = 1, scale: Any = 1, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    return Statement(le(factor * third / C * log(1 + exp(-scale * MARGIN)), third_loss()), hypotheses)


@lru_cache
def prove() -> Theorem:
    """The dual bound at the margin itself."""
    known = instantiate(third_bound(), {level: MARGIN}, label="s := the margin")
    more = log(1 + exp(-MARGIN)) + WEIGHT.subs(level, MARGIN) * MARGIN / 2
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {known: 1, not_negative(): more},
        label="the best dual",
    )


def configuration(
    one: Any = 1, other: Any = 1, high: Any = HIGH, low: Any = LOW, first: Any = 4 * 10**6, m: Any = 1
) -> Witness:
    """C = 3: the third class has the margin sqrt(2) over the first, and all else is well separated."""
    tiny, half = Rational(1, 10**5), 1 / sqrt(Integer(2))
    sign = -1 if high[1] == 1 else 1
    a, b = [sign, -sign, sign * tiny], [sign, -sign, sign * (1 - 10 * tiny)]
    u, v = [0, 0, one], [-other * half, 0, other * half]
    return Witness(
        3,
        1,
        1,
        {
            first_left: lambda c: sympify(a[c]),
            first_right: lambda c: sympify(b[c]),
            left: lambda m, c: sympify(u[c]) if m == 0 else Integer(0),
            right: lambda m, c: sympify(v[c]) if m == 0 else Integer(0),
            log_value: lambda m: Integer(0) if m == 0 else -Integer(40),
            largest: lambda c: Integer(high[c]),
            least: lambda c: Integer(low[c]),
        },
        {top: Integer(first), third: Integer(m), n: Integer(1)},
        f"three classes, sigma_1 = {first}, the next 1, with vectors of lengths {one} and {other}",
    )


def _without(*dropped: Any) -> tuple[Any, ...]:
    return tuple(a for a in HYPOTHESES if a not in dropped)


def twins() -> list[Twin]:
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), configuration()),
        Twin("1 % less margin", claim(scale=Rational(99, 100)), configuration()),
        Twin("left vectors of any length", claim(hypotheses=_without(UNIT[0])), configuration(one=2)),
        Twin("right vectors of any length", claim(hypotheses=_without(UNIT[1])), configuration(other=2)),
        Twin("b not largest at p", claim(hypotheses=_without(HIGHEST)), configuration(high=(0, 0, 1))),
        Twin("b not least at m", claim(hypotheses=_without(LOWEST)), configuration(low=(0, 0, 1))),
        Twin("any number of classes", claim(hypotheses=_without(COUNT)), configuration(m=2)),
        Twin(
            "p not 0 or 1",
            claim(hypotheses=_without(EXTREMES[0])),
            configuration(first=10**4, high=(9, -8, 0)),
        ),
        Twin("p 1 at two classes", claim(hypotheses=_without(EXTREMES[1])), configuration(high=(1, 0, 1))),
        Twin(
            "m not 0 or 1",
            claim(hypotheses=_without(EXTREMES[2])),
            configuration(first=10**4, high=(0, 1, 0), low=(9, -8, 0)),
        ),
        Twin(
            "m 1 at two classes",
            claim(hypotheses=_without(EXTREMES[3])),
            configuration(high=(0, 1, 0), low=(1, 0, 1)),
        ),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le(claim().conclusion.lhs, Mean(cross_entropy(logits), c)), HYPOTHESES)  # type: ignore[union-attr]
    proof = lambda: combine(goal.conclusion, {prove(): 1, below_loss(): 1})  # type: ignore[arg-type]  # noqa: E731
    return Neighbour("the loss of all classes", goal, proof)


_C = value("C")
THEOREM = Entry(
    name="third-class-loss",
    title="One direction cannot serve three classes: cross-entropy in the other singular values",
    kind="lower",
    source=(
        "this project (2026); singular values in deep linear models: Garrod & Keating 2024 (arXiv:2410.23169)"
    ),
    says=(
        "C >= 3 classes of n samples, sqrt(n) Z = sigma_1 a b^T + sum sigma_l u_l v_l^T with ||u_l||, "
        "||v_l|| <= 1: whatever sigma_1, the cross-entropy of all classes but those two where b is largest "
        "and least is, over C, at least ((C-2)/C) log(1 + e^-s), s = sqrt(C-1) sum sigma_l/((C-2) sqrt n): "
        "direction 1 gives none of them a margin against both. So it bounds the mean loss. For C = 3 the "
        "factor sqrt(C-1)/(C-2) cannot be smaller."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    # at nuclear norm R of what is left without the largest singular value
    formula=Formula(
        (_C - 2)
        / _C
        * log(1 + exp(-sqrt(_C - 1) * value("norm_budget") / ((_C - 2) * sqrt(value("samples_per_class"))))),
        (
            Condition("3 <= C", Integer(3), _C),
            Condition("n > 0", Integer(0), value("samples_per_class"), strict=True),
        ),
    ),
)
