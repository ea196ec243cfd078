# SPDX-License-Identifier: MIT
"""The converse of Garrod & Keating 2024, theorem 1, as one might guess it: false at four classes, two layers.

The guess: where pairs of classes have the larger regulariser at the same singular values, that is where
(C/2) 2^{2/d} > C - 1, they do not beat a collapsed solution that is stationary under scaling its layers.
"""

from sympy import Expr, Integer, exp, log

from theory.definitions import phi
from theory.entry import Entry, Statement, Witness
from theory.expressions import eq, le, lt
from theory.symbols import C, d, positive

gap = positive("alpha_z", r"\alpha", "logit gap of a collapsed solution: logits alpha (I - J/C)")
cost = positive("rho_s", r"\varrho", "(lambda/2) sum_l s_l^2, one singular direction of a collapsed solution")
DIRECTIONS = C / 2 * Integer(2) ** (2 / d)


def claim() -> Statement:
    paired: Expr = log(1 + (C - 2) * exp(-gap) + exp(-2 * gap)) + DIRECTIONS * cost
    stationary = eq(cost, d / 2 * gap * exp(-gap) / (1 + (C - 1) * exp(-gap)))
    return Statement(
        le(phi(gap) + (C - 1) * cost, paired), (stationary, lt(C - 1, DIRECTIONS), le(4, C), le(3, d))
    )


def witness() -> Witness:
    """C = 4, L = 2, logit gap 2."""
    at = 3 * exp(Integer(-2)) / (1 + 3 * exp(Integer(-2)))
    return Witness(4, 1, 3, {}, {gap: Integer(2), cost: at}, "C = 4, L = 2, stationary at logit gap 2")


THEOREM = Entry(
    name="garrod-keating-2024-converse",
    title="Pairs with the larger regulariser do not beat collapse (false)",
    kind="conjecture",
    source="this project (2026): converse of Garrod & Keating 2024, arXiv:2410.23169, theorem 1, as a guess",
    says=(
        "Claimed: where pairs of classes have the larger regulariser they do not beat stationary collapse. "
        "At C = 4, L = 2 and logit gap 2 they do: the saving in the loss pays."
    ),
    statement_of=claim,
    refutation_of=witness,
    uses=("garrod-keating-2024-stationary",),
)
