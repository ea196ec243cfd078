# SPDX-License-Identifier: MIT
"""An inequality in at most four variables on a closed box, certified by interval arithmetic.

The boxes come from a stored certificate, or are searched for; how is not trusted, because every one of them
is verified here.  Both sides are proved to be defined on the whole box, and equality inside it is proved by
derivatives at exact contact points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sympy import Integer, Rational, Symbol, sympify

from theory.certificates.contact import Contact, ContactFailure
from theory.certificates.cover import CoverFailure, Inequality, check_cover, find_cover
from theory.certificates.store import find
from theory.expressions import Relation, is_index
from theory.kernel import Inference, KernelError
from theory.normal_form import sign
from theory.rules.common import brief


def infer(
    *,
    goal: Relation,
    box: Mapping[Symbol, tuple[Any, Any]],
    contacts: Sequence[tuple[Mapping[Symbol, Any], int]] = (),
    max_boxes: int = 20_000,
) -> Inference:
    """lower <= s <= upper for every symbol s |- ``goal``.

    Args:
        goal: an inequality in the symbols of ``box`` alone, without indices, averages or atoms.
        box: symbol -> (lower, upper), exact rationals; a bound that the symbol's domain shows is not assumed.
        contacts: (point, order) where the sides are equal; see ``certificates.contact.Contact``.
        max_boxes: boxes to try where no certificate is stored.
    """
    if goal.op == "==" or goal.over:
        raise KernelError(f"{goal}: an inequality without quantified indices is needed")
    if set(box) != goal.free_symbols or any(is_index(s) for s in box) or not 1 <= len(box) <= 4:
        raise KernelError(f"the box {brief(dict(box))} must bound the 1 to 4 variables of {brief(goal)}")
    sides = {s: (_number(low), _number(high)) for s, (low, high) in box.items()}
    places = tuple(Contact({s: _number(x) for s, x in at.items()}, order) for at, order in contacts)
    claim = Inequality.on(goal.lhs, goal.rhs, sides, places, strict=goal.op == "<")
    try:
        stored = find(claim)
        leaves = check_cover(claim, find_cover(claim, max_leaves=max_boxes) if stored is None else stored)
    except (CoverFailure, ContactFailure) as failure:
        raise KernelError(f"{brief(goal)}: {failure}") from None
    evidence = f"{leaves} boxes{'' if stored is None else ' of a stored certificate'}, interval arithmetic"
    bounds = [
        bound
        for s, (low, high) in sides.items()
        for bound in (Relation(low, "<=", s), Relation(s, "<=", high))
        if sign(bound.rhs - bound.lhs) not in ("+", "0+", "0")
    ]
    return Inference(goal, frozenset(bounds), evidence, certified=True)


def _number(value: Any) -> Rational:
    number = sympify(value)
    if not isinstance(number, Rational | Integer) or not number.is_finite:
        raise KernelError(f"{value} is not an exact rational")
    return number
