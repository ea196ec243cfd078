# SPDX-License-Identifier: MIT
"""q(u) >= q(T) (1 - (1 - q(T)) (u - T)) for every u >= 0, if it is so at u = 0."""

from sympy import Expr, exp, log

from theory.definitions import q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import q as q_value
from theory.expressions import le
from theory.kernel import Theorem, apply
from theory.lemmas.cosines import v
from theory.proving import assume, combine, instantiate
from theory.symbols import C, T, tau

AT_ZERO = le(q(T) * (1 + (1 - q(T)) * T), (C - 1) / C)


def claim(at: Expr = tau, slope: object = 1 - q(T), hypotheses: tuple = (AT_ZERO,)) -> Statement:  # type: ignore[type-arg]
    return Statement(le(q(T) * (1 - slope * (at - T)), q(at)), hypotheses)  # type: ignore[operator]


def prove(at: Expr = tau) -> Theorem:
    """q is first concave, then convex."""
    both = C - 1 + exp(v)
    known = assume(AT_ZERO)
    zero = combine(le(q(T) + q(T) * (1 - q(T)) * T, (C - 1) / C), {known: 1}, label="the tangent at 0")
    tangent = apply(
        "s_curve",
        zero,
        f=q(v),
        v=v,
        contact=T,
        weight=(C - 1) * exp(v) / both**2,
        increasing=1 - 2 * q(v),
        label="tangent of q at T",
    )
    moved = instantiate(tangent, {v: at}, label=f"u := {at}")
    return combine(claim(at).conclusion, {moved: 1}, label="q' = -q (1-q)")  # type: ignore[arg-type]


def twins() -> list[Twin]:
    def ten(level: Expr, at: Expr) -> Witness:
        return Witness(10, 1, 1, {}, {T: level, tau: at}, f"C = 10, T = {level}, u = {at}")

    return [
        Twin("without the condition at 0", claim(hypotheses=()), ten(log(8), log(1))),
        Twin("slope q instead of q (1-q)", claim(slope=1), ten(log(36), log(27))),
        Twin("half the slope", claim(slope=(1 - q(T)) / 2), ten(log(36), log(45))),
    ]


def neighbour() -> Neighbour:
    return Neighbour("at 2 u", claim(2 * tau), lambda: prove(2 * tau))


_C, _T = value("C"), value("T")
_Q = q_value(_T, _C)
THEOREM = Entry(
    name="wrong-probability-tangent",
    title="The tangent of the wrong probability",
    kind="lower",
    source="this project (2026)",
    says=(
        "The wrong probability q lies above its tangent at T on all nonnegative margins,"
        " if it does so at margin 0: q(T) (1 + (1 - q(T)) T) <= (C - 1)/C."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        _Q * (1 - (1 - _Q) * (value("tau") - _T)),
        (
            Condition(
                "the tangent of q at T is below q at 0: q(T)(1 + (1-q(T)) T) <= (C-1)/C",
                _Q * (1 + (1 - _Q) * _T),
                (_C - 1) / _C,
            ),
        ),
    ),
)
