# SPDX-License-Identifier: MIT
"""Cross-entropy with decays on W and H: the least value, for every C, n, d and every bias."""

from sympy import Integer, Rational, log, sqrt

from theory.configurations import simplex
from theory.definitions import loss, psi
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import psi as psi_value
from theory.evaluation import value
from theory.expressions import le, lt
from theory.kernel import Theorem
from theory.lemmas import mean_dual_bound
from theory.lemmas.unconstrained_features import (
    COLLAPSED,
    FREE_PULL,
    PULL,
    bias_penalty,
    lam_b,
    lam_H,
    lam_W,
    penalty,
    pull_bound,
)
from theory.proving import assume, combine, cut, instantiate, visible
from theory.symbols import C, n, p

MASS = (C - 1) * PULL
WEAK = lt(C * PULL, 1)


def claim(factor: object = 1, mass: object = MASS) -> Statement:
    return Statement(le(factor * psi(mass), loss() + penalty() + bias_penalty()), (WEAK,))


def mass_below_one() -> Theorem:
    """C pull < 1 |- (C-1) pull < 1."""
    return combine(lt(MASS, 1), {assume(WEAK): (C - 1) / C}, slack=1 / C, label="the mass is below (C-1)/C")


def prove() -> Theorem:
    """psi(p) - p C/(C-1) E<w~, h> <= loss, and the penalties pay exactly that at p = (C-1) pull."""
    dual = cut(instantiate(mean_dual_bound(), {p: MASS}, label="p := (C-1) pull"), mass_below_one())
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {dual: 1, pull_bound(): 1, visible(le(0, bias_penalty())): 1},
        label="the penalties pay for the margin",
    )


def witness() -> Witness:
    """C = 4, n = 4, lambda_W = 4 lambda_H = 1/8: pull = 1/8, gap of logits log(8 - 3) = log 5, h = w."""
    s = sqrt(log(5))
    values = {lam_W: Rational(1, 8), lam_H: Rational(1, 32), lam_b: Integer(0), n: Integer(4)}
    return simplex(4, scale=s, weight_scale=s, samples=4, values=values, note="the optimal simplex ETF")


def twins() -> list[Twin]:
    at = witness()
    unequal = Witness(
        4,
        4,
        4,
        {**simplex(4, scale=sqrt(log(5)) / 2, weight_scale=2 * sqrt(log(5)), samples=4).functions},
        at.values,
        "the same logits from unequal norms",
    )
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), at),
        Twin("n forgotten in the pull", claim(mass=MASS * sqrt(n)), at),
        Twin(
            "equality at these logits however they are factorised",
            Statement(le(loss() + penalty(), psi(MASS)), (WEAK,)),
            unequal,
        ),
    ]


def neighbour() -> Neighbour:
    goal = le(psi(MASS), loss() + penalty() + 2 * bias_penalty())
    proof = lambda: combine(goal, {prove(): 1, visible(le(0, bias_penalty())): 1})  # noqa: E731
    return Neighbour("twice the decay of the bias", Statement(goal, (WEAK,)), proof)


_C, _PULL = value("C"), FREE_PULL
THEOREM = Entry(
    name="zhu-2021-least-loss",
    title="Least cross-entropy with decays on classifier and features",
    kind="tight",
    source="Zhu et al. 2021 (arXiv:2105.02375), the global minimisers; the value: closed form",
    says=(
        "If C kappa sqrt(n) < 1, kappa = sqrt(lambda_W lambda_H), then for every W, H and b the loss with "
        "decays is at least psi(p*), p* = (C-1) kappa sqrt(n), that is phi(a*) + p* a* with a* = "
        "log(1/(kappa sqrt(n)) - C + 1); equality at a simplex ETF with margin a*, and only there "
        "(feature-decay-identity)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("cross-entropy-identity",),
    formula=Formula(psi_value((_C - 1) * _PULL, _C), COLLAPSED),
)
