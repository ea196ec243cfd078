# SPDX-License-Identifier: MIT
"""Cross-entropy of a deep linear model, C >= 3 classes: at least two singular values have to pay.

sqrt(n) Z = sigma_1 a b^T + sum sigma_l u_l v_l^T, sigma_1 the largest.  A small mean loss needs a nuclear
norm of at least x + y, and a small loss of the classes that direction 1 does not serve needs sum sigma_l >= y
(third-class-loss).  Of all singular values with these two sums, the two numbers x and y have the least sum of
powers p <= 1.  The bound from the nuclear norm alone, deep-linear-least-loss, has (x + y)^p for x^p + y^p.
"""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational, exp, log, sqrt, sympify

from theory.definitions import cross_entropy, margin, phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, phi_inverse, value
from theory.expressions import Mean, eq, le, lt
from theory.kernel import Theorem
from theory.lemmas import dual_bound
from theory.lemmas.schatten import CONCAVE, log_value, power, total_value
from theory.lemmas.two_directions import (
    COUNT,
    EXTREMES,
    LAMBDA,
    UNIT,
    WEIGHT,
    alike,
    at,
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
from theory.lemmas.two_powers import APART, BELOW, TOGETHER, conclusion, most, rest, two_powers
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, c, i, j, n, p, z

TOP_UNIT = (le(C * Mean(first_left(j) ** 2, j), 1), le(C * Mean(first_right(j) ** 2, j), 1))
MEAN = (most + rest) / ((C - 1) * sqrt(n))
MARGIN = LAMBDA * rest / (third * sqrt(n))
LOSS = le(Mean(cross_entropy(logits), c), phi(MEAN))
THIRD = le(third_loss(), third / C * log(1 + exp(-MARGIN)))
HYPOTHESES = (CONCAVE, *UNIT, *TOP_UNIT, BELOW, COUNT, *EXTREMES, LOSS, THIRD)


def claim(factor: Any = 1, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    return Statement(conclusion(factor), hypotheses)


def _inner(u: Any, v: Any, units: tuple[Theorem, Theorem]) -> Theorem:
    """sum_j u_j (v_j - mean v) <= 1 for vectors of norm at most 1."""
    middle = Mean(v(j), j)
    square = C / 2 * Mean((u(j) - v(j) + middle) ** 2, j) + C / 2 * middle**2
    return combine(
        le(C * Mean(u(j) * (v(j) - middle), j), 1),
        dict.fromkeys(units, Rational(1, 2)),
        slack=square,
        label="<u, v - mean v> <= 1",
    )


@lru_cache
def together() -> Theorem:
    """x + y <= sigma_1 + delta, because the mean margin is at most (sigma_1 + delta)/((C-1) sqrt n)."""
    units = tuple(instantiate(assume(a), {c: at}, label="direction l") for a in UNIT)
    other = _inner(lambda x: left(at, x), lambda x: right(at, x), units)  # type: ignore[arg-type]
    one = _inner(first_left, first_right, tuple(map(assume, TOP_UNIT)))  # type: ignore[arg-type]
    rate = exp(log_value(at))
    each = combine(le(rate * other.relation.lhs, rate), {other: rate}, label="times sigma_l")
    scale = 1 / ((C - 1) * sqrt(n))
    mean = combine(
        le(Mean(margin(logits), c), (top + total_value()) * scale),
        {one: top * scale, average(each, at, label="all directions"): C * scale},
        label="margins by singular triplets",
    )
    sample = instantiate(dual_bound(), functions={z: ((c, i, j), logits(c, i, j))}, label="the logits")
    sample = instantiate(sample, {p: q(MEAN)}, label="p := q(T)")
    rate = 1 / (q(MEAN) * scale)
    return combine(
        TOGETHER,
        {average(sample, c, label="mean over classes"): rate, mean: 1 / scale, assume(LOSS): rate},
        label="psi(q(T)) - q(T) T = phi(T)",
    )


@lru_cache
def apart() -> Theorem:
    """y <= delta, by the loss of the classes that are neither p nor m."""
    named = eq(level, MARGIN)
    bound = le(third_loss(), third / C * log(1 + exp(-level)))
    factor = 1 + C * alike() / (2 * third)
    sign = combine(lt(0, factor), {not_negative(): C / (2 * third)}, slack=Integer(1), label="at least 1")
    rate = C * sqrt(n) / (WEIGHT * LAMBDA * factor)
    spare = combine(
        le(0, log(1 + exp(-level)) + WEIGHT * level / 2),
        {assume(named): -WEIGHT / 2},
        slack=log(1 + exp(-level)) + WEIGHT * MARGIN / 2,
        label="a margin is positive",
    )
    more = combine(
        le(0, alike() * spare.relation.rhs), {spare: alike()}, facts=[not_negative()], label="or nothing"
    )
    known = combine(
        APART,
        {
            third_bound(): rate,
            assume(bound): rate,
            more: rate,
            assume(named): -third * sqrt(n) / LAMBDA,
        },
        facts=[sign],
        label="divide by the slope",
    )
    return instantiate(known, {level: MARGIN}, label="s := the margin")


@lru_cache
def prove() -> Theorem:
    """Powers of two numbers."""
    powers = cut(two_powers(), together(), apart(), label="both sums")
    return combine(conclusion(), {powers: 1}, label="as stated")


UP, ALONG, ACROSS = (1, -1, 0), (1, 1, -2), (1, 0, -1)
EQUAL = (Rational(136, 100), Rational(136, 100))
BOTH = (Rational(101, 10), Rational(15, 4))
HALF = Rational(1, 2)


def configuration(
    values: tuple[Any, Any] = (10, 6),
    numbers: tuple[Any, Any] = BOTH,
    exponent: Any = HALF,
    second: tuple[int, int, int] = ALONG,
    lengths: tuple[Any, Any, Any, Any] = (1, 1, 1, 1),
    high: tuple[int, int, int] = (1, 0, 0),
    low: tuple[int, int, int] = (0, 1, 0),
    count: int = 1,
) -> Witness:
    """C = 3: one singular value along (1, -1, 0), one along ``second``, two that are nearly 0."""
    side = [Integer(x) / sqrt(Integer(sum(y * y for y in second))) for x in second]
    first = [Integer(x) / sqrt(Integer(2)) for x in UP]
    none = -Integer(400)
    return Witness(
        3,
        1,
        1,
        {
            first_left: lambda c: lengths[0] * first[c],
            first_right: lambda c: lengths[1] * first[c],
            left: lambda m, c: lengths[2] * side[c] if m == 0 else Integer(0),
            right: lambda m, c: lengths[3] * side[c] if m == 0 else Integer(0),
            log_value: lambda m: log(sympify(values[1])) if m == 0 else none,
            largest: lambda c: Integer(high[c]),
            least: lambda c: Integer(low[c]),
        },
        {
            top: sympify(values[0]),
            third: Integer(count),
            n: Integer(1),
            power: sympify(exponent),
            most: numbers[0],
            rest: numbers[1],
        },
        f"C = 3, singular values {values[0]} and {values[1]}, p = {exponent}, x, y = {numbers}",
    )


def _without(*dropped: Any) -> Statement:
    return claim(hypotheses=tuple(a for a in HYPOTHESES if a not in dropped))


def _uneven(**changes: Any) -> Witness:
    """Singular values 4 and 1/5: x = y is wrong where direction 1 may be said to serve every class."""
    return configuration((4, Rational(1, 5)), EQUAL, Rational(1, 4), **changes)


def twins() -> list[Twin]:
    highest, lowest = EXTREMES[4:]
    small, far = (Rational(1, 100), 4), (Rational(137, 10), Rational(1, 10))
    return [
        Twin("an eighth more", claim(factor=Rational(9, 8)), configuration()),
        Twin(
            "any power",
            _without(CONCAVE),
            configuration(numbers=far, exponent=2),
        ),
        Twin("any mean loss", _without(LOSS), configuration(numbers=(Integer(99), Integer(1)))),
        Twin("any loss of the others", _without(THIRD), _uneven()),
        Twin("any left vectors", _without(UNIT[0]), configuration((10, 1), lengths=(1, 1, 6, 1))),
        Twin("any right vectors", _without(UNIT[1]), configuration((10, 1), lengths=(1, 1, 1, 6))),
        Twin("any first left vector", _without(TOP_UNIT[0]), configuration((6, 6), lengths=(2, 1, 1, 1))),
        Twin("any first right vector", _without(TOP_UNIT[1]), configuration((6, 6), lengths=(1, 2, 1, 1))),
        Twin(
            "direction 1 not the largest",
            _without(BELOW),
            configuration(small, (Rational(5, 4), Rational(6, 5)), second=ACROSS),
        ),
        Twin("any number of classes", _without(COUNT), _uneven(count=100)),
        Twin("a class where b is not largest", _without(highest), _uneven(high=(0, 0, 1))),
        Twin("a class where b is not least", _without(lowest), _uneven(low=(0, 0, 1))),
        Twin("p not 0 or 1", _without(EXTREMES[0]), _uneven(high=(9, -8, 0))),
        Twin("p 1 at two classes", _without(EXTREMES[1]), _uneven(high=(1, 0, 1))),
        Twin("m not 0 or 1", _without(EXTREMES[2]), _uneven(low=(-8, 9, 0))),
        Twin("m 1 at two classes", _without(EXTREMES[3]), _uneven(low=(0, 1, 1))),
    ]


def neighbour() -> Neighbour:
    """Both losses bounded by that of all classes."""
    bound = le(Mean(cross_entropy(logits), c), THIRD.rhs)
    goal = Statement(conclusion(), (*HYPOTHESES[:-1], bound))

    def proof() -> Theorem:
        weaker = combine(THIRD, {below_loss(): 1, assume(bound): 1}, label="the loss of all classes")
        return cut(prove(), weaker)

    return Neighbour("the mean loss of all classes in both places", goal, proof)


_C, _N, _P = value("C"), value("samples_per_class"), 2 / (value("layers") + 1)
_R = sqrt(_N) * (_C - 1) * phi_inverse(value("L"), _C)
_D = -sqrt(_N) * (_C - 2) / sqrt(_C - 1) * log(exp(value("L") * _C / (_C - 2)) - 1)
THEOREM = Entry(
    name="deep-linear-two-directions",
    title="Balanced cross-entropy of a deep linear model: two singular values have to pay",
    kind="lower",
    source=(
        "this project (2026), for the deep linear unconstrained-features model of Garrod & Keating 2024 "
        "(arXiv:2410.23169)"
    ),
    says=(
        "C >= 3 classes of n samples, singular values of sqrt(n) Z with sigma_1 the largest, p <= 1. If the "
        "mean loss is at most phi((x + y)/((C-1) sqrt n)), and at most ((C-2)/C) log(1 + e^-s), s = "
        "sqrt(C-1) y/((C-2) sqrt n), which is needed only of the classes that direction 1 does not serve, "
        "then sum sigma^p >= x^p + y^p. So with L layers, p = 2/(L+1), the optimum is at least the minimum "
        "over the loss l of l + price (x^p + y^p): above deep-linear-least-loss, which has (x + y)^p."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    # sum sigma^p at mean loss L, p = 2/(layers + 1)
    formula=Formula(
        (_R - _D) ** _P + _D**_P,
        (
            Condition("1 <= layers", Integer(1), value("layers")),
            Condition("3 <= C", Integer(3), _C),
            Condition("n > 0", Integer(0), _N, strict=True),
            Condition("L < ((C-2)/C) log 2", value("L"), (_C - 2) / _C * log(2), strict=True),
        ),
    ),
)
