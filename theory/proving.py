# SPDX-License-Identifier: MIT
"""The rules as functions with short names, for theorem files and notebooks.

Each returns a :class:`theory.kernel.Theorem` or raises :class:`theory.kernel.KernelError`; see the rule's
own file for its side conditions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sympy import Symbol

from theory.expressions import Relation, le
from theory.kernel import Theorem, apply


def theorem(name: str) -> Theorem:
    """The kernel theorem of a registered entry, for theorems that build on it (and list it in ``uses``)."""
    from theory.registry import get

    return get(name).theorem


def assume(relation: Relation) -> Theorem:
    """The hypothesis ``relation``, at a free value of the indices it quantifies."""
    return apply("assume", relation=relation)


def combine(
    goal: Relation,
    premises: Mapping[Theorem, Any] | Sequence[tuple[Theorem, Any]] = (),
    *,
    slack: Any = 0,
    facts: Sequence[Theorem] = (),
    label: str = "",
) -> Theorem:
    """``goal`` because its gap is the sum of coefficient x gap over ``premises``, plus ``slack`` >= 0."""
    pairs = list(premises.items()) if isinstance(premises, Mapping) else list(premises)
    return apply(
        "algebra",
        *(t for t, _ in pairs),
        goal=goal,
        coefficients=[a for _, a in pairs],
        slack=slack,
        facts=list(facts),
        label=label,
    )


def visible(goal: Relation, label: str = "") -> Theorem:
    """``goal`` because the sign of its gap can be read off."""
    return apply("sign", goal=goal, label=label)


def average(theorem: Theorem, *over: Symbol, excluding: Symbol | None = None, label: str = "") -> Theorem:
    """The mean of both sides over the indices."""
    return apply("average", theorem, over=over, excluding=excluding, label=label)


def instantiate(
    theorem: Theorem,
    values: Mapping[Symbol, Any] | None = None,
    *,
    functions: Mapping[Any, Any] | None = None,
    facts: Sequence[Theorem] = (),
    label: str = "",
) -> Theorem:
    """Substitute expressions for symbols, and functions of indices for atoms."""
    return apply(
        "instantiate", theorem, values=values or {}, functions=functions or {}, facts=list(facts), label=label
    )


def cut(theorem: Theorem, *lemmas: Theorem, label: str = "") -> Theorem:
    """Remove the hypotheses that ``lemmas`` prove."""
    return apply("cut", theorem, *lemmas, label=label)


def cases(one: Theorem, other: Theorem, *, split: Relation, label: str = "") -> Theorem:
    """The common conclusion of two proofs, one under ``split`` and one under its opposite."""
    return apply("cases", one, other, split=split, label=label)


def log_tangent(x: Any, *, facts: Sequence[Theorem] = (), label: str = "") -> Theorem:
    """log x <= x - 1."""
    return apply("log_tangent", x=x, facts=list(facts), label=label)


def tangent(f: Any, v: Symbol, at: Any, *, curvature: Any, label: str = "") -> Theorem:
    """f(v) >= f(at) + f'(at) (v - at), because f'' = ``curvature`` is visibly nonnegative."""
    return apply("convex", f=f, v=v, contact=at, curvature=curvature, label=label)


def square_monotone(theorem: Theorem, label: str = "") -> Theorem:
    """From a <= b with a visibly >= 0, a^2 <= b^2."""
    a, b = theorem.relation.lhs, theorem.relation.rhs
    total = combine(le(0, a + b), {theorem: 1}, slack=2 * a, label="sum of the sides")
    return combine(le(a**2, b**2), {theorem: a + b}, facts=[total], label=label or "squares")
