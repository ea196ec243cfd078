# SPDX-License-Identifier: MIT
"""mean_c (1 - nu_c) >= (phi^{-1}(L)/T)^2, nu_c relative to the norms of class c: sharp, attained.

The variability nu of the whole is a mean weighted by the classes' norms, and needs no condition; here every
class counts alike, and log C - L >= (3/2) tau q(tau) keeps a class from being abandoned.  What the proof
takes from E_i ||h_ci||^2 = (alpha size_c)^2 is only the meaning of share_c = sqrt(1 - nu_c).
"""

from sympy import Rational, exp, log

from theory.definitions import loss, phi, unbiased_logit
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.evaluation import (
    LOSS_POSSIBLE,
    LOSS_STRICTLY_BELOW_LOG_C,
    NO_BIAS,
    NORMS_POSITIVE,
    Condition,
    phi_inverse,
    value,
)
from theory.expressions import Mean, Relation, le
from theory.kernel import Theorem
from theory.lemmas.budgets import (
    CLASS_NORMS,
    CLASS_PRODUCT,
    FIXED_NORMS,
    MARGIN,
    any_share,
    class_polar,
    class_scalar,
    class_square,
    product_nonnegative,
    share,
)
from theory.lemmas.cosines import level, s, x
from theory.lemmas.samples import SQUARE_CONDITION, squared_bound
from theory.polar_configurations import abandoned, simplex_in_polar
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, T, alpha, beta, c

LOSS = le(loss(unbiased_logit), phi(level))
HYPOTHESES = (*any_share(class_polar(beta, alpha)), *CLASS_NORMS, MARGIN, LOSS, SQUARE_CONDITION)


def claim(factor: object = 1, power: int = 2, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(factor * (level / T) ** power, Mean(share(c) ** 2, c)), hypotheses)


def prove() -> Theorem:
    """The tangent of phi(tau v^{3/2}) at each class's margin T kappa_c size_c share_c."""
    positive = product_nonnegative("class")
    one = instantiate(squared_bound(), {s: CLASS_PRODUCT, x: share(c)}, facts=[positive], label="one class")
    weights, features = map(assume, CLASS_NORMS)
    half = (level / T) ** 2
    rate = 2 * half * (C - 1 + exp(level)) / ((C - 1) * level)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(one, c, label="mean over classes"): rate,
            average(class_scalar(FIXED_NORMS), c): rate,
            assume(LOSS): rate,
            average(class_square(), c): half,
            weights: half,
            features: half,
        },
        label="norms at most 1",
    )


def twins() -> list[Twin]:
    small = abandoned({level: Rational(2, 5)})
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), simplex_in_polar()),
        Twin("tau/T to the first power", claim(power=1), simplex_in_polar()),
        Twin("without the condition", claim(hypotheses=HYPOTHESES[:-1]), small),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=Rational(99, 100))
    return Neighbour(
        "1 % weaker",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=(level / T) ** 2 / 100),  # type: ignore[arg-type]
    )


_T = value("C") * value("alpha") * value("beta") / (value("C") - 1)
_TAU = phi_inverse(value("L"), value("C"))
THEOREM = Entry(
    name="class-variability-sharp",
    title="Variability relative to each class's norm, sharp",
    kind="tight",
    source="this project (2026); sharpens Pan & Cao 2023, theorem 2.1 (intra-class)",
    says=(
        "The mean over classes of nu_c = E_i||h_ci - mu_c||^2/E_i||h_ci||^2 is at most 1 - (phi^{-1}(L)/T)^2"
        ", without bias, if log C - L >= (3/2) tau q(tau); attained when d >= C and n >= 2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=simplex_in_polar,
    measurable=Measurable(
        "class_variability.mean",
        "<=",
        1 - (_TAU / _T) ** 2,
        (
            *NORMS_POSITIVE,
            NO_BIAS,
            LOSS_STRICTLY_BELOW_LOG_C,
            LOSS_POSSIBLE,
            Condition(
                "log C - L >= (3/2) tau q(tau), tau = phi^{-1}(L)",
                value("L") + (1 - exp(-value("L"))) * Rational(3, 2) * _TAU,
                log(value("C")),
            ),
        ),
    ),
    uses=("cross-entropy-identity",),
)
