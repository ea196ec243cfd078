# SPDX-License-Identifier: MIT
"""One line of a proof: a claim, how it was proved or tried, the verdict and its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sympy import Expr

from theory import proving
from theory.expressions import Claim, Relation
from theory.interactive import applying, rows
from theory.interactive.counterexamples import Attack, attack
from theory.kernel import KernelError, Theorem
from theory.ledger import CERTIFIED, PROVED, REFUTED, UNDECIDED
from theory.statement import Statement

if TYPE_CHECKING:
    from theory.interactive.proof import Proof

GIVEN, OPEN = "GIVEN", "OPEN"


class ProofError(ValueError):
    """What was asked of a proof cannot be done; the message names the step."""


class Step:
    """One line of a proof.

    Attributes:
        number, label: place in the proof, and words for the reader.
        relation: what is claimed; a step made by ``Proof.by`` learns it from the rule.
        verdict: OPEN, GIVEN, PROVED, CERTIFIED, UNDECIDED or REFUTED.
        rule, used: how it was proved or tried, and the premises with their numbers or names.
        reason: why it does not follow, in the kernel's words.
        left_over: what a failed combination lacks, gap of the claim minus that of its premises; or None.
        attacked: the last attack on it, or None.
        made: the kernel's theorem, or None.
        ends: the statement that ``Proof.qed`` accepted it for, or None.
    """

    def __init__(self, proof: Proof, number: int, relation: Claim | None, label: str) -> None:
        self.proof, self.number, self.relation, self.label = proof, number, relation, label
        self.ends: Statement | None = None
        self.displayed: object = None
        self._forget()

    def _forget(self) -> None:
        """Nothing has been tried yet."""
        self.verdict, self.rule, self.reason = OPEN, "", ""
        self.used: list[tuple[Theorem, str]] = []
        self.left_over: Expr | None = None
        self.attacked: Attack | None = None
        self.made: Theorem | None = None

    @property
    def name(self) -> str:
        """``step 3 (Gibbs)``."""
        return f"step {self.number}" + (f" ({self.label})" if self.label else "")

    @property
    def premises(self) -> list[str]:
        """What it was proved from: steps by number, other theorems by name."""
        return [name for _, name in self.used]

    @property
    def theorem(self) -> Theorem:
        """The kernel's theorem.  Raises ``ProofError`` for a step that is not proved."""
        if self.made is None:
            raise ProofError(
                f"{self.name} of {self.proof.title!r} is {self.verdict}: nothing follows from it"
            )
        return self.made

    @property
    def given(self) -> tuple[Relation, ...]:
        """The hypotheses it rests on; while it is not proved, all that the proof assumes."""
        assumed = self.proof.hypotheses
        if self.made is None:
            return assumed
        used = self.made.hypotheses
        return (*(a for a in assumed if a in used), *sorted(used - set(assumed), key=str))

    @property
    def statement(self) -> Statement:
        """The claim with the hypotheses it rests on.  Raises ``ProofError`` where nothing is claimed yet."""
        if self.relation is None:
            raise ProofError(f"{self.name}: nothing is claimed yet")
        return Statement(self.relation, self.given)

    def by(self, how: Any = None, *arguments: Any, **options: Any) -> Step:
        """Prove the claim, and show the verdict.

        Args:
            how: nothing, for what can be read off; ``{premise: coefficient}`` for a linear combination (with
                ``slack=`` and ``facts=`` as in ``theory.proving.combine``); a step, a theorem or a registered
                name, if it says the same in other words; or a rule, by its name in ``theory.kernel.RULES`` or
                ``theory.proving`` or as a function that returns a theorem, followed by its arguments.
            arguments, options: for the rule.  Steps can stand wherever theorems can.

        Returns:
            this step, PROVED or CERTIFIED, else UNDECIDED or REFUTED.

        Raises:
            ProofError: for a rule that does not exist, arguments it does not take, or a premise not proved.
        """
        self.prove(how, *arguments, **options)
        rows.show(self)
        return self

    def prove(self, how: Any = None, *arguments: Any, **options: Any) -> None:
        """:meth:`by` without showing the verdict."""
        self._forget()
        try:
            made = applying.apply(self, how, arguments, options)
            self.made = self._in_words_of_the_claim(made)
            self.relation = self.made.conclusion
            self.verdict = CERTIFIED if self.made.certified else PROVED
        except KernelError as error:
            self.verdict, self.reason = UNDECIDED, applying.plain(self, str(error))
            if isinstance(self.relation, Relation):
                self.attack(walks=10, steps=80)
        except ProofError:
            self._forget()
            raise

    def _in_words_of_the_claim(self, made: Theorem) -> Theorem:
        if self.relation is None or made.conclusion == self.relation:
            return made
        if isinstance(self.relation, Relation) and isinstance(made.conclusion, Relation):
            try:
                return proving.combine(self.relation, {made: 1}, label=self.label)
            except KernelError:
                self.left_over = applying.left_over(self.relation, {made: 1}, 0)
        raise KernelError(f"{self.rule} gives another claim: {made.conclusion}")

    def attack(self, *, walks: int = 40, steps: int = 120) -> Attack:
        """Look for exact numbers that meet the hypotheses and make the claim false.

        A proved step is attacked under the hypotheses it rests on, any other under all that are assumed.
        """
        try:
            self.attacked = attack(self.statement, seed=self.proof.seed, walks=walks, steps=steps)
        except ValueError as error:
            raise ProofError(f"{self.name}: {error}") from None
        if self.attacked and self.made is None:
            self.verdict = REFUTED
        return self.attacked

    def __repr__(self) -> str:
        return rows.text(self)

    def _ipython_display_(self) -> None:
        rows.display(self)
