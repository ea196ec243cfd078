# SPDX-License-Identifier: MIT
"""Sukenik et al. 2023: above n prod lambda_l = (L-1)^{L-1}/(C^{L+1} L^{2L}) a deep model prefers zero.

Squared loss, unconstrained features and L layers, decays lambda_l (features included).  Proved for the
objective of one singular direction of a collapsed solution, for any singular values s_l > 0 of the factors
and real L > 1: it is at least 1/(2 C), the objective of zero, and equal at the threshold where
prod s_l = sqrt(n) (L-1)/L.  The other side is sukenik-2023-collapse-below.  Not covered: that the full model
with ReLU reduces to these directions (theirs for two classes; for more classes collapse need not be optimal,
Sukenik et al. 2024, arXiv:2405.14468).
"""

from functools import lru_cache

from sympy import Integer, Rational, exp, log, sqrt

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, le
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
from theory.proving import assume, average, combine, instantiate, log_tangent
from theory.symbols import C, k, n, real

hole = real("hole", r"\cdot", "a place to substitute into")
LARGE = le(THRESHOLD, decays())


def claim(factor: object = 1, hypotheses: tuple[Relation, ...] = (LARGE,)) -> Statement:
    return Statement(le(factor / (2 * C), objective()), hypotheses)


def scalar() -> Theorem:
    """2 <= (L-1)/L e^v + (L+1)/L e^{-(L-1) v/(L+1)}, v = (L+1) t/2: two tangents of exp at 0."""
    up = log_tangent(exp((r + 2) * t / 2), label="v <= e^v - 1")
    down = log_tangent(exp(-r * t / 2), label="the other exponential")
    x0 = r / (r + 1)
    return combine(
        le(2, x0 * exp((r + 2) * t / 2) + (2 - x0) * exp(-r * t / 2)),
        {up: x0, down: (r + 2) / (r + 1)},
        label="the slopes cancel",
    )


def in_logarithms() -> Theorem:
    """The hypothesis: log of the threshold <= log of the decays."""
    low, high = logarithms()
    ratio = log_tangent(THRESHOLD / decays(), label="log x <= x - 1")
    return combine(le(low, high), {ratio: 1, assume(LARGE): 1 / decays()}, label="in logarithms")


def cost_bound() -> Theorem:
    """E lambda_l s_l^2 >= (L-1)/(C L^2) e^t."""
    mean = Mean(kappa(k), k) + 2 * Mean(y(k), k)
    means = average(
        log_tangent(exp(kappa(k) + 2 * y(k) - mean), label="x <= e^x - 1"), k, label="mean over the factors"
    )
    at = assume(singular_value(t))
    higher = combine(
        le(balanced_cost(), mean),
        {in_logarithms(): 1 / (r + 2), at: -2 / (r + 2)},
        label="the geometric mean of the costs",
    )
    rises = log_tangent(exp(mean - balanced_cost()), label="x <= e^x - 1")
    return combine(
        le(exp(balanced_cost()), Mean(exp(kappa(k) + 2 * y(k)), k)),
        {means: exp(mean), rises: exp(balanced_cost()), higher: exp(balanced_cost())},
        label="arithmetic and geometric mean",
    )


@lru_cache
def prove() -> Theorem:
    """The scalar inequality at t = (2/(L+1)) log of prod s_l L/(sqrt(n) (L-1))."""
    at = assume(singular_value(t))
    product = apply("congruence", at, context=exp(hole), hole=hole, label="prod s_l")
    x = exp((r + 2) * Mean(y(k), k)) / sqrt(n)
    x_t = r / (r + 1) * exp((r + 2) * t / 2)
    parametrised = combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            cost_bound(): (r + 2) / 2,
            scalar(): x_t / (2 * C),
            product: (2 - x - x_t) / (2 * C * sqrt(n)),
        },
        label="one direction",
    )
    value_of_t = 2 * Mean(y(k), k) - (log(n) + 2 * log(r) - 2 * log(r + 1)) / (r + 2)
    done = instantiate(parametrised, {t: value_of_t}, label="t from the singular values")
    return combine(claim().conclusion, {done: 1}, label="for any singular values")  # type: ignore[arg-type]


def at_threshold(decay: object = Rational(1, 128)) -> Witness:
    """C = 2, n = 1, L = 2: decays (decay, 1, 1), singular values (4, 2^{-3/2}, 2^{-3/2}), product 1/2."""
    return Witness(
        2,
        1,
        3,
        {
            kappa: lambda k: Integer(0) if k else log(decay),
            y: lambda k: -Rational(3, 2) * log(2) if k else log(4),
        },
        {n: Integer(1), r: Integer(1)},
        f"C = 2, n = 1, L = 2, decays {decay}, 1, 1",
    )


def twins() -> list[Twin]:
    below = at_threshold(Rational(1, 129))
    return [
        Twin("1 % more", claim(Rational(101, 100)), at_threshold()),
        Twin("threshold 1 % lower", claim(hypotheses=(le(THRESHOLD * 99 / 100, decays()),)), below),
        Twin("without a threshold", claim(hypotheses=()), at_threshold(Rational(1, 1024))),
    ]


def neighbour() -> Neighbour:
    goal = claim(Rational(99, 100))
    return Neighbour(
        "1 % less",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=1 / (200 * C)),  # type: ignore[arg-type]
    )


_L = value("layers")
THEOREM = Entry(
    name="sukenik-2023-zero-above",
    title="Above the threshold a deep model's singular direction is zero",
    kind="tight",
    source="Sukenik et al. 2023, arXiv:2305.13165 (threshold for two classes); any C: this project (2026)",
    says=(
        "Squared loss, L layers: if n prod lambda_l >= (L-1)^{L-1}/(C^{L+1} L^{2L}), no singular values make "
        "a collapsed direction better than zero; equality at the threshold at prod s_l = sqrt(n) (L-1)/L."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=at_threshold,
    formula=Formula(
        (_L - 1) ** (_L - 1) / (value("C") ** (_L + 1) * _L ** (2 * _L)),
        (Condition("1 < L", Integer(1), _L, strict=True),),
    ),
)
