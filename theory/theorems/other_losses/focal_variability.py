# SPDX-License-Identifier: MIT
"""Focal loss: nu <= 1 - (tau/T)^2, tau the margin whose focal loss is L, where the slope there is below 1."""

from sympy import Expr, Integer, Rational

from theory.configurations import simplex
from theory.definitions import mean_square_features, mean_square_weights, within_class_scatter
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import NORMS_POSITIVE, Condition, phi, q, value
from theory.expressions import eq, le
from theory.kernel import Theorem
from theory.lemmas.class_means import from_margin
from theory.lemmas.focal import EQUIVALENT, SLOPE, focal_loss, margin_of_focal_loss, y
from theory.losses.focal import focal, focusing
from theory.proving import assume, combine
from theory.symbols import C, T, alpha, beta, tau

NORMS = (
    eq(alpha**2, mean_square_features()),
    le(mean_square_weights(), beta**2),
    eq(T, C * alpha * beta / (C - 1)),
)
SMALL = le(focal_loss(), focal(tau))
HYPOTHESES = (*NORMS, EQUIVALENT, SLOPE, SMALL)


def claim(factor: object = 1, power: int = 2) -> Statement:
    return Statement(le(within_class_scatter() / alpha**2, 1 - factor * (tau / T) ** power), HYPOTHESES)


def prove() -> Theorem:
    """The tangent at tau turns the focal loss into a mean margin; Cauchy-Schwarz does the rest."""
    return from_margin(margin_of_focal_loss(), *map(assume, NORMS))


def witness(contact: int = 3) -> Witness:
    """gamma = 2, simplex ETF with noise orthogonal to the classifier: all margins 3, L = F(3)."""
    base = simplex(3, scale=3, noise=Rational(1, 2), values={tau: contact, focusing: 2})
    return Witness(3, 2, 3, {**base.functions, y: lambda c, i: Integer(3)}, base.values, base.note)


def twins() -> list[Twin]:
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), witness()),
        Twin("tau/T to the first power", claim(power=1), witness()),
        Twin(
            "loss allowed to exceed F(tau)",
            Statement(claim().conclusion, HYPOTHESES[:-1]),
            witness(contact=10),
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=Rational(99, 100))
    return Neighbour(
        "1 % weaker",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=(tau / T) ** 2 / 100),  # type: ignore[arg-type]
    )


_C, _g, _tau = value("C"), value("focal_gamma"), value("tau")
_T = _C * value("alpha") * value("beta") / (_C - 1)
_u, _q = phi(_tau, _C), q(_tau, _C)
_slope: Expr = _q**_g * (_q + _g * (1 - _q) * _u)
THEOREM = Entry(
    name="focal-variability",
    title="Within-class variability under the focal loss",
    kind="tight",
    source="this project (2026); focal loss of Lin et al. 2017, equation 4",
    says=(
        "For every gamma > 0, C, n, d and bias, nu <= 1 - (tau/T)^2 with q(tau)^gamma phi(tau) = L, "
        "tau >= 0, if the slope there is below 1 (for gamma = 2, L < 1.26); attained when d >= C and "
        "n >= 2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("focal-tangent", "cross-entropy-identity"),
    formula=Formula(
        1 - (_tau / _T) ** 2,
        (
            *NORMS_POSITIVE,
            Condition("gamma > 0", Integer(0), _g, strict=True),
            Condition("the slope s(tau) is below 1", _slope, Integer(1), strict=True),
            Condition(
                "tau <= T, up to rounding (no configuration has less loss)",
                _tau,
                _T * (1 + Rational(1, 10**6)),
            ),
        ),
    ),
)
