# SPDX-License-Identifier: MIT
"""Pairs of classes beat every stationary collapsed solution of a deep linear model whose gap is not large.

Garrod & Keating 2024, theorem 1, compares at the same singular values and needs (C/2) 2^{2/d} <= C - 1, with
d = L + 1.  At C = 4, L = 2 this fails.  But a collapsed solution that is stationary under scaling its layers
has (lambda/2) sum_l s_l^2 = (d/2) alpha e^-alpha/(1 + (C-1) e^-alpha), and with that the saving in the loss
pays for a larger regulariser as long as (d/2) ((C/2) 2^{2/d} - C + 1) alpha < 1 - e^-alpha.  For C = 4, L = 2
this is so for every alpha <= 3, that is, unless the decay is small.  With L = 1, where collapse is optimal,
it never is.
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, exp, log

from theory.definitions import phi
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.expressions import Relation, eq, le, lt
from theory.kernel import Theorem
from theory.proving import assume, combine, cut, instantiate, log_tangent, square_monotone
from theory.symbols import C, d, positive

gap = positive("alpha_z", r"\alpha", "logit gap of a collapsed solution: logits alpha (I - J/C)")
cost = positive("rho_s", r"\varrho", "(lambda/2) sum_l s_l^2, one singular direction of a collapsed solution")
x = positive("x_half", "x", "half a logit gap")
WHOLE = 1 + (C - 1) * exp(-gap)


def excess(factors: Expr = d) -> Expr:
    """How much more the paired structure pays, in units of one direction: (C/2) 2^{2/d} - (C - 1)."""
    return C / 2 * Integer(2) ** (2 / factors) - C + 1


def hypotheses(share: object = 1) -> tuple[Relation, ...]:
    """Stationary under scaling; and not too large a gap (``share`` = 1)."""
    return (
        eq(cost, d / 2 * gap * exp(-gap) / WHOLE),
        lt(d / 2 * excess() * gap, share * (1 - exp(-gap))),
    )


def conclusion(factors: Expr = d, saved: object = 0) -> Relation:
    """The paired structure has the smaller objective, by more than ``saved``."""
    paired = log(1 + (C - 2) * exp(-gap) + exp(-2 * gap))
    return lt(paired + (excess(factors) + C - 1) * cost + saved, phi(gap) + (C - 1) * cost)


def claim(share: object = 1) -> Statement:
    return Statement(conclusion(), hypotheses(share))


@lru_cache
def prove() -> Theorem:
    """log x <= x - 1 at the ratio of the two sums of exponentials."""
    stationary, small = map(assume, hypotheses())
    ratio = log_tangent((1 + (C - 2) * exp(-gap) + exp(-2 * gap)) / WHOLE, label="log of the ratio")
    return combine(
        conclusion(),
        {ratio: 1, stationary: excess(), small: exp(-gap) / WHOLE},
        label="the saving pays",
    )


def _at(classes: int, factors: int, size: object) -> Witness:
    """Stationary at the logit gap ``size``."""
    a, n = Integer(size), Integer(classes)
    at = Rational(factors, 2) * a * exp(-a) / (1 + (n - 1) * exp(-a))
    return Witness(classes, 1, factors, {}, {gap: a, cost: at}, f"C = {classes}, L = {factors - 1}, gap {a}")


def twins() -> list[Twin]:
    return [
        Twin("the gap may be five times as large", claim(share=5), _at(4, 3, 8)),
        Twin("without a condition on the gap", Statement(conclusion(), hypotheses()[:1]), _at(4, 3, 5)),
        Twin("a saving of 1/2", Statement(conclusion(saved=Rational(1, 2)), hypotheses()), _at(4, 3, 2)),
        Twin("one layer", Statement(conclusion(), hypotheses()[:1]), _at(4, 2, 3)),
        Twin(
            "not stationary",
            Statement(conclusion(), hypotheses()[1:]),
            Witness(4, 1, 3, {}, {gap: Integer(2), cost: Integer(9)}, "C = 4, L = 2, gap 2, large norms"),
        ),
    ]


def neighbour() -> Neighbour:
    goal = Statement(
        conclusion(Integer(3)),
        (
            eq(cost, Rational(3, 2) * gap * exp(-gap) / WHOLE),
            le(4, C),
            le(gap, 3),
        ),
    )

    def proof() -> Theorem:
        """(3/2) (2 2^{2/3} - 3) < 27/100, and e^a >= (1 + a/2)^2."""
        y = Integer(2) ** Rational(2, 3)
        bound, limit = Rational(159, 100), Rational(27, 100)
        root = combine(
            lt(y, bound), slack=(bound**3 - 4) / (bound**2 + bound * y + y**2), label="2^{2/3} < 1.59"
        )
        many, narrow = assume(le(4, C)), assume(le(gap, 3))
        room = 1 / (Integer(2) ** Rational(1, 3) * (1 + y + Integer(2) ** Rational(1, 3)))  # 1 - y/2
        slope = combine(
            lt(Rational(3, 2) * excess(Integer(3)), limit), {many: Rational(3, 2) * room, root: 3}
        )
        grows = combine(le(1 + x, exp(x)), {log_tangent(exp(x)): 1}, label="1 + x <= e^x")
        twice = combine(le((1 + x) ** 2, exp(2 * x)), {square_monotone(grows): 1}, label="squares")
        half = instantiate(twice, {x: gap / 2}, label="x := a/2")
        square = (1 + gap / 2) ** 2
        enough = combine(
            lt(Rational(3, 2) * excess(Integer(3)) * gap, 1 - exp(-gap)),
            {
                slope: gap,
                half: exp(-gap) / square,
                narrow: gap / square * (Rational(2, 100) + Rational(675, 10000) * (3 + gap)),
            },
            slack=Rational(625, 10000) * gap / square,
            label="the condition holds up to 3",
        )
        return cut(instantiate(prove(), {d: Integer(3)}, label="L = 2"), enough)

    return Neighbour("C >= 4, L = 2, every gap up to 3", goal, proof)


_d = value("layers") + 1
_excess = value("C") / 2 * 2 ** (2 / _d) - value("C") + 1
_whole = 1 + (value("C") - 1) * exp(-value("t"))
THEOREM = Entry(
    name="garrod-keating-2024-stationary",
    title="Pairs of classes beat stationary collapse",
    kind="lower",
    source="this project (2026); extends Garrod & Keating 2024, arXiv:2410.23169, theorem 1",
    says=(
        "A collapsed deep linear solution that is stationary, with logit gap alpha, is beaten by pairs if "
        "(d/2) ((C/2) 2^{2/d} - C + 1) alpha < 1 - e^-alpha, d = L + 1: for C = 4, L = 2 if alpha <= 3."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        phi_value(value("t"), value("C"))
        - log(1 + (value("C") - 2) * exp(-value("t")) + exp(-2 * value("t")))
        - _excess * _d / 2 * value("t") * exp(-value("t")) / _whole,
        (
            Condition("0 < gap t", Integer(0), value("t"), strict=True),
            Condition(
                "(d/2) ((C/2) 2^{2/d} - C + 1) t < 1 - e^-t",
                _d / 2 * _excess * value("t"),
                1 - exp(-value("t")),
                strict=True,
            ),
        ),
    ),
)
