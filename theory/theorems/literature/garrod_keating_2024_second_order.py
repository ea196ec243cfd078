# SPDX-License-Identifier: MIT
"""The second variation of a deep linear model at stationary collapse, in every direction.

The objective is mean cross-entropy plus (d/2) lambda ||sqrt(n) Z||_p^p, p = 2/d, d = L + 1, of logits Z of
class means; at Z = alpha (I - J/C), in a direction Delta whose rows and columns sum to 0, its second
derivative is E_c Var_{P_c}(Delta_c), P_c the softmax of class c, plus p rho (||B||^2 - (1 - p) ||A||^2)/
alpha^2: A and B are the symmetric and the antisymmetric part of Delta, rho = (d/2) lambda s^p what one
singular value s = sqrt(n) alpha costs.  (From tr (X^T X)^{p/2} at X = alpha (I + E): p tr A + (p/2) (||B||^2
- (1 - p) ||A||^2).)  A stationary point has p rho = alpha e^-alpha/(1 + (C-1) e^-alpha).

Eigenvalues, in units of e^-alpha/(1 + (C-1) e^-alpha): 1/C + 1/alpha on antisymmetric directions; 1/C - (1 -
p)/alpha on symmetric ones with diagonal 0, C (C - 3)/2 of them; more on the others, whose diagonal costs.  So
collapse is a local minimum for alpha > C (1 - p), and for C >= 4 a saddle for alpha < C (1 - p).
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, exp

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import q as q_value
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.lemmas.schatten import power
from theory.proving import assume, average, combine, log_tangent
from theory.symbols import C, atom, c, j, positive

gap = positive("alpha_z", r"\alpha", "logit gap of a collapsed solution: logits alpha (I - J/C)")
cost = positive("rho_s", r"\varrho", "(lambda/2) sum_l s_l^2, one singular direction of a collapsed solution")
step = atom("Delta_z", r"\Delta", "Delta_z(c, j): change of logit j of class c; rows and columns sum to 0")
WHOLE = 1 + (C - 1) * exp(-gap)
WRONG = exp(-gap) / WHOLE  # probability of each wrong class
LEAD = (1 - exp(-gap)) / WHOLE  # what the own class has more
ROWS = eq(Mean(step(c, j), j), 0, c)
STATIONARY = eq(power * cost, gap * WRONG)
HYPOTHESES = (ROWS, STATIONARY)


def squares(sign: int) -> Expr:
    """||A||^2 for sign = 1, ||B||^2 for sign = -1."""
    return C**2 * Mean(((step(c, j) + sign * step(j, c)) / 2) ** 2, c, j)


def own_loss() -> Expr:
    """Var_{P_c}(Delta_c)."""
    mean = C * WRONG * Mean(step(c, j), j) + LEAD * step(c, c)
    return C * WRONG * Mean(step(c, j) ** 2, j) + LEAD * step(c, c) ** 2 - mean**2


def second_variation() -> Expr:
    """The second derivative of the objective in the direction Delta."""
    decays = power * cost / gap**2 * (squares(-1) - (1 - power) * squares(1))
    return Mean(own_loss(), c) + decays


def claim(even: Any = 0, odd: Any = 0, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    symmetric = 1 / C - (1 - power) / gap + even
    bound = WRONG * (symmetric * squares(1) + (1 / C + 1 / gap + odd) * squares(-1))
    return Statement(le(bound, second_variation()), hypotheses)


@lru_cache
def prove() -> Theorem:
    """What is left is g (1 - g) E_c Delta_cc^2, g = (1 - e^-alpha)/(1 + (C-1) e^-alpha) in [0, 1]."""
    lead = combine(
        le(0, 1 - exp(-gap)), {log_tangent(exp(gap)): exp(-gap)}, slack=gap * exp(-gap), label="e^a >= 1 + a"
    )
    rows = assume(ROWS)
    mean = C * WRONG * rows.relation.lhs
    flat = combine(
        eq(mean * (mean + 2 * LEAD * step(c, c)), 0),
        {rows: C * WRONG * (mean + 2 * LEAD * step(c, c))},
        label="rows sum to 0",
    )
    rest = LEAD * C * WRONG * step(c, c) ** 2
    diagonal = combine(
        le(0, (1 - exp(-gap)) * C * exp(-gap) / WHOLE**2 * step(c, c) ** 2),
        slack=(1 - exp(-gap)) * C * exp(-gap) / WHOLE**2 * step(c, c) ** 2,
        facts=[lead],
        label="the diagonal costs",
    )
    known = combine(le(0, rest), {diagonal: 1})
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(known, c, label="mean over classes"): 1,
            average(flat, c, label="mean over classes"): 1,
            assume(STATIONARY): -(squares(-1) - (1 - power) * squares(1)) / gap**2,
        },
        label="collect",
    )


def configuration(even: Any = 1, odd: Any = 0, shift: Any = 0, off: Any = 1) -> Witness:
    """C = 4, L = 2, alpha = 1: (e_1 - e_2)(e_3 - e_4)^T + its transpose, and the cycle of three classes."""
    table = [[0] * 4 for _ in range(4)]
    for a, b, x in ((0, 2, 1), (0, 3, -1), (1, 2, -1), (1, 3, 1)):
        table[a][b] += even * x
        table[b][a] += even * x
    for a, b in ((0, 1), (1, 2), (2, 0)):
        table[a][b] += odd
        table[b][a] -= odd
    e = exp(-Integer(1))
    return Witness(
        4,
        1,
        1,
        {step: lambda c, j: Integer(table[c][j] + shift)},
        {gap: Integer(1), power: Rational(2, 3), cost: off * Rational(3, 2) * e / (1 + 3 * e)},
        f"C = 4, L = 2, logit gap 1, {even} symmetric, {odd} antisymmetric",
    )


def twins() -> list[Twin]:
    little = Rational(1, 100)
    return [
        Twin("more on symmetric directions", claim(even=little), configuration()),
        Twin("more on antisymmetric directions", claim(odd=little), configuration(even=0, odd=1)),
        Twin("rows of any sum", claim(hypotheses=(STATIONARY,)), configuration(even=0, shift=1)),
        Twin("not stationary", claim(hypotheses=(ROWS,)), configuration(off=2)),
    ]


def neighbour() -> Neighbour:
    """No direction is negative from alpha = C (1 - p) on."""
    large = le(C * (1 - power), gap)
    goal = le(WRONG * (1 / C + 1 / gap) * squares(-1), second_variation())

    def proof() -> Theorem:
        return combine(
            goal, {prove(): 1, assume(large): WRONG * squares(1) / (C * gap)}, label="1/C >= (1 - p)/alpha"
        )

    return Neighbour("a local minimum where C (1 - p) <= alpha", Statement(goal, (*HYPOTHESES, large)), proof)


_C, _L, _t = value("C"), value("layers"), value("t")
THEOREM = Entry(
    name="garrod-keating-2024-second-order",
    title="Second variation of a deep linear model at stationary collapse",
    kind="tight",
    source=(
        "this project (2026); Garrod & Keating 2024, arXiv:2410.23169, theorem 4, has no negative eigenvalue "
        "for small decays"
    ),
    says=(
        "At a collapsed stationary solution with logit gap alpha, L linear layers, p = 2/(L+1), the second "
        "derivative of the objective in a direction Delta = A + B (symmetric, antisymmetric) of the logits "
        "is at least q/(C-1) times (1/C - (1-p)/alpha) ||A||^2 + (1/C + 1/alpha) ||B||^2, with equality "
        "where the diagonal is 0. So it is nonnegative if alpha >= C (1-p) = C (L-1)/(L+1), with one layer "
        "always, and for C >= 4 only then (garrod-keating-2024-saddle)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=configuration,
    # eigenvalue on symmetric directions with diagonal 0, at the logit gap t
    formula=Formula(
        q_value(_t, _C) / (_C - 1) * (1 / _C - (_L - 1) / ((_L + 1) * _t)),
        (
            Condition("0 < gap t", Integer(0), _t, strict=True),
            Condition("1 <= layers", Integer(1), _L),
        ),
    ),
)
