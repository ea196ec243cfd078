# SPDX-License-Identifier: MIT
"""Substitution: a theorem holds for every value of its free symbols in their domains, and for every atom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sympy import Expr, Symbol, sympify
from sympy.core.function import UndefinedFunction

from theory.expressions import Relation, applied_functions, is_index, sort_of, substitute, substitute_function
from theory.kernel import Inference, KernelError, Theorem
from theory.normal_form import is_zero, sign
from theory.rules.common import gap, require_denominators, require_logarithms, sign_with
from theory.symbols import C


def infer(
    premise: Theorem,
    *,
    values: Mapping[Symbol, Any] | None = None,
    functions: Mapping[Any, tuple[tuple[Symbol, ...], Expr]] | None = None,
    facts: Sequence[Theorem] = (),
) -> Inference:
    """Replace symbols by expressions (``values``) and atoms by expressions of their indices (``functions``).

    A value must lie in its symbol's domain, visibly or by one of ``facts``.  Hypotheses that become
    visibly true disappear.
    """
    values = {symbol: sympify(value) for symbol, value in (values or {}).items()}
    for symbol, value in values.items():
        _require_domain(symbol, value, facts)
    functions = {f: (tuple(at), sympify(value)) for f, (at, value) in (functions or {}).items()}
    for function, (parameters, value) in functions.items():
        _require_function(function, parameters, value, facts)
        others = (set(functions) - {function}) & applied_functions(value)
        if others or set(values) & value.free_symbols:
            raise KernelError(f"{function} := {value} mentions what is replaced too: substitute in two steps")
    new = [*values.values(), *(value for _, value in functions.values())]
    require_denominators(new, facts)
    require_logarithms(new, facts)

    def change(expr: Expr) -> Expr:
        for function, (parameters, value) in functions.items():
            expr = substitute_function(expr, function, parameters, value)
        return substitute(expr, values)

    touched = {a for a in premise.hypotheses if _mentions(a, {*values, *functions})}
    changed = {a.map(change) for a in touched}
    hypotheses = (premise.hypotheses - touched) | {a for a in changed if not _visibly_true(a)}
    for fact in facts:
        hypotheses |= fact.hypotheses
    return Inference(premise.relation.map(change), frozenset(hypotheses), "substitution")


def _require_function(
    function: Any, parameters: tuple[Any, ...], value: Expr, facts: Sequence[Theorem]
) -> None:
    if not isinstance(function, UndefinedFunction):
        raise KernelError(f"{function} is not an atom")
    if not all(is_index(i) for i in parameters) or len(set(parameters)) != len(parameters):
        raise KernelError(f"the parameters {parameters} of {function} must be distinct indices")
    stray = {s for s in value.free_symbols if is_index(s)} - set(parameters)
    if stray:
        raise KernelError(f"the value {value} of an atom has free indices {stray} besides {parameters}")
    for fact in facts:  # the value is used at every index, so a fact about one of them is not enough
        guilty = [str(a) for a in fact.hypotheses if a.free_symbols & set(parameters)]
        if guilty:
            raise KernelError(f"a fact rests on {guilty[0]}, which speaks of one of {parameters}, not of all")


def _require_domain(symbol: Symbol, value: Expr, facts: Sequence[Theorem]) -> None:
    if not isinstance(symbol, Symbol):
        raise KernelError(f"only symbols and atoms can be replaced, got {symbol}")
    if symbol == C:
        raise KernelError("C is never instantiated: statements hold for every number of classes")
    if is_index(symbol):
        if not is_index(value) or sort_of(value) != sort_of(symbol):
            raise KernelError(f"index {symbol} can only be replaced by an index of its sort, got {value}")
        return
    if any(is_index(s) for s in value.free_symbols) and value.has(symbol):
        raise KernelError(f"{symbol} := {value} mentions itself")
    needed = ("+",) if symbol.is_positive else ("+", "0+", "0") if symbol.is_nonnegative else None
    if needed and sign_with(value, facts) not in needed:
        raise KernelError(f"{symbol} := {value} is not visibly in the domain of {symbol}; give it as a fact")


def _mentions(relation: Relation, replaced: set[Any]) -> bool:
    if relation.free_symbols & replaced:
        return True
    return bool((applied_functions(relation.lhs) | applied_functions(relation.rhs)) & replaced)


def _visibly_true(relation: Relation) -> bool:
    try:
        require_denominators([relation.lhs, relation.rhs])
    except KernelError:
        return False
    if relation.op == "==":
        return is_zero(gap(relation))
    s = sign(gap(relation))
    return s == "+" or (relation.op == "<=" and (s in ("0+", "0") or is_zero(gap(relation))))
