# SPDX-License-Identifier: MIT
"""Standard deviation of the cosines between centred class means from loss and norms."""

from theory.entry import Entry, Measurable
from theory.lemmas.angle_numbers import FIXED_ANGLES, FIXED_MEAN_SPREAD
from theory.lemmas.cosine_spread_settings import CosineSpread

STATED = CosineSpread(raw=False, decay=False)
THEOREM = Entry(
    name="cosine-spread-of-means",
    title="Standard deviation of the cosines between centred class means, from loss and norms",
    kind="upper",
    source="this project (2026); measure of Papyan, Han & Donoho 2020, figure 3",
    says=(
        "For a loss phi(tau), without bias, the variance over pairs of the cosines between the centred "
        "class means, times 1 - V^2 (s B + theta/2), is at most V^2 ((C/(C-1))^2 (e/s + o^2/(2 theta)) + "
        "C^2 N/(C-1)^3), B = (1 + 1/omega) Lambda (C-1)/(2 C^2) + 1/T, Lambda = ||M^T M||_F over alpha^2, "
        "M the class means, for any theta > 0, with e, o, N, V, s and omega (here with 4 (C-1)^2 e^(-2 "
        "tau) added) as in angles-of-means: of first order in the gap e, so that the standard deviation "
        "is of the order of its root. The number takes s near 1/2, omega and theta near their best and "
        "||M^T M||_F at most ||M||_F ||M||_op."
    ),
    statement_of=STATED.claim,
    prove=STATED.prove,
    twins_of=STATED.twins,
    neighbour_of=STATED.neighbour,
    measurable=Measurable(
        "nc2.equiangular_means", "<=", FIXED_ANGLES.mean_cosine_spread(), FIXED_MEAN_SPREAD
    ),
)
