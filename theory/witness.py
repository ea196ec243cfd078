# SPDX-License-Identifier: MIT
"""Statements at one exact configuration: the numbers that refute a false claim or attain a tight one.

An equality is accepted only through the exact zero test, an inequality only through disjoint balls (or exact
equality of the sides).  None means undecided, never false.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import Any

import sympy
from sympy import Expr, Integer, Rational, Symbol

from theory.certificates.balls import decide, evaluate
from theory.expressions import Indicator, Mean, Relation, is_index, sort_of
from theory.normal_form import is_zero
from theory.statement import Statement, Witness
from theory.symbols import C, d

Environment = dict[Symbol, int]


def concretise(expr: Expr, witness: Witness, environment: Environment | None = None) -> Expr:
    """``expr`` as an exact number.  Raises ``KeyError`` for a symbol or atom without a value."""
    known = witness.numbers

    def walk(e: Expr, env: Environment) -> Expr:
        if not e.args and not isinstance(e, Symbol):
            return e
        key = (e, *(env.get(i) for i in _free_indices(e)))
        if key not in known:
            known[key] = value(e, env)
        return known[key]

    def value(e: Expr, env: Environment) -> Expr:
        if isinstance(e, Mean):
            ranges = [range(size_of(i, witness)) for i in e.indices]
            values = [walk(e.body, env | dict(zip(e.indices, at, strict=True))) for at in product(*ranges)]
            return sympy.Add(*values) / len(values)
        if isinstance(e, Indicator):
            return Integer(1) if _nonnegative(walk(e.args[0], env)) else Integer(0)
        if isinstance(e, sympy.core.function.AppliedUndef):
            return _real(sympy.sympify(witness.functions[e.func](*(env[a] for a in e.args))))
        if e == C:
            return Integer(witness.classes)
        if e == d:
            return Integer(witness.dimension)
        if isinstance(e, Symbol):
            return Integer(env[e]) if is_index(e) else _real(sympy.sympify(witness.values[e]))
        return e.func(*(walk(a, env) for a in e.args))

    return walk(expr, environment or {})


@lru_cache(maxsize=100_000)
def _free_indices(expr: Expr) -> tuple[Symbol, ...]:
    return tuple(sorted((s for s in expr.free_symbols if is_index(s)), key=lambda s: s.name))


def size_of(index: Symbol, witness: Witness) -> int:
    return {"class": witness.classes, "sample": witness.samples, "coordinate": witness.dimension}[
        sort_of(index)
    ]


@lru_cache(maxsize=10_000)
def _real(number: Expr) -> Expr:
    """``number``, which atoms and symbols stand for.  Raises ``ValueError`` unless it is real and finite."""
    if not isinstance(number, Rational):
        try:
            evaluate(number)
        except (ArithmeticError, ValueError) as error:
            raise ValueError(
                f"the witness has the value {number}, which is not a real number: {error}"
            ) from None
    return number


def _nonnegative(number: Expr) -> bool:
    answer = True if is_zero(number) else decide(Integer(0), "<", number, {})
    if answer is None:
        raise ValueError(f"the sign of {number} could not be decided")
    return answer


def truth(relation: Relation, witness: Witness) -> bool | None:
    """Whether the relation holds at the witness, for every value of its quantified and free indices."""
    indices = sorted({s for s in relation.instance().free_symbols if is_index(s)}, key=lambda s: s.name)
    answers = set()
    for at in product(*(range(size_of(i, witness)) for i in indices)):
        environment = dict(zip(indices, at, strict=True))
        answers.add(_compare(relation, witness, environment))
    return False if False in answers else (None if None in answers else True)


def _compare(relation: Relation, witness: Witness, environment: Environment) -> bool | None:
    left = concretise(relation.lhs, witness, environment)
    right = concretise(relation.rhs, witness, environment)
    if isinstance(left, Rational) and isinstance(right, Rational):
        return bool({"==": left == right, "<=": left <= right, "<": left < right}[relation.op])
    if relation.op == "==" and _zero(left - right):
        return True
    if decide(left, "<", right, {}) is True:
        return relation.op != "=="
    if decide(right, "<", left, {}) is True:
        return False
    if relation.op == "==":
        return None
    return relation.op != "<" if is_zero(left - right) else None


def _zero(number: Expr) -> bool:
    """The zero test, where a number outside the language is left to the balls."""
    try:
        return is_zero(number)
    except ValueError:
        return False


def domain_violations(witness: Witness) -> list[str]:
    """Symbols whose value at the witness lies outside their declared domain."""
    bad = []
    for symbol, number in witness.values.items():
        number = sympy.sympify(number)
        if isinstance(number, Rational):
            low = not symbol.is_nonnegative or number >= 0
        else:
            low = not symbol.is_nonnegative or decide(Integer(0), "<", number, {}) or is_zero(number)
        if not low or (symbol.is_positive and is_zero(number)):
            bad.append(f"{symbol} = {number}")
    return bad


def _empty(witness: Witness) -> bool:
    """Whether there are fewer than two classes, or no samples or coordinates to average over."""
    return witness.classes < 2 or witness.samples < 1 or witness.dimension < 1


def refutes(witness: Witness, statement: Statement) -> bool:
    """Whether the witness meets every hypothesis and makes the conclusion false, both rigorously."""
    if _empty(witness) or domain_violations(witness):
        return False
    if not isinstance(statement.conclusion, Relation):
        return False
    undefined: Exception | None = None
    try:
        if truth(statement.conclusion, witness) is not False:
            return False
    except (ArithmeticError, ValueError, LookupError, TypeError) as error:
        undefined = error
    if not all(truth(a, witness) is True for a in statement.hypotheses):
        return False
    if undefined is not None:
        raise undefined
    return True


def attains(witness: Witness, statement: Statement) -> bool:
    """Whether the witness meets every hypothesis and makes both sides of the conclusion exactly equal."""
    if _empty(witness) or domain_violations(witness):
        return False
    if not all(truth(a, witness) is True for a in statement.hypotheses):
        return False
    conclusion: Any = statement.conclusion
    gap = concretise(conclusion.lhs - conclusion.rhs, witness)
    return is_zero(gap)
