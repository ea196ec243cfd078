# SPDX-License-Identifier: MIT
"""What becomes of a mutant: proved by whatever is at hand, or refuted by an exact witness, or neither.

A mutant that the kernel proves must be true; one that it proves and a witness refutes is UNSOUND, and the
worst that can be found here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sympy import Expr, Integer

from theory.checker import establishes
from theory.entry import Entry
from theory.expressions import Claim, Exists, Expansion, Relation
from theory.kernel import Theorem, apply
from theory.normal_form import OutsideLanguage, is_zero, sign
from theory.proving import assume, combine, cut
from theory.rules.common import gap
from theory.soundness.expansions import false_expansion
from theory.soundness.mutants import Mutant
from theory.soundness.numbers import ROUNDING, Numbers, sorts_of
from theory.soundness.recording import Recorder, nodes
from theory.soundness.replay import Broken, replay
from theory.soundness.search import adapted, counterexample
from theory.statement import Statement, Witness
from theory.witness import domain_violations, truth

EQUIVALENT, WEAKER, UNNEEDED = "EQUIVALENT", "WEAKER", "UNNEEDED"
REFUTED, UNDECIDED, UNSOUND = "REFUTED", "UNDECIDED", "UNSOUND"
VERDICTS = (REFUTED, UNDECIDED, WEAKER, EQUIVALENT, UNNEEDED, UNSOUND)
NOT_NUMBERS = (KeyError, ValueError, TypeError, ArithmeticError, IndexError)


@dataclass
class Case:
    """A witness with what has been found out about it: exact truths, and floats for a first look."""

    witness: Witness
    sorts: dict[Any, tuple[str, ...]]
    truths: dict[Relation, bool | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        w = self.witness
        self.admissible = w.classes >= 2 and not domain_violations(w)
        sizes = {"class": w.classes, "sample": w.samples, "coordinate": w.dimension}
        tables = {}
        for atom, sorts in self.sorts.items():
            if atom in w.functions:
                shape = tuple(sizes[s] for s in sorts)
                table = np.empty(shape)
                for at in np.ndindex(shape):
                    table[at] = float(w.functions[atom](*at))
                tables[atom] = table
        self.numbers = Numbers(sizes, tables, {s: float(v) for s, v in w.values.items()})

    def truth(self, relation: Relation) -> bool | None:
        """Whether the relation holds, exactly; None if undecided or without a value."""
        if relation not in self.truths:
            try:
                self.truths[relation] = truth(relation, self.witness)
            except NOT_NUMBERS:
                self.truths[relation] = None
        return self.truths[relation]

    def margin(self, relation: Relation) -> float:
        """The relative margin in floats; not a number where that is beyond them."""
        try:
            found = self.numbers.margin(relation)
        except NOT_NUMBERS:
            return np.nan
        return found if np.isfinite(found) else np.nan

    def refutes(self, statement: Statement) -> bool:
        """``theory.witness.refutes`` with a first look in floats."""
        claim = statement.conclusion
        if not self.admissible or not isinstance(claim, Relation):
            return False
        bar = 0.0 if claim.op == "<" else -ROUNDING
        if self.margin(claim) > bar or any(self.margin(a) < -ROUNDING for a in statement.hypotheses):
            return False
        return self.truth(claim) is False and all(self.truth(a) is True for a in statement.hypotheses)


def cases(witnesses: Sequence[Witness], statement: Statement) -> list[Case]:
    """The witnesses that can speak about the statement."""
    claim = statement.conclusion
    body = claim.body if isinstance(claim, Exists) else claim
    relations = (*statement.hypotheses, *((body,) if isinstance(body, Relation) else ()))
    result = []
    for witness in witnesses:
        try:
            result.append(Case(witness, sorts_of(relations)))
        except NOT_NUMBERS:
            continue
    return result


def own_witnesses(entry: Entry) -> list[Witness]:
    """The witnesses of the entry: of its false twins, at equality, against a claim of others."""
    found = [twin.witness for twin in entry.twins_of()]
    found += [entry.attained_of()] if entry.attained_of is not None else []
    found += [entry.refutation_of()] if entry.refutation_of is not None else []
    return found


@dataclass(frozen=True)
class Target:
    """What is mutated: a statement with its theorem.  ``part`` says which of an entry's, in words."""

    part: str
    statement: Statement
    theorem: Theorem


def targets(entry: Entry, theorem: Theorem) -> list[Target]:
    """The entry's statement; for "there are constants", also the body with the constants of the proof."""
    found = [Target("", entry.statement, theorem)]
    if theorem.rule == "constants":
        (body,) = theorem.premises
        found.append(Target("with the constants of the proof: ", replace_claim(entry, body.conclusion), body))
    return found


def replace_claim(entry: Entry, claim: Claim) -> Statement:
    """The entry's statement with another conclusion."""
    return replace(entry.statement, conclusion=claim)


def judge(
    target: Target, mutant: Mutant, pool: Sequence[Case], recorder: Recorder | None = None, walks: int = 0
) -> str:
    """The verdict on a mutant of ``target``, one of ``VERDICTS``; with ``walks`` of search for a witness."""
    if _equivalent(target.statement, mutant.statement):
        return EQUIVALENT
    proved = next(attempts(target, mutant, recorder), None) is not None
    refuted = refuted_by(mutant.statement, pool, walks)
    if proved:
        if refuted:
            return UNSOUND
        return WEAKER if mutant.place == "conclusion" or _implied(target, mutant) else UNNEEDED
    return REFUTED if refuted else UNDECIDED


def refuted_by(statement: Statement, pool: Sequence[Case], walks: int = 0) -> bool:
    """Whether a witness makes the statement false, or an expansion's coefficients are others.

    Where no witness of the pool does so as it stands, what the mutated hypotheses define is computed anew;
    then come ``walks`` short random walks that start from the pool.
    """
    known = [case.witness for case in pool]
    if isinstance(statement.conclusion, Expansion):
        return false_expansion(statement.conclusion, known)
    if any(case.refutes(statement) for case in pool):
        return True
    if not isinstance(statement.conclusion, Relation):
        return False
    if adapted(statement, known) is not None:
        return True
    return (
        walks > 0 and counterexample(statement, known, seed=0, walks=walks, steps=60, seconds=3.0) is not None
    )


def _equivalent(one: Statement, other: Statement) -> bool:
    """The same hypotheses and conclusion up to normal form."""
    if len(one.hypotheses) != len(other.hypotheses):
        return False
    pairs = [(one.conclusion, other.conclusion), *zip(one.hypotheses, other.hypotheses, strict=True)]
    return all(_same(a, b) for a, b in pairs)


def _same(a: Claim, b: Claim) -> bool:
    if a == b:
        return True
    if isinstance(a, Exists) and isinstance(b, Exists):
        return a.constants == b.constants and _same(a.body, b.body)
    if isinstance(a, Expansion) and isinstance(b, Expansion):
        return all(_vanishes(x - y) for x, y in zip(a.coefficients, b.coefficients, strict=True))
    if not (isinstance(a, Relation) and isinstance(b, Relation)) or (a.op, a.over) != (b.op, b.over):
        return False
    return _vanishes(gap(a) - gap(b)) or (a.op == "==" and _vanishes(gap(a) + gap(b)))


def _vanishes(expr: Expr) -> bool:
    try:
        return is_zero(expr)
    except OutsideLanguage:
        return False


# ---- attempts to prove


def attempts(target: Target, mutant: Mutant, recorder: Recorder | None = None) -> Iterator[Theorem]:
    """Genuine theorems that establish the mutant: from the theorem, from its last step, from its proof."""
    for make in _ways(target, mutant, recorder):
        try:
            made = make()
            if made is None or not establishes(made, mutant.statement):
                continue
        except (Broken, TypeError, ValueError):
            continue
        yield made


def _ways(target: Target, mutant: Mutant, recorder: Recorder | None) -> Iterator[Any]:
    claim = mutant.statement.conclusion
    if mutant.place != "conclusion":
        yield lambda: target.theorem
        if isinstance(mutant.place, int) and mutant.operator != "drop":
            old, new = (s.hypotheses[mutant.place] for s in (target.statement, mutant.statement))
            yield lambda: _stronger_hypothesis(target.theorem, old, new)
            if recorder is not None:
                yield lambda: _other_assumption(recorder, target.theorem, old, new)
        return
    if isinstance(claim, Relation):
        yield lambda: apply("sign", goal=claim)
        if not claim.free_symbols and claim.op != "==":
            yield lambda: apply("ball", goal=claim)
        for coefficient in (1, -1) if target.theorem.conclusion.op == "==" else (1,):  # type: ignore[union-attr]
            yield lambda a=coefficient: _from_theorem(target.theorem, claim, a)
    call = recorder.call(target.theorem) if recorder is not None else None
    for name in ("goal", "claim"):
        if call is not None and call.arguments.get(name) == target.theorem.conclusion:
            changed = replace(call, arguments={**call.arguments, name: claim})
            yield lambda c=changed: c.again({})


def _from_theorem(theorem: Theorem, claim: Relation, coefficient: int) -> Theorem:
    """The claim as the theorem times a coefficient plus something visibly nonnegative."""
    rest = gap(claim) - coefficient * gap(theorem.conclusion)
    slack = Integer(0) if _vanishes(rest) else rest
    return combine(claim, {theorem: coefficient}, slack=slack)


def _stronger_hypothesis(theorem: Theorem, old: Relation, new: Relation) -> Theorem | None:
    """The theorem with ``old`` proved from ``new``, where ``new`` visibly says more."""
    if old.over != new.over:
        return None
    for coefficient in (1, -1) if new.op == "==" else (1,):
        rest = gap(old.instance()) - coefficient * gap(new.instance())
        slack = Integer(0) if _vanishes(rest) else rest
        try:
            if slack != 0 and sign(slack) not in ("+", "0+"):
                continue
            lemma = combine(old.instance(), {assume(new): coefficient}, slack=slack)
            return cut(theorem, lemma)
        except ValueError:
            continue
    return None


def _other_assumption(recorder: Recorder, theorem: Theorem, old: Relation, new: Relation) -> Theorem:
    """The proof again with another assumption in the place of ``old``."""
    instead = {id(n): assume(new) for n in nodes(theorem) if n.rule == "assume" and old in n.hypotheses}
    return replay(recorder, theorem, instead)


def _implied(target: Target, mutant: Mutant) -> bool:
    """Whether the mutated hypothesis visibly says more than the original one."""
    if mutant.operator == "drop" or not isinstance(mutant.place, int):
        return False
    old, new = (s.hypotheses[mutant.place] for s in (target.statement, mutant.statement))
    if not any(old in n.hypotheses for n in nodes(target.theorem)):
        return False
    try:
        return _stronger_hypothesis(target.theorem, old, new) is not None
    except ValueError:
        return False
