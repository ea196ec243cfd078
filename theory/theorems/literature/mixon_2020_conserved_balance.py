# SPDX-License-Identifier: MIT
"""Mixon et al. 2020: gradient flow keeps H H^T - W^T W; weight decay shrinks it like e^{-2 lambda t}.

For any loss of the logits z = W h + b, not only squared error: G(c, i, j) stands for the derivative of a
sample's loss in logit j.  The loss is a mean over n C samples, and the features of every sample flow too.
Proved: the time derivative of H H^T - W^T W is -2 lambda times itself, entry by entry.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, exp

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import Mean, Relation, eq, index, substitute
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, atom, c, h, i, j, k, n, nonnegative, w

decay = nonnegative("lambda_0", r"\lambda", "weight decay of W and of H, possibly 0")
G = atom("G", "G", "G(c, i, j): derivative of the loss of sample i of class c in its logit j")
dW = atom("dW", r"\dot w", "dW(j, k): time derivative of w(j, k)")
dH = atom("dH", r"\dot h", "dH(c, i, k): time derivative of h(c, i, k)")
k2 = index("k2")
FLOW_W = eq(dW(j, k), -Mean(G(c, i, j) * h(c, i, k), c, i) - decay * w(j, k), j, k)
FLOW_H = eq(dH(c, i, k), -Mean(G(c, i, j) * w(j, k), j) / n - decay * h(c, i, k), c, i, k)


def balance() -> Expr:
    """Entry (k, k2) of H H^T - W^T W."""
    return n * C * Mean(h(c, i, k) * h(c, i, k2), c, i) - C * Mean(w(j, k) * w(j, k2), j)


def rate(sign: int = -1) -> Expr:
    """Its time derivative, by the product rule."""
    features = Mean(dH(c, i, k) * h(c, i, k2) + h(c, i, k) * dH(c, i, k2), c, i)
    rows = Mean(dW(j, k) * w(j, k2) + w(j, k) * dW(j, k2), j)
    return n * C * features + sign * C * rows


def claim(factor: int = 2, sign: int = -1, hypotheses: tuple[Relation, ...] = (FLOW_W, FLOW_H)) -> Statement:
    return Statement(eq(rate(sign), -factor * decay * balance()), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Both gradients contract G with one factor of W and one of H."""
    rows, features = assume(FLOW_W), assume(FLOW_H)
    rows2 = instantiate(rows, {k: k2}, label="coordinate k'")
    features2 = instantiate(features, {k: k2}, label="coordinate k'")

    def paired(flow: Theorem, other: Expr, *over: Any) -> Theorem:
        goal = eq(other * flow.relation.lhs, other * flow.relation.rhs)
        return average(combine(goal, {flow: other}), *over, label="summed")

    premises = {
        paired(features, h(c, i, k2), c, i): n * C,
        paired(features2, h(c, i, k), c, i): n * C,
        paired(rows, w(j, k2), j): -C,
        paired(rows2, w(j, k), j): -C,
    }
    return combine(claim().conclusion, premises, label="the loss terms cancel")  # type: ignore[arg-type]


def witness(shrink: int = 1) -> Witness:
    """Two classes, one sample each, in two dimensions, with arbitrary derivatives G."""
    rows, points, slopes = ((1, 2), (0, -1)), ((3, 1), (-1, 2)), ((-2, 1), (1, -3))

    def flow_w(j: int, k: int) -> Expr:
        return -sum(Integer(slopes[x][j] * points[x][k]) for x in (0, 1)) / 2 - shrink * rows[j][k]

    def flow_h(c: int, i: int, k: int) -> Expr:
        return -sum(Integer(slopes[c][x] * rows[x][k]) for x in (0, 1)) / 2 - shrink * points[c][k]

    functions: dict[Any, Any] = {
        w: lambda j, k: Integer(rows[j][k]),
        h: lambda c, i, k: Integer(points[c][k]),
        G: lambda c, i, j: Integer(slopes[c][j]),
        dW: flow_w,
        dH: flow_h,
    }
    return Witness(2, 1, 2, functions, {n: Integer(1), decay: Integer(shrink)}, "two samples, any slopes")


def twins() -> list[Twin]:
    return [
        Twin("decay at half the rate", claim(factor=1), witness()),
        Twin("H H^T + W^T W", claim(sign=1), witness()),
        Twin("only the features flow", claim(hypotheses=(FLOW_H,)), _frozen()),
    ]


def _frozen() -> Witness:
    base = witness()
    functions = {**base.functions, dW: lambda j, k: Integer(0)}
    return Witness(2, 1, 2, functions, base.values, "W does not move")


def neighbour() -> Neighbour:
    zero = {decay: Integer(0)}

    def proof() -> Theorem:
        """lambda := 0."""
        return combine(goal.conclusion, {instantiate(prove(), zero): 1})  # type: ignore[arg-type]

    free = tuple(a.map(lambda side: substitute(side, zero)) for a in (FLOW_W, FLOW_H))
    goal = Statement(eq(rate(), 0), free)
    return Neighbour("without decay it is conserved", goal, proof)


THEOREM = Entry(
    name="mixon-2020-conserved-balance",
    title="Gradient flow keeps the balance of features and classifier",
    kind="identity",
    source="Mixon, Parshall & Pi 2020, arXiv:2011.11619 (conserved); with decay: this project (2026)",
    says=(
        "Under gradient flow of any loss of W h + b with decay lambda on W and H, H H^T - W^T W changes at "
        "the rate -2 lambda times itself: it is conserved without decay and dies out with it."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(value("balance") * exp(-2 * value("weight_decay") * value("flow_time"))),
)
