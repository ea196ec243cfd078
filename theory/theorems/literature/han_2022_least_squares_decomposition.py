# SPDX-License-Identifier: MIT
"""Han, Papyan & Donoho 2022: squared loss with decay splits exactly into NC1, NC2/3 and off-path parts.

(v, a) is the least-squares classifier of the given features, by its normal equations; targets are arbitrary
vectors of the class (one-hot in the paper).  For every classifier (W, b), exactly,

    E||W h + b - y||^2/2 + (lambda/2)(||W||^2 + ||b||^2) = L_NC1 + L_NC2/3 + L_perp,
    L_NC1   = E||v (h - mu_c)||^2/2 + (lambda/2)(||v||^2 + ||a||^2),
    L_NC2/3 = (1/(2 C)) sum_c ||v mu_c + a - y_c||^2,
    L_perp  = E||(W - v) h + b - a||^2/2 + (lambda/2)(||W - v||^2 + ||b - a||^2).
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational

from theory.definitions import dot, mu
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine, visible
from theory.symbols import C, atom, b, c, d, h, i, j, k, positive, w

decay = positive("lambda_s", r"\lambda", "decay of the classifier and its bias in a squared loss")
target = atom("target", "y", "target(c, j): what output j should be on class c")
v = atom("v_LS", r"w^{\mathrm{LS}}", "v_LS(j, k): row j of the least-squares classifier")
a = atom("a_LS", r"b^{\mathrm{LS}}", "a_LS(j): bias of the least-squares classifier")
LEAST_SQUARES = Rational(3, 14)  # of the witness


def output(rows: Any, bias: Any, at: Any = h) -> Expr:
    """<row_j, h_ci> + bias_j."""
    return dot(lambda x: rows(j, x), lambda x: at(c, i, x)) + bias(j)


RESIDUAL = output(v, a) - target(c, j)
NORMAL = (
    eq(Mean(RESIDUAL * h(c, i, k), c, i) + decay * v(j, k), 0, j, k),
    eq(Mean(RESIDUAL, c, i) + decay * a(j), 0, j),
)


def penalty(rows: Any, bias: Any) -> Expr:
    """(lambda/2)(||rows||_F^2 + ||bias||^2)."""
    return decay / 2 * C * (d * Mean(rows(j, k) ** 2, j, k) + Mean(bias(j) ** 2, j))


def squared_loss(rows: Any, bias: Any) -> Expr:
    """E||W h + b - y||^2/2 with its penalty."""
    return C / 2 * Mean((output(rows, bias) - target(c, j)) ** 2, c, i, j) + penalty(rows, bias)


def within() -> Expr:
    """L_NC1."""
    spread = dot(lambda x: v(j, x), lambda x: h(c, i, x) - mu(c, x))
    return C / 2 * Mean(spread**2, c, i, j) + penalty(v, a)


def between() -> Expr:
    """L_NC2/3."""
    at_mean = dot(lambda x: v(j, x), lambda x: mu(c, x)) + a(j)
    return C / 2 * Mean((at_mean - target(c, j)) ** 2, c, j)


def off_path() -> Expr:
    """L_perp."""

    def rows(jj: Any, kk: Any) -> Expr:
        return w(jj, kk) - v(jj, kk)

    def bias(jj: Any) -> Expr:
        return b(jj) - a(jj)

    return C / 2 * Mean(output(rows, bias) ** 2, c, i, j) + penalty(rows, bias)


def claim(off: int = 1, hypotheses: tuple[Relation, ...] = NORMAL, near: int = 1) -> Statement:
    return Statement(eq(squared_loss(w, b), near * within() + between() + off * off_path()), hypotheses)


def in_direction() -> tuple[Theorem, Theorem]:
    """The normal equations, contracted with W - v and b - a."""
    for_rows, for_bias = map(assume, NORMAL)
    toward = w(j, k) - v(j, k)
    rows = combine(eq(toward * for_rows.relation.lhs, 0), {for_rows: toward}, label="along W - v")
    shift = b(j) - a(j)
    bias = combine(eq(shift * for_bias.relation.lhs, 0), {for_bias: shift}, label="along b - a")
    return average(rows, j, k, label="summed"), average(bias, j, label="summed")


@lru_cache
def prove() -> Theorem:
    """Pythagoras twice: around the least-squares classifier, and around the class means."""
    rows, bias = in_direction()
    return combine(claim().conclusion, {rows: C * d, bias: C}, label="Pythagoras")  # type: ignore[arg-type]


def witness(slope: Rational = LEAST_SQUARES) -> Witness:
    """Features 1, 2 and -1, -2 on a line, one-hot targets, decay 1: v = +-3/14, a = 1/4; W = 1, b = 0."""
    functions: dict[Any, Any] = {
        h: lambda c, i, k: Integer((1 - 2 * c) * (1 + i)),
        target: lambda c, j: Integer(int(c == j)),
        v: lambda j, k: slope * (1 - 2 * j),
        a: lambda j: Rational(1, 4),
        w: lambda j, k: Integer(1),
        b: lambda j: Integer(0),
    }
    return Witness(2, 2, 1, functions, {decay: Integer(1)}, "four points on a line, least squares")


def twins() -> list[Twin]:
    return [
        Twin("off-path loss counted twice", claim(off=2), witness()),
        Twin("NC1 loss counted twice", claim(near=2), witness()),
        Twin(
            "any classifier in place of least squares", claim(hypotheses=NORMAL[1:]), witness(Rational(1, 2))
        ),
    ]


def neighbour() -> Neighbour:
    goal = le(within() + between(), squared_loss(w, b))
    return Neighbour(
        "the least-squares classifier is best",
        Statement(goal, NORMAL),
        lambda: combine(goal, {prove(): -1, visible(le(0, off_path())): 1}),
    )


THEOREM = Entry(
    name="han-2022-least-squares-decomposition",
    title="Squared loss splits into NC1, NC2/3 and off-path parts",
    kind="identity",
    source="Han, Papyan & Donoho 2022, arXiv:2106.02073 (decomposition around the least-squares classifier)",
    says=(
        "Squared loss with decay is, for every classifier, exactly L_NC1 + L_NC2/3 + L_perp around the least-"
        "squares classifier of the features (given by its normal equations), for arbitrary class targets."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(value("loss_nc1") + value("loss_nc23") + value("loss_off_path")),
)
