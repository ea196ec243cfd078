# SPDX-License-Identifier: MIT
"""E (||w_c - wbar||/beta)^2 cos(w_c - wbar, h_ci)^2 >= (phi^{-1}(L)/T)^2: no condition, attained."""

from sympy import Rational

from theory.definitions import alignment, logit, loss, phi, wt
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import LOSS_BELOW_LOG_C, LOSS_POSSIBLE, NORMS_POSITIVE, phi_inverse, value
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem, apply
from theory.lemmas import margin_of_loss
from theory.lemmas.polar import NORMS_AT_MOST_ONE, cosine, kappa, polar, rho
from theory.polar_configurations import simplex_in_polar
from theory.proving import assume, average, combine, square_monotone
from theory.symbols import C, T, alpha, b, beta, c, d, h, i, k, tau

MARGIN = eq(T, C * alpha * beta / (C - 1))
LOSS = le(loss(logit), phi(tau))
HYPOTHESES = (*polar(beta, alpha)[:2], NORMS_AT_MOST_ONE[1], MARGIN, LOSS)


def claim(factor: object = 1, power: int = 2, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    weighted = Mean(kappa(c) ** 2 * cosine() ** 2, c, i)
    return Statement(le(factor * (tau / T) ** power, weighted), hypotheses)


def prove() -> Theorem:
    """tau <= mean margin = T E rho (kappa cos), and Cauchy-Schwarz with E rho^2 <= 1."""
    split_w, split_h, features, margin, _ = map(assume, HYPOTHESES)
    turned = kappa(c) * cosine()
    one = combine(
        eq(wt(c, k) * h(c, i, k), split_w.relation.rhs * split_h.relation.rhs),
        {split_w: h(c, i, k), split_h: split_w.relation.rhs},
        label="one coordinate of <w~, h>",
    )
    mean = combine(
        eq(alignment(), alpha * beta * Mean(rho(c, i) * turned, c, i)),
        {average(one, c, i, k): d},
        label="mean margin in polar coordinates",
    )
    forced = combine(
        le(tau, T * Mean(rho(c, i) * turned, c, i)),
        {
            margin_of_loss(): 1,
            mean: C / (C - 1),
            margin: -Mean(rho(c, i) * turned, c, i),
        },
        label="the loss forces a mean margin",
    )
    squared = square_monotone(forced)
    schwarz = apply("cauchy_schwarz", u=rho(c, i), v=turned, over=(c, i), label="norms against cosines")
    weighted = Mean(turned**2, c, i)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {squared: 1 / T**2, schwarz: 1, features: weighted},
        label="E rho^2 <= 1",
    )


def witness() -> Witness:
    """The simplex with orthogonal noise, no bias: L = phi(3)."""
    base = simplex_in_polar({tau: 3})
    functions = {**base.functions, b: lambda j: 0}
    return Witness(base.classes, base.samples, base.dimension, functions, base.values, base.note)


def twins() -> list[Twin]:
    base = witness()
    lossy = Witness(3, 2, 3, base.functions, {**base.values, tau: 10}, "tau = 10")
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), base),
        Twin("tau/T to the first power", claim(power=1), base),
        Twin("loss allowed to exceed phi(tau)", claim(hypotheses=HYPOTHESES[:-1]), lossy),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=Rational(99, 100))
    return Neighbour(
        "1 % weaker",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=(tau / T) ** 2 / 100),  # type: ignore[arg-type]
    )


_T = value("C") * value("alpha") * value("beta") / (value("C") - 1)
THEOREM = Entry(
    name="sample-cosine-weighted",
    title="Cosines weighted by the classifier's norms, without a condition",
    kind="tight",
    source="this project (2026); joint form of NC1 and NC3 of Papyan, Han & Donoho 2020",
    says=(
        "The mean of (||w_c - wbar||/beta)^2 cos(w_c - wbar, h_ci)^2 is at least (phi^{-1}(L)/T)^2 for every "
        "L <= log C, with any bias; attained when d >= C and n >= 2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    measurable=Measurable(
        "row_cosine.weighted_square",
        ">=",
        (phi_inverse(value("L"), value("C")) / _T) ** 2,
        (*NORMS_POSITIVE, LOSS_BELOW_LOG_C, LOSS_POSSIBLE),
    ),
    uses=("cross-entropy-identity",),
)
