# SPDX-License-Identifier: MIT
"""Statements, the exact configurations that test them, and their false and true variants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sympy import Symbol

from theory.expressions import Claim, Relation
from theory.kernel import Theorem


@dataclass(frozen=True)
class Statement:
    """hypotheses |- conclusion, as written; the proof must end in exactly this."""

    conclusion: Claim
    hypotheses: tuple[Relation, ...] = ()

    @property
    def latex(self) -> str:
        """The statement in LaTeX (without delimiters), inner products and losses by their names."""
        from theory.rendering.sequents import sequent_latex

        return sequent_latex(self.hypotheses, self.conclusion)

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex}$"


@dataclass(frozen=True)
class Witness:
    """An exact configuration: sizes, a table for each atom, a value for each symbol.

    Args:
        classes, samples, dimension: the ranges of class, sample and coordinate indices.
        functions: atom -> function of integer indices returning an exact number.
        values: symbol -> exact number.
        note: what the configuration is, in words.

    ``numbers`` remembers what expressions are worth here (``theory.witness``).
    """

    classes: int
    samples: int
    dimension: int
    functions: Mapping[Any, Callable[..., Any]] = field(default_factory=dict)
    values: Mapping[Symbol, Any] = field(default_factory=dict)
    note: str = ""
    numbers: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)


@dataclass(frozen=True)
class Twin:
    """A false variant of the statement, and the witness that refutes it."""

    change: str
    statement: Statement
    witness: Witness


@dataclass(frozen=True)
class Neighbour:
    """A true variant of the statement, with its proof from the theorem."""

    change: str
    statement: Statement
    prove: Callable[[], Theorem]
