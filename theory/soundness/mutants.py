# SPDX-License-Identifier: MIT
"""Mechanical mutants of a statement: what a slip of the pen, or of the kernel, would turn it into.

Constants one per cent up and down and integers one up and down, exponents, signs, swapped symbols, relations
reversed or made strict, hypotheses dropped or halved.  A mutant may be true (a weaker bound); nothing is said
of that here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol
from sympy.core.function import AppliedUndef

from theory.expressions import Exists, Expansion, Mean, Relation, is_index, sort_of
from theory.language import NotAStatement, check_claim
from theory.statement import Statement
from theory.symbols import C, d

UP, DOWN = Rational(101, 100), Rational(99, 100)


@dataclass(frozen=True)
class Mutant:
    """A changed statement.

    Attributes:
        change: what was changed, in words.
        operator: "constant", "exponent", "sign", "swap", "relation" or "drop".
        place: "conclusion" or the number of the hypothesis, from 0.
        statement: the result.
    """

    change: str
    operator: str
    place: str | int
    statement: Statement


def mutants(statement: Statement) -> list[Mutant]:
    """Every mechanical mutant of ``statement``, all different from it and each other, in a fixed order."""
    return [mutant for mutant in candidates(statement) if admissible(mutant)]


def candidates(statement: Statement) -> list[Mutant]:
    """The same before the check that each is in the statement language."""
    found: dict[Statement, Mutant] = {}
    for mutant in _all(statement):
        if mutant.statement != statement:
            found.setdefault(mutant.statement, mutant)
    return list(found.values())


def admissible(mutant: Mutant) -> bool:
    """Whether what was changed is still in the statement language (which has neither infinities nor i)."""
    if mutant.operator == "drop":
        return True
    place, statement = mutant.place, mutant.statement
    try:
        if isinstance(place, int):
            check_claim(statement.hypotheses[place], hypothesis=True)
        else:
            check_claim(statement.conclusion)
    except NotAStatement:
        return False
    return True


def _all(statement: Statement) -> Iterator[Mutant]:
    claim, hypotheses = statement.conclusion, statement.hypotheses
    if isinstance(claim, Expansion):
        for n, coefficient in enumerate(claim.coefficients):
            whole = [("x 101/100", "constant", UP * coefficient), ("negated", "sign", -coefficient)]
            for change, operator, new in (*whole, *changes(coefficient)):
                pair = (new, claim.coefficients[1]) if n == 0 else (claim.coefficients[0], new)
                changed = Statement(replace(claim, coefficients=pair), hypotheses)
                yield Mutant(f"coefficient {n + 1}: {change}", operator, "conclusion", changed)
    else:
        relation = claim.body if isinstance(claim, Exists) else claim
        for change, operator, new in relation_changes(relation):
            body = replace(claim, body=new) if isinstance(claim, Exists) else new
            yield Mutant(change, operator, "conclusion", Statement(body, hypotheses))
    for n, hypothesis in enumerate(hypotheses):
        without = (*hypotheses[:n], *hypotheses[n + 1 :])
        yield Mutant(f"without hypothesis {n + 1}", "drop", n, Statement(claim, without))
        for change, operator, new in (*halves(hypothesis), *relation_changes(hypothesis)):
            changed_hypotheses = (*hypotheses[:n], new, *hypotheses[n + 1 :])
            yield Mutant(f"hypothesis {n + 1}: {change}", operator, n, Statement(claim, changed_hypotheses))


def halves(relation: Relation) -> list[tuple[str, str, Relation]]:
    """An equation weakened to each of its two inequalities."""
    if relation.op != "==":
        return []
    return [
        ("<= instead of ==", "relation", replace(relation, op="<=")),
        (">= instead of ==", "relation", replace(relation, lhs=relation.rhs, op="<=", rhs=relation.lhs)),
    ]


def relation_changes(relation: Relation) -> Iterator[tuple[str, str, Relation]]:
    """(words, operator, mutated relation) for every change of a relation or of one of its sides."""
    lhs, rhs = relation.lhs, relation.rhs
    if relation.op == "==":
        yield "< instead of ==", "relation", replace(relation, op="<")
        yield "> instead of ==", "relation", replace(relation, lhs=rhs, op="<", rhs=lhs)
    else:
        yield "reversed", "relation", replace(relation, lhs=rhs, rhs=lhs)
    if relation.op == "<=":
        yield "strict", "relation", replace(relation, op="<")
        yield "an equation", "relation", replace(relation, op="==")
    for side in ("lhs", "rhs"):
        value = getattr(relation, side)
        words = "left" if side == "lhs" else "right"
        if value != 0:
            yield f"{words} side x 101/100", "constant", replace(relation, **{side: UP * value})
            yield f"{words} side x 99/100", "constant", replace(relation, **{side: DOWN * value})
            yield f"{words} side negated", "sign", replace(relation, **{side: -value})
            yield f"{words} side squared", "exponent", replace(relation, **{side: value**2})
        for change, operator, new in changes(value):
            yield f"{words} side: {change}", operator, replace(relation, **{side: new})
    for a, b in combinations(_swappable(relation), 2):
        swap = {a: b, b: a}
        yield f"{a} and {b} swapped", "swap", relation_with(relation, swap)


def relation_with(relation: Relation, swap: dict[Symbol, Symbol]) -> Relation:
    """Both sides with symbols exchanged."""
    return replace(
        relation,
        lhs=relation.lhs.xreplace(swap),
        rhs=relation.rhs.xreplace(swap),
    )


def _swappable(relation: Relation) -> list[Symbol]:
    """The scalar symbols of a relation, C and d apart (they have domains of their own)."""
    scalars = {s for s in relation.free_symbols if not is_index(s) and s not in (C, d)}
    return sorted(scalars, key=lambda s: s.name)


def changes(expr: Expr) -> Iterator[tuple[str, str, Expr]]:
    """(words, operator, new expression) for every constant, exponent, sign and atom in ``expr``."""
    for new, words, operator in _walk(expr):
        if new != expr:
            yield words, operator, new


def _walk(expr: Expr) -> Iterator[tuple[Expr, str, str]]:
    """Every single change below ``expr``, with the change carried up to it."""
    yield from _here(expr)
    for n, part in enumerate(expr.args):
        if isinstance(part, Symbol | Integer | Rational) and isinstance(expr, AppliedUndef | Mean):
            continue
        if isinstance(expr, Pow) and n == 1 and isinstance(part, Rational):
            continue  # an exponent, changed by _here
        for new, words, operator in _walk(part):
            args = (*expr.args[:n], new, *expr.args[n + 1 :])
            try:
                yield expr.func(*args), words, operator
            except (ValueError, ZeroDivisionError):
                continue


def _here(expr: Expr) -> Iterator[tuple[Expr, str, str]]:
    if isinstance(expr, Rational) and expr != 0:
        yield expr * UP, f"{expr} -> {expr * UP}", "constant"
        yield expr * DOWN, f"{expr} -> {expr * DOWN}", "constant"
        if isinstance(expr, Integer):
            yield expr + 1, f"{expr} -> {expr + 1}", "constant"
            yield expr - 1, f"{expr} -> {expr - 1}", "constant"
        yield -expr, f"{expr} -> {-expr}", "sign"
    elif isinstance(expr, Pow) and isinstance(expr.exp, Rational):
        steps = (
            (expr.exp + 1, expr.exp - 1) if isinstance(expr.exp, Integer) else (2 * expr.exp, expr.exp / 2)
        )
        for exponent in steps:
            yield expr.base**exponent, f"({_brief(expr.base)})^{expr.exp} -> ^{exponent}", "exponent"
    elif isinstance(expr, Add):
        for n, term in enumerate(expr.args):
            rest = (*expr.args[:n], *expr.args[n + 1 :])
            yield Add(*rest, -term), f"sign of {_brief(term)}", "sign"
            yield Add(*rest), f"without the term {_brief(term)}", "constant"
    elif isinstance(expr, Mul):
        for n, factor in enumerate(expr.args):
            if not isinstance(factor, Rational):
                rest = (*expr.args[:n], *expr.args[n + 1 :])
                yield Mul(*rest), f"without the factor {_brief(factor)}", "exponent"
    elif isinstance(expr, AppliedUndef):
        yield from _index_slips(expr)


def _index_slips(atom: Expr) -> Iterator[tuple[Expr, str, str]]:
    """Two class indices of an atom exchanged."""
    places = [n for n, a in enumerate(atom.args) if sort_of(a) == "class"]
    for a, b in combinations(places, 2):
        args = list(atom.args)
        args[a], args[b] = args[b], args[a]
        yield atom.func(*args), f"{atom} -> {atom.func(*args)}", "swap"


def _brief(expr: Expr, limit: int = 40) -> str:
    text = str(expr)
    return text if len(text) <= limit else f"{text[:limit]}..."
