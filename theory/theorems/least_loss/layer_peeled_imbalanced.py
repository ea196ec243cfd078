# SPDX-License-Identifier: MIT
"""The layer-peeled model with any class sizes: each row-stochastic P gives a bound under the budgets."""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, log, sqrt

from theory.definitions import dot, mean_square_raw_weights, sq, unbiased_logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.lemmas.soft_targets import (
    ROWS,
    SHARES,
    divergence,
    entropy,
    gibbs,
    left_out,
    log_p,
    loss,
    share,
    split,
    weighted,
)
from theory.proving import assume, average, combine
from theory.symbols import C, atom, c, h, i, positive, w

E_W = positive("E_W", "E_W", "budget of the classifier: (1/C) sum ||w_c||^2 <= E_W")
E_H = positive("E_H_weighted", "E_H", "budget of the features: sum_c v_c E_i ||h_ci||^2 <= E_H")
kappa = positive("kappa_norm", r"\kappa", "bound on the operator norm of diag(pi/sqrt v)(I - P)")
budget = atom("v_budget", "v", "v_budget(c): weight of class c in the features' budget")

relative = atom("rho_share", r"\rho", "rho_share(c): pi_c/v_c")

WEIGHTS = (le(0, budget(c), c), eq(share(c), relative(c) * budget(c), c))
CLASSIFIER = le(mean_square_raw_weights(), E_W)
FEATURES = le(C * Mean(budget(c) * sq(lambda x: h(c, i, x)), c, i), E_H)
NORM = le(C * Mean(budget(c) * relative(c) ** 2 * sq(left_out), c), kappa**2 * C * mean_square_raw_weights())
HYPOTHESES = (ROWS, WEIGHTS[1], NORM, CLASSIFIER, FEATURES)
SIGNS = (SHARES, WEIGHTS[0])
RADIUS = sqrt(C * E_W * E_H)


def departure() -> Expr:
    """sum_c pi_c E KL(p_c || softmax W h) + (kappa theta/2) sum_c v_c E ||h - g_c||^2."""
    theta = RADIUS / E_H
    best = lambda x: relative(c) / (kappa * theta) * left_out(x)  # noqa: E731
    distance = C * Mean(budget(c) * sq(lambda x: h(c, i, x) - best(x)), c, i)
    return weighted(divergence(unbiased_logit)) + kappa * theta / 2 * distance


def claim(
    factor: Any = 1, radius: Any = 1, distance: Any = 1, hypotheses: tuple[Any, ...] = HYPOTHESES
) -> Statement:
    bound = factor * (entropy() - radius * kappa * RADIUS)
    return Statement(le(bound + distance * departure(), loss()), hypotheses)


def reward_by_ratio() -> Theorem:
    """sum_c pi_c E <e_c - p_c, W h_ci> with pi_c = rho_c v_c."""
    paid = dot(left_out, lambda x: h(c, i, x))
    one = combine(
        eq(share(c) * paid, relative(c) * budget(c) * paid), {assume(WEIGHTS[1]): paid}, label="pi = rho v"
    )
    return average(one, c, i, label="all samples")


@lru_cache
def prove() -> Theorem:
    """The reward is paid for by the budgets."""
    theta = RADIUS / E_H
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            split(): -1,
            reward_by_ratio(): C,
            assume(NORM): 1 / (2 * kappa * theta),
            assume(CLASSIFIER): kappa * C / (2 * theta),
            assume(FEATURES): kappa * theta / 2,
        },
        label="complete the squares",
    )


KAPPA = sqrt(2) / 4


def witness(size: Any = 1, strength: Any = KAPPA) -> Witness:
    """Shares 1/3 and 2/3, v = pi ("sample" budget), kappa = sqrt(2)/4, margin log 3."""
    v = sqrt(log(3) / (2 * sqrt(2)))
    table: dict[Any, Any] = {
        w: lambda j, k: size * v * (1 - 2 * j),
        h: lambda c, i, k: size * sqrt(2) * v * (1 - 2 * c),
        share: lambda c: Rational(1 + c, 3),
        budget: lambda c: Rational(1 + c, 3),
        relative: lambda c: Integer(1),
        log_p: lambda c, j: log(Rational(3, 4) if c == j else Rational(1, 4)),
    }
    return Witness(
        2, 1, 1, table, {E_W: v**2, E_H: 2 * v**2, kappa: strength}, f"C = 2, {size} times the optimum"
    )


def twins() -> list[Twin]:
    return [
        Twin("half of the reward", claim(radius=Rational(1, 2)), witness()),
        Twin("the budgets may be exceeded", claim(hypotheses=HYPOTHESES[:3]), witness(size=2)),
        Twin(
            "any P",
            claim(distance=0, hypotheses=(*HYPOTHESES[:2], *HYPOTHESES[3:])),
            witness(strength=Rational(1, 100)),
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(distance=0, hypotheses=(*HYPOTHESES, *SIGNS))

    def proof() -> Theorem:
        """Divergences and squares are nonnegative."""
        weights = assume(WEIGHTS[0])
        theta = RADIUS / E_H
        best = lambda x: relative(c) / (kappa * theta) * left_out(x)  # noqa: E731
        one = budget(c) * sq(lambda x: h(c, i, x) - best(x))
        square = combine(le(0, one), slack=one, facts=[weights], label="v_c times a square")
        return combine(
            goal.conclusion,  # type: ignore[arg-type]
            {prove(): 1, gibbs(): 1, average(square, c, i): C * kappa * theta / 2},
        )

    return Neighbour("without the departure", goal, proof)


THEOREM = Entry(
    name="layer-peeled-imbalanced",
    title="The layer-peeled model with any class sizes: least loss and its optima, by duality",
    kind="tight",
    source="this project (2026), for the layer-peeled model of Fang et al. 2021 (arXiv:2101.12699)",
    says=(
        "Under (1/C) sum ||w_c||^2 <= E_W and sum_c v_c E_i ||h_ci||^2 <= E_H, for every positive "
        "row-stochastic P with ||diag(pi/sqrt v)(I - P)|| <= kappa (operator norm, needed at W only), the "
        "loss is at least sum_c pi_c H(p_c) - kappa R + sum_c pi_c E KL(p_c || softmax) + (kappa theta/2) "
        "sum_c v_c E ||h_ci - g_c||^2, with R = sqrt(C E_W E_H), theta = R/E_H and g_c = pi_c (w_c - sum_j "
        "P_cj w_j)/(v_c kappa theta). For pi, v >= 0 the last two terms are not negative: where the others "
        "are attained, every optimum predicts P, and its classes collapse."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(value("label_entropy") - value("norm_multiplier") * value("norm_budget")),
)
