# SPDX-License-Identifier: MIT
"""At collapse every margin is kappa C r^2/(C-1): kappa M is feasible, and so the max-margin classifier."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational, sqrt

from theory.configurations import labelled, simplex
from theory.definitions_collapse import DIAGONAL, kappa_w, logit_difference, one_hot, s
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import MEAN_RADIUS_POSITIVE, value
from theory.expressions import eq, le
from theory.kernel import Theorem
from theory.lemmas.collapse import COLLAPSED, collapsed_logits, shift
from theory.proving import assume, combine, instantiate
from theory.symbols import b, c, h, i, j, w

HYPOTHESES = (*COLLAPSED, DIAGONAL)


def claim(factor: object = 1) -> Statement:
    difference = logit_difference(c, j, lambda x: h(c, i, x))
    return Statement(eq(difference, factor * kappa_w * s * (1 - one_hot(c, j))), HYPOTHESES)


@lru_cache
def prove() -> Theorem:
    """z_j = kappa s (y_cj - 1/C) + b_0."""
    own = instantiate(collapsed_logits(), {j: c}, label="the true class")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {own: 1, collapsed_logits(): -1, assume(DIAGONAL): kappa_w * s},
        label="true class less class j",
    )


def witness() -> Witness:
    """Simplex ETF, C = 3, s = 1, W = 2 M, all biases 5."""
    base = labelled(simplex(3, samples=1), values={s: 1, kappa_w: 2, shift: 5}, weight_factor=2)
    functions = {**base.functions, b: lambda j: Integer(5)}
    return Witness(base.classes, base.samples, base.dimension, functions, base.values, base.note)


def twins() -> list[Twin]:
    biased = witness()
    tilted = {**biased.functions, b: lambda j: Integer(5 + j)}
    unequal = Witness(3, 1, 3, tilted, biased.values, "biases 5, 6, 7")
    free_bias = Statement(claim().conclusion, (*COLLAPSED[:3], DIAGONAL))
    wrong = eq(logit_difference(c, j, lambda x: h(c, i, x)), kappa_w * s * (Rational(2, 3) - one_hot(c, j)))
    return [
        Twin("1 % larger margins", claim(factor=Rational(101, 100)), witness()),
        Twin("any bias", free_bias, unequal),
        *careless(),
        Twin("a margin against the own class", Statement(wrong, HYPOTHESES), witness()),
    ]


def careless() -> list[Twin]:
    """Without NC1, without NC2, without NC3, and with labels of no class."""
    good = witness()

    def changed(note: str, new: dict[Any, Any], values: Any = None, samples: int = 1) -> Witness:
        return Witness(3, samples, 3, {**good.functions, **new}, {**good.values, **(values or {})}, note)

    words = good.functions[h]

    def spread(c: int, i: int, k: int) -> Any:
        return words(c, 0, k) + (1 - 2 * i) * Rational(int(c == k), 2)

    def labels(c: int, j: int) -> Any:
        return Rational(int(c == j), 2) + Rational(1, 6)

    noisy = changed("the samples of a class differ", {h: spread}, samples=2)
    zero = changed("W = 0", {w: lambda j, k: Integer(0)})
    unlabelled = changed("y = I/2 + J/6, s = 2", {one_hot: labels}, {s: 2})
    tripled = changed("s = 3 claimed", {}, {s: 3})
    dropped = [
        (0, noisy, "samples that differ"),
        (1, tripled, "s unrelated to the class means"),
        (2, zero, "any classifier"),
        (4, unlabelled, "no one-hot matrix"),
    ]
    return [
        Twin(change, Statement(claim().conclusion, (*HYPOTHESES[:n], *HYPOTHESES[n + 1 :])), at)
        for n, at, change in dropped
    ]


def neighbour() -> Neighbour:
    goal = le(kappa_w * s * (1 - one_hot(c, j)), logit_difference(c, j, lambda x: h(c, i, x)))
    return Neighbour(
        "an inequality, as max-margin needs it",
        Statement(goal, HYPOTHESES),
        lambda: combine(goal, {prove(): -1}),
    )


THEOREM = Entry(
    name="margins-at-collapse",
    title="Margins at exact collapse",
    kind="identity",
    source="Papyan, Han & Donoho 2020, proof of theorem 4 (feasibility of the collapsed classifier)",
    says=(
        "Under NC1-NC3 every logit exceeds those of the wrong classes by kappa C r^2/(C-1) exactly: with "
        "kappa = (C-1)/(C r^2) all margins are 1, and max-margin-classifier is attained for every C."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        sqrt(value("C")) * value("weight_frobenius") * value("mean_radius") / (value("C") - 1),
        (MEAN_RADIUS_POSITIVE,),
    ),
)
