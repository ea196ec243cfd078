# SPDX-License-Identifier: MIT
"""Two linear layers, squared error: "the largest critical point is the minimiser" is false.

The critical equation b/n = M x^{M-1}/(1+x^M)^2, y = x^M/(1+x^M), has a positive root while
b/n <= 0.6495... for M = 2, but zero is better as soon as b/n > 1/2.  Code that takes the largest root without
comparing it with zero reports non-zero singular values in between.
"""

from typing import Any

from sympy import Expr, Integer, Rational

from theory.entry import Entry, Neighbour, Statement, Witness
from theory.expressions import Mean, eq, le, lt
from theory.kernel import Theorem
from theory.lemmas.deep_squared_error import best
from theory.lemmas.squared_error_certificate import square_loss
from theory.lemmas.unconstrained_features import feature_penalty, lam_H
from theory.proving import theorem
from theory.symbols import C, atom, d, h, index, j, k, n, positive

first = positive("lambda_1", r"\lambda_1", "decay of the first linear layer, (lambda_1/2) ||W_1||_F^2")
second = positive("lambda_2", r"\lambda_2", "decay of the second linear layer, (lambda_2/2) ||W_2||_F^2")
inner = atom("w_inner", "W_1", "w_inner(k, k2): entry of the first linear layer")
outer = atom("w_outer", "W_2", "w_outer(j, k): entry of the second linear layer, the classifier")
k2 = index("k2")


def logits(cc: Any, ii: Any, jj: Any) -> Expr:
    """<w_j, W_1 h_ci>."""
    return d**2 * Mean(outer(jj, k) * inner(k, k2) * h(cc, ii, k2), k, k2)


def deep_objective() -> Expr:
    """Squared error of W_2 W_1 H and the three decays."""
    layers = first / 2 * d**2 * Mean(inner(k, k2) ** 2, k, k2) + second / 2 * C * d * Mean(
        outer(j, k) ** 2, j, k
    )
    return square_loss(logits) + layers + feature_penalty()


CRITICAL = eq(C**3 * n * lam_H * first * second, (1 - best) ** 3 * best)


def claim() -> Statement:
    value = (1 - best) ** 2 / 2 + Rational(3, 2) * (1 - best) * best
    return Statement(le(value, deep_objective()), (CRITICAL, le(Rational(1, 4), best), lt(best, 1)))


def witness() -> Witness:
    """C = 2, y = 8/27, all decays 19/81: the critical point has 0.5604, and zero has 1/2."""
    decay = Rational(19, 81)
    return Witness(
        2,
        1,
        2,
        {
            h: lambda c, i, k: Integer(0),
            inner: lambda k, k2: Integer(0),
            outer: lambda j, k: Integer(0),
        },
        {lam_H: decay, first: decay, second: decay, n: Integer(1), best: Rational(8, 27)},
        "zero, at C = 2, M = 2, y = 8/27, b/n = 0.643",
    )


def neighbour() -> Neighbour:
    ours = theorem("dang-2023-deep-mse-value")

    def proof() -> Theorem:
        """With the critical point beyond (M-1)/M instead of beyond (M-1)/(2M)."""
        return ours

    return Neighbour(
        "a critical point beyond (M-1)/M is the minimiser",
        Statement(ours.conclusion, tuple(ours.hypotheses)),
        proof,
    )


THEOREM = Entry(
    name="dang-2023-largest-root",
    title="Deep linear classifier: the largest critical point is the minimiser (false)",
    kind="conjecture",
    source=(
        "Dang et al. 2023 (arXiv:2301.00437): function compute_x of the paper's public scripts"
        " synthetic_experiment_balanced.py and synthetic_experiment_imbalanced.py, which returns the largest"
        " root; at the decays they ship with, the largest root is the minimiser"
    ),
    says=(
        "Claimed: for M = 2, wherever the critical equation has a root, its largest root y >= 1/4 gives the"
        " least value over all W_2, W_1, H. At y = 8/27 zero has 1/2 and the root has 0.5604."
    ),
    statement_of=claim,
    neighbour_of=neighbour,
    refutation_of=witness,
    uses=("dang-2023-deep-mse-value",),
)
