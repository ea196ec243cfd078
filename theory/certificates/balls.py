# SPDX-License-Identifier: MIT
"""Ball arithmetic at a point: enclosures of values, and comparisons that answer only when they are proved."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

import sympy

from theory.certificates.tape import Undefined, compile_tape

if TYPE_CHECKING:
    from flint import arb

Relation = Literal["<=", "<", "==", ">=", ">"]
_HIGHEST_PRECISION = 4096


def evaluate(
    expr: sympy.Expr, values: Mapping[sympy.Symbol, Any] | None = None, precision: int = 128
) -> "arb":
    """A ball that contains the value of ``expr`` for every choice of the symbols inside their values.

    expr: built from exact rationals, symbols, pi, E, +, *, powers, exp, log, Abs, Max and Min.
    values: for each free symbol an int, Fraction, SymPy Rational or flint.arb; never a float.
    precision: working precision in bits; the radius of the answer shows what was achieved.

    Raises UnsupportedExpression (a float or unknown function in ``expr``), TypeError (a float or other
    inexact value), ValueError (a symbol without value, or a value against the symbol's own assumptions, under
    which SymPy has already simplified), Undefined (not proved real: log or root of a ball that is not > 0).
    """
    import flint

    values = {} if values is None else values
    symbols = sorted(values, key=str)
    tape = compile_tape([expr], symbols)
    with flint.ctx.workprec(precision):
        inputs = [to_ball(values[symbol], symbol) for symbol in symbols]
        for symbol, ball in zip(symbols, inputs, strict=True):
            _respect_assumptions(symbol, ball)
        result: arb = tape.run(BallArithmetic(), inputs)[0]
    return result


def decide(
    lhs: sympy.Expr, relation: Relation, rhs: sympy.Expr, values: Mapping[sympy.Symbol, Any] | None = None
) -> bool | None:
    """Whether ``lhs relation rhs`` at ``values``: True or False only when proved, None when not decided.

    The difference rhs - lhs is enclosed at 64, 128, ... 4096 bits until its sign is certain. For "<", "<=",
    ">", ">=" True and False each come from a positive ball comparison. "==" is True only if the enclosure is
    the exact number zero (no rounding anywhere, as for rational data, or SymPy cancelled the two sides
    exactly), False if zero is outside the ball; equal irrational values in different guises give None.
    None also where the expression is not proved to be defined. Raises as ``evaluate`` otherwise.
    """
    if relation not in ("<=", "<", "==", ">=", ">"):
        raise ValueError(f"relation = {relation!r} is not one of <=, <, ==, >=, >.")
    lhs, rhs = sympy.sympify(lhs), sympy.sympify(rhs)
    if relation in (">", ">="):
        lhs, rhs, relation = rhs, lhs, "<" if relation == ">" else "<="
    # Both sides must be admissible and defined on their own: their difference may cancel a bad term.
    precision = 64
    while precision <= _HIGHEST_PRECISION:
        try:
            evaluate(lhs, values, precision)
            evaluate(rhs, values, precision)
            difference = evaluate(rhs - lhs, values, precision)
        except Undefined:
            difference = None
        answer = None if difference is None else _sign_answer(difference, relation)
        if answer is not None:
            return answer
        precision *= 2
    return None


def _sign_answer(difference: "arb", relation: Relation) -> bool | None:
    if relation == "==":
        if difference.is_zero():
            return True
        return False if difference > 0 or difference < 0 else None
    if difference > 0 or (relation == "<=" and difference >= 0):
        return True
    if difference < 0 or (relation == "<" and difference <= 0):
        return False
    return None


def to_ball(value: Any, symbol: sympy.Symbol | None = None) -> "arb":
    """An exact number, or a ball, as a ball at the current precision; floats raise TypeError."""
    from flint import arb

    if isinstance(value, arb):
        if not value.is_finite():
            raise ValueError(f"The value of {symbol} is not a finite ball: {value}.")
        return value
    return fraction_ball(to_fraction(value, symbol))


def fraction_ball(value: Fraction) -> "arb":
    """The exact rational as a ball at the current precision."""
    from flint import arb, fmpq

    return arb(fmpq(value.numerator, value.denominator))


def to_fraction(value: Any, symbol: sympy.Symbol | None = None) -> Fraction:
    """An int, Fraction or SymPy Rational as a Fraction; anything inexact raises TypeError."""
    if isinstance(value, sympy.Rational) and value.is_finite:
        return Fraction(int(value.p), int(value.q))
    if isinstance(value, Fraction) or (isinstance(value, int) and not isinstance(value, bool)):
        return Fraction(value)
    where = "" if symbol is None else f" for {symbol}"
    raise TypeError(
        f"Expected an exact rational{where} (int, Fraction or Rational), "
        f"received {type(value).__name__} {value}; a rounded number would change the statement."
    )


def _respect_assumptions(symbol: sympy.Symbol, ball: "arb") -> None:
    checks: tuple[tuple[bool | None, str, Callable[[], bool]], ...] = (
        (symbol.is_positive, "positive", lambda: ball > 0),
        (symbol.is_negative, "negative", lambda: ball < 0),
        (symbol.is_nonnegative, "non-negative", lambda: ball >= 0),
        (symbol.is_nonpositive, "non-positive", lambda: ball <= 0),
        (symbol.is_nonzero, "non-zero", lambda: ball > 0 or ball < 0),
        (symbol.is_integer, "an integer", ball.is_integer),
    )
    for assumed, word, holds in checks:
        if assumed and not holds():
            raise ValueError(
                f"The symbol {symbol} is declared {word}, but its value {ball} is not proved so."
            )


class BallArithmetic:
    """Elementary operations on flint.arb at the current precision."""

    def rational(self, value: Fraction) -> "arb":
        return fraction_ball(value)

    def pi(self) -> "arb":
        from flint import arb

        return arb.pi()

    def add(self, terms: Sequence["arb"]) -> "arb":
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return total

    def multiply(self, factors: Sequence["arb"]) -> "arb":
        product = factors[0]
        for factor in factors[1:]:
            product = product * factor
        return product

    def integer_power(self, base: "arb", exponent: int) -> "arb":
        if exponent < 0 and not (base > 0 or base < 0):
            raise Undefined(f"division by {base}, which is not proved to be non-zero")
        return base**exponent

    def rational_power(self, base: "arb", exponent: Fraction) -> "arb":
        if base.is_zero() and exponent > 0:
            return base
        if not base > 0:
            raise Undefined(f"power {exponent} of {base}, which is not proved to be positive")
        return base.root(exponent.denominator) ** exponent.numerator

    def exp(self, argument: "arb") -> "arb":
        return argument.exp()

    def log(self, argument: "arb") -> "arb":
        if not argument > 0:
            raise Undefined(f"log of {argument}, which is not proved to be positive")
        return argument.log()

    def absolute(self, argument: "arb") -> "arb":
        return abs(argument)

    def maximum(self, arguments: Sequence["arb"]) -> "arb":
        largest = arguments[0]
        for argument in arguments[1:]:
            largest = largest.max(argument)
        return largest

    def minimum(self, arguments: Sequence["arb"]) -> "arb":
        smallest = arguments[0]
        for argument in arguments[1:]:
            smallest = smallest.min(argument)
        return smallest
