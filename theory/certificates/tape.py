# SPDX-License-Identifier: MIT
"""Compile SymPy expressions to a straight-line tape that any rigorous arithmetic can run.

The tape is what balls and intervals share: a list of elementary steps without repetition. Admitted are exact
numbers, symbols, pi, e, sums, products, powers, exp, log, Abs, Max and Min; anything else, a float above all,
is refused, because a certificate about a rounded input would be a certificate about another statement.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Generic, Protocol, TypeVar

import sympy

Value = TypeVar("Value")


class UnsupportedExpression(ValueError):
    """The expression holds a float, an infinity or a function outside the admitted ones."""


class Undefined(ArithmeticError):
    """The expression is not proved to be defined (real and finite) on the whole of the given set."""


class Arithmetic(Protocol[Value]):
    """Elementary operations; each encloses the true result or raises Undefined."""

    def rational(self, value: Fraction) -> Value: ...
    def pi(self) -> Value: ...
    def add(self, terms: Sequence[Value]) -> Value: ...
    def multiply(self, factors: Sequence[Value]) -> Value: ...
    def integer_power(self, base: Value, exponent: int) -> Value: ...
    def rational_power(self, base: Value, exponent: Fraction) -> Value: ...
    def exp(self, argument: Value) -> Value: ...
    def log(self, argument: Value) -> Value: ...
    def absolute(self, argument: Value) -> Value: ...
    def maximum(self, arguments: Sequence[Value]) -> Value: ...
    def minimum(self, arguments: Sequence[Value]) -> Value: ...


@dataclass(frozen=True)
class Tape(Generic[Value]):
    """Steps over numbered slots; the first slots hold ``symbols``, ``outputs`` name the results."""

    symbols: tuple[sympy.Symbol, ...]
    steps: tuple[Callable[[Any, list[Any]], Any], ...]
    outputs: tuple[int, ...]

    def run(self, arithmetic: Arithmetic[Value], inputs: Sequence[Value]) -> list[Value]:
        """Values of the outputs at ``inputs``, one per symbol in order. Raises Undefined off the domain."""
        slots: list[Any] = list(inputs)
        for step in self.steps:
            slots.append(step(arithmetic, slots))
        return [slots[i] for i in self.outputs]


def compile_tape(expressions: Sequence[sympy.Expr], symbols: Sequence[sympy.Symbol]) -> Tape[Any]:
    """Compile ``expressions`` in ``symbols``; raise UnsupportedExpression or ValueError (unbound symbol)."""
    compiler = _Compiler(symbols)
    outputs = tuple(compiler.slot(sympy.sympify(expression)) for expression in expressions)
    return Tape(tuple(symbols), tuple(compiler.steps), outputs)


class _Compiler:
    def __init__(self, symbols: Sequence[sympy.Symbol]) -> None:
        self.known: dict[sympy.Expr, int] = {symbol: i for i, symbol in enumerate(symbols)}
        self.size = len(self.known)
        self.steps: list[Callable[[Any, list[Any]], Any]] = []

    def slot(self, node: sympy.Expr) -> int:
        if node not in self.known:
            step = self._step(node)
            self.known[node] = self.size
            self.size += 1
            self.steps.append(step)
        return self.known[node]

    def _step(self, node: sympy.Expr) -> Callable[[Any, list[Any]], Any]:
        if isinstance(node, sympy.Rational) and node.is_finite:
            value = Fraction(int(node.p), int(node.q))
            return lambda a, slots: a.rational(value)
        if isinstance(node, sympy.Symbol):
            raise ValueError(f"The symbol {node} has no value; every free symbol needs one.")
        if node is sympy.pi:
            return lambda a, slots: a.pi()
        if node is sympy.E:
            return lambda a, slots: a.exp(a.rational(Fraction(1)))
        if isinstance(node, sympy.Pow):
            return self._power(node)
        operation = _OPERATIONS.get(node.func)
        if operation is None:
            kind = "the float" if node.is_Float else f"{type(node).__name__} in"
            raise UnsupportedExpression(
                f"A rigorous evaluation cannot use {kind} {node}; admitted are exact rationals, symbols, "
                "pi, E, sums, products, powers, exp, log, Abs, Max and Min. Decimals: Rational('0.1')."
            )
        name, many = operation
        places = [self.slot(argument) for argument in node.args]
        if many:
            return lambda a, slots: getattr(a, name)([slots[i] for i in places])
        (place,) = places
        return lambda a, slots: getattr(a, name)(slots[place])

    def _power(self, node: sympy.Pow) -> Callable[[Any, list[Any]], Any]:
        base, exponent = self.slot(node.base), node.exp
        if isinstance(exponent, sympy.Integer):
            whole = int(exponent)
            return lambda a, slots: a.integer_power(slots[base], whole)
        if isinstance(exponent, sympy.Rational) and exponent.is_finite:
            fraction = Fraction(int(exponent.p), int(exponent.q))
            return lambda a, slots: a.rational_power(slots[base], fraction)
        place = self.slot(exponent)
        return lambda a, slots: a.exp(a.multiply([slots[place], a.log(slots[base])]))


_OPERATIONS: dict[Any, tuple[str, bool]] = {
    sympy.Add: ("add", True),
    sympy.Mul: ("multiply", True),
    sympy.Max: ("maximum", True),
    sympy.Min: ("minimum", True),
    sympy.exp: ("exp", False),
    sympy.log: ("log", False),
    sympy.Abs: ("absolute", False),
}
