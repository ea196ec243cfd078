# SPDX-License-Identifier: MIT
"""The Hessian of the squared error in the classifier, at its balanced optimum: C^2 equal outliers.

In W the objective is quadratic; its Hessian sends V, rows v_j, to the rows E h_ci <h_ci, v_j> + lambda_W v_j.
At the optimum h_ci = r w_c with r^2 = lambda_W/(n lambda_H), the rows w_c are orthogonal with ||w_c||^2 = s
and r s = 1 - c, c = C kappa sqrt(n).  Directions V = A W, C^2 of them, are eigenvectors with the eigenvalue
lambda_W/c; directions with all v_j orthogonal to the features have lambda_W.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import dot
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, eq, index
from theory.kernel import Theorem
from theory.lemmas.unconstrained_features import COLLAPSED, PULL, lam_H, lam_W
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, atom, c, d, h, i, j, k, n, positive, w

mixture = atom("A_mix", "A", "A_mix(j, c): direction V = A W, row j is sum_c A_jc w_c")
square = positive("s_row", "s", "squared norm of each row of the classifier, orthogonal to the others")
bulk = atom("u_bulk", "u", "u_bulk(j, k): row j of a direction whose rows are orthogonal to all features")
at = index("c_m")
RATIO = sqrt(lam_W / (n * lam_H))

COLLAPSE = eq(h(c, i, k), RATIO * w(c, k), c, i, k)
FRAME = eq(
    C * Mean(mixture(j, at) * dot(lambda x: w(at, x), lambda x: w(c, x)), at), square * mixture(j, c), j, c
)
SCALE = eq(RATIO * square, 1 - C * PULL)
HYPOTHESES = (COLLAPSE, FRAME, SCALE)


def direction(jj: Any, x: Any) -> Expr:
    """Row jj of V = A W, coordinate x."""
    return C * Mean(mixture(jj, at) * w(at, x), at)


def image() -> Expr:
    """Row j of the Hessian at V, coordinate k."""
    inner = dot(lambda x: h(c, i, x), lambda x: direction(j, x))
    return Mean(h(c, i, k) * inner, c, i) + lam_W * direction(j, k)


OUTLIER = lam_W / (C * PULL)


def claim(eigenvalue: Any = OUTLIER, hypotheses: tuple[Any, ...] = HYPOTHESES) -> Statement:
    return Statement(eq(image(), eigenvalue * direction(j, k)), hypotheses)


@lru_cache
def at_collapse() -> Theorem:
    """h_ci(k) <h_ci, v_j> = r^2 w_c(k) <w_c, v_j>."""
    same = assume(COLLAPSE)
    k2 = index("k_2")
    other = instantiate(same, {k: k2}, label="another coordinate")
    goal = eq(
        h(c, i, k) * dot(lambda x: h(c, i, x), lambda x: direction(j, x)),
        RATIO**2 * w(c, k) * dot(lambda x: w(c, x), lambda x: direction(j, x)),
    )
    term = combine(
        eq(h(c, i, k2) * direction(j, k2), RATIO * w(c, k2) * direction(j, k2)),
        {other: direction(j, k2)},
        label="times the direction",
    )
    inner = average(term, k2, label="inner product")
    return combine(
        goal,
        {inner: d * h(c, i, k), same: RATIO * dot(lambda x: w(c, x), lambda x: direction(j, x))},
        label="collapsed features",
    )


@lru_cache
def prove() -> Theorem:
    """The frame sends A to s A, and r s = 1 - c."""
    frame = assume(FRAME)
    rate = RATIO**2 * w(c, k)
    one = combine(eq(rate * frame.relation.lhs, rate * frame.relation.rhs), {frame: rate}, label="times w_c")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(at_collapse(), c, i, label="E over samples"): 1,
            average(one, c, label="mean over classes"): 1,
            assume(SCALE): RATIO * direction(j, k) / C,
        },
        label="r^2 s/C + lambda_W = lambda_W/c",
    )


EIGHTH = Rational(1, 8)


def configuration(stretch: Any = 1, off: Any = 0) -> Witness:
    """C = 2, n = 4, kappa = 1/8, c = r = 1/2, s = 1: w_c = e_c, h_ci = e_c/2, A = (1, 2; 3, 4)."""

    def row(cls: int, x: int) -> Any:
        return (Integer(stretch) if cls else Integer(1)) if cls == x else Integer(0)

    return Witness(
        2,
        1,
        3,
        {
            w: row,
            h: lambda c, i, k: row(c, k) / 2 + off,
            mixture: lambda j, c: Integer(1 + 2 * j + c),
            bulk: lambda j, k: Integer(int(k == 2)),
        },
        {lam_W: EIGHTH, lam_H: EIGHTH, n: Integer(4), square: Integer(1)},
        f"orthogonal rows of length 1 and {stretch}, features off by {off}",
    )


def twins() -> list[Twin]:
    return [
        Twin("1 % more", claim(eigenvalue=Rational(101, 100) * OUTLIER), configuration()),
        Twin("without the decay", claim(eigenvalue=OUTLIER - lam_W), configuration()),
        Twin("rows of any length", claim(hypotheses=(COLLAPSE, SCALE)), configuration(stretch=Integer(2))),
        Twin("any features", claim(hypotheses=(FRAME, SCALE)), configuration(off=Integer(1))),
    ]


def neighbour() -> Neighbour:
    inner = dot(lambda x: h(c, i, x), lambda x: bulk(j, x))
    orthogonal = eq(inner, 0, c, i, j)
    goal = eq(Mean(h(c, i, k) * inner, c, i) + lam_W * bulk(j, k), lam_W * bulk(j, k))

    def proof() -> Theorem:
        """The features do not see such a direction."""
        one = combine(eq(h(c, i, k) * inner, 0), {assume(orthogonal): h(c, i, k)}, label="times a feature")
        return combine(goal, {average(one, c, i): 1})

    return Neighbour("the bulk: eigenvalue lambda_W", Statement(goal, (orthogonal,)), proof)


THEOREM = Entry(
    name="garrod-keating-2024-hessian",
    title="Hessian in the classifier at the squared-error optimum: C^2 equal outliers",
    kind="identity",
    source=(
        "Garrod & Keating 2024 (arXiv:2404.06106), bulk and C^2 outliers of layer-wise Hessians at deep "
        "neural collapse; the eigenvalue with decays: this project (2026)"
    ),
    says=(
        "Squared error with decays, n samples in each class, c = C kappa sqrt(n) < 1, at the optimum (h_ci = "
        "r w_c, r^2 = lambda_W/(n lambda_H), orthogonal rows of squared norm s = (1-c)/r): the Hessian in W "
        "has the eigenvalue lambda_W/c on all C^2 directions A W, and lambda_W, its bulk, on directions that "
        "the features do not see. So its condition number is 1/c wherever there is a bulk, that is for d > C."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        sqrt(value("weight_decay") / (value("feature_decay") * value("samples_per_class"))) / value("C"),
        (
            Condition("lambda_H > 0", Integer(0), value("feature_decay"), strict=True),
            Condition("n > 0", Integer(0), value("samples_per_class"), strict=True),
            *COLLAPSED,
        ),
    ),
)
