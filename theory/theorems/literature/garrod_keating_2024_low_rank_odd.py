# SPDX-License-Identifier: MIT
"""Garrod & Keating 2024, Theorem 1, for an odd number of classes: pairs and one triple beat collapse.

As in garrod-keating-2024-low-rank, with (C-3)/2 pairs and one triple, whose logits are (3/2) alpha (I - J/3):
its two singular values 3 alpha/2 are products of (3/2)^{1/d} s_l, d = L + 1 factors.  At the same s_l, with
alpha = 2 a,

    collapse  log(1 + (C-1) e^-2a) + (lambda/2) (C-1) sum_l s_l^2,
    here      ((C-3)/C) log(1 + (C-2) e^-2a + e^-4a) + (3/C) log(1 + (C-3) e^-2a + 2 e^-3a)
                  + (lambda/2) ((C-3)/2 2^{2/d} + 2 (3/2)^{2/d}) sum_l s_l^2.
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, exp, log, sqrt

from theory.definitions import phi
from theory.entry import Entry, Neighbour, Statement, Twin, Witness
from theory.expressions import Mean, Relation, le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.depth_powers import power_falls
from theory.proving import assume, combine, log_tangent
from theory.symbols import C, atom, d, k, lam, positive

half_gap = positive("a_z", "a", "half the logit gap of a collapsed solution: logits 2 a (I - J/C)")
s = atom("s_l", "s", "s_l(k): common singular value of factor k of a collapsed solution")
HYPOTHESES = (le(5, C), le(4, d))
TRIPLE = Rational(3, 2)
DIRECTIONS = (C - 3) / 2 * 2 ** (2 / d) + 2 * TRIPLE ** (2 / d)
WHOLE = 1 + (C - 1) * exp(-2 * half_gap)


def direction() -> Expr:
    """(lambda/2) sum_l s_l^2, what one singular direction costs."""
    return lam / 2 * d * Mean(s(k) ** 2, k)


def pair_sum() -> Expr:
    """Sum of exponentials of minus the margins of a class in a pair."""
    return 1 + (C - 2) * exp(-2 * half_gap) + exp(-4 * half_gap)


def triple_sum() -> Expr:
    """The same of a class in the triple."""
    return 1 + (C - 3) * exp(-2 * half_gap) + 2 * exp(-3 * half_gap)


def low_rank_loss() -> Expr:
    """Mean cross-entropy of the low-rank structure."""
    return (C - 3) / C * log(pair_sum()) + 3 / C * log(triple_sum())


def claim(
    factor: object = DIRECTIONS, hypotheses: tuple[Relation, ...] = HYPOTHESES, saved: object = 0
) -> Statement:
    collapse = phi(2 * half_gap) + (C - 1) * direction()
    return Statement(lt(low_rank_loss() + factor * direction() + saved, collapse), hypotheses)


def lower_loss(many: Theorem) -> Theorem:
    """C >= 5 |- both kinds of class have the smaller loss."""
    grows = log_tangent(exp(half_gap), label="a <= e^a - 1")
    twice = log_tangent(exp(2 * half_gap), label="2 a <= e^2a - 1")
    third, fourth = exp(-3 * half_gap) / WHOLE, exp(-4 * half_gap) / WHOLE
    pair = combine(
        le(log(pair_sum()), phi(2 * half_gap)),
        {log_tangent(pair_sum() / WHOLE): 1, twice: fourth},
        slack=2 * half_gap * fourth,
        label="a class in a pair",
    )
    room = combine(le(0, C - 3), {many: 1}, slack=many.relation.lhs - 3, label="C > 3")
    ratio = triple_sum() / WHOLE
    defined = combine(
        lt(0, ratio),
        {room: exp(-2 * half_gap) / WHOLE},
        slack=(1 + 2 * exp(-3 * half_gap)) / WHOLE,
        label="a sum of exponentials",
    )
    split = apply("log_product", a=ratio, b=WHOLE, facts=[defined], label="log of a quotient")
    triple = combine(
        lt(log(triple_sum()), phi(2 * half_gap)),
        {log_tangent(ratio, facts=[defined]): 1, split: 1, grows: 2 * third},
        slack=2 * half_gap * third,
        label="a class in the triple",
    )
    return combine(
        lt(low_rank_loss(), phi(2 * half_gap)),
        {pair: (C - 3) / C, triple: 3 / C},
        facts=[room],
        label="on average",
    )


def beaten(power: Rational, classes: int, rest: Theorem) -> Theorem:
    """``rest``: (classes-3)/2 2^power + 2 (3/2)^power <= classes - 1, at the least depth 2/power."""
    many = assume(le(classes, C))
    pairs, triple = power_falls(Integer(2), power), power_falls(TRIPLE, power)
    x = Integer(2) ** Rational(1, 3)
    room = 1 / (x * (x**2 + x + 1)) if classes == 7 else 1 / (sqrt(2) * (1 + sqrt(2)))  # 1 - 2^power/2
    many_room = combine(
        le(0, (C - 3) / 2), {many: Rational(1, 2)}, slack=Rational(classes - 3, 2), label="C > 3"
    )
    fewer = combine(
        le(DIRECTIONS, C - 1),
        {pairs: (C - 3) / 2, triple: 2, many: room, rest: 1},
        facts=[many_room],
        label="fewer directions win",
    )
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {lower_loss(many): 1, fewer: direction()},
        label="loss and regulariser",
    )


@lru_cache
def prove() -> Theorem:
    """C >= 5, L >= 3: sqrt(2) + sqrt(6) < 4."""
    slack = 4 / (2 + sqrt(3)) / (4 + sqrt(2) + sqrt(6))
    rest = combine(le(sqrt(2) + 2 * sqrt(TRIPLE), 4), slack=slack, label="sqrt(2) + sqrt(6) < 4")
    return beaten(Rational(1, 2), 5, rest)


def seven_classes() -> Theorem:
    """C >= 7, L >= 2: 2^{2/3} < 1.59 and (3/2)^{2/3} < 1.32."""
    power = Rational(2, 3)

    def below(base: Rational, bound: Rational) -> Theorem:
        y = base**power
        return combine(
            le(y, bound), slack=(bound**3 - base**2) / (bound**2 + bound * y + y**2), label="a cube root"
        )

    pairs, triple = below(Integer(2), Rational(159, 100)), below(TRIPLE, Rational(132, 100))
    goal = le(2 * Integer(2) ** power + 2 * TRIPLE**power, 6)
    return beaten(power, 7, combine(goal, {pairs: 2, triple: 2}, slack=Rational(18, 100)))


def _example(classes: int, factors: int, size: int) -> Witness:
    return Witness(
        classes,
        1,
        factors,
        {s: lambda k: Integer(size)},
        {half_gap: Integer(1), lam: Rational(1, 10)},
        f"C = {classes}, L = {factors - 1}, alpha = 2, s_l = {size}",
    )


def twins() -> list[Twin]:
    return [
        Twin("five classes and two layers", claim(hypotheses=(le(5, C), le(3, d))), _example(5, 3, 10)),
        Twin("three classes", claim(hypotheses=(le(3, C), le(4, d))), _example(3, 4, 10)),
        Twin("a saving of 1/2", claim(saved=Rational(1, 2)), _example(5, 4, 0)),
        Twin("with all its directions", claim(factor=C), _example(5, 4, 10)),
    ]


def neighbour() -> Neighbour:
    return Neighbour("C >= 7 and L >= 2", claim(hypotheses=(le(7, C), le(3, d))), seven_classes)


THEOREM = Entry(
    name="garrod-keating-2024-low-rank-odd",
    title="Deep collapse is not optimal: an odd number of classes",
    kind="published",
    source="Garrod & Keating 2024, arXiv:2410.23169, theorem 1 (odd C); the structure: this project (2026)",
    says=(
        "With an odd number C >= 5 of classes and L >= 3 linear layers after the features, or C >= 7 and "
        "L >= 2, pairs and one triple lower both the loss and the regulariser of every collapsed solution."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    region="C odd; C >= 5 and L >= 3 (C >= 7 and L >= 2 as the true neighbour); equal decay on every layer",
    uncovered=(
        "even C, which is garrod-keating-2024-low-rank; that a collapsed solution has one common singular "
        "value in each factor is taken from its definition, not derived"
    ),
)
