# SPDX-License-Identifier: MIT
"""Conjecture: the sharp cosine bound holds for centred cosines with any bias and any global mean.

With a bias or a free global mean a margin is T kappa rho cos plus a shift of its class, and the proof of the
bias-free bound, sample by sample, does not see that the shifts cancel.  Attacked by an optimiser over W, H
and the bias in tests/theory_meets_simulation/test_conjectures_under_attack.py; never beaten.
"""

from theory.definitions import loss, mu_global, phi
from theory.entry import Entry, Statement
from theory.expressions import Mean, eq, le
from theory.lemmas.budgets import MARGIN
from theory.lemmas.cosines import CONDITION, LEVEL, level
from theory.lemmas.polar import NORMS_AT_MOST_ONE, class_cosine, e, polar, rho
from theory.symbols import T, alpha, beta, c, h, i, k

CENTRED_SPLIT = eq(h(c, i, k) - mu_global(k), alpha * rho(c, i) * e(c, i, k), c, i, k)
HYPOTHESES = (
    polar(beta, alpha)[0],
    CENTRED_SPLIT,
    *polar(beta, alpha)[2:],
    *NORMS_AT_MOST_ONE,
    MARGIN,
    le(loss(), phi(level)),
    LEVEL,
    CONDITION,
)


def claim() -> Statement:
    return Statement(le((level / T) ** 2, Mean(class_cosine(), c)), HYPOTHESES)


THEOREM = Entry(
    name="intra-class-cosine-centred-conjecture",
    title="Sharp intra-class cosine with a bias (conjecture)",
    kind="conjecture",
    source="this project (2026): intra-class-cosine-sharp for centred features and any bias",
    says=(
        "Conjectured: mean_c intra_c >= (phi^{-1}(L)/T)^2 for cosines of h - mu_G, T from centred norms, "
        "with any bias and global mean, if log C - L >= q(tau) (T + (3/2) tau)."
    ),
    statement_of=claim,
    uses=("intra-class-cosine-sharp",),
    uncovered="everything but equal biases and global mean 0, where it is intra-class-cosine-sharp",
)
