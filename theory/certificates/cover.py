# SPDX-License-Identifier: MIT
"""Covers: the boxes on which an inequality was certified, so that it can be checked without a search.

A cover is a tree of boxes, written as one character a node, each node before what it contains:

    0 1 2   the box is halved along this side (sides in the order of the certificate); both halves follow
    f       the box shrinks to the face on which every side whose slope has a sign is at its least end
    v       leaf: the interval value of the gap is >= 0
    g       leaf: so is the interval value, or the mean-value form, on that face
    A B ... leaf: by the derivatives on the least box that contains the leaf and contact number 0, 1, ...

Any string that is a tree covers the box exactly, so a checker has nothing to believe about where the leaves
lie: it recomputes every box from the sides in exact rational arithmetic and every leaf by enclosures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy

from theory.certificates.balls import BallArithmetic, fraction_ball
from theory.certificates.branch_and_bound import checked_sides
from theory.certificates.contact import Argument, Contact, Point, Sides, argument_at, coordinates
from theory.certificates.exact_zero import is_exact_zero
from theory.certificates.intervals import Interval, IntervalArithmetic, exact, interval
from theory.certificates.tape import Tape, Undefined, UnsupportedExpression, compile_tape

_DEEPEST = 60
_NEAR = Fraction(1, 8)


class CoverFailure(ValueError):
    """The cover does not prove the inequality; the message says where."""


@dataclass(frozen=True)
class Inequality:
    """lhs <= rhs (< if ``strict``), both defined, for every value of ``symbols`` in the closed ``sides``."""

    lhs: sympy.Expr
    rhs: sympy.Expr
    symbols: tuple[sympy.Symbol, ...]
    sides: Sides
    contacts: tuple[Contact, ...] = ()
    strict: bool = False

    @classmethod
    def on(
        cls,
        lhs: sympy.Expr,
        rhs: sympy.Expr,
        box: Mapping[sympy.Symbol, tuple[Any, Any]],
        contacts: tuple[Contact, ...] = (),
        *,
        strict: bool = False,
    ) -> "Inequality":
        """The inequality on ``box``, symbol -> (lower, upper).  Raises ValueError for an ill-formed box."""
        symbols = tuple(sorted(box, key=str))
        return cls(lhs, rhs, symbols, checked_sides(symbols, box), contacts, strict)


def check_cover(claim: Inequality, tree: str, precision: int = 64) -> int:
    """The number of leaves of ``tree``, each re-verified by interval arithmetic.

    Raises CoverFailure if a leaf does not prove the inequality or the string is not a tree, ContactFailure
    if a contact is none, UnsupportedExpression as ``evaluate`` does.
    """
    import flint

    with flint.ctx.workprec(precision):
        judge = Judge(claim)
        open_boxes, leaves = [claim.sides], 0
        for node, token in enumerate(tree):
            if not open_boxes:
                raise CoverFailure(f"node {node} of {len(tree)}: the tree was complete before it")
            box = open_boxes.pop()
            if token.isdigit() and int(token) < len(box):
                open_boxes += reversed(halves(box, int(token)))
            elif token == "f":
                open_boxes.append(judge.face(box))
            elif judge.settles(token, box):
                leaves += 1
            else:
                raise CoverFailure(f"node {node}: {token!r} does not settle the box {_shown(claim, box)}")
        if open_boxes:
            raise CoverFailure(f"the tree ends and leaves {len(open_boxes)} boxes uncovered")
        return leaves


def find_cover(claim: Inequality, *, max_leaves: int = 20_000, precision: int = 52) -> str:
    """A tree that proves the inequality, found by bisection.

    Raises CoverFailure if none was found, naming a point that refutes the inequality if one was met.

    ``precision`` is below that of the checks, so that rounding does not decide whether they pass.
    """
    import flint

    with flint.ctx.workprec(precision):
        judge = Judge(claim)
        open_boxes, tree = [(claim.sides, 0)], ""
        while open_boxes:
            box, depth = open_boxes.pop()
            token = judge.token(box)
            tree += token
            if token == "f":
                open_boxes.append((judge.face(box), depth))
            elif token.isdigit():
                if judge.refuted_in(box):
                    raise CoverFailure(f"false in the middle of {_shown(claim, box)}")
                if depth > _DEEPEST or len(tree) > 2 * max_leaves:
                    raise CoverFailure(
                        f"no cover of {max_leaves} leaves was found; stuck at {_shown(claim, box)}"
                    )
                open_boxes += [(half, depth + 1) for half in reversed(halves(box, int(token)))]
        return tree


class Judge:
    """What enclosures prove on one box, at the current precision."""

    def __init__(self, claim: Inequality) -> None:
        symbols, gap = claim.symbols, claim.rhs - claim.lhs
        if claim.strict and claim.contacts:
            raise ValueError("A contact point has value zero, so a strict inequality is false there.")
        self.claim, self.gap, self.arithmetic = claim, gap, IntervalArithmetic()
        # The sides must be defined on their own: their difference may cancel a bad term.
        self.value: Tape[Any] = compile_tape([gap, claim.lhs, claim.rhs], symbols)
        self.gradient: Tape[Any] | None
        try:
            self.gradient = compile_tape([sympy.diff(gap, symbol) for symbol in symbols], symbols)
        except UnsupportedExpression:  # Abs, Max and Min have no derivative everywhere
            self.gradient = None
        self.contacts: list[tuple[Point, Argument]] = []
        for contact in claim.contacts:
            point = coordinates(symbols, claim.sides, contact)
            self.contacts.append((point, argument_at(gap, symbols, point, contact.order)))

    def settles(self, token: str, box: Sides) -> bool:
        """Whether a leaf of this kind proves the inequality on ``box``."""
        try:
            lower = self.lower(box)
            if token == "v":
                return self.accepts(lower) or self.is_zero_at(box)
            if token == "g":
                slopes = self.slopes(box)
                return slopes is not None and self.settles_face(_face(box, slopes), slopes)
            number = ord(token) - ord("A")
            if not 0 <= number < len(self.contacts):
                return False
            point, argument = self.contacts[number]
            around = hull(box, point)
            self.lower(around)
            return argument.holds(around, point)
        except Undefined:
            return False

    def token(self, box: Sides) -> str:
        """The node to write for ``box``: a leaf that settles it, a face, or the side to halve."""
        if self.settles("v", box):
            return "v"
        try:
            self.lower(box)
            slopes = self.slopes(box)
        except Undefined:
            slopes = None
        if slopes is not None:
            face = _face(box, slopes)
            if self.settles_face(face, slopes):
                return "g"
        for number in range(len(self.contacts)):
            if self.settles(chr(ord("A") + number), box):
                return chr(ord("A") + number)
        if slopes is None:
            return str(max(range(len(box)), key=lambda i: self.relative_width(box, i)))
        if face != box:
            return "f"
        parameter = self.wide_parameter(box)
        if parameter is not None:
            return str(parameter)
        reach = [float(b - a) * _size(slope) for (a, b), slope in zip(box, slopes, strict=True)]
        return str(max(range(len(box)), key=lambda i: (reach[i], self.relative_width(box, i))))

    def wide_parameter(self, box: Sides) -> int | None:
        """Near a contact, a parameter whose range is wider than what is left of the other sides."""
        for point, _ in self.contacts:
            around = hull(box, point)
            rest = [self.relative_width(around, i) for i, x in enumerate(point) if x is not None]
            widths = [(self.relative_width(box, i), i) for i, x in enumerate(point) if x is None]
            if widths and max(rest) < min(_NEAR, max(widths)[0]):
                return max(widths)[1]
        return None

    def lower(self, box: Sides) -> Any:
        """The lower end of the gap; both sides are defined on the box, or Undefined is raised."""
        return self.value.run(self.arithmetic, _inputs(box))[0].lower

    def slopes(self, box: Sides) -> list[Interval] | None:
        """Enclosures of the gradient, None where there is none."""
        try:
            return None if self.gradient is None else self.gradient.run(self.arithmetic, _inputs(box))
        except Undefined:
            return None

    def face(self, box: Sides) -> Sides:
        """The face that holds the least value.  Raises CoverFailure where no derivative is defined."""
        try:
            self.lower(box)
            slopes = self.slopes(box)
        except Undefined:
            slopes = None
        if slopes is None:
            raise CoverFailure(f"no slope is defined on {_shown(self.claim, box)}")
        return _face(box, slopes)

    def settles_face(self, face: Sides, slopes: list[Interval]) -> bool:
        """The value on the face, or the mean-value form with slopes that hold on a box around it."""
        if self.accepts(self.lower(face)) or self.is_zero_at(face):
            return True
        middle = [interval((low + high) / 2, (low + high) / 2) for low, high in face]
        terms = [self.value.run(self.arithmetic, middle)[0]]
        for x, m, slope in zip(_inputs(face), middle, slopes, strict=True):
            offset = Interval((x.lower - m.upper).lower(), (x.upper - m.lower).upper())
            terms.append(self.arithmetic.multiply([slope, offset]))
        return self.accepts(self.arithmetic.add(terms).lower)

    def accepts(self, lower: Any) -> bool:
        return bool(lower > 0 if self.claim.strict else lower >= 0)

    def is_zero_at(self, box: Sides) -> bool:
        """Whether the box is one point at which the gap is zero by algebra (and zero is enough)."""
        if self.claim.strict or any(low != high for low, high in box):
            return False
        values = self.value.run(BallArithmetic(), [fraction_ball(low) for low, _ in box])
        at = {
            s: sympy.Rational(x.numerator, x.denominator)
            for s, (x, _) in zip(self.claim.symbols, box, strict=True)
        }
        return bool(values[0].contains(0)) and is_exact_zero(self.gap.subs(at))

    def refuted_in(self, box: Sides) -> bool:
        """Whether the ball around the gap in the middle of the box is negative."""
        try:
            gap = self.value.run(BallArithmetic(), [fraction_ball((low + high) / 2) for low, high in box])[0]
        except Undefined:
            return False
        return bool(gap < 0 or (self.claim.strict and gap <= 0))

    def relative_width(self, box: Sides, i: int) -> Fraction:
        full = self.claim.sides[i][1] - self.claim.sides[i][0]
        return (box[i][1] - box[i][0]) / full if full else Fraction(0)


def halves(box: Sides, i: int) -> tuple[Sides, Sides]:
    """The two closed halves along side ``i``."""
    low, high = box[i]
    middle = (low + high) / 2
    return (*box[:i], (low, middle), *box[i + 1 :]), (*box[:i], (middle, high), *box[i + 1 :])


def hull(box: Sides, point: Point) -> Sides:
    """The least box that contains ``box`` and the contact."""
    return tuple(
        (a, b) if x is None else (min(a, x), max(b, x)) for (a, b), x in zip(box, point, strict=True)
    )


def _inputs(box: Sides) -> list[Interval]:
    return [interval(low, high) for low, high in box]


def _face(box: Sides, slopes: Sequence[Interval]) -> Sides:
    """Where a slope has a sign on the box, the least value has that side at one end."""
    return tuple(
        (low, low) if slope.lower >= 0 else (high, high) if slope.upper <= 0 else (low, high)
        for (low, high), slope in zip(box, slopes, strict=True)
    )


def _size(slope: Interval) -> float:
    """For the choice of a side only; no bound depends on it."""
    largest = max(abs(exact(slope.lower)), abs(exact(slope.upper)))
    return float(min(largest, Fraction(10) ** 300))


def _shown(claim: Inequality, box: Sides) -> str:
    return ", ".join(f"{s} in [{a}, {b}]" for s, (a, b) in zip(claim.symbols, box, strict=True))
