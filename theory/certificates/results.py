# SPDX-License-Identifier: MIT
"""The three answers of a check on a box: certified, refuted by an exact point, or undecided and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import sympy

if TYPE_CHECKING:
    from flint import arb

Box = Mapping[sympy.Symbol, tuple[sympy.Rational, sympy.Rational]]


@dataclass(frozen=True)
class Certificate:
    """The expression is defined and non-negative (positive, if strict) on the whole closed box.

    boxes: boxes examined; lower_bound: exact rational below every value of the expression on the box, 0 when
    a contact point was used; contacts: number of contact points settled by their derivatives.
    """

    boxes: int
    lower_bound: Fraction
    contacts: int = 0
    status: Literal["CERTIFIED"] = "CERTIFIED"

    def __str__(self) -> str:
        text = f"certified on {self.boxes} boxes by interval arithmetic"
        return text + (f" and {self.contacts} contact point(s)" if self.contacts else "")


@dataclass(frozen=True)
class Counterexample:
    """An exact rational point of the box and a ball around the value there that proves the claim false."""

    point: Mapping[sympy.Symbol, sympy.Rational]
    value: "arb"
    boxes: int
    status: Literal["REFUTED"] = "REFUTED"

    def __str__(self) -> str:
        place = ", ".join(f"{symbol} = {value}" for symbol, value in self.point.items())
        return f"refuted at {place}: value {self.value}"


@dataclass(frozen=True)
class Undecided:
    """Neither proved nor refuted; ``box`` is where the check gave up. Never to be read as a pass."""

    reason: str
    box: Box
    boxes: int = 0
    status: Literal["UNDECIDED"] = "UNDECIDED"

    def __str__(self) -> str:
        return f"undecided after {self.boxes} boxes: {self.reason}"
