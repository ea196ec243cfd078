# SPDX-License-Identifier: MIT
"""NC1 in numbers: how many samples can be as near to another class mean as to their own."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational

from theory.definitions import mu, sq, within_class_scatter
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Indicator, Mean, eq, le, lt
from theory.kernel import Theorem
from theory.lemmas.indicators import charged
from theory.proving import assume, average, combine, instantiate, visible
from theory.symbols import atom, c, d, h, i, k, positive

direction = atom("direction", "e", "direction(c, k): unit vector from mu_c to another vector")
away = atom(
    "away", r"\delta", "away(c): distance from mu_c of another vector, such as the nearest other mean"
)
apart = positive(
    "apart", r"\Delta", "lower bound on the distance of a class mean and the vectors it competes with"
)
scatter = atom("scatter", "x", "scatter(c, i, k): coordinate k of h_ci - mu_c, mean 0 over each class")

UNIT = eq(sq(lambda x: direction(c, x)), 1, c)
APART = le(apart, away(c), c)
HYPOTHESES = (UNIT, APART)


def nearer_elsewhere(residual: Any) -> Any:
    """||h - mu_c||^2 - ||h - m'_c||^2, m'_c = mu_c + away(c) direction(c)."""
    return sq(residual) - sq(lambda x: residual(x) - away(c) * direction(c, x))


def claim(factor: Any = 4) -> Statement:
    event = nearer_elsewhere(lambda x: h(c, i, x) - mu(c, x))
    spread = factor * within_class_scatter()
    return Statement(le(Mean(Indicator(event), c, i), spread / (spread + apart**2)), HYPOTHESES)


@lru_cache
def one_sided_chebyshev() -> Theorem:
    """The same for any residuals with mean 0 in each class."""
    centred = assume(eq(Mean(scatter(c, i, k), i), 0, c, k))
    unit, far = map(assume, HYPOTHESES)
    residual = lambda x: scatter(c, i, x)  # noqa: E731
    v = Mean(sq(residual), c, i)
    along = d * Mean(scatter(c, i, k) * direction(c, k), k)
    event = nearer_elsewhere(residual)
    shift = 2 * v / apart
    some = combine(lt(0, away(c)), {far: 1}, slack=apart, label="away > 0")
    half_way = combine(
        le(apart / 2, along),
        {assume(le(0, event)): 1 / (2 * away(c)), unit: -away(c) / 2, far: Rational(1, 2)},
        facts=[some],
        label="at least half way",
    )
    price, cost = (apart / 2 + shift) ** 2, (along + shift) ** 2
    bad = combine(
        le(price, cost),
        {half_way: apart + 2 * shift},
        slack=(along - apart / 2) ** 2,
        label="both sides squared",
    )
    one = charged(event, price, visible(le(0, cost), label="a square"), bad)
    shadow = combine(
        le(along**2, sq(residual)),
        {unit: along**2},
        slack=sq(lambda x: scatter(c, i, x) - along * direction(c, x)),
        label="a projection is no longer",
    )
    none = average(
        combine(eq(Mean(scatter(c, i, k), i) * direction(c, k), 0), {centred: direction(c, k)}), c, k
    )
    total = 4 * v + apart**2
    rate = 4 * apart**2 / total**2
    return combine(
        le(Mean(Indicator(event), c, i), 4 * v / total),
        {
            average(one, c, i, label="E over samples"): rate,
            average(shadow, c, i): rate,
            none: 2 * shift * d * rate,
        },
        label="one-sided Chebyshev inequality",
    )


def prove() -> Theorem:
    """The residuals h - mu_c."""
    residuals = {scatter: ((c, i, k), h(c, i, k) - mu(c, k))}
    core = instantiate(one_sided_chebyshev(), functions=residuals, label="residuals")
    return combine(claim().conclusion, {core: 1}, label="x = h - mu")  # type: ignore[arg-type]


def witness(distance: Any = 2, bound: Any = 2) -> Witness:
    """On a line: half of each class at +1 from its mean and half at -1, the other vector at +2."""
    centre = (Integer(0), Integer(10))
    return Witness(
        2,
        2,
        1,
        {
            h: lambda c, i, k: centre[c] + 1 - 2 * i,
            direction: lambda c, k: Integer(1),
            away: lambda c: distance,
        },
        {apart: bound},
        f"samples at distance 1 on both sides of their mean, another vector at {distance}",
    )


def _nowhere() -> Witness:
    """The direction is 0: then every sample is as near to mu_c as to mu_c."""
    base = witness(bound=Rational(1), distance=1)
    functions: dict[Any, Any] = {
        **base.functions,
        direction: lambda c, k: Integer(0),
        h: lambda c, i, k: Integer(c),
    }
    return Witness(2, 2, 1, functions, base.values, "direction 0")


def twins() -> list[Twin]:
    free = Statement(claim().conclusion, (UNIT,))
    return [
        Twin("1 % less variance", claim(factor=Rational(99, 25)), witness()),
        Twin("the whole distance instead of half of it", claim(factor=1), witness()),
        Twin("no direction", Statement(claim().conclusion, (APART,)), _nowhere()),
        Twin("the other vector anywhere", free, witness(distance=Rational(1, 100), bound=10)),
    ]


def neighbour() -> Neighbour:
    spread = 4 * within_class_scatter()
    goal = le(claim().conclusion.lhs, spread / apart**2)  # type: ignore[union-attr]
    rest = spread**2 / (apart**2 * (spread + apart**2))
    return Neighbour(
        "Chebyshev's inequality, 4 v/Delta^2",
        Statement(goal, HYPOTHESES),
        lambda: combine(goal, {prove(): 1}, slack=rest),
    )


_v, _D = value("within"), value("class_distance")
THEOREM = Entry(
    name="nearest-class-mean-error",
    title="How often another class mean is nearer",
    kind="tight",
    source="this project (2026); sharpens the nearest-class-mean bound of Galanti, Gyorgy & Hutter 2022",
    says=(
        "With v = E||h - mu_c||^2 at most a fraction 4 v/(4 v + Delta^2) of the samples is as near to a "
        "vector at distance Delta or more, such as another class mean, as to mu_c; attained."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(4 * _v / (4 * _v + _D**2), (Condition("Delta > 0", Integer(0), _D, strict=True),)),
)
