# SPDX-License-Identifier: MIT
"""A proof under construction: it numbers the steps, and says whether they end in a statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from theory import proving
from theory.checker import establishes
from theory.expressions import Claim, Relation
from theory.interactive import rows
from theory.interactive.counterexamples import Attack
from theory.interactive.step import GIVEN, ProofError, Step
from theory.kernel import KernelError, proof
from theory.language import NotAStatement, check_claim
from theory.ledger import CERTIFIED, PROVED
from theory.rules.common import brief
from theory.statement import Statement


class Proof:
    """Hypotheses and steps, each shown with its verdict as soon as it is made.

    Args:
        title: what is proved, in words.
        show: whether steps show themselves; None: in notebooks and interactive terminals, not in scripts.
        seed: of the searches for counterexamples; the same seed finds the same.

    Attributes:
        steps: the steps so far, in order; ``proof[3]`` is step 3.
        ended: the step that ``qed`` accepted, or None.

    A step stated again in the same words, as when a notebook's cell is run again, takes the old one's place;
    one that was not proved gives way to the new one, at the end.
    """

    def __init__(self, title: str, *, show: bool | None = None, seed: int = 0) -> None:
        self.title, self.show, self.seed = title, show, seed
        self.steps: list[Step] = []
        self.ended: Step | None = None

    @property
    def hypotheses(self) -> tuple[Relation, ...]:
        """Everything assumed so far, in order."""
        return tuple(
            s.relation for s in self.steps if s.verdict == GIVEN and isinstance(s.relation, Relation)
        )

    def assume(self, relation: Relation, label: str = "") -> Step:
        """A hypothesis.  Raises ``ProofError`` for what is not a statement of the language."""
        step = self._step(relation, label, hypothesis=True)
        try:
            step.made = proving.assume(relation)
        except KernelError as error:
            self.steps.remove(step)
            raise ProofError(f"{step.name}: {error}") from None
        step.verdict, step.rule = GIVEN, "assume"
        rows.show(step)
        return step

    def claim(self, relation: Claim, label: str = "") -> Step:
        """What comes next; prove it with ``.by(...)``, or try to refute it with ``.attack()``."""
        return self._step(relation, label)

    def by(self, how: Any, *arguments: Any, label: str = "", **options: Any) -> Step:
        """A step whose claim is whatever the rule makes of the premises; see :meth:`Step.by`."""
        step = Step(self, self._next(), None, label)
        step.prove(how, *arguments, **options)
        return self._shown(self._placed(step))

    def _shown(self, step: Step) -> Step:
        rows.show(step)
        return step

    def _step(self, relation: Claim, label: str, *, hypothesis: bool = False) -> Step:
        step = Step(self, self._next(), relation, label)
        try:
            check_claim(relation, hypothesis=hypothesis)
        except NotAStatement as error:
            hint = "" if isinstance(relation, Claim) else "; write eq, le or lt of theory.expressions"
            raise ProofError(f"{step.name}: {error}{hint}") from None
        return self._placed(step)

    def _placed(self, step: Step) -> Step:
        """The step in its place; see the class."""
        same = [s for s in self.steps if (s.relation, s.label) == (step.relation, step.label)]
        if same and same[0].made is not None:
            step.number = same[0].number
            self.steps[self.steps.index(same[0])] = step
            return step
        for old in same:
            self.steps.remove(old)
        step.number = self._next()
        self.steps.append(step)
        return step

    def _next(self) -> int:
        return self.steps[-1].number + 1 if self.steps else 1

    def qed(self, statement: Statement | Relation, label: str = "what was to be proved") -> Step:
        """End the proof: the last proved step says exactly this, and rests on nothing else.

        Args:
            statement: hypotheses and conclusion; with a conclusion alone, everything assumed is a hypothesis.

        Returns:
            the last step; its ``.theorem`` and ``.statement`` make a registered theorem.

        Raises:
            ProofError: naming the last step, and what it says or assumes that the statement does not.
        """
        wanted = Statement(statement, self.hypotheses) if isinstance(statement, Relation) else statement
        proved = [s for s in self.steps if s.verdict in (PROVED, CERTIFIED)]
        if not proved:
            raise ProofError(f"{self.title!r} has no proved step yet")
        # of several steps that say this, the last: a cut rests on less than the step it cuts
        last = next((s for s in reversed(proved) if s.relation == wanted.conclusion), proved[-1])
        end = Step(self, self._next(), wanted.conclusion, label)
        end.prove(last)
        if end.made is None:
            found = f"{last.name} is the last proved step and says\n  {brief(last.relation)}"
            raise ProofError(f"{found}\nwhich is not\n  {brief(wanted.conclusion)}")
        if not establishes(end.made, wanted):
            extra = "\n  ".join(str(a) for a in end.given if a not in wanted.hypotheses)
            raise ProofError(f"{last.name} rests on what the statement does not assume:\n  {extra}")
        end.rule, end.ends = "qed", wanted
        self.ended = self._placed(end)
        return self._shown(end)

    def attack(self, *, walks: int = 40, steps: int = 120) -> Attacks:
        """Attack every claim so far, proved or not; see :meth:`Step.attack`."""
        claims = [s for s in self.steps if s.verdict != GIVEN and isinstance(s.relation, Relation)]
        return Attacks((s.name, s.attack(walks=walks, steps=steps)) for s in claims)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """``with proof.quiet():`` makes steps that do not show themselves."""
        before, self.show = self.show, False
        try:
            yield
        finally:
            self.show = before

    def explain(self, *, formulas: bool = True, kernel: bool = False) -> None:
        """Print the steps, one a line without ``formulas``.

        With ``kernel``, the steps that the kernel took for the last one, lemmas and all.
        """
        if not kernel:
            print(self if formulas else "\n".join([self.title, *map(rows.line, self.steps)]))
            return
        for line in proof(self.steps[-1].theorem) if self.steps else []:
            premises = f" from {', '.join(map(str, line.premises))}" if line.premises else ""
            print(f"{line.number:>3}. {line.rule}{premises}{f' - {line.label}' if line.label else ''}")
            print(f"       {line.conclusion}   [{line.evidence}]")

    def __getitem__(self, number: int) -> Step:
        """The step with this number."""
        for step in self.steps:
            if step.number == number:
                return step
        raise ProofError(f"{self.title!r} has no step {number}; it has {[s.number for s in self.steps]}")

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __repr__(self) -> str:
        return "\n".join([self.title, *map(repr, self.steps)])

    def _repr_markdown_(self) -> str:
        return "\n\n".join([f"**{self.title}**", *map(rows.markdown, self.steps)])


class Attacks(tuple[tuple[str, Attack], ...]):
    """(step, attack) for every claim of a proof; shown one a line."""

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {found}" for name, found in self)
