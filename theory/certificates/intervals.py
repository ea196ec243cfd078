# SPDX-License-Identifier: MIT
"""Interval arithmetic with exact binary endpoints, rounded outward by balls.

On boxes endpoints beat midpoint-radius balls: monotone functions stay tight, and a side that starts exactly
at 0 stays there, so roots and logarithms remain defined up to the edge of their domain.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from theory.certificates.balls import BallArithmetic, fraction_ball
from theory.certificates.tape import Undefined

if TYPE_CHECKING:
    from flint import arb


class Interval(NamedTuple):
    """All reals between two exact binary numbers, lower <= upper."""

    lower: "arb"
    upper: "arb"


def interval(lower: Fraction, upper: Fraction) -> Interval:
    """The least interval at the current precision that contains [lower, upper]."""
    return Interval(fraction_ball(lower).lower(), fraction_ball(upper).upper())


def exact(value: "arb") -> Fraction:
    """An exact binary number as a Fraction."""
    mantissa, exponent = value.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _times(a: Interval, b: Interval) -> Interval:
    if a.lower >= 0:
        if b.lower >= 0:
            return Interval((a.lower * b.lower).lower(), (a.upper * b.upper).upper())
        if b.upper <= 0:
            return Interval((a.upper * b.lower).lower(), (a.lower * b.upper).upper())
        return Interval((a.upper * b.lower).lower(), (a.upper * b.upper).upper())
    if b.lower >= 0:
        return _times(b, a)
    if a.upper <= 0:
        if b.upper <= 0:
            return Interval((a.upper * b.upper).lower(), (a.lower * b.lower).upper())
        return Interval((a.lower * b.upper).lower(), (a.lower * b.lower).upper())
    if b.upper <= 0:
        return _times(b, a)
    return Interval(
        (a.lower * b.upper).min(a.upper * b.lower).lower(), (a.lower * b.lower).max(a.upper * b.upper).upper()
    )


class IntervalArithmetic:
    """Elementary operations on Interval at the current precision."""

    _ball = BallArithmetic()

    def rational(self, value: Fraction) -> Interval:
        return interval(value, value)

    def pi(self) -> Interval:
        ball = self._ball.pi()
        return Interval(ball.lower(), ball.upper())

    def add(self, terms: Sequence[Interval]) -> Interval:
        lower, upper = terms[0]
        for term in terms[1:]:
            lower, upper = lower + term.lower, upper + term.upper
        return Interval(lower.lower(), upper.upper())

    def multiply(self, factors: Sequence[Interval]) -> Interval:
        product = factors[0]
        for factor in factors[1:]:
            product = _times(product, factor)
        return product

    def integer_power(self, base: Interval, exponent: int) -> Interval:
        if exponent < 0 and base.lower <= 0 and base.upper >= 0:
            raise Undefined(f"division by [{base.lower}, {base.upper}], which contains zero")
        if exponent % 2 == 0:
            base = self.absolute(base)
        return self._monotone(lambda x: x**exponent, base, increasing=exponent > 0)

    def rational_power(self, base: Interval, exponent: Fraction) -> Interval:
        if not (base.lower >= 0 and (exponent > 0 or base.lower > 0)):
            raise Undefined(
                f"power {exponent} of [{base.lower}, {base.upper}], which reaches outside its domain"
            )
        return self._monotone(lambda x: self._ball.rational_power(x, exponent), base, increasing=exponent > 0)

    def exp(self, argument: Interval) -> Interval:
        return self._monotone(self._ball.exp, argument)

    def log(self, argument: Interval) -> Interval:
        return self._monotone(self._ball.log, argument)

    def absolute(self, argument: Interval) -> Interval:
        lower, upper = argument
        if lower >= 0:
            return argument
        if upper <= 0:
            return Interval(-upper, -lower)
        return Interval(upper - upper, (-lower).max(upper).upper())

    def maximum(self, arguments: Sequence[Interval]) -> Interval:
        lowers, uppers = zip(*arguments, strict=True)
        return Interval(self._ball.maximum(lowers).lower(), self._ball.maximum(uppers).upper())

    def minimum(self, arguments: Sequence[Interval]) -> Interval:
        lowers, uppers = zip(*arguments, strict=True)
        return Interval(self._ball.minimum(lowers).lower(), self._ball.minimum(uppers).upper())

    def _monotone(
        self, function: Callable[["arb"], "arb"], argument: Interval, *, increasing: bool = True
    ) -> Interval:
        first, last = argument if increasing else (argument.upper, argument.lower)
        lower, upper = function(first).lower(), function(last).upper()
        if not (lower.is_finite() and upper.is_finite()):
            raise Undefined("the value is not finite")
        return Interval(lower, upper)
