# SPDX-License-Identifier: MIT
"""Balanced cross-entropy of a deep linear model: a lower bound in the nuclear norm of the logits alone.

The logits are written by their singular triplets, sqrt(n) z_cj = sum_l sigma_l u_lc v_lj; only the norms
||u_l|| <= 1 and ||v_l|| <= 1 are used.  That the decays of L layers and of the features are at least price
times sum_l sigma_l^p, p = 2/(L + 1), at such logits is the reduction of Garrod & Keating 2024: assumed, not
proved here.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, exp, sqrt

from theory.definitions import cross_entropy, margin, phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.expressions import Mean, le
from theory.kernel import Theorem
from theory.lemmas import dual_bound
from theory.lemmas.schatten import CONCAVE, log_value, power, power_of_sum, power_sum, total_value
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, atom, c, i, index, j, n, p, positive, z

left = atom("u_left", "u", "u_left(c, j): entry j of the left singular vector c, of norm at most 1")
right = atom("v_right", "v", "v_right(c, j): entry j of the right singular vector c, of norm at most 1")
price = positive("price_deep", r"\Lambda", "price of the sum of sigma^p: (L + 1)/2 times the decay")
at = index("c_l")

UNIT = (le(C * Mean(left(c, j) ** 2, j), 1, c), le(C * Mean(right(c, j) ** 2, j), 1, c))
HYPOTHESES = (CONCAVE, *UNIT)
MARGIN = total_value() / ((C - 1) * sqrt(n))


def logits(cc: Any, ii: Any, jj: Any) -> Expr:
    """z_cj = (1/sqrt n) sum_l sigma_l u_lc v_lj, for every sample of class c."""
    return C / sqrt(n) * Mean(exp(log_value(at)) * left(at, cc) * right(at, jj), at)


def objective() -> Expr:
    """Mean cross-entropy and the price of the singular values."""
    return Mean(cross_entropy(logits), c) + price * power_sum()


def claim(margin_scale: Any = 1, factor: Any = 1, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    bound = phi(margin_scale * MARGIN) + price * total_value() ** power
    return Statement(le(factor * bound, objective()), hypotheses)


@lru_cache
def mean_margin_bound() -> Theorem:
    """The mean margin is at most sum sigma/((C-1) sqrt n)."""
    share, unit = (instantiate(assume(a), {c: at}, label="singular vector l") for a in UNIT)
    middle = Mean(right(at, j), j)
    square = C / 2 * Mean((left(at, j) - right(at, j) + middle) ** 2, j) + C / 2 * middle**2
    one = combine(
        le(C * Mean(left(at, j) * (right(at, j) - middle), j), 1),
        {share: Rational(1, 2), unit: Rational(1, 2)},
        slack=square,
        label="<u, v - vbar> <= 1",
    )
    lhs, rate = one.relation.lhs, exp(log_value(at))
    weighted = combine(le(rate * lhs, rate), {one: rate}, label="times sigma_l")
    return combine(
        le(Mean(margin(logits), c), MARGIN),
        {average(weighted, at, label="all singular values"): C / ((C - 1) * sqrt(n))},
        label="margins by singular triplets",
    )


@lru_cache
def prove() -> Theorem:
    """The dual bound of cross-entropy at q(T), and subadditivity of the power."""
    sample = instantiate(dual_bound(), functions={z: ((c, i, j), logits(c, i, j))}, label="the logits")
    sample = instantiate(sample, {p: q(MARGIN)}, label="p := q(T)")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(sample, c, label="mean over classes"): 1,
            mean_margin_bound(): q(MARGIN),
            power_of_sum(): price,
        },
        label="psi(q(T)) - q(T) T = phi(T)",
    )


def configuration(exponent: Any = 1, samples: Any = 1) -> Witness:
    """C = 2: two singular values 1 with the same vectors (1, -1)/sqrt(2)."""
    side = lambda c, j: (1 - 2 * j) / sqrt(Integer(2))  # noqa: E731
    return Witness(
        2,
        1,
        1,
        {log_value: lambda j: Integer(0), left: side, right: side},
        {power: Integer(1) * exponent, price: Integer(1), n: Integer(samples)},
        f"two singular values 1, p = {exponent}, n = {samples}",
    )


def twins() -> list[Twin]:
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), configuration()),
        Twin("any power", claim(hypotheses=UNIT), configuration(exponent=2)),
        Twin("margin 1 % smaller", claim(margin_scale=Rational(99, 100)), configuration(samples=4)),
    ]


def neighbour() -> Neighbour:
    goal = le(claim().conclusion.lhs, objective() + power_sum())  # type: ignore[union-attr]
    proof = lambda: combine(goal, {prove(): 1}, slack=power_sum())  # noqa: E731
    return Neighbour("a larger price on the right", Statement(goal, HYPOTHESES), proof)


_R, _D = value("norm_budget"), value("layers") + 1
THEOREM = Entry(
    name="deep-linear-least-loss",
    title="Balanced cross-entropy of a deep linear model: lower bound in one unknown",
    kind="tight",
    source=(
        "this project (2026), for the deep linear unconstrained-features model of Garrod & Keating 2024 "
        "(arXiv:2410.23169)"
    ),
    says=(
        "n samples in each of C classes, sigma the singular values of sqrt(n) Z, r their sum and p <= 1: "
        "cross-entropy plus price sum sigma^p is at least phi(r/((C-1) sqrt n)) + price r^p. With L layers, "
        "p = 2/(L+1) and price (L+1)/2 times the decay, the optimum is at least the minimum of this over "
        "r >= 0. Equality for p = 1; for two classes at every depth in the limit of one singular value."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=configuration,
    # at nuclear norm r = R, equal decays of all layers and of the features
    formula=Formula(
        phi_value(_R / ((value("C") - 1) * sqrt(value("samples_per_class"))), value("C"))
        + _D / 2 * value("weight_decay") * _R ** (2 / _D),
        (
            Condition("1 <= layers", Integer(1), value("layers")),
            Condition("n > 0", Integer(0), value("samples_per_class"), strict=True),
        ),
    ),
)
