# SPDX-License-Identifier: MIT
"""NC4 from NC3: a self-dual classifier decides by the nearest class mean, for every feature vector."""

from typing import Any

from sympy import Integer, Rational, sqrt

from theory.configurations import labelled, simplex
from theory.definitions_collapse import (
    centred_mean,
    feature,
    gram,
    kappa_w,
    logit_difference,
    nearer,
    r,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import MEAN_RADIUS_POSITIVE, value
from theory.expressions import eq, le
from theory.kernel import Theorem
from theory.lemmas.collapse import BIAS, NC3, shift
from theory.proving import assume, average, combine, instantiate
from theory.symbols import b, c, d, h, j, k, w

EQUAL_NORMS = eq(gram(c, c, centred_mean), r**2, c)
HALF = Rational(1, 2)
HYPOTHESES = (NC3, BIAS, EQUAL_NORMS)


def claim(factor: Any = HALF, hypotheses: Any = HYPOTHESES) -> Statement:
    conclusion = eq(logit_difference(c, j, feature), -factor * kappa_w * nearer(c, j, feature))
    return Statement(conclusion, hypotheses)


def prove() -> Theorem:
    """2 <mu_c - mu_j, x> = ||x - mu_j||^2 - ||x - mu_c||^2 + ||mu_c||^2 - ||mu_j||^2."""
    dual, bias, norms = map(assume, HYPOTHESES)
    along = average(
        combine(
            eq(w(c, k) * feature(k), kappa_w * centred_mean(c, k) * feature(k)),
            {dual: feature(k)},
            label="one coordinate",
        ),
        k,
    )
    other = {c: j}
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            along: d,
            instantiate(along, other): -d,
            bias: 1,
            instantiate(bias, other): -1,
            norms: kappa_w / 2,
            instantiate(norms, other): -kappa_w / 2,
        },
        label="expand both squares; equal norms cancel",
    )


def _witness(base: Witness, *, bias: Integer, radius: object) -> Witness:
    functions = {**base.functions, feature: lambda k: Integer(k + 1), b: lambda j: bias}
    values = {**base.values, kappa_w: 2, shift: bias, r: radius}
    return Witness(base.classes, base.samples, base.dimension, functions, values, base.note)


def witness() -> Witness:
    """Simplex ETF, C = 3, W = 2 M, the feature (1, 2, 3)."""
    base = labelled(simplex(3, samples=1), weight_factor=2)
    return _witness(base, bias=Integer(7), radius=sqrt(Rational(2, 3)))


def _unequal() -> Witness:
    """Three means on a line, at -1, 0 and 1, with W = 2 M: equal biases are wrong there."""
    functions: dict[Any, Any] = {
        h: lambda c, i, k: Integer(c - 1),
        w: lambda c, k: Integer(2 * (c - 1)),
        feature: lambda k: Integer(1),
        b: lambda j: Integer(0),
    }
    return Witness(3, 1, 1, functions, {kappa_w: 2, shift: 0, r: 1}, "class means at -1, 0 and 1")


def _zero(base: Witness) -> Witness:
    """W = 0."""
    functions = {**base.functions, w: lambda c, k: Integer(0)}
    return Witness(base.classes, base.samples, base.dimension, functions, base.values, "W = 0")


def twins() -> list[Twin]:
    good = witness()
    biased = Witness(
        good.classes,
        good.samples,
        good.dimension,
        {**good.functions, b: lambda j: Integer(j)},
        good.values,
        "biases 0, 1, 2",
    )
    return [
        Twin("1 % larger", claim(factor=Rational(101, 200)), good),
        Twin("class means of different norms", claim(hypotheses=HYPOTHESES[:2]), _unequal()),
        Twin("any bias", claim(hypotheses=(NC3, EQUAL_NORMS)), biased),
        Twin("any classifier", claim(hypotheses=(BIAS, EQUAL_NORMS)), _zero(good)),
    ]


def neighbour() -> Neighbour:
    nearest = le(nearer(c, j, feature), 0)
    goal = le(0, logit_difference(c, j, feature))
    return Neighbour(
        "a class whose mean is at least as near has at least the same logit",
        Statement(goal, (*HYPOTHESES, nearest)),
        lambda: combine(goal, {prove(): -1, assume(nearest): kappa_w / 2}),
    )


THEOREM = Entry(
    name="nearest-class-mean",
    title="NC4 from NC3 and equal norms",
    kind="identity",
    source="Papyan, Han & Donoho 2020, theorems 2 and 4 (NC4); without the equal angles, this project (2026)",
    says=(
        "If W = kappa M, <w_c, mu_G> + b_c is the same for all classes and the means are equally long, "
        "logit differences are (kappa/2)(||x - mu_j||^2 - ||x - mu_c||^2) for every x: the angles do not "
        "matter."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        value("weight_frobenius")
        / (2 * sqrt(value("C")) * value("mean_radius"))
        * value("class_distance") ** 2,
        (MEAN_RADIUS_POSITIVE,),
    ),
)
