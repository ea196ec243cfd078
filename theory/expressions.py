# SPDX-License-Identifier: MIT
"""The language in which theorems are stated: scalars, averages over indices, relations.

A statement never mentions a particular number of classes, samples or coordinates.  It is written with
three kinds of index,

    c, j   a class (j usually names a logit),        ranging over the C classes,
    i      a sample,                                 ranging over the samples of *its* class,
    k      a coordinate of the feature space,        ranging over the d coordinates,

with atoms such as ``h(c, i, k)`` (coordinate k of the feature of sample i of class c), and with one
linear operator, ``Mean(body, index, ...)``: the arithmetic mean over the range of each index.  Because i
ranges over the samples of class c, ``Mean(f(c, i), c, i)`` is the class-balanced mean
(1/C) sum_c (1/n_c) sum_i f(c, i), for any class sizes n_c >= 1.  An inner product is
``d * Mean(u(k) * v(k), k)``, so that bilinearity and symmetry are just algebra.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy
from sympy import Expr, Symbol

# LaTeX of symbols by name, filled where the symbols are declared (theory.symbols).
LATEX: dict[str, str] = {}
SORTS = {"c": "class", "j": "class", "i": "sample", "k": "coordinate"}


def index(name: str) -> Symbol:
    """The index called ``name``; its first letter (c, j, i or k) decides what it ranges over."""
    if name[0] not in SORTS:
        raise ValueError(f"index {name!r}: the first letter must be one of {', '.join(SORTS)}")
    return Symbol(name, integer=True, nonnegative=True)


def is_index(symbol: Any) -> bool:
    """Whether ``symbol`` was made by :func:`index`."""
    return _is_index(symbol) if type(symbol) is Symbol else False


@lru_cache(maxsize=100_000)
def _is_index(symbol: Symbol) -> bool:
    return bool(symbol == Symbol(symbol.name, integer=True, nonnegative=True))


def sort_of(symbol: Symbol) -> str:
    """What an index ranges over: "class", "sample" or "coordinate"."""
    return SORTS[symbol.name[0]]


class Mean(Expr):
    """``Mean(body, index, ...)``: the mean of ``body`` over the named indices, which it binds."""

    is_commutative = True
    is_real = True

    def __new__(cls, body: Any, *indices: Symbol) -> Mean:
        if not indices or not all(is_index(i) for i in indices):
            raise TypeError(f"Mean needs one or more indices made by theory.index, got {indices}")
        return super().__new__(cls, sympy.sympify(body), *indices)  # type: ignore[no-any-return]

    @property
    def body(self) -> Expr:
        return self.args[0]

    @property
    def indices(self) -> tuple[Symbol, ...]:
        return self.args[1:]  # type: ignore[no-any-return]

    @property
    def free_symbols(self) -> set[Symbol]:
        return self.body.free_symbols - set(self.indices)

    def _latex(self, printer: Any) -> str:
        names = ",".join(printer._print(i) for i in self.indices)
        return rf"\operatorname{{E}}_{{{names}}}\left[{printer._print(self.body)}\right]"

    def _sympystr(self, printer: Any) -> str:
        return f"E_{{{','.join(i.name for i in self.indices)}}}[{printer._print(self.body)}]"


class Indicator(Expr):
    """``Indicator(x)``: 1 where x >= 0, else 0.  Its mean over an index is a fraction of that index."""

    is_commutative = True
    is_real = True

    def __new__(cls, argument: Any) -> Indicator:
        return super().__new__(cls, sympy.sympify(argument))  # type: ignore[no-any-return]

    def _latex(self, printer: Any) -> str:
        return rf"\mathbf 1\!\left[{printer._print(self.args[0])}\ge 0\right]"


def wrong_mean(body: Callable[[Symbol], Expr], c: Symbol, C: Symbol) -> Expr:
    """Mean of ``body(j)`` over the C - 1 classes j != c, written with the mean over all classes."""
    j = index("j_w")
    return (C * Mean(body(j), j) - body(c)) / (C - 1)


_counter = [0]


def fresh(like: Symbol) -> Symbol:
    """An index of the same sort whose name has never been used."""
    _counter[0] += 1
    return index(f"{like.name[0]}_#{_counter[0]}")


def substitute(expr: Expr, mapping: Mapping[Any, Any]) -> Expr:
    """Replace free symbols by expressions, all at once and without capture under ``Mean``.

    Bound indices keep their names where nothing that is put in mentions them.
    """
    if expr in mapping:
        return sympy.sympify(mapping[expr])
    if isinstance(expr, Mean):
        bound = set(expr.indices)
        inner = {key: value for key, value in mapping.items() if bound.isdisjoint(key.free_symbols)}
        if all(isinstance(key, Symbol) for key in inner):
            free = expr.free_symbols
            inner = {key: value for key, value in inner.items() if key in free}
        if not inner:
            return expr
        if all(bound.isdisjoint(sympy.sympify(value).free_symbols) for value in inner.values()):
            return Mean(substitute(expr.body, inner), *expr.indices)
        renaming = {i: fresh(i) for i in expr.indices}
        return Mean(substitute(expr.body, inner | renaming), *renaming.values())
    if not expr.args:
        return expr
    return expr.func(*(substitute(a, mapping) for a in expr.args))


def substitute_function(expr: Expr, function: Any, parameters: tuple[Symbol, ...], value: Expr) -> Expr:
    """Replace every application ``function(a, b, ...)`` by ``value`` at parameters = (a, b, ...)."""
    if isinstance(expr, Mean):
        if function not in applied_functions(expr):
            return expr
        renaming = {i: fresh(i) for i in expr.indices}
        body = substitute_function(substitute(expr.body, renaming), function, parameters, value)
        return Mean(body, *renaming.values())
    if not expr.args:
        return expr
    args = [substitute_function(a, function, parameters, value) for a in expr.args]
    if expr.func == function:
        return substitute(value, dict(zip(parameters, args, strict=True)))
    return expr.func(*args)


def applied_functions(expr: Expr) -> set[Any]:
    """The undefined functions (atoms with indices) that occur in ``expr``."""
    return {a.func for a in sympy.preorder_traversal(expr) if isinstance(a, sympy.core.function.AppliedUndef)}


def tex(expr: Expr) -> str:
    """LaTeX; a renamed index shows its running number without the mark that reserves it."""
    names = {s: LATEX[s.name] for s in sympy.sympify(expr).atoms(Symbol) if s.name in LATEX}
    return re.sub(r"[#·](?=\d)", "", sympy.latex(expr, symbol_names=names))


@dataclass(frozen=True)
class Relation:
    """``lhs op rhs``, op one of "==", "<=", "<", for every value of the indices ``over`` (default: none).

    In a conclusion, free symbols and atoms are universally quantified anyway; in a hypothesis, ``over``
    says that it is assumed for every class, sample or coordinate and not for one of them.
    """

    lhs: Expr
    op: str
    rhs: Expr
    over: tuple[Symbol, ...] = ()

    def __post_init__(self) -> None:
        if self.op not in ("==", "<=", "<"):
            raise ValueError(f"relation {self.op!r}: must be '==', '<=' or '<' (swap the sides for >= and >)")
        for side in ("lhs", "rhs"):
            value = sympy.sympify(getattr(self, side))
            if value.has(sympy.Float):
                raise ValueError(f"a float in {value}: statements are exact, write Rational(1, 2) for 0.5")
            object.__setattr__(self, side, value)

    def map(self, change: Callable[[Expr], Expr]) -> Relation:
        """Change both sides; the indices ``over`` are renamed first, so that nothing is captured."""
        renaming = {i: fresh(i) for i in self.over}
        return Relation(
            change(substitute(self.lhs, renaming)),
            self.op,
            change(substitute(self.rhs, renaming)),
            tuple(renaming.values()),
        )

    def instance(self) -> Relation:
        """The same relation for one free value of the indices ``over``."""
        return Relation(self.lhs, self.op, self.rhs)

    @property
    def free_symbols(self) -> set[Symbol]:
        return (self.lhs.free_symbols | self.rhs.free_symbols) - set(self.over)  # type: ignore[no-any-return]

    @property
    def latex(self) -> str:
        sign = {"==": "=", "<=": r"\le", "<": "<"}[self.op]
        names = r"\;\forall " + ",".join(tex(i) for i in self.over) if self.over else ""
        return f"{tex(self.lhs)} {sign} {tex(self.rhs)}{names}"

    @property
    def latex_rows(self) -> list[str]:
        """The relation in LaTeX as display rows: a long side is broken between its terms."""
        if len(self.latex) < 250:
            return [self.latex]
        sign = {"==": "=", "<=": r"\le", "<": "<"}[self.op]
        rows: list[str] = []
        for side, lead in ((self.lhs, ""), (self.rhs, sign)):
            for n, term in enumerate(side.as_ordered_terms()):
                text = tex(term)
                joint = lead if n == 0 else ("" if text.startswith("-") else "+")
                rows.append(f"{joint} {text}" if rows or joint else text)
        return rows

    def __str__(self) -> str:
        names = f" for all {', '.join(i.name for i in self.over)}" if self.over else ""
        return f"{self.lhs} {self.op} {self.rhs}{names}"


@dataclass(frozen=True)
class Exists:
    """There are positive constants, free of every other symbol, such that ``body`` holds."""

    constants: tuple[Symbol, ...]
    body: Relation

    @property
    def free_symbols(self) -> set[Symbol]:
        return self.body.free_symbols - set(self.constants)

    @property
    def latex(self) -> str:
        names = ",".join(sympy.latex(k) for k in self.constants)
        return rf"\exists\,{names}>0:\; {self.body.latex}"

    def __str__(self) -> str:
        return f"there are {', '.join(k.name for k in self.constants)} > 0 with {self.body}"


@dataclass(frozen=True)
class Expansion:
    """``quantity`` = a1 ``variable`` + a2 ``variable``^2 + O(``variable``^3), ``coefficients`` = (a1, a2)."""

    quantity: Expr
    variable: Expr
    coefficients: tuple[Expr, Expr]

    @property
    def free_symbols(self) -> set[Symbol]:
        return set().union(*(e.free_symbols for e in (self.quantity, self.variable, *self.coefficients)))

    @property
    def latex(self) -> str:
        first, second = (tex(a) for a in self.coefficients)
        series = rf"\left({first}\right) x + \left({second}\right) x^2 + O(x^3)"
        return rf"{tex(self.quantity)} = {series},\; x = {tex(self.variable)}"

    def __str__(self) -> str:
        first, second = self.coefficients
        return f"{self.quantity} = ({first}) x + ({second}) x^2 + O(x^3), x = {self.variable}"


def eq(lhs: Any, rhs: Any, *over: Symbol) -> Relation:
    """lhs == rhs, for all ``over``."""
    return Relation(sympy.sympify(lhs), "==", sympy.sympify(rhs), over)


def le(lhs: Any, rhs: Any, *over: Symbol) -> Relation:
    """lhs <= rhs, for all ``over``."""
    return Relation(sympy.sympify(lhs), "<=", sympy.sympify(rhs), over)


def lt(lhs: Any, rhs: Any, *over: Symbol) -> Relation:
    """lhs < rhs, for all ``over``."""
    return Relation(sympy.sympify(lhs), "<", sympy.sympify(rhs), over)


def indices_in(exprs: Iterable[Expr]) -> set[Symbol]:
    """The free indices of several expressions."""
    return {s for e in exprs for s in e.free_symbols if is_index(s)}


Claim = Relation | Exists | Expansion
