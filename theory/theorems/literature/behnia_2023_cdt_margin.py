# SPDX-License-Identifier: MIT
"""Logits multiplied by delta_c = sqrt(n_c): class sizes drop out of the least norms with margins 1.

The condition is on delta_c z_c - delta_j z_j, the margins of the class-dependent temperature parametrisation.
Proved for all W and H, and even if only each sample's mean margin, weighted by 1/n_j, is at least 1.  Not
covered: that training converges in direction to this minimum, and other choices of delta.
"""

from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import dot, sq, unbiased_logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import Mean, eq, index, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, atom, c, h, i, j, positive, w

scale = atom(
    "delta_class", r"\delta", "delta_class(c): factor of the logits of class c; delta_c^2 = n_c samples"
)
inverse = atom("u_class", "u", "u_class(c): 1/delta_c, so that u_c^2 = 1/n_c")
j3 = index("j3")
RECIPROCAL = eq(scale(c) * inverse(c), 1, c)


total = positive("s_inverse", "s", "sum over classes of 1/n_j")
SUM = eq(total, C * Mean(inverse(j) ** 2, j))


def separated() -> Any:
    """sum_j (delta_c z_c - delta_j z_j)/n_j >= sum over j != c of 1/n_j: margins of 1 are enough."""
    gap = scale(c) * unbiased_logit(c, i, c) - scale(j) * unbiased_logit(c, i, j)
    return le(total - inverse(c) ** 2, C * Mean(inverse(j) ** 2 * gap, j), c, i)


def norms() -> Expr:
    """||W||_F^2 + sum over all samples of ||h||^2."""
    return C * Mean(sq(lambda x: w(c, x)), c) + C * Mean(scale(c) ** 2 * sq(lambda x: h(c, i, x)), c, i)


HYPOTHESES = (SUM, RECIPROCAL, separated())


def claim(least: object = 2 * (C - 1), hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    return Statement(le(least, norms()), hypotheses)


def prove() -> Theorem:
    """A square, and the projection of the rows; the weights 1/n_j turn the rest into the margins."""
    common = lambda x: C * Mean(w(j3, x) * inverse(j3), j3)  # noqa: E731
    shifted = lambda x: scale(c) * h(c, i, x) - w(c, x) + common(x) * inverse(c) / total  # noqa: E731
    reciprocal = assume(RECIPROCAL)
    pulled = dot(common, lambda x: h(c, i, x))
    own = combine(eq(scale(c) * inverse(c) * pulled, pulled), {reciprocal: pulled}, label="delta u = 1")
    other = _at_other_class()
    reward = C * Mean(scale(c) * unbiased_logit(c, i, c), c, i)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(assume(separated()), c, i, label="E over samples"): 2 * C / total,
            average(own, c, i): 2 * C / total,
            average(other, j, c, i): -2 * C**2 / total,
            assume(SUM): -(sq(common) / total + 2 * reward + 2) / total,
        },
        slack=C * Mean(sq(shifted), c, i) + sq(common) / total,
        label="complete the square",
    )


def _at_other_class() -> Theorem:
    """u_j^2 delta_j z_j = u_j z_j."""
    reciprocal = instantiate(assume(RECIPROCAL), {c: j}, label="class j")
    term = inverse(j) * unbiased_logit(c, i, j)
    return combine(eq(scale(j) * inverse(j) * term, term), {reciprocal: term}, label="delta u = 1")


def witness(factor: Any = 1) -> Witness:
    """C = 2, n = (4, 1), one dimension: rows (2, -1)/sqrt(5), features 1/sqrt(5) and -1/sqrt(5)."""
    unit = 1 / sqrt(Integer(5))
    return Witness(
        2,
        1,
        1,
        {
            scale: lambda c: Integer(2 - c),
            inverse: lambda c: Rational(1, 2 - c),
            w: lambda j, k: factor * (2 * unit if j == 0 else -unit),
            h: lambda c, i, k: factor * (unit if c == 0 else -unit),
        },
        {total: Rational(5, 4)},
        f"two classes of four samples and one, {factor} times the optimum",
    )


def twins() -> list[Twin]:
    return [
        Twin("1 % more", claim(least=Rational(202, 100) * (C - 1)), witness()),
        Twin("C instead of C - 1", claim(least=2 * C), witness()),
        Twin(
            "margins not required",
            claim(hypotheses=(SUM, RECIPROCAL)),
            witness(factor=Rational(1, 2)),
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(least=C - 1)
    proof = lambda: combine(goal.conclusion, {prove(): 1}, slack=C - 1)  # type: ignore[arg-type]  # noqa: E731
    return Neighbour("half of it", goal, proof)


THEOREM = Entry(
    name="behnia-2023-cdt-margin",
    title="Class-dependent temperatures sqrt(n_c) remove the class sizes from the margin problem",
    kind="tight",
    source=(
        "Behnia et al. 2023 (arXiv:2303.07608), cost-sensitive SVM of the logit-adjusted losses (CDT); the "
        "case delta_c = sqrt(n_c): closed form, this project (2026)"
    ),
    says=(
        "If delta_c z_c - delta_j z_j >= 1 for every sample and j != c with delta_c^2 = n_c, then for every "
        "W and H, ||W||_F^2 + ||H||_F^2 >= 2 (C-1), whatever the class sizes; equality at logits Z = (I - u "
        "u^T/||u||^2) Delta^{-1} Y, u_c = 1/delta_c, whose singular values are all 1."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    # for margins at least t, by scaling W and H
    formula=Formula(2 * (value("C") - 1) * value("t")),
)
