# SPDX-License-Identifier: MIT
"""Pan & Cao 2023, Theorem 2.1, inter-class half: quoted; neither proved nor refuted here."""

from theory.entry import Entry, Statement
from theory.lemmas.published import BOUNDED_NORMS, SIXTH, inter_claim, rate_2_1


def claim() -> Statement:
    return Statement(inter_claim(rate_2_1(SIXTH)), BOUNDED_NORMS)


THEOREM = Entry(
    name="pan-cao-2.1-inter",
    title="Pan & Cao, Theorem 2.1 (bounded norms), inter-class half",
    kind="published",
    source="Pan & Cao 2023, arXiv:2309.04644v3, theorem 2.1",
    says=(
        "There are K_1, K_2 with: at least a 1 - delta fraction of pairs has inter <= -1/(C-1) + (K_1"
        " e^{K_2 C alpha beta}/(alpha beta)) (eps/delta)^{1/6}."
    ),
    statement_of=claim,
    uncovered="all of it: no proof of the inter-class half is part of this version",
)
