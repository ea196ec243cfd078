# SPDX-License-Identifier: MIT
"""A theorem's bound at enclosed values: every hypothesis decided, the number enclosed, all rounded outward.

``entry.evaluate`` is the door from formulas to floats; this is the same formula in interval arithmetic. What
goes in are sets (a float is the exact number that it is), what comes out holds the bound for every choice of
values inside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy
from sympy.core.function import AppliedUndef

from theory.certificates.balls import fraction_ball
from theory.certificates.intervals import Interval, IntervalArithmetic, exact, interval
from theory.certificates.scalar_enclosures import FUNCTIONS
from theory.certificates.tape import Undefined, compile_tape

if TYPE_CHECKING:
    from flint import arb, arb_mat

    from theory.entry import Entry


@dataclass(frozen=True)
class Enclosed:
    """A real number known to lie in [low, high], both exact rationals."""

    low: Fraction
    high: Fraction

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"Enclosed: low = {self.low} is above high = {self.high}")

    @property
    def width(self) -> Fraction:
        """high - low."""
        return self.high - self.low


def enclosed(ball: arb) -> Enclosed:
    """The ball as an interval with exact ends, those below 2^-131072 rounded outward to that or to zero.

    Raises ArithmeticError if the ball is not finite, or not below 2^131072.
    """
    if not ball.is_finite():
        raise ArithmeticError(f"the ball is not finite ({ball}): a larger precision is needed")
    return _enclosed(ball.lower(), ball.upper())


_BITS = 2**17  # of a Fraction: balls have exponents of any size, and one like exp(10^16) fills any memory


def _enclosed(lower: arb, upper: arb) -> Enclosed:
    return Enclosed(_end(lower, down=True), _end(upper, down=False))


def _end(value: arb, *, down: bool) -> Fraction:
    """The exact number as a Fraction, or where it is too small for one the nearest admitted one outside."""
    mantissa, exponent = value.man_exp()
    size = int(exponent) + abs(int(mantissa)).bit_length()
    if mantissa and size > _BITS:
        raise Undefined(f"a number of the size of 2^{size} is too large for an exact fraction")
    if mantissa and size < -_BITS:
        step = Fraction(1, 2**_BITS)
        away = mantissa < 0 if down else mantissa > 0
        return (-step if down else step) if away else Fraction(0)
    return exact(value)


def ball_matrix(rows: Sequence[Sequence[arb]]) -> arb_mat:
    """Balls as a matrix, whose products are balls again."""
    from flint import arb_mat

    return arb_mat([list(row) for row in rows])


def working_precision(bits: int) -> AbstractContextManager[Any]:
    """A context in which ball arithmetic works with this many bits."""
    import flint

    context: AbstractContextManager[Any] = flint.ctx.workprec(bits)
    return context


def enclose(entry: Entry, values: Mapping[str, Any], *, precision: int = 128) -> Enclosed:
    """An interval that holds the theorem's bound for every choice of the values inside theirs.

    entry: a registered theorem with a number (``theory.get(name)``). values: by the names of
    ``entry.inputs``, each an ``Enclosed``, or an int, Fraction or float, which stands for exactly itself;
    names that the theorem does not use are ignored. precision: working precision in bits. A theorem about
    features of mean zero takes mean_norm = 0 alone: what ``evaluate`` lets pass is no proof.

    Raises ``theory.HypothesisError`` for a missing value or a hypothesis proved not to hold, ``Undefined``
    for one that is not decided, or a bound that is not proved to be defined, at these widths and this
    precision.
    """
    import flint

    from theory.evaluation import CENTRED, VALUES, HypothesisError

    formula = entry._formula()
    for name in formula.inputs:
        if values.get(name) is None:
            raise HypothesisError(f"{name} ({VALUES[name]}) is not given")
    with flint.ctx.workprec(precision):
        known = {name: _as_interval(name, values[name]) for name in formula.inputs}
        for condition in formula.conditions:
            allowed = sympy.Integer(0) if condition == CENTRED else condition.rhs
            difference = _evaluate(allowed - condition.lhs, known)
            met = _at_least_zero(difference, strict=condition.strict)
            if met is not True:
                shown = ", ".join(
                    f"{n} = {float(known[n].lower.mid()):.6g}" for n in sorted(condition.inputs)
                )
                if met is False:
                    raise HypothesisError(f"{condition.text}, but {shown}")
                raise Undefined(f"{condition.text}: not decided at {shown} with {precision} bits")
        bound = _evaluate(formula.bound, known)
        if not (bound.lower.is_finite() and bound.upper.is_finite()):
            raise Undefined(f"the bound is not proved to be finite with {precision} bits")
        return _enclosed(bound.lower, bound.upper)


def _at_least_zero(difference: Interval, *, strict: bool) -> bool | None:
    lower, upper = difference
    if lower > 0 or (not strict and lower >= 0):
        return True
    if upper < 0 or (strict and upper <= 0):
        return False
    return None


def _as_interval(name: str, given: Any) -> Interval:
    if isinstance(given, Enclosed):
        return Interval(fraction_ball(given.low).lower(), fraction_ball(given.high).upper())
    try:
        number = Fraction(given)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"enclose: {name} = {given!r} is neither Enclosed nor a finite real number") from None
    return interval(number, number)


def _evaluate(expression: sympy.Expr, known: Mapping[str, Interval]) -> Interval:
    """The expression in values and scalar functions on intervals; functions are taken out innermost first."""
    arithmetic = IntervalArithmetic()
    found: dict[sympy.Expr, sympy.Symbol] = {}
    bound: dict[sympy.Symbol, Interval] = {}

    def run(plain: sympy.Expr) -> Interval:
        symbols = sorted(plain.free_symbols, key=str)
        inputs = [bound[s] if s in bound else known[s.name] for s in symbols]
        result: Interval = compile_tape([plain], symbols).run(arithmetic, inputs)[0]
        return result

    def plain(node: sympy.Expr) -> sympy.Expr:
        if isinstance(node, AppliedUndef):
            if node not in found:
                symbol = sympy.Dummy(node.func.__name__, real=True)
                function = FUNCTIONS.get(node.func.__name__)
                if function is None:
                    raise Undefined(f"{node.func.__name__} has no enclosure")
                bound[symbol] = function(*(run(plain(a)) for a in node.args))
                found[node] = symbol
            return found[node]
        return node.func(*map(plain, node.args)) if node.has(AppliedUndef) else node

    return run(plain(expression))
