# SPDX-License-Identifier: MIT
"""A collapsed stationary point of a deep linear model whose logit gap is below C (L-1)/(L+1) is a saddle.

Two of its C - 1 equal singular values are pulled apart: the logits alpha (I - J/C) change by t (e_1 - e_2)
(e_3 - e_4)^T and its transpose, so that alpha becomes alpha + 2t and beta = alpha - 2t.  No logit of an own
class changes, so the loss grows by what four classes lose to each other, at most (4/C) e^-alpha (e^t + e^-t -
2)/(1 + (C-1) e^-alpha), and the decays, (d/2) lambda sum s^p with p = 2/d, d = L + 1, fall because p < 1.  At
a stationary point these weigh alpha (e^t + e^-t - 2) against C t^2 (1 - p (1 + t/beta)^2).  With one layer,
p = 1, the fall is nothing.  Four classes are needed: C = m + 4.
"""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational, exp, log, sympify

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Relation, eq, le, lt
from theory.kernel import Theorem
from theory.lemmas.power_pair import FALL, LOWER, STRETCH, UPPER, gap, low, power_pair, turn
from theory.lemmas.schatten import CONCAVE, power
from theory.proving import assume, combine, cut, log_tangent
from theory.symbols import nonnegative, positive

cost = positive("rho_s", r"\varrho", "(lambda/2) sum_l s_l^2, one singular direction of a collapsed solution")
more = nonnegative("classes_beyond_four", "m", "number of classes beyond four")
N = more + 4
WHOLE = 1 + (N - 1) * exp(-gap)
PULLED = 1 + (N - 3 + exp(turn) + exp(-turn)) * exp(-gap)
TURNED = exp(-turn) * (exp(turn) - 1) ** 2  # e^t + e^-t - 2


def hypotheses(share: Any = 1) -> tuple[Relation, ...]:
    """Stationary under scaling; and a logit gap that is small against C (1 - p)."""
    return (
        eq(power * cost, gap * exp(-gap) / WHOLE),
        lt(gap * TURNED, share * N * turn**2 * (1 - power * STRETCH**2)),
    )


def conclusion(saved: Any = 0) -> Relation:
    """The objective with two directions pulled apart is below that of collapse, by more than ``saved``."""
    apart = 4 / N * log(PULLED) + (N - 4) / N * log(WHOLE)
    return lt(apart + cost * (N - 3 + UPPER + LOWER) + saved, log(WHOLE) + (N - 1) * cost)


def claim(share: Any = 1) -> Statement:
    return Statement(conclusion(), hypotheses(share))


@lru_cache
def concave() -> Theorem:
    """p <= 1, or the second hypothesis could not hold."""
    small = assume(hypotheses()[1])
    rate = 1 / (N * turn**2 * STRETCH**2)
    return combine(
        CONCAVE,
        {small: rate},
        slack=gap * TURNED * rate + (2 * low * turn + turn**2) / (low + turn) ** 2,
        label="p (1 + t/beta)^2 < 1",
    )


@lru_cache
def prove() -> Theorem:
    """log x <= x - 1 for the loss, and the fall of two powers for the decays."""
    stationary, small = map(assume, hypotheses())
    ratio = log_tangent(PULLED / WHOLE, label="log of the ratio")
    fall = cut(power_pair(), concave(), label="p <= 1")
    return combine(
        conclusion(),
        {
            ratio: 4 / N,
            fall: cost,
            stationary: -FALL / power,
            small: 4 * exp(-gap) / (N * gap * WHOLE),
        },
        label="the decays pay",
    )


def _at(classes: int, factors: int, beta: Any, t: Any, off: Any = 1) -> Witness:
    """Stationary at the logit gap beta + 2 t, with ``factors`` = d."""
    b, s, m = sympify(beta), sympify(t), Integer(classes)
    a = b + 2 * s
    paid = off * Rational(factors, 2) * a * exp(-a) / (1 + (m - 1) * exp(-a))
    return Witness(
        classes,
        1,
        1,
        {},
        {low: b, turn: s, power: Rational(2, factors), cost: paid, more: m - 4},
        f"C = {classes}, L = {factors - 1}, logit gap {a}, t = {t}",
    )


def twins() -> list[Twin]:
    few = Rational(1, 20)
    return [
        Twin("gaps four times as large", claim(share=4), _at(4, 3, 4, Rational(1, 20))),
        Twin("any gap", Statement(conclusion(), hypotheses()[:1]), _at(4, 4, 8, Rational(1, 4))),
        Twin("one layer", Statement(conclusion(), hypotheses()[:1]), _at(4, 2, 2, Rational(1, 4))),
        Twin("not stationary", Statement(conclusion(), hypotheses()[1:]), _at(4, 4, 1, few, Rational(1, 9))),
        Twin("a saving of 1/50", Statement(conclusion(Rational(1, 50)), hypotheses()), _at(4, 4, 1, few)),
    ]


def neighbour() -> Neighbour:
    """e^t + e^-t - 2 = e^t (1 - e^-t)^2 <= e^t t^2: a condition without the difference."""
    simple = lt(gap * exp(turn), N * (1 - power * STRETCH**2))

    def proof() -> Theorem:
        part = 1 - exp(-turn)
        below = combine(le(part, turn), {log_tangent(exp(-turn)): 1}, label="1 - e^-t <= t")
        above = combine(
            le(0, part), {log_tangent(exp(turn)): exp(-turn)}, slack=turn * exp(-turn), label="e^t >= 1 + t"
        )
        square = combine(
            le(TURNED, turn**2 * exp(turn)),
            [(below, turn * exp(turn)), (below, part * exp(turn))],
            facts=[above],
            label="squares",
        )
        small = combine(hypotheses()[1], {assume(simple): turn**2, square: gap}, label="a larger left side")
        return cut(prove(), small)

    goal = Statement(conclusion(), (hypotheses()[0], simple))
    return Neighbour("if alpha e^t < C (1 - p (1 + t/beta)^2)", goal, proof)


_L = value("layers")
THEOREM = Entry(
    name="garrod-keating-2024-saddle",
    title="Stationary collapse is a saddle where its logit gap is below C (L-1)/(L+1)",
    kind="lower",
    source=(
        "this project (2026); for the deep linear model of Garrod & Keating 2024, arXiv:2410.23169, theorems "
        "1 and 4"
    ),
    says=(
        "C >= 4 classes, L linear layers after the features, p = 2/(L+1). At a collapsed stationary solution "
        "with logit gap alpha, two equal singular values pulled apart to alpha + 2t and beta = alpha - 2t, "
        "along (e_1 - e_2)(e_3 - e_4)^T + its transpose, lower the objective if alpha (e^t + e^-t - 2) < C "
        "t^2 (1 - p (1 + t/beta)^2): for small t, if alpha < C (1 - p) = C (L-1)/(L+1). So such a solution "
        "is no local minimum; all of them are such from a certain decay on. The other side: "
        "garrod-keating-2024-second-order."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    # logit gap up to which a stationary collapsed solution is a saddle
    formula=Formula(
        value("C") * (_L - 1) / (_L + 1),
        (Condition("4 <= C", Integer(4), value("C")), Condition("1 <= layers", Integer(1), _L)),
    ),
)
