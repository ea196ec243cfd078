# SPDX-License-Identifier: MIT
"""Conjecture: in d = C - 1 dimensions nu <= 2 e (1 + C T e)/(1 + T/C), e = (L - phi(T))/(T q(T)), C >= 3.

There is no direction orthogonal to the classifier, so that noise always moves logits; the Hessian at collapse
gives nu ~ 2 e/(1 + T/C) as e -> 0, a factor 1 + T/C below what d >= C allows.  The remainder C T e is a guess
from attacks (the first-order value alone is exceeded, by a relative 86 e at C = 10, T = 16).  Attacked in
tests/theory_meets_simulation/test_conjectures_under_attack.py; never beaten, and the first order is reached.
"""

from sympy import Integer

from theory.definitions import (
    loss,
    mean_square_features,
    mean_square_weights,
    phi,
    q,
    unbiased_logit,
    within_class_scatter,
)
from theory.entry import Entry, Statement
from theory.expressions import eq, le
from theory.lemmas.budgets import MARGIN
from theory.symbols import C, T, alpha, beta, d, eps

RELATIVE = eps / (T * q(T))
HYPOTHESES = (
    eq(alpha**2, mean_square_features()),
    le(mean_square_weights(), beta**2),
    MARGIN,
    le(loss(unbiased_logit), phi(T) + eps),
    eq(d, C - 1),
    le(Integer(3), C),
)


def claim() -> Statement:
    bound = 2 * RELATIVE * (1 + C * T * RELATIVE) / (1 + T / C)
    return Statement(le(within_class_scatter() / alpha**2, bound), HYPOTHESES)


THEOREM = Entry(
    name="within-class-variability-low-dimension-conjecture",
    title="Within-class variability in C - 1 dimensions (conjecture)",
    kind="conjecture",
    source="this project (2026): within-class-variability when the features have C - 1 dimensions",
    says=(
        "Conjectured without bias for d = C - 1 and C >= 3: nu <= 2 e (1 + C T e)/(1 + T/C), "
        "e = eps/(T q(T)); to first order a factor 1 + T/C below the sharp bound, which needs d >= C."
    ),
    statement_of=claim,
    uses=("within-class-variability",),
    uncovered="every e < 1/C^2; from there on it follows from nu <= 2 e, a consequence of loss-gap-identity",
)
