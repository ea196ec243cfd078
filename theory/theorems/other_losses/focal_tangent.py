# SPDX-License-Identifier: MIT
"""The focal loss is not convex, and lies above each of its tangents of slope less than 1."""

from sympy import Expr, Integer

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, phi, q, value
from theory.expressions import le
from theory.lemmas.focal import SLOPE, tangent
from theory.losses.focal import focal, focal_slope, focusing
from theory.proving import combine
from theory.symbols import t, tau


def claim(slope: object = None, value_at: object = 1) -> Statement:
    steep = focal_slope(tau) if slope is None else slope
    return Statement(le(value_at * focal(tau) - steep * (t - tau), focal(t)), (SLOPE,))


def near(classes: int, at: int, contact: int) -> Witness:
    values = {focusing: Integer(2), tau: Integer(contact), t: Integer(at)}
    return Witness(classes, 1, 1, values=values, note=f"C = {classes}, gamma = 2, tau = {contact}, t = {at}")


def twins() -> list[Twin]:
    free = Statement(claim().conclusion)
    return [
        Twin("no condition on the slope", free, near(16, -20, 0)),
        Twin("twice the slope", claim(slope=2 * focal_slope(tau)), near(4, 0, 1)),
        Twin("1 % above the value", claim(value_at=1 + Integer(1) / 100), near(4, 1, 1)),
    ]


def neighbour() -> Neighbour:
    goal = claim(value_at=Integer(1) / 2)
    return Neighbour(
        "half of the value at the contact",
        goal,
        lambda: combine(goal.conclusion, {tangent(): 1}, slack=focal(tau) / 2),  # type: ignore[arg-type]
    )


_C, _g, _tau = value("C"), value("focal_gamma"), value("tau")
_u, _q = phi(_tau, _C), q(_tau, _C)
_slope: Expr = _q**_g * (_q + _g * (1 - _q) * _u)
THEOREM = Entry(
    name="focal-tangent",
    title="The focal loss above its tangents",
    kind="lower",
    source="this project (2026); focal loss of Lin et al. 2017, equation 4",
    says=(
        "F(t) = q(t)^gamma phi(t) has slope -s(t), where s rises from 1 to a peak and then falls, for "
        "every gamma > 0 and C; if s(tau) < 1, tau >= 0, then F(t) >= F(tau) - s(tau)(t - tau) for "
        "every real t."
    ),
    statement_of=claim,
    prove=tangent,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        _q**_g * _u - _slope * (value("t") - _tau),
        (
            Condition("gamma > 0", Integer(0), _g, strict=True),
            Condition("the slope s(tau) is below 1", _slope, Integer(1), strict=True),
        ),
    ),
)
