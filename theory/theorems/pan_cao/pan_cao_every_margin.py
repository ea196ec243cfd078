# SPDX-License-Identifier: MIT
"""Intra-class cosines for every T: mean_c (1 - intra_c) <= (16/(T q) + (2 + (C+1) T)/(q (1-q) T^2)) eps."""

from functools import lru_cache

from sympy import Rational

from theory.configurations import flipped
from theory.definitions import q
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import CENTRED, NO_BIAS, NORMS_POSITIVE, value
from theory.evaluation import q as q_value
from theory.expressions import Mean, le
from theory.kernel import Theorem
from theory.lemmas.budgets import FIXED_NORMS
from theory.lemmas.convexity_route import constant as K
from theory.lemmas.convexity_route import few_classes, lost, mean_bound, rate
from theory.lemmas.published import fraction
from theory.proving import combine, cut, instantiate
from theory.symbols import T, c, delta, eps

HYPOTHESES = FIXED_NORMS.samples


def claim(bound: object = None, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    bound = rate() if bound is None else bound
    return Statement(le(Mean(lost(), c), bound * eps), hypotheses)  # type: ignore[operator]


@lru_cache
def prove() -> Theorem:
    """A quadratic lower bound of phi around T, at the mean margin of each class; no tangent in powers."""
    return combine(claim().conclusion, {mean_bound(): 1})  # type: ignore[arg-type]


def example(margin: Rational, gap: object) -> Witness:
    """One of four samples of each class flipped: every intra_c is 1/4."""
    base = flipped(margin, good=3)
    return Witness(2, 4, 1, base.functions, {**base.values, eps: gap, delta: Rational(9, 10)}, base.note)


def twins() -> list[Twin]:
    half = Rational(1, 2)
    return [
        Twin("a twentieth of the constant", claim(rate() / 20), example(Rational(21, 10), Rational(1, 8))),
        Twin("2/(T q(T)) without a threshold", claim(2 / (T * q(T))), example(half, Rational(1, 25))),
        Twin("any loss", claim(hypotheses=HYPOTHESES[:-1]), example(half, Rational(1, 1000))),
    ]


def neighbour() -> Neighbour:
    level = rate() ** Rational(1, 2) * (eps / delta) ** Rational(1, 2)
    goal = Statement(le(fraction(level), delta), HYPOTHESES)

    def proof() -> Theorem:
        """Markov's inequality, and intra_c >= 0 where the bound is trivial."""
        few = instantiate(few_classes(), {K: rate() ** Rational(1, 2)}, label="K := sqrt(rate)")
        return combine(goal.conclusion, {cut(few, prove()): 1})  # type: ignore[arg-type]

    return Neighbour("class by class, with a square root", goal, proof)


_C = value("C")
_T = _C * value("alpha") * value("beta") / (_C - 1)
_q = q_value(_T, _C)
THEOREM = Entry(
    name="pan-cao-every-margin",
    title="Cosines within a class for every T: linear in the gap, by convexity alone",
    kind="upper",
    source="this project (2026); finishes the route of Pan & Cao 2023, theorem 2.1 (intra-class)",
    says=(
        "For every T and without bias, mean_c (1 - intra_c) <= (16/(T q) + (2 + (C+1) T)/(q (1-q) T^2)) eps, "
        "q = q(T): no threshold on T, and e^T where a strong convexity constant on the range of the margins "
        "gives e^{CT}. Convexity at the mean margins of the classes, finished carefully, is linear in eps."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("exponential-remainder",),
    measurable=Measurable(
        "intra_class_cosine.mean",
        ">=",
        1 - (16 / (_T * _q) + (2 + (_C + 1) * _T) / (_q * (1 - _q) * _T**2)) * value("eps"),
        (*NORMS_POSITIVE, NO_BIAS, CENTRED),
    ),
)
