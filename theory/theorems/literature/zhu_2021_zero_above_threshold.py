# SPDX-License-Identifier: MIT
"""Cross-entropy with decays on W and H: from C kappa sqrt(n) = 1 on, zero is the global minimiser."""

from sympy import Integer, Rational, log, sqrt

from theory.configurations import simplex
from theory.definitions import alignment, loss
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas import mean_dual_bound
from theory.lemmas.unconstrained_features import (
    PULL,
    bias_penalty,
    lam_b,
    lam_H,
    lam_W,
    penalty,
    penalty_nonnegative,
    pull_bound,
    zero,
)
from theory.proving import assume, combine, instantiate, visible
from theory.symbols import C, n, p

STRONG = le(1, C * PULL)


def claim(surplus: object = 1, level: object = log(C), hypotheses: tuple = ()) -> Statement:  # type: ignore[type-arg]
    kept = surplus * (1 - 1 / (C * PULL)) * penalty()
    return Statement(le(level + kept, loss() + penalty() + bias_penalty()), hypotheses)


def uniform_bound() -> Theorem:
    """log C - E<w~, h> <= loss: the dual bound at the uniform target."""
    at = instantiate(mean_dual_bound(), {p: (C - 1) / C}, label="p := (C-1)/C")
    return combine(le(log(C) - alignment(), loss()), {at: 1}, label="psi((C-1)/C) = log C")


def prove() -> Theorem:
    """The penalties, divided by C pull, pay for the alignment, for every C pull."""
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {uniform_bound(): 1, pull_bound(): 1 / (C * PULL), visible(le(0, bias_penalty())): 1},
        label="a share 1/(C pull) of the penalties pays for the alignment",
    )


VALUES = {lam_W: Rational(1, 2), lam_H: Rational(1, 2), lam_b: Integer(0), n: Integer(4)}


def witness() -> Witness:
    """W = 0, H = 0 at C = 4, n = 4, lambda_W = lambda_H = 1/2: C pull = 4."""
    return zero(VALUES)


def twins() -> list[Twin]:
    s = sqrt(log(5))
    weak = {lam_W: Rational(1, 8), lam_H: Rational(1, 32), lam_b: Integer(0), n: Integer(4)}
    below = simplex(4, scale=s, weight_scale=s, samples=4, values=weak, note="collapse at C pull = 1/2")
    loud = simplex(4, scale=s, weight_scale=s, samples=4, values=VALUES, note="a simplex at C pull = 4")
    return [
        Twin("1 % more", claim(level=Rational(101, 100) * log(C)), witness()),
        Twin("the threshold dropped", Statement(le(log(C), loss() + penalty()), ()), below),
        Twin("twice the surplus", claim(surplus=2), loud),
    ]


def neighbour() -> Neighbour:
    goal = le(log(C), loss() + penalty() + bias_penalty())

    def proof() -> Theorem:
        """The surplus is nonnegative."""
        keeps = combine(le(0, 1 - 1 / (C * PULL)), {assume(STRONG): 1 / (C * PULL)}, label="C pull >= 1")
        share = 1 - 1 / (C * PULL)
        return combine(goal, {prove(): 1, penalty_nonnegative(): share}, facts=[keeps])

    return Neighbour("log C alone", Statement(goal, (STRONG,)), proof)


THEOREM = Entry(
    name="zhu-2021-zero-above-threshold",
    title="Cross-entropy with decays: zero is optimal from C kappa sqrt(n) = 1 on",
    kind="tight",
    source="Zhu et al. 2021 (arXiv:2105.02375), the model; the threshold: closed form, this project (2026)",
    says=(
        "The loss with decays is at least log C + (1 - 1/(C kappa sqrt(n))) times the penalties, for every W,"
        " H, b and all decays. If C kappa sqrt(n) >= 1, the minimum is therefore log C, and above the"
        " threshold only W = 0, H = 0 attains it."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("cross-entropy-identity",),
    # the classifier's decay at which the optimum becomes zero
    formula=Formula(1 / (value("C") ** 2 * value("samples_per_class") * value("feature_decay"))),
)
