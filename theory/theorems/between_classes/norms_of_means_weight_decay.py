# SPDX-License-Identifier: MIT
"""Norms of centred class means: their spread, from weight decay and regularised loss."""

from theory.entry import Entry
from theory.lemmas.equal_lengths import MEANS
from theory.lemmas.length_settings import DECAY_BOUNDS, Lengths

STATED = Lengths(MEANS, decay=True)
THEOREM = Entry(
    name="norms-of-means-weight-decay",
    title="Norms of centred class means, from weight decay and the regularised loss",
    kind="upper",
    source="this project (2026); measure of Papyan, Han & Donoho 2020, figure 2",
    says=(
        "For lambda < 1/sqrt(C), without bias, the norms of the centred class means have (population "
        "deviation/mean)^2 at most N/(1 - N), N = (m/sqrt(C) + g)^2, g = ||mu_G|| in units of alpha* = "
        "sqrt((C-1) T*) C^(-1/4), where N < 1: 2 C r (A Y + B) <= Y^2, Y = m (m + 2), r = eps/(T* q*), "
        "eps = L_reg - m_reg, A = 1 + rho/2 + 1/(3 T*) + (3/2) eta^2, B = 1 + rho + eta + (5/2) eta^2, "
        "rho = 4 q^2/(1-q^2), eta = (1+q)/((1-q) T*), q = q*. As r goes to 0, N is r B/2 + O(r^(3/2)) "
        "where g = 0; the number of classes enters through C r, what one class alone may spend."
    ),
    statement_of=STATED.claim,
    prove=STATED.prove,
    twins_of=STATED.twins,
    neighbour_of=STATED.neighbour,
    measurable=DECAY_BOUNDS.measurable("nc2.equinorm_means", DECAY_BOUNDS.numbers.mean_centre()),
)
