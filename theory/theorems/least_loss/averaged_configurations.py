# SPDX-License-Identifier: MIT
"""Averaging the logits of several configurations: the cross-entropy with decays falls by a mean divergence.

The configurations W_s, H_s are put side by side, each divided by sqrt of their number: the inner products of
the longer rows and features are the mean logits, their squared norms the mean squared norms.  In the language
the configurations are numbered by a coordinate index; repeated configurations and zero coordinates change
nothing, so that their number and the dimension are free.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, exp, log

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import Mean, eq, index, le
from theory.kernel import Theorem
from theory.lemmas.soft_targets import SHARES, share
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import assume, average, combine, log_tangent
from theory.symbols import C, atom, c, d, j, k

s = index("k_s")
row = atom("w_many", "w", "w_many(j, s, k): coordinate k of row j of configuration s")
feature = atom("h_many", "h", "h_many(c, s, k): coordinate k of the feature of class c in configuration s")
weight = atom("v_many", "v", "v_many(c): weight of class c in the decay of the features")


def logit(cc: Any, at: Any, jj: Any) -> Expr:
    """Logit jj of class cc in configuration ``at``."""
    return d * Mean(row(jj, at, k) * feature(cc, at, k), k)


def mean_logit(cc: Any, jj: Any) -> Expr:
    """The mean over the configurations: an inner product of the rows and features put side by side."""
    return d * Mean(row(jj, s, k) * feature(cc, s, k), s, k)


def total(at: Any) -> Expr:
    """Softmax denominator of class c in configuration ``at``."""
    return C * Mean(exp(logit(c, at, j)), j)


def mean_total() -> Expr:
    """Softmax denominator of class c at the mean logits."""
    return C * Mean(exp(mean_logit(c, j)), j)


def penalties() -> Expr:
    """Mean over the configurations of (lambda_W/2) ||W_s||^2 + (lambda_H/2) sum_c v_c ||h_c||^2."""
    rows = lam_W / 2 * C * d * Mean(row(j, s, k) ** 2, j, s, k)
    return rows + lam_H / 2 * C * d * Mean(weight(c) * feature(c, s, k) ** 2, c, s, k)


def objective() -> Expr:
    """Mean over the configurations of sum_c pi_c CE + penalties."""
    return C * Mean(share(c) * (log(total(s)) - logit(c, s, c)), c, s) + penalties()


def averaged_objective() -> Expr:
    """The objective of the configurations put side by side."""
    return C * Mean(share(c) * (log(mean_total()) - mean_logit(c, c)), c) + penalties()


def divergence(at: Any = s) -> Expr:
    """KL(softmax of the mean logits || softmax in configuration ``at``), class c."""
    own = exp(mean_logit(c, j)) / mean_total()
    change = mean_logit(c, j) - log(mean_total()) - logit(c, at, j) + log(total(at))
    return C * Mean(own * change, j)


def claim(factor: Any = 1) -> Statement:
    gain = C * Mean(share(c) * divergence(), c, s)
    return Statement(eq(objective(), averaged_objective() + factor * gain), ())


@lru_cache
def prove() -> Theorem:
    """Log-sum-exp at the mean logits is the reference; the linear terms average out."""
    return combine(claim().conclusion, label="expand the divergences")  # type: ignore[arg-type]


def configuration() -> Witness:
    """Two classes with rows +-1 and features +-2 log 2, and a configuration at zero."""

    def side(cls: int, at: int, x: int) -> Any:
        return Integer(1 - 2 * cls) if at == x == 0 else Integer(0)

    return Witness(
        2,
        1,
        2,
        {
            row: side,
            feature: lambda c, at, x: 2 * log(Integer(2)) * side(c, at, x),
            share: lambda c: Rational(1, 2),
            weight: lambda c: Integer(1),
        },
        {lam_W: Integer(1), lam_H: Integer(1)},
        "two configurations of two classes: margins 4 log 2 and 0",
    )


def twins() -> list[Twin]:
    return [
        Twin("nothing gained", claim(factor=0), configuration()),
        Twin("twice the divergence", claim(factor=2), configuration()),
        Twin(
            "averaging never helps",
            Statement(le(objective(), averaged_objective()), ()),
            configuration(),
        ),
    ]


def neighbour() -> Neighbour:
    goal = le(averaged_objective(), objective())

    def proof() -> Theorem:
        """Gibbs' inequality."""
        shares = assume(SHARES)
        ratio = exp(logit(c, s, j)) * mean_total() / (total(s) * exp(mean_logit(c, j)))
        own = exp(mean_logit(c, j)) / mean_total()
        tangent = log_tangent(ratio, label="log x <= x - 1")
        lhs, rhs = tangent.relation.lhs, tangent.relation.rhs
        one = combine(le(own * lhs, own * rhs), {tangent: own}, label="times the probability")
        gibbs = combine(le(0, divergence()), {average(one, j): C}, label="probabilities sum to 1")
        weighted = combine(
            le(0, share(c) * divergence()), {gibbs: share(c)}, facts=[shares], label="times the share"
        )
        return combine(goal, {prove(): -1, average(weighted, c, s): C})

    return Neighbour("not worse", Statement(goal, (SHARES,)), proof)


THEOREM = Entry(
    name="averaged-configurations",
    title="Averaging logits: the cross-entropy with decays falls by the mean divergence",
    kind="identity",
    source="this project (2026): Jensen's inequality for log-sum-exp with its remainder",
    says=(
        "For any configurations W_s, H_s and class shares, the objective of the configurations put side by "
        "side (mean logits, mean squared norms) is their mean objective less sum_c pi_c E_s KL(softmax of "
        "the mean logits || softmax of configuration s). So classes of equal size are exchangeable: averaging"
        " an optimum over their permutations, which all have its objective, costs nothing, they all have the "
        "same softmax, and the mean logits have one value on and one off the diagonal of every block."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    # what averaging gains
    formula=Formula(value("kl")),
)
