# SPDX-License-Identifier: MIT
"""Sukenik et al. 2023, the other side: below the threshold a collapsed direction beats zero.

With singular values that share the cost equally, lambda_l s_l^2 the same for every factor, and product
sqrt(n) (L-1)/L, the objective of the direction is below 1/(2 C), that of zero, for any real L > 1.  See
sukenik-2023-zero-above for the model and for what is not covered.
"""

from functools import lru_cache

from sympy import Integer, Rational, exp, log

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, eq, lt, substitute
from theory.kernel import Theorem, apply
from theory.lemmas.depth_threshold import (
    THRESHOLD,
    balanced_cost,
    decays,
    kappa,
    logarithms,
    objective,
    r,
    singular_value,
    t,
    y,
)
from theory.proving import assume, average, combine, log_tangent
from theory.symbols import C, k, n, real

hole = real("hole", r"\cdot", "a place to substitute into")
SMALL = lt(decays(), THRESHOLD)
COST = Mean(kappa(k), k) + 2 * Mean(y(k), k)
BALANCED = eq(kappa(k) + 2 * y(k), COST, k)
PRODUCT = singular_value(Integer(0))
HYPOTHESES = (SMALL, BALANCED, PRODUCT)


def claim(factor: object = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(lt(objective(), factor / (2 * C)), hypotheses)


@lru_cache
def prove() -> Theorem:
    """(1 - (L-1)/L)^2 + (L+1) (L-1)/L^2 = 1."""
    small, balanced, product = map(assume, HYPOTHESES)
    low, high = logarithms()
    ratio = log_tangent(decays() / THRESHOLD, label="log x <= x - 1")
    below = combine(lt(high, low), {ratio: 1, small: 1 / THRESHOLD}, label="in logarithms")
    at_zero = substitute(balanced_cost(), {t: Integer(0)})
    cheaper = combine(
        lt(COST, at_zero), {below: 1 / (r + 2), product: 2 / (r + 2)}, label="the cost of a factor"
    )
    rises = log_tangent(exp(at_zero - COST), label="x <= e^x - 1")
    cost = combine(lt(exp(COST), exp(at_zero)), {rises: exp(COST), cheaper: exp(COST)}, label="exp rises")
    equal = apply("congruence", balanced, context=exp(hole), hole=hole, label="equal costs")
    signal = apply("congruence", product, context=exp(hole), hole=hole, label="prod s_l")
    x0 = r / (r + 1)
    x = exp((r + 2) * Mean(y(k), k)) / n ** Rational(1, 2)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            cost: (r + 2) / 2,
            average(equal, k, label="mean over the factors"): (r + 2) / 2,
            signal: (x + x0 - 2) / (2 * C * n ** Rational(1, 2)),
        },
        label="one direction",
    )


def equal(decay: Rational) -> Witness:
    """C = 2, n = 1, L = 2, three equal decays; the threshold is decay^3 = 1/128."""
    return Witness(
        2,
        1,
        3,
        {kappa: lambda k: log(decay), y: lambda k: -log(2) / 3},
        {n: Integer(1), r: Integer(1)},
        f"C = 2, n = 1, L = 2, decays {decay}",
    )


def twins() -> list[Twin]:
    higher = (lt(decays(), THRESHOLD * 11 / 10), *HYPOTHESES[1:])
    return [
        Twin("half the objective of zero", claim(Rational(1, 2)), equal(Rational(1, 6))),
        Twin("threshold 10 % higher", claim(hypotheses=higher), equal(Rational(1, 5))),
        Twin("without a threshold", claim(hypotheses=HYPOTHESES[1:]), equal(Rational(1, 4))),
    ]


def neighbour() -> Neighbour:
    goal = claim(2)
    return Neighbour(
        "below twice the objective of zero",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=1 / (2 * C)),  # type: ignore[arg-type]
    )


_L, _C, _decay, _n = value("layers"), value("C"), value("weight_decay"), value("samples_per_class")
THEOREM = Entry(
    name="sukenik-2023-collapse-below",
    title="Below the threshold a deep model's collapsed direction beats zero",
    kind="upper",
    source="Sukenik et al. 2023, arXiv:2305.13165 (threshold for two classes); any C: this project (2026)",
    says=(
        "Squared loss, L layers: if n prod lambda_l < (L-1)^{L-1}/(C^{L+1} L^{2L}), balanced singular values "
        "with product sqrt(n) (L-1)/L are better than zero, direction by direction."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        1 / (2 * _L**2)
        + _C * (_L + 1) / 2 * (_n * _decay ** (_L + 1) * ((_L - 1) / _L) ** 2) ** (1 / (_L + 1)),
        (
            Condition("1 < L", Integer(1), _L, strict=True),
            Condition("0 < samples per class", Integer(0), _n, strict=True),
            Condition(
                "C^{L+1} L^{2L} n lambda^{L+1} < (L-1)^{L-1}",
                _C ** (_L + 1) * _L ** (2 * _L) * _n * _decay ** (_L + 1),
                (_L - 1) ** (_L - 1),
                strict=True,
            ),
        ),
    ),
)
