# SPDX-License-Identifier: MIT
"""Label smoothing with decays: zero is the global minimiser exactly from alpha + C kappa sqrt(n) = 1 on."""

from sympy import Integer, Rational, log, sqrt

from theory.configurations import simplex
from theory.definitions import psi
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import le, lt
from theory.kernel import Theorem
from theory.lemmas import mean_dual_bound
from theory.lemmas.unconstrained_features import (
    PULL,
    bias_penalty,
    entropy_below_log_classes,
    lam_b,
    lam_H,
    lam_W,
    penalty,
    pull_bound,
    smoothed_loss,
    zero,
)
from theory.proving import assume, combine, instantiate, visible
from theory.symbols import C, n, p

LABEL = p * C / (C - 1)
SMOOTH = lt(LABEL, 1)
STRONG = le(1, LABEL + C * PULL)


def claim(level: object = log(C), hypotheses: tuple = (SMOOTH,)) -> Statement:  # type: ignore[type-arg]
    kept = (1 - (1 - LABEL) / (C * PULL)) * penalty()
    return Statement(le(level + kept, smoothed_loss() + penalty() + bias_penalty()), hypotheses)


def prove() -> Theorem:
    """A share (1 - alpha)/(C pull) of the penalties pays for the margin that smoothing leaves."""
    at = instantiate(mean_dual_bound(), {p: (C - 1) / C}, label="p := (C-1)/C")
    room = combine(lt(0, 1 - LABEL), {assume(SMOOTH): 1}, label="alpha < 1")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {at: 1, pull_bound(): (1 - LABEL) / (C * PULL), visible(le(0, bias_penalty())): 1},
        facts=[room],
        label="psi((C-1)/C) = log C",
    )


VALUES = {lam_W: Rational(1, 4), lam_H: Rational(1, 4), lam_b: Integer(0), n: Integer(4), p: Rational(3, 16)}


def witness() -> Witness:
    """W = 0, H = 0 at C = 4, alpha = 1/4, C pull = 2."""
    return zero(VALUES)


def twins() -> list[Twin]:
    s = sqrt(log(5) / 2)
    weak = {
        lam_W: Rational(1, 5),
        lam_H: Rational(1, 80),
        lam_b: Integer(0),
        n: Integer(4),
        p: Rational(3, 40),
    }
    below = simplex(
        4, scale=2 * s, weight_scale=s, samples=4, values=weak, note="collapse below the threshold"
    )
    free = Statement(le(log(C), smoothed_loss() + penalty()), (SMOOTH,))
    return [
        Twin("1 % more", claim(level=Rational(101, 100) * log(C)), witness()),
        Twin("the threshold dropped", free, below),
    ]


def neighbour() -> Neighbour:
    weak = lt((p + (C - 1) * PULL) * C / (C - 1), 1)
    goal = lt(psi(p + (C - 1) * PULL), log(C))

    def proof() -> Theorem:
        """Below the threshold the least value is below log C."""
        share = (p + (C - 1) * PULL) * C / (C - 1)
        below = instantiate(entropy_below_log_classes(), {p: p + (C - 1) * PULL}, label="p := the mass")
        positive = combine(lt(0, 1 - share), {assume(weak): 1})
        return combine(goal, {below: 1, positive: (C - 1) / (4 * C) * (1 - share)}, facts=[positive])

    return Neighbour("below the threshold the least value is below log C", Statement(goal, (weak,)), proof)


_C, _LABEL = value("C"), value("smoothing") * value("C") / (value("C") - 1)
_SMOOTH = Condition("alpha = C/(C-1) times the smoothed mass < 1", _LABEL, Integer(1), strict=True)
THEOREM = Entry(
    name="zhou-2022-label-smoothing-threshold",
    title="Label smoothing with decays: zero is optimal from alpha + C kappa sqrt(n) = 1 on",
    kind="tight",
    source="Zhou et al. 2022 (arXiv:2210.02192), label smoothing; the threshold: closed form",
    says=(
        "If alpha < 1, the smoothed loss with decays is at least log C + (1 - (1 - alpha)/(C kappa sqrt(n)))"
        " times the penalties, for every W, H and b, with equality at W = 0, H = 0: the minimum is log C from"
        " alpha + C kappa sqrt(n) = 1 on; below that the least value is below log C."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("cross-entropy-identity",),
    # the classifier's decay at which the optimum becomes zero
    formula=Formula(
        (1 - _LABEL) ** 2 / (_C**2 * value("samples_per_class") * value("feature_decay")), (_SMOOTH,)
    ),
)
