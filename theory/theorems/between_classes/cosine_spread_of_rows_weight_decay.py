# SPDX-License-Identifier: MIT
"""Standard deviation of the cosines between raw classifier rows from weight decay and regularised loss."""

from theory.entry import Entry, Measurable
from theory.lemmas.angle_numbers import DECAY_ANGLES, DECAY_SPREAD
from theory.lemmas.cosine_spread_settings import CosineSpread

STATED = CosineSpread(raw=True, decay=True)
THEOREM = Entry(
    name="cosine-spread-of-rows-weight-decay",
    title="Standard deviation of the cosines between raw classifier rows, from weight decay",
    kind="upper",
    source="this project (2026); measure of Papyan, Han & Donoho 2020, figure 3; Pan & Cao 2023, theorem 2.2",
    says=(
        "For lambda < 1/sqrt(C), without bias, the variance over pairs of the cosines between the raw "
        "classifier rows, times 1 - V^2 (s B + theta), is at most V^2 ((C/(C-1))^2 (e/s + o^2/theta + 8 "
        "V^2 o^2 + 2 g^2) + C^2 N/(C-1)^3), B = Lambda (C-1)/(2 C^2) + 1/T*, Lambda = ||W~^T W~||_F in "
        "units of beta*^2 = (C-1) T* C^(-3/2), for any theta > 0, with e, g, o, N, V and s as in "
        "angles-of-rows-weight-decay: of first order in e = eps/(T* q*), so that the standard deviation "
        "is of the order of its root. The number takes V for s = 1/2, the longest s, theta near its best "
        "and ||W~^T W~||_F at most ||W~||_F ||W~||_op."
    ),
    statement_of=STATED.claim,
    prove=STATED.prove,
    twins_of=STATED.twins,
    neighbour_of=STATED.neighbour,
    measurable=Measurable("nc2.equiangular_weights", "<=", DECAY_ANGLES.row_cosine_spread(), DECAY_SPREAD),
)
