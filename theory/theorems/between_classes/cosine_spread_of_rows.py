# SPDX-License-Identifier: MIT
"""Standard deviation of the cosines between raw classifier rows from loss and norms."""

from theory.entry import Entry, Measurable
from theory.lemmas.angle_numbers import FIXED_ANGLES, FIXED_SPREAD
from theory.lemmas.cosine_spread_settings import CosineSpread

STATED = CosineSpread(raw=True, decay=False)
THEOREM = Entry(
    name="cosine-spread-of-rows",
    title="Standard deviation of the cosines between raw classifier rows, from loss and norms",
    kind="upper",
    source="this project (2026); measure of Papyan, Han & Donoho 2020, figure 3",
    says=(
        "For a loss phi(tau), without bias, the variance over pairs of the cosines between the raw "
        "classifier rows, times 1 - V^2 (s B + theta), is at most V^2 ((C/(C-1))^2 (e/s + o^2/theta + 8 "
        "V^2 o^2 + 2 g^2) + C^2 N/(C-1)^3), B = Lambda (C-1)/(2 C^2) + 1/T, Lambda = ||W~^T "
        "W~||_F/beta^2, for any theta > 0, with e, g, o, N, V and s as in angles-of-rows: of first order "
        "in the gap e, so that the standard deviation is of the order of its root, where angles-of-rows "
        "and cosine-spread give a fourth root. The number takes V for s = 1/2, the longest s, theta near "
        "its best and ||W~^T W~||_F at most ||W~||_F ||W~||_op."
    ),
    statement_of=STATED.claim,
    prove=STATED.prove,
    twins_of=STATED.twins,
    neighbour_of=STATED.neighbour,
    measurable=Measurable("nc2.equiangular_weights", "<=", FIXED_ANGLES.row_cosine_spread(), FIXED_SPREAD),
)
