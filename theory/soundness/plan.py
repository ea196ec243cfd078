# SPDX-License-Identifier: MIT
"""How hypotheses define things: equations solved for a symbol or an atom, in an order that works.

``alpha^2 == E||h||^2`` gives alpha, ``h == alpha rho e`` gives rho and e (norm and direction), and so on.
What no equation defines stays a parameter, to be chosen freely.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import sympy
from sympy import Expr, Symbol
from sympy.core.function import AppliedUndef

from theory.expressions import Relation, is_index, sort_of
from theory.symbols import C, d


@dataclass(frozen=True)
class Scalar:
    """``symbol`` is one of ``roots``, the first that lies in its domain."""

    symbol: Symbol
    roots: tuple[Expr, ...]

    targets = property(lambda self: {self.symbol})
    needs = property(lambda self: set().union(*(things(r) for r in self.roots)))


@dataclass(frozen=True)
class Atom:
    """``function`` at the indices ``at`` is ``value``."""

    function: Any
    at: tuple[Symbol, ...]
    value: Expr

    targets = property(lambda self: {self.function})
    needs = property(lambda self: things(self.value))


@dataclass(frozen=True)
class Polar:
    """``vector`` = scale * norm * direction: norm is its length over ``scale``, direction the rest."""

    vector: Expr
    scale: Expr
    norm: Expr
    direction: Expr
    coordinate: Symbol

    targets = property(lambda self: {self.norm.func, self.direction.func})
    needs = property(lambda self: things(self.vector) | things(self.scale))


class Definition(Protocol):
    """What a plan consists of: ``targets`` (symbols, atoms) follow from what it ``needs``."""

    @property
    def targets(self) -> set[Any]: ...

    @property
    def needs(self) -> set[Any]: ...


def things(expr: Expr) -> set[Any]:
    """Symbols and atoms that an expression depends on."""
    atoms = {a.func for a in expr.atoms(AppliedUndef)}
    return atoms | {s for s in expr.free_symbols if not is_index(s) and s not in (C, d)}


def plan(hypotheses: tuple[Relation, ...]) -> list[Definition]:
    """Definitions read off the equations among ``hypotheses``, each after what it needs; none in a circle."""
    chosen: list[Definition] = []
    for relation in sorted((a for a in hypotheses if a.op == "=="), key=_priority):
        for option in _options(relation):
            taken = set().union(*(x.targets for x in chosen)) if chosen else set()
            if not (option.targets & taken) and ordered([*chosen, option]) is not None:
                chosen.append(option)
                break
    return ordered(chosen) or []


def _priority(relation: Relation) -> tuple[bool, str]:
    return (not any(isinstance(o, Polar) for o in _options(relation)), str(relation.lhs))


def ordered(definitions: list[Definition]) -> list[Definition] | None:
    """The definitions, each after the ones whose targets it needs; None if they go in a circle."""
    left, result = list(definitions), []
    while left:
        open_targets = set().union(*(x.targets for x in left))
        ready = [x for x in left if not (x.needs & open_targets)]
        if not ready:
            return None
        result += ready
        left = [x for x in left if x not in ready]
    return result


def _options(relation: Relation) -> list[Definition]:
    return [*_polar(relation), *_atoms(relation), *_scalars(relation)]


def _polar(relation: Relation) -> list[Definition]:
    coordinates = [i for i in relation.over if sort_of(i) == "coordinate"]
    found: list[Definition] = []
    for vector, product in ((relation.lhs, relation.rhs), (relation.rhs, relation.lhs)):
        if len(coordinates) != 1 or not isinstance(product, sympy.Mul):
            continue
        (k,) = coordinates
        atoms = [f for f in product.args if isinstance(f, AppliedUndef)]
        directions = [a for a in atoms if k in a.args]
        norms = [a for a in atoms if k not in a.args]
        rest = sympy.Mul(*(f for f in product.args if f not in atoms))
        if len(directions) == 1 and len(norms) == 1 and not rest.atoms(AppliedUndef):
            own = {directions[0].func, norms[0].func}
            if not own & things(vector):
                found.append(Polar(vector, rest, norms[0], directions[0], k))
    return found


def _atoms(relation: Relation) -> list[Definition]:
    found: list[Definition] = []
    for one, other in ((relation.lhs, relation.rhs), (relation.rhs, relation.lhs)):
        if isinstance(one, AppliedUndef) and len(set(one.args)) == len(one.args):
            known = other.free_symbols & {i for i in relation.over if is_index(i)}
            if set(one.args) >= known and one.func not in things(other):
                found.append(Atom(one.func, tuple(one.args), other))
        found += _squares(one, other, relation)
    return found


def _squares(one: Expr, other: Expr, relation: Relation) -> list[Definition]:
    """``scale * f(...)^2 == other`` gives f as a root."""
    for factor in sympy.Mul.make_args(one):
        atom = factor.base if isinstance(factor, sympy.Pow) and factor.exp == 2 else None
        if isinstance(atom, AppliedUndef) and set(atom.args) == set(relation.over):
            value = sympy.sqrt(other * factor / one)
            if atom.func not in things(value):
                return [Atom(atom.func, tuple(atom.args), value)]
    return []


def _scalars(relation: Relation) -> list[Definition]:
    """The relation solved for a symbol that occurs outside averages only."""
    if relation.over:
        return []
    gap = relation.lhs - relation.rhs
    first = [s for s in (relation.lhs, *relation.lhs.args, relation.rhs) if isinstance(s, Symbol)]
    others = sorted(gap.free_symbols, key=lambda s: s.name)
    found: list[Definition] = []
    for s in dict.fromkeys((*first, *others)):
        if is_index(s) or s in (C, d):
            continue
        roots = _solve(gap, s)
        if roots:
            found.append(Scalar(s, roots))
    return found


def _solve(gap: Expr, s: Symbol) -> tuple[Expr, ...]:
    """Roots of ``gap`` in ``s``, where it is a polynomial of degree 1 or 2 in it and has it nowhere else."""
    numerator = sympy.fraction(sympy.together(gap))[0]
    back: dict[Expr, Expr] = {}

    def flatten(e: Expr) -> Expr:
        if s not in e.free_symbols or not isinstance(e, sympy.Add | sympy.Mul | sympy.Pow):
            if e == s or isinstance(e, sympy.Rational):
                return e
            back.setdefault(e, sympy.Dummy(real=True))
            return back[e]
        return e.func(*map(flatten, e.args))

    flat = sympy.expand(flatten(numerator))
    if any(s in e.free_symbols for e in back) or not flat.is_polynomial(s):
        return ()
    a = [flat.coeff(s, n) for n in range(3)]
    if sympy.degree(flat, s) > 2 or (a[1] == 0 and a[2] == 0):
        return ()
    if a[2] == 0:
        roots = [-a[0] / a[1]]
    elif a[1] == 0:
        roots = [sympy.sqrt(-a[0] / a[2]), -sympy.sqrt(-a[0] / a[2])]
    else:
        root = sympy.sqrt(a[1] ** 2 - 4 * a[0] * a[2])
        roots = [(-a[1] + root) / (2 * a[2]), (-a[1] - root) / (2 * a[2])]
    undo = {v: k for k, v in back.items()}
    return tuple(r.xreplace(undo) for r in roots)
