# SPDX-License-Identifier: MIT
"""E cos(w_c - wbar, h_ci) is at least a line in the loss, for every T and L: also where some are flipped.

For every tau > 0 and x_1 > 0 with phi(tau) + q(tau) tau (1/x_1 + 2) <= log C,

    E cos >= x_1 (2 - (L - phi(tau) + q(tau) T x_1)/(tau q(tau))),

the tangent of phi(tau v^2) that also passes below a sample of norm 0 and cosine -1 (it costs log C).  The
best tau and x_1 are the linear programming dual of: a fraction f flipped, the others at one margin.
"""

from typing import Any

from sympy import Rational, exp, log, sqrt

from theory.configurations import flipped
from theory.definitions import loss, phi, q, unbiased_logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import (
    LOSS_POSSIBLE,
    LOSS_STRICTLY_BELOW_LOG_C,
    NO_BIAS,
    NORMS_POSITIVE,
    best_sample_line,
    value,
)
from theory.expressions import Mean, Relation, le
from theory.kernel import Theorem
from theory.lemmas.budgets import FIXED_NORMS
from theory.lemmas.class_cosines import contact
from theory.lemmas.cosines import level, s, x
from theory.lemmas.polar import NORMS_AT_MOST_ONE, cosine, kappa, rho
from theory.lemmas.sample_cosines import scalar, signs
from theory.lemmas.samples import sharp_sample_bound
from theory.polar_configurations import simplex_in_polar
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, T, c, i

CONTACT = le(phi(level) + q(level) * level * (1 / contact + 2), log(C))
HYPOTHESES = (*FIXED_NORMS.samples[:-1], CONTACT)


def claim(factor: Any = 1, less: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    spent = loss(unbiased_logit) - phi(level) + q(level) * T * contact
    line = factor * contact * (2 - spent / (level * q(level))) - less
    return Statement(le(line, Mean(cosine(), c, i)), hypotheses)


def prove() -> Theorem:
    """The sharp bound of one sample at T := tau/x_1 and norms T x_1/tau times as large, averaged."""
    low, _, positive = signs()
    product = kappa(c) * rho(c, i)
    budget = combine(
        le(2 * product, kappa(c) ** 2 + rho(c, i) ** 2), slack=(kappa(c) - rho(c, i)) ** 2, label="a square"
    )
    weights, features = map(assume, NORMS_AT_MOST_ONE)
    stretch = T * contact / level
    one = instantiate(sharp_sample_bound(), {T: level / contact}, label="T := tau/x_1")
    nonnegative = combine(le(0, product * stretch), {positive: stretch}, label="norms are nonnegative")
    one = instantiate(one, {s: product * stretch, x: cosine()}, facts=[nonnegative], label="one sample")
    condition = combine(
        le(phi(level) + q(level) * (level / contact + 2 * level), log(C)), {assume(CONTACT): 1}
    )
    one = cut(one, low, condition, label="the lemma's hypotheses")
    rate = contact * (C - 1 + exp(level)) / ((C - 1) * level)
    norm = contact * stretch / 2
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(one, c, i, label="E over samples"): rate,
            average(scalar(FIXED_NORMS), c, i): rate,
            average(budget, c, i): norm,
            weights: norm,
            features: norm,
        },
        label="norms at most 1",
    )


def witness() -> Witness:
    """Simplex with orthogonal noise, tau = 3 and every cosine x_1 = tau/T = sqrt(8/9)."""
    return simplex_in_polar({contact: sqrt(Rational(8, 9))})


def twins() -> list[Twin]:
    base = flipped(Rational(1, 2), good=3)
    values = {**base.values, level: Rational(2, 5), contact: Rational(4, 5)}
    small = Witness(2, 4, 1, base.functions, values, base.note)
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), witness()),
        Twin("without the condition on tau and x_1", claim(hypotheses=HYPOTHESES[:-1]), small),
    ]


def neighbour() -> Neighbour:
    goal = claim(less=Rational(1, 100))
    return Neighbour(
        "1/100 less",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=Rational(1, 100)),  # type: ignore[arg-type]
    )


_C, _L = value("C"), value("L")
_T = _C * value("alpha") * value("beta") / (_C - 1)
THEOREM = Entry(
    name="sample-cosine-any-loss",
    title="Cosine with the classifier row at any loss and any norms",
    kind="tight",
    source="this project (2026); joint form of NC1 and NC3 of Papyan, Han & Donoho 2020",
    says=(
        "Without bias, E cos(w_c - wbar, h_ci) >= x (2 - (L - phi(tau) + q(tau) T x)/(tau q(tau))) for "
        "every tau > 0 and x > 0 with phi(tau) + q(tau) tau (1/x + 2) <= log C: no condition on T or L."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        best_sample_line(_L, _T, _C), (*NORMS_POSITIVE, NO_BIAS, LOSS_STRICTLY_BELOW_LOG_C, LOSS_POSSIBLE)
    ),
    uses=("cross-entropy-identity",),
)
