# SPDX-License-Identifier: MIT
"""The condition (A') of the sharp cosine bound is exact: where it fails strictly, a few flipped samples win.

A fraction f of every class has norm 0 and the direction -w_c; the others have equal norms, margin t and noise
orthogonal to W, with f log C + (1-f) phi(t) = L = phi(tau) and t = log(1 + y + s), tau = log(1 + y).  Then
sqrt(intra_c) = (1-f)^{3/2} t/T - f, and as f -> 0

    sqrt(intra_c) - tau/T = ((log C - L)/(q(tau) T) - (3/2) tau/T - 1) f + O(f^2).

The coefficient is negative exactly when log C - L < q(tau) (T + (3/2) tau); then, for d >= C, tau < T and n
large, the family is below (tau/T)^2.  (A class whose samples are finitely many takes f = 1/n.)
"""

from sympy import Expr, Rational, exp, log

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import LOSS_POSSIBLE, LOSS_STRICTLY_BELOW_LOG_C, NORMS_POSITIVE, phi_inverse, value
from theory.expressions import Expansion, eq, le
from theory.kernel import Theorem, apply
from theory.symbols import C, T, positive, real

y = positive("y_level", "y", "e^tau - 1, tau the margin at which equal margins would give the loss")
s = real("s_margin", "s", "e^t = 1 + y + s: change of the margin of the samples that are not flipped")
LOG_C_LESS_LOSS = log(C * (1 + y) / (C + y))  # log C - phi(tau)


def _loss(shift: object) -> Expr:
    """phi(log(1 + y + shift))."""
    return log((C + y + shift) / (1 + y + shift))  # type: ignore[operator]


FLIPPED = (_loss(0) - _loss(s)) / log(C * (1 + y + s) / (C + y + s))
DEPARTURE = (1 - FLIPPED) ** Rational(3, 2) * log(1 + y + s) / T - FLIPPED - log(1 + y) / T
MASS = (C - 1) / (C + y)  # q(tau)
SLOPE = LOG_C_LESS_LOSS / (MASS * T) - Rational(3, 2) * log(1 + y) / T - 1


_REACH = LOG_C_LESS_LOSS / MASS
CURVE = ((1 - MASS) * _REACH**2 - _REACH + Rational(3, 4) * log(1 + y)) / (2 * T)


def expansion(slope: Expr = SLOPE) -> Expansion:
    """sqrt(intra_c) - tau/T in powers of the flipped fraction."""
    return Expansion(DEPARTURE, FLIPPED, (slope, CURVE))


def prove() -> Theorem:
    """The kernel recomputes both derivatives."""
    return apply("taylor", claim=expansion(), parameter=s, x=FLIPPED, y=DEPARTURE)


def twins() -> list[Twin]:
    """C = 10, tau = log 11, T = 3 (the condition fails): nearly 5 % flipped."""
    where = Witness(10, 1, 1, values={s: 2, y: 10, T: 3}, note="C = 10, e^tau = 11, T = 3, e^t = 13")
    return [
        Twin(
            "nothing after the second order",
            Statement(eq(DEPARTURE, SLOPE * FLIPPED + CURVE * FLIPPED**2)),
            where,
        ),
        Twin("half the slope", Statement(le(SLOPE * FLIPPED / 2, DEPARTURE)), where),
    ]


def neighbour() -> Neighbour:
    """The slope in terms of tau and the loss, over one denominator."""
    together = (LOG_C_LESS_LOSS - MASS * (T + Rational(3, 2) * log(1 + y))) / (MASS * T)
    goal = expansion(together)
    return Neighbour(
        "the slope as log C - L - q(tau) (T + (3/2) tau), over q(tau) T",
        Statement(goal),
        lambda: apply("taylor", claim=goal, parameter=s, x=FLIPPED, y=DEPARTURE),
    )


_C, _L = value("C"), value("L")
_T = _C * value("alpha") * value("beta") / (_C - 1)
_Q = 1 - exp(-_L)
THEOREM = Entry(
    name="intra-class-cosine-necessity",
    title="The condition of the sharp cosine bound is exact",
    kind="asymptotic",
    source="this project (2026): flipped samples against intra-class-cosine-sharp",
    says=(
        "With a fraction f of every class flipped at norm 0 and the loss kept, sqrt(intra_c) changes by "
        "((log C - L)/(q(tau) T) - (3/2) tau/T - 1) f + O(f^2): a fall exactly where the condition fails."
    ),
    statement_of=lambda: Statement(expansion()),
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("intra-class-cosine-sharp",),
    formula=Formula(
        (log(_C) - _L) / (_Q * _T) - Rational(3, 2) * phi_inverse(_L, _C) / _T - 1,
        (*NORMS_POSITIVE, LOSS_STRICTLY_BELOW_LOG_C, LOSS_POSSIBLE),
    ),
)
