# SPDX-License-Identifier: MIT
"""phi(T r) >= phi(T) - (5/2) T q(T) (r^{2/5} - 1) for T >= T_{5/2}(C) and every r >= 0."""

from sympy import Rational, log

from theory.definitions import phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas.cosines import tangent, threshold, v
from theory.proving import combine, instantiate
from theory.symbols import T, nonnegative

HALF5 = Rational(5, 2)
r = nonnegative("r_margin", "r", "a margin relative to T")


def claim(k: Rational = HALF5, condition: object = HALF5) -> Statement:
    hypotheses = () if condition is None else (threshold(condition),)  # type: ignore[arg-type]
    return Statement(le(phi(T) - k * T * q(T) * (r ** (1 / k) - 1), phi(T * r)), hypotheses)


def prove(k: Rational = HALF5) -> Theorem:
    """phi(T v^k) is first concave, then convex; at 0 its tangent at v = 1 is below log C."""
    below = instantiate(tangent(k), {v: r ** (1 / k)}, label="v := r^(1/k)")
    return combine(claim(k).conclusion, {below: 1}, label="in the margin r = v^k")  # type: ignore[arg-type]


def twins() -> list[Twin]:
    def ten(at: int, share: Rational) -> Witness:
        return Witness(10, 1, 1, {}, {T: log(at), r: share}, f"C = 10, T = log {at}, r = {share}")

    return [
        Twin("without the threshold", claim(condition=None), ten(2, Rational(0))),
        Twin("threshold T_2", claim(condition=Rational(2)), ten(20, Rational(0))),
        Twin("power 2 in the bound, factor 5/2", _steeper(), ten(99, Rational(9801, 10000))),
    ]


def _steeper() -> Statement:
    return Statement(
        le(phi(T) - HALF5 * T * q(T) * (r ** Rational(1, 2) - 1), phi(T * r)), (threshold(HALF5),)
    )


def neighbour() -> Neighbour:
    three = Rational(3)
    goal = claim(three, three)
    return Neighbour("k = 3, for T >= T_3", goal, lambda: prove(three))


_C, _T = value("C"), value("T")
THEOREM = Entry(
    name="loss-power-tangent",
    title="The tangent of the loss in a power of the margin",
    kind="lower",
    source="this project (2026)",
    says=(
        "For T >= T_{5/2}(C) the loss at margin T r is at least phi(T) - (5/2) T q(T) (r^{2/5} - 1),"
        " for every r >= 0."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        phi_value(_T, _C) - HALF5 * _T * q_value(_T, _C) * ((value("tau") / _T) ** Rational(2, 5) - 1),
        (
            Condition(
                "T >= T_{5/2}(C), that is phi(T) + (5/2) T q(T) <= log C, at this T",
                phi_value(_T, _C) + HALF5 * _T * q_value(_T, _C),
                log(_C),
            ),
        ),
    ),
)
