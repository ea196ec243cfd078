# SPDX-License-Identifier: MIT
"""Trusted gate: what the kernel accepts as a statement; what could mean two things is refused.

SymPy is a large language in which ``sqrt(x**2)`` depends on the assumptions of ``x``, symbols may be complex
or zero, and a class may override its own arithmetic.  The kernel's language is small: rationals, E, sums,
products, powers, exp, log, Abs, ``Mean``, ``Indicator``, atoms applied to indices, and symbols that are
indices, C, or real, nonnegative or positive.  Types are compared exactly, so a subclass is not taken for what
it imitates.

Two conventions make every expression a real number.  Every denominator and every base of a fractional power
is shown to be admissible by the rule that introduces it (``rules/common.py``); and ``log x`` for x <= 0 is
*some* real number about which nothing is known, which is why no such logarithm may stand in an exponent.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr, Symbol
from sympy.core import numbers
from sympy.core.function import AppliedUndef, UndefinedFunction

from theory import expressions
from theory.expressions import SORTS, Exists, Expansion, Indicator, Mean, Relation, is_index, sort_of
from theory.symbols import C

RESERVED = ("exp_", "log_", "root_")
_DOMAINS: tuple[dict[str, bool | None], ...] = (
    {"real": True},
    {"real": True, "nonnegative": True},
    {"positive": True},
)
_NUMBERS = (
    numbers.Integer,
    numbers.Rational,
    numbers.Zero,
    numbers.One,
    numbers.NegativeOne,
    numbers.Half,
    numbers.Exp1,
)
_COMPOSITE = (sympy.Add, sympy.Mul, sympy.Pow, sympy.exp, sympy.log, sympy.Abs, Indicator)


class NotAStatement(ValueError):
    """The object is not in the statement language."""


def check_symbol(symbol: Any) -> None:
    """A symbol is an index, C, or real, nonnegative or positive.  Raises ``NotAStatement``."""
    if type(symbol) is not Symbol:
        raise NotAStatement(f"{symbol!r} is not a plain symbol")
    if is_index(symbol):
        _check_index(symbol)
    elif symbol != C and all(symbol != Symbol(symbol.name, **a) for a in _DOMAINS):
        raise NotAStatement(f"symbol {symbol}: its domain must be real, nonnegative or positive")


def _check_index(symbol: Symbol) -> None:
    name = symbol.name
    if name[:1] not in SORTS or "·" in name:
        raise NotAStatement(f"index {name!r}: the name must begin with c, j, i or k and have no '·'")
    number = name.partition("#")[2]
    if number.isdigit() and int(number) > expressions._counter[0]:
        raise NotAStatement(f"index {name!r} is kept for renaming: it could be captured later")


def check_atom(function: Any) -> None:
    """An atom is a real function of indices made by ``theory.symbols.atom``.  Raises ``NotAStatement``."""
    name = getattr(function, "__name__", "")
    if type(function) is not UndefinedFunction or function != sympy.Function(name, real=True):
        raise NotAStatement(f"{function!r} is not an atom: make one with theory.symbols.atom")
    if name in RESERVED:
        raise NotAStatement(f"the name {name!r} is kept for the normal form")


def check_expression(expr: Any) -> dict[Symbol, Symbol]:
    """The class of each free sample index.  Raises ``NotAStatement`` outside the language."""
    kind = type(expr)
    if kind in _NUMBERS:
        return {}
    if kind is Symbol:
        check_symbol(expr)
        if is_index(expr):
            raise NotAStatement(f"index {expr} is used as a number")
        return {}
    if kind is Mean:
        return _close(check_expression(expr.args[0]), expr.args[1:])
    if kind in _COMPOSITE:
        return _merge(*map(check_expression, expr.args))
    if isinstance(expr, AppliedUndef):
        check_atom(expr.func)
        return _owners(expr)
    raise NotAStatement(f"{expr}: {kind.__name__} is not part of the statement language")


def _owners(atom: Expr) -> dict[Symbol, Symbol]:
    """A sample index follows the index of its class."""
    owners: list[dict[Symbol, Symbol]] = []
    for before, a in zip((None, *atom.args[:-1]), atom.args, strict=True):
        check_symbol(a)
        if not is_index(a):
            raise NotAStatement(f"{atom}: the arguments of an atom must be indices")
        if sort_of(a) == "sample":
            if before is None or sort_of(before) != "class":
                raise NotAStatement(f"{atom}: sample index {a} must follow the index of its class")
            owners.append({a: before})
    return _merge(*owners)


def _merge(*parts: dict[Symbol, Symbol]) -> dict[Symbol, Symbol]:
    merged: dict[Symbol, Symbol] = {}
    for part in parts:
        for sample, cls in part.items():
            if merged.setdefault(sample, cls) != cls:
                raise NotAStatement(
                    f"sample index {sample} is used with two classes, {merged[sample]} and {cls}"
                )
    return merged


def _close(owners: dict[Symbol, Symbol], bound: tuple[Symbol, ...]) -> dict[Symbol, Symbol]:
    """Bind indices: a class index cannot be bound while a sample of that class stays free."""
    for i in bound:
        check_symbol(i)
        if not is_index(i):
            raise NotAStatement(f"{i} is bound and is not an index")
    left = {sample: cls for sample, cls in owners.items() if sample not in bound}
    for sample, cls in left.items():
        if cls in bound:
            raise NotAStatement(f"binding class {cls} leaves its sample {sample} unbound")
    return left


def check_claim(claim: Any, *, hypothesis: bool = False) -> None:
    """Raise ``NotAStatement`` unless ``claim`` is a well-formed relation, existence claim or expansion.

    Only a hypothesis may quantify its indices (``over``); a conclusion holds for all of its free ones.
    """
    if type(claim) is Relation:
        if type(claim.over) is not tuple or (claim.over and not hypothesis):
            raise NotAStatement(f"{claim}: only a hypothesis quantifies over indices; leave them free")
        _close(_merge(check_expression(claim.lhs), check_expression(claim.rhs)), claim.over)
    elif type(claim) is Exists:
        for k in claim.constants:
            if type(k) is not Symbol or k != Symbol(k.name, positive=True):
                raise NotAStatement(f"the constant {k} must be a positive symbol")
        if len(set(claim.constants)) != len(claim.constants):
            raise NotAStatement(f"a constant is named twice: {claim.constants}")
        check_claim(claim.body)
    elif type(claim) is Expansion:
        for expr in (claim.quantity, claim.variable, *claim.coefficients):
            check_expression(expr)
    else:
        raise NotAStatement(f"{claim!r} is not a relation, an existence claim or an expansion")
