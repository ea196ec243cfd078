# SPDX-License-Identifier: MIT
"""Certified inequalities on boxes: interval enclosures, first derivatives, bisection, worst box first."""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, pairwise, product
from typing import Any

import sympy

from theory.certificates.balls import BallArithmetic, fraction_ball, to_fraction
from theory.certificates.contact import Contact, ContactFailure, Sides, certified_neighbourhood
from theory.certificates.exact_zero import is_exact_zero
from theory.certificates.intervals import Interval, IntervalArithmetic, exact, interval
from theory.certificates.results import Certificate, Counterexample, Undecided
from theory.certificates.tape import Tape, Undefined, UnsupportedExpression, compile_tape

_FINEST = Fraction(1, 2**44)  # relative width below which a box is given up
_POINT_PRECISION = 1024


def certify_nonnegative(
    expr: sympy.Expr,
    box: Mapping[sympy.Symbol, tuple[Any, Any]],
    *,
    strict: bool = False,
    max_boxes: int = 200_000,
    precision: int = 64,
    contact: Contact | Sequence[Contact] = (),
) -> Certificate | Counterexample | Undecided:
    """Prove ``expr`` >= 0 (> 0 if ``strict``) on a closed box, or refute it at an exact rational point.

    expr: as for ``evaluate``; differentiable parts are enclosed by the mean-value form as well.
    box: for each free symbol a pair (lower, upper) of exact rationals, lower <= upper.
    contact: points where the expression is zero without crossing zero (see Contact); their neighbourhoods are
    settled by derivatives and the rest by bisection. Corners where the value is exactly zero and the gradient
    points inward need no contact.
    precision: bits of the enclosures; max_boxes: boxes examined before giving up.

    A Certificate also proves that the expression is defined on the whole box. A Counterexample is returned
    only if the ball around the value at a rational point that satisfies the symbols' assumptions is < 0 (or,
    if ``strict``, the value there is exactly zero). Everything else is Undecided. Raises TypeError for
    floats, ValueError for an ill-formed box, UnsupportedExpression as ``evaluate`` does.
    """
    import flint

    expr = sympy.sympify(expr)
    symbols = tuple(sorted(box, key=str))
    sides = checked_sides(symbols, box)
    contacts = (contact,) if isinstance(contact, Contact) else tuple(contact)
    if strict and contacts:
        raise ValueError("A contact point has value zero, so a strict inequality is false there.")
    search = _Search(expr, symbols, sides, strict)
    with flint.ctx.workprec(precision):
        pieces: list[Sides] = [sides]
        for one in contacts:
            try:
                near = certified_neighbourhood(expr, symbols, sides, one)
            except ContactFailure as failure:
                # The claim may be false, or true without the contact; bisection alone can still tell.
                answer = search.run([sides], max_boxes)
                if isinstance(answer, Undecided):
                    return Undecided(str(failure), answer.box, answer.boxes)
                return answer
            pieces = [rest for piece in pieces for rest in _outside(piece, near)]
        answer = search.run(pieces, max_boxes)
    if isinstance(answer, Certificate) and contacts:
        return Certificate(answer.boxes, min(answer.lower_bound, Fraction(0)), len(contacts))
    return answer


@dataclass
class _Examined:
    """What one look at a box found: its bound, the box left to split, and the side to split it along."""

    lower: Fraction | None  # None: no finite bound
    sides: Sides
    proved: bool
    widest: int


class _Search:
    def __init__(self, expr: sympy.Expr, symbols: Sequence[sympy.Symbol], sides: Sides, strict: bool) -> None:
        self.expr, self.symbols, self.strict, self.full = expr, tuple(symbols), strict, sides
        self.value: Tape[Any] = compile_tape([expr], symbols)
        self.gradient: Tape[Any] | None
        try:
            self.gradient = compile_tape([sympy.diff(expr, symbol) for symbol in symbols], symbols)
        except UnsupportedExpression:  # Abs, Max and Min have no derivative everywhere
            self.gradient = None
        self.arithmetic = IntervalArithmetic()

    def run(self, pieces: list[Sides], max_boxes: int) -> Certificate | Counterexample | Undecided:
        order = count(
            0, -1
        )  # among equals the newest first: a hopeless corner is reached in a few dozen steps
        heap = [(float("-inf"), next(order), piece) for piece in pieces]
        heapq.heapify(heap)
        examined, lowest = 0, None
        while heap:
            _, _, sides = heapq.heappop(heap)
            if examined >= max_boxes:
                return Undecided(f"more than {max_boxes} boxes are needed", self.named(sides), examined)
            examined += 1
            seen = self.examine(sides)
            if seen.proved and seen.lower is not None:
                lowest = seen.lower if lowest is None else min(lowest, seen.lower)
                continue
            witness = self.refute(seen.sides, examined)
            if witness is not None:
                return witness
            if self.relative_width(seen.sides, seen.widest) < _FINEST:
                if self.settled_point(seen.sides):
                    lowest = min(lowest or Fraction(0), Fraction(0))
                    continue
                reason = (
                    "the sign is not resolved on boxes of relative width 2^-44 (a contact point, perhaps)"
                )
                if seen.lower is None:
                    reason = "the expression is not proved to be defined everywhere on the box"
                return Undecided(reason, self.named(seen.sides), examined)
            key = float("-inf") if seen.lower is None else _key(seen.lower)
            for half in _halves(seen.sides, seen.widest):
                heapq.heappush(heap, (key, next(order), half))
        # Without a box of its own (all covered by contacts) the least value is the contact's, zero.
        return Certificate(examined, Fraction(0) if lowest is None else lowest)

    def examine(self, sides: Sides) -> _Examined:
        inputs = [interval(low, high) for low, high in sides]
        widest = max(range(len(sides)), key=lambda i: self.relative_width(sides, i), default=0)
        try:
            lower = self.value.run(self.arithmetic, inputs)[0].lower
        except Undefined:
            return _Examined(None, sides, False, widest)
        if self.accepts(lower):
            return _Examined(exact(lower), sides, True, widest)
        try:
            slopes = None if self.gradient is None else self.gradient.run(self.arithmetic, inputs)
        except Undefined:
            slopes = None
        if slopes is None:
            return _Examined(exact(lower), sides, False, widest)
        # Where the slope has a sign the least value lies on that face; the value is defined on the whole box.
        sides = tuple(
            (low, low) if slope.lower >= 0 else (high, high) if slope.upper <= 0 else (low, high)
            for (low, high), slope in zip(sides, slopes, strict=True)
        )
        inputs = [interval(low, high) for low, high in sides]
        lower = lower.max(self.value.run(self.arithmetic, inputs)[0].lower).lower()
        if not self.accepts(lower):
            lower = lower.max(self.mean_value(sides, inputs, slopes)).lower()
        widest = max(range(len(sides)), key=lambda i: _reach(sides[i], slopes[i]), default=0)
        if self.relative_width(sides, widest) < _FINEST:
            widest = max(range(len(sides)), key=lambda i: self.relative_width(sides, i), default=0)
        return _Examined(exact(lower), sides, self.accepts(lower), widest)

    def mean_value(self, sides: Sides, inputs: list[Interval], slopes: list[Interval]) -> Any:
        """Lower end of f(m) + sum of slope_i (x_i - m_i), m the midpoint."""
        middle = [interval((low + high) / 2, (low + high) / 2) for low, high in sides]
        terms = [self.value.run(self.arithmetic, middle)[0]]
        for x, m, slope in zip(inputs, middle, slopes, strict=True):
            offset = Interval((x.lower - m.upper).lower(), (x.upper - m.lower).upper())
            terms.append(self.arithmetic.multiply([slope, offset]))
        return self.arithmetic.add(terms).lower

    def accepts(self, lower: Any) -> bool:
        return bool(lower > 0 if self.strict else lower >= 0)

    def refute(self, sides: Sides, examined: int) -> Counterexample | None:
        """Try the midpoint of the box (after monotone variables went to their least end)."""
        point = [(low + high) / 2 for low, high in sides]
        if not all(_admits(s, x) for s, x in zip(self.symbols, point, strict=True)):
            return None
        try:
            (value,) = self.value.run(BallArithmetic(), [fraction_ball(x) for x in point])
        except Undefined:
            return None
        if value < 0 or (self.strict and value <= 0):
            rationals = [sympy.Rational(x.numerator, x.denominator) for x in point]
            return Counterexample(dict(zip(self.symbols, rationals, strict=True)), value, examined)
        return None

    def settled_point(self, sides: Sides) -> bool:
        """Whether the box is one point with a value proved >= 0: at high precision, or zero by algebra."""
        import flint

        if self.strict or any(low != high for low, high in sides):
            return False
        try:
            with flint.ctx.workprec(_POINT_PRECISION):
                (value,) = self.value.run(BallArithmetic(), [fraction_ball(low) for low, _ in sides])
        except Undefined:
            return False
        at = {
            s: sympy.Rational(x.numerator, x.denominator)
            for s, (x, _) in zip(self.symbols, sides, strict=True)
        }
        return bool(value >= 0) or (bool(value.contains(0)) and is_exact_zero(self.expr.subs(at)))

    def relative_width(self, sides: Sides, i: int) -> Fraction:
        full = self.full[i][1] - self.full[i][0] if sides else Fraction(0)
        return (sides[i][1] - sides[i][0]) / full if full else Fraction(0)

    def named(self, sides: Sides) -> dict[sympy.Symbol, tuple[sympy.Rational, sympy.Rational]]:
        return {
            symbol: (
                sympy.Rational(low.numerator, low.denominator),
                sympy.Rational(high.numerator, high.denominator),
            )
            for symbol, (low, high) in zip(self.symbols, sides, strict=True)
        }


def checked_sides(symbols: Sequence[sympy.Symbol], box: Mapping[sympy.Symbol, tuple[Any, Any]]) -> Sides:
    """The sides as exact fractions.  Raises TypeError for a float, ValueError for an ill-formed side."""
    return tuple(_side(symbol, *box[symbol]) for symbol in symbols)


def _side(symbol: sympy.Symbol, lower: Any, upper: Any) -> tuple[Fraction, Fraction]:
    low, high = to_fraction(lower, symbol), to_fraction(upper, symbol)
    if low > high:
        raise ValueError(f"The side of {symbol} is empty: lower {low} > upper {high}.")
    # A positive symbol may have a side that starts at 0: the closed box contains the claim's domain.
    if (symbol.is_nonnegative and low < 0) or (symbol.is_nonpositive and high > 0):
        raise ValueError(f"The side [{low}, {high}] of {symbol} contradicts the symbol's declared sign.")
    return low, high


def _admits(symbol: sympy.Symbol, value: Fraction) -> bool:
    """Whether the symbol's assumptions allow the value, so that it may serve as a counterexample."""
    if (symbol.is_positive and value <= 0) or (symbol.is_negative and value >= 0):
        return False
    return not ((symbol.is_integer and value.denominator != 1) or (symbol.is_nonzero and value == 0))


def _key(value: Fraction) -> float:
    """Order of the queue only; no bound depends on it."""
    return float(max(min(value, Fraction(10) ** 300), -(Fraction(10) ** 300)))


def _reach(side: tuple[Fraction, Fraction], slope: Interval) -> float:
    """How much the side contributes to the width of the mean-value form; a heuristic, hence a float."""
    return float(side[1] - side[0]) * float(max(abs(_key(exact(slope.lower))), abs(_key(exact(slope.upper)))))


def _halves(sides: Sides, i: int) -> tuple[Sides, Sides]:
    low, high = sides[i]
    middle = (low + high) / 2
    return (*sides[:i], (low, middle), *sides[i + 1 :]), (*sides[:i], (middle, high), *sides[i + 1 :])


def _outside(sides: Sides, near: Sides) -> list[Sides]:
    """Closed boxes that cover ``sides`` minus the box ``near``: slices along the faces of ``near``."""
    cuts = []
    for (low, high), (a, b) in zip(sides, near, strict=True):
        ends = sorted({low, high, min(max(a, low), high), min(max(b, low), high)})
        cuts.append(list(pairwise(ends)) or [(low, low)])
    return [
        cell
        for cell in product(*cuts)
        if not all(a <= x and y <= b for (x, y), (a, b) in zip(cell, near, strict=True))
    ]
