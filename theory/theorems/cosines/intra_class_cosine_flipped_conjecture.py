# SPDX-License-Identifier: MIT
"""Conjecture: beyond the condition of the sharp bound, equally flipped classes are the worst case.

A fraction f = 1 - g of every class has norm 0 and direction -w_c, the others one margin tau and cosine x with
f log C + g phi(tau) = L, g D^2 = T^2, D = (log C - phi(tau))/q(tau) - (3/2) tau and x = tau/D <= 1: the
stationary f at that loss.  Its mean cosine is (g x - f)^2, and g x >= f keeps T >= T_{5/2}/sqrt(2).  Proved
(intra-class-cosine-any-loss at the same tau and x) is x^2 (1 - 2 f (1 + 1/x) + f^2/4): the two agree to first
order in f, so that the least mean cosine is known up to O(f^2).  For much smaller T abandoning whole classes
is worse.  Attacked in tests/theory_meets_simulation/test_conjectures_under_attack.py; never beaten.
"""

from sympy import Rational, log

from theory.definitions import loss, phi, q, unbiased_logit
from theory.entry import Entry, Statement
from theory.expressions import Mean, eq, le
from theory.lemmas.budgets import FIXED_NORMS
from theory.lemmas.cosines import level
from theory.lemmas.polar import class_cosine
from theory.symbols import C, T, c, positive

kept = positive("g_kept", "g", "fraction of the samples of each class that are not flipped")
REACH = (log(C) - phi(level)) / q(level) - Rational(3, 2) * level
MEAN_COSINE = kept ** Rational(3, 2) * level / T - (1 - kept)
HYPOTHESES = (
    *FIXED_NORMS.samples[:-1],
    le(kept, 1),
    le(phi(level) + Rational(5, 2) * level * q(level), log(C)),
    eq(T**2, kept * REACH**2),
    le(0, MEAN_COSINE),
    le(loss(unbiased_logit), (1 - kept) * log(C) + kept * phi(level)),
)


def claim() -> Statement:
    return Statement(le(MEAN_COSINE**2, Mean(class_cosine(), c)), HYPOTHESES)


THEOREM = Entry(
    name="intra-class-cosine-flipped-conjecture",
    title="The worst case beyond the sharp cosine bound (conjecture)",
    kind="conjecture",
    source="this project (2026): the least mean cosine where the condition of the sharp bound fails",
    says=(
        "Conjectured without bias: where the condition of the sharp bound fails, the least mean_c intra_c is "
        "that of a fraction f of every class flipped at norm 0, ((1-f)^{3/2} tau/T - f)^2, f stationary."
    ),
    statement_of=claim,
    uses=("intra-class-cosine-any-loss",),
    uncovered="everything with f > 0; proved up to O(f^2) by intra-class-cosine-any-loss",
)
