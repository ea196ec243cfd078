# SPDX-License-Identifier: MIT
"""Label smoothing with decays on W and H: it adds to the decay, and the value is the entropy of the sum."""

from sympy import Integer, Rational, log, sqrt

from theory.configurations import simplex
from theory.definitions import psi
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import psi as psi_value
from theory.expressions import le, lt
from theory.kernel import Theorem
from theory.lemmas import mean_dual_bound
from theory.lemmas.unconstrained_features import (
    FREE_PULL,
    PULL,
    bias_penalty,
    lam_b,
    lam_H,
    lam_W,
    penalty,
    pull_bound,
    smoothed_loss,
)
from theory.proving import assume, combine, cut, instantiate, visible
from theory.symbols import C, n, p

MASS = p + (C - 1) * PULL
WEAK = lt(MASS * C / (C - 1), 1)


def claim(factor: object = 1, mass: object = MASS) -> Statement:
    return Statement(le(factor * psi(mass), smoothed_loss() + penalty() + bias_penalty()), (WEAK,))


def prove() -> Theorem:
    """The smoothed loss is the loss plus p times the margin; the dual bound at p + (C-1) pull."""
    below = combine(lt(MASS, 1), {assume(WEAK): (C - 1) / C}, slack=1 / C, label="mass < (C-1)/C")
    dual = cut(instantiate(mean_dual_bound(), {p: MASS}, label="p := p + (C-1) pull"), below)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {dual: 1, pull_bound(): 1, visible(le(0, bias_penalty())): 1},
        label="smoothing and decay pay for the margin together",
    )


def witness() -> Witness:
    """C = 4, p = 3/40 (alpha = 1/10), pull = 1/10: alpha/C + pull = 1/8, gap log 5; h = 2 w."""
    s = sqrt(log(5) / 2)
    values = {
        lam_W: Rational(1, 5),
        lam_H: Rational(1, 80),
        lam_b: Integer(0),
        n: Integer(4),
        p: Rational(3, 40),
    }
    return simplex(4, scale=2 * s, weight_scale=s, samples=4, values=values, note="the optimal simplex ETF")


def twins() -> list[Twin]:
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), witness()),
        Twin("smoothing counted twice", claim(mass=MASS + p), witness()),
        Twin("n forgotten in the pull", claim(mass=p + (C - 1) * PULL * sqrt(n)), witness()),
    ]


def neighbour() -> Neighbour:
    goal = le(psi(MASS), smoothed_loss() + penalty() + 2 * bias_penalty())
    proof = lambda: combine(goal, {prove(): 1, visible(le(0, bias_penalty())): 1})  # noqa: E731
    return Neighbour("twice the decay of the bias", Statement(goal, (WEAK,)), proof)


_C, _MASS = value("C"), value("smoothing") + (value("C") - 1) * FREE_PULL
THEOREM = Entry(
    name="zhou-2022-label-smoothing",
    title="Least smoothed cross-entropy with decays on classifier and features",
    kind="tight",
    source="Zhou et al. 2022 (arXiv:2210.02192), label smoothing; the scale and the value: closed form",
    says=(
        "With smoothing alpha, p = alpha (C-1)/C, and alpha + C kappa sqrt(n) < 1: for every W, H and b the"
        " smoothed loss with decays is at least psi(p + (C-1) kappa sqrt(n)); equality at a simplex ETF with"
        " margin log(1/(alpha/C + kappa sqrt(n)) - C + 1)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("cross-entropy-identity",),
    formula=Formula(
        psi_value(_MASS, _C),
        (
            Condition(
                "alpha + C kappa sqrt(n) < 1, alpha = C/(C-1) times the smoothed mass",
                _MASS * _C / (_C - 1),
                Integer(1),
                strict=True,
            ),
        ),
    ),
)
