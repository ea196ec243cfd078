# SPDX-License-Identifier: MIT
"""What a theorem file contains: statement, proof, witnesses, false twins, and the measurable bound.

An :class:`Entry` is inert data plus functions; ``theory.checker`` runs it through the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from theory.evaluation import Condition, Formula, HypothesisError, Measurable, evaluate, unmet
from theory.kernel import Theorem
from theory.statement import Neighbour, Statement, Twin, Witness

__all__ = ["KINDS", "Entry", "Formula", "Measurable", "Neighbour", "Statement", "Twin", "Witness"]

KINDS = ("identity", "tight", "upper", "lower", "asymptotic", "published", "conjecture")


@dataclass(frozen=True)
class Entry:
    """One theorem of the library.

    Attributes:
        name, title, kind, source: permanent key, one line, one of ``KINDS``, and author-year-number.
        says: the theorem in one plain sentence.
        statement_of, prove: the exact statement and its proof, built on demand.
        twins_of, neighbour_of: false variants that must be refuted and a true one that must be accepted.
        attained_of: for ``tight`` theorems, a witness at which both sides are exactly equal.
        refutation_of: for ``published`` claims and ``conjecture``s that are false, a witness against them.
        measurable: the bound on a measured quantity, or None.
        formula: the number that ``evaluate`` returns; where there is a measurable bound, that bound.
        uses: names of the theorems this one builds on.
        region, uncovered: for ``published`` claims, where our proof works and where it does not.
        file: where discovery found the entry; "" if it was made elsewhere.
    """

    name: str
    title: str
    kind: str
    source: str
    says: str
    statement_of: Callable[[], Statement]
    prove: Callable[[], Theorem] | None = None
    twins_of: Callable[[], Sequence[Twin]] = tuple
    neighbour_of: Callable[[], Neighbour] | None = None
    attained_of: Callable[[], Witness] | None = None
    refutation_of: Callable[[], Witness] | None = None
    measurable: Measurable | None = None
    formula: Formula | None = None
    uses: tuple[str, ...] = ()
    region: str = ""
    uncovered: str = ""
    file: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ValueError(f"a theorem's name must be a non-empty string, got {self.name!r}")
        if isinstance(self.uses, str):
            raise ValueError(
                f"theorem {self.name!r}: uses must be a tuple of names, got the text {self.uses!r}"
            )
        if self.kind not in KINDS:
            raise ValueError(f"theorem {self.name!r}: kind {self.kind!r} must be one of {', '.join(KINDS)}")
        if not any(ch.isdigit() for ch in self.source):
            raise ValueError(f"theorem {self.name!r}: source {self.source!r} needs a year or theorem number")
        if self.prove is None and self.kind not in ("published", "conjecture"):
            raise ValueError(f"theorem {self.name!r} of kind {self.kind!r} needs a proof")
        if self.refutation_of is not None and (self.prove or self.kind not in ("published", "conjecture")):
            raise ValueError(f"theorem {self.name!r}: only an unproved claim of others can be refuted")

    @cached_property
    def statement(self) -> Statement:
        """Hypotheses and conclusion in the statement language."""
        return self.statement_of()

    @cached_property
    def twins(self) -> tuple[Twin, ...]:
        """The false variants that must be refuted."""
        return tuple(self.twins_of())

    @property
    def hypotheses(self) -> tuple[Condition, ...]:
        """The executable hypotheses of ``evaluate`` (``.text``, and a test on measured values)."""
        number = self.measurable or self.formula
        return number.conditions if number else ()

    @cached_property
    def theorem(self) -> Theorem:
        """The kernel theorem.  Raises ``KernelError`` if a step of the proof does not follow."""
        if self.prove is None:
            raise ValueError(f"{self.name} is {self.kind} and has no proof here")
        return self.prove()

    @property
    def proof(self) -> list[Any]:
        """The proof as numbered steps: rule, premises, conclusion, evidence."""
        from theory.kernel import proof

        return proof(self.theorem)

    def verify(self) -> Any:
        """Check proof, witness, twins and neighbour; returns a ledger row (``theory.checker.Row``)."""
        from theory.checker import check

        return check(self)

    def unmet(self, **values: Any) -> list[str]:
        """Every hypothesis of ``evaluate`` that ``values`` do not meet, with the value found."""
        return unmet(self._formula(), values)

    def evaluate(self, **values: Any) -> Any:
        """The theorem's number at ``values`` (scalars or arrays, broadcast together; see ``inputs``).

        Raises:
            theory.HypothesisError: naming the violated hypothesis and the value, or the missing input.
        """
        return evaluate(self.name, self._formula(), values)

    def _formula(self) -> Formula:
        number = self.measurable or self.formula
        if number is None:
            raise HypothesisError(
                f"{self.name}.evaluate: this {self.kind} claim gives no number: false, or constants unknown"
            )
        return number

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the values that ``evaluate`` needs; ``theory.evaluation.VALUES`` says what they are."""
        return self._formula().inputs

    @property
    def latex(self) -> str:
        """The statement in LaTeX."""
        return self.statement.latex

    def _repr_latex_(self) -> str:
        return self.statement._repr_latex_()
