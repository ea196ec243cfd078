# SPDX-License-Identifier: MIT
"""Pan & Cao 2023, Theorem 2.2, inter-class half: quoted; neither proved nor refuted here."""

from theory.entry import Entry, Statement
from theory.lemmas.published import SIXTH, WEIGHT_DECAY, inter_claim, rate_2_2
from theory.lemmas.weight_decay import DECAY


def claim() -> Statement:
    return Statement(inter_claim(rate_2_2(SIXTH, decay=DECAY)), WEIGHT_DECAY)


THEOREM = Entry(
    name="pan-cao-2.2-inter",
    title="Pan & Cao, Theorem 2.2 (batch norm and weight decay), inter-class half",
    kind="published",
    source="Pan & Cao 2023, arXiv:2309.04644v3, theorem 2.2",
    says=(
        "There are K_1, K_2 with: at least a 1 - delta fraction of pairs has inter <= -1/(C-1) + K_1 "
        "(C/lambda)^{K_2 C} (eps/delta)^{1/6}."
    ),
    statement_of=claim,
    uncovered="all of it: no proof of the inter-class half is part of this version",
)
