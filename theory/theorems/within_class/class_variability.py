# SPDX-License-Identifier: MIT
"""mean_c nu_c <= 2 eps/(T q(T)) for T >= T_{3/2}(C), nu_c relative to the norms of class c.

E_i ||h_ci||^2 = (alpha size_c)^2 says what share_c = sqrt(1 - nu_c) means; the proof needs only the split of
the class means, and E size_c^2 <= 1.
"""

from sympy import Rational

from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.evaluation import NO_BIAS, NORMS_POSITIVE, T_ABOVE_T3_2, value
from theory.evaluation import q as q_value
from theory.expressions import Relation
from theory.kernel import Theorem
from theory.lemmas.budgets import FIXED_NORMS, SHARE_AT_MOST_ONE, any_share
from theory.lemmas.class_variability import T_THREE_HALVES, linear, linear_claim, variability_nonnegative
from theory.polar_configurations import abandoned, simplex_in_polar
from theory.proving import combine
from theory.symbols import eps

HYPOTHESES = (*any_share(FIXED_NORMS.classes), T_THREE_HALVES)


def claim(factor: object = 2, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(linear_claim(factor), hypotheses)


def prove() -> Theorem:
    """The tangent of phi(T v^{3/2}) at each class's margin T kappa_c size_c share_c."""
    return combine(claim().conclusion, {linear(FIXED_NORMS): 1}, label="one class, averaged")  # type: ignore[arg-type]


def twins() -> list[Twin]:
    return [
        Twin(
            "without the threshold on T", claim(hypotheses=HYPOTHESES[:-1]), abandoned({eps: Rational(1, 20)})
        ),
        Twin("half the constant", claim(factor=1), simplex_in_polar({eps: Rational(1, 60)})),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=4, hypotheses=(*HYPOTHESES, SHARE_AT_MOST_ONE))

    def proof() -> Theorem:
        """The left side is nonnegative, so twice the right side is no less."""
        return combine(goal.conclusion, {prove(): 2, variability_nonnegative(): 1})  # type: ignore[arg-type]

    return Neighbour("twice the constant", goal, proof)


_T = value("C") * value("alpha") * value("beta") / (value("C") - 1)
THEOREM = Entry(
    name="class-variability",
    title="Variability relative to each class's norm",
    kind="upper",
    source="this project (2026); replaces Pan & Cao 2023, theorem 2.1 (intra-class)",
    says=(
        "For T >= T_{3/2}(C), without bias, the mean over classes of nu_c = E_i||h_ci - mu_c||^2/"
        "E_i||h_ci||^2 is at most 2 eps/(T q(T)), for every loss gap eps."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "class_variability.mean",
        "<=",
        2 * value("eps") / (_T * q_value(_T, value("C"))),
        (*NORMS_POSITIVE, NO_BIAS, T_ABOVE_T3_2),
    ),
    uses=("cross-entropy-identity",),
)
