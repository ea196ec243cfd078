# SPDX-License-Identifier: MIT
"""Every step of a proof weakened, and every premise taken away, in turn: the proof must then fail.

Nothing is forged: the weaker theorems are proved by the kernel from the ones they replace, and the recorded
steps are made again.  A change after which the proof still ends in its statement points at a premise that the
proof does not need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

from sympy import Symbol

from theory.checker import establishes
from theory.entry import Entry
from theory.expressions import Relation
from theory.kernel import KernelError, Theorem
from theory.normal_form import is_zero
from theory.proving import combine
from theory.rules.common import gap
from theory.soundness.limits import TooSlow, at_most
from theory.soundness.recording import Call, Recorder, nodes
from theory.soundness.replay import Broken, replay
from theory.statement import Statement

SLACK = Symbol("soundness_slack", positive=True)


@dataclass(frozen=True)
class Survivor:
    """A change after which the proof still goes through.

    ``change`` is "weakened" (the step's conclusion), "premise left out" or "step left out"; ``step`` and
    ``premise`` are numbers of ``python -m theory --why``.  ``why``: "identity" (an identity that the normal
    form knows without being told), "restatement" (a step that says its premise again), "spare" (the
    proof does not need it), or "loose" (it is needed, and something weaker would do).
    """

    change: str
    step: int
    rule: str
    label: str
    premise: int | None
    why: str
    conclusion: str


@dataclass
class StepReport:
    """What became of a proof under every change of one step."""

    name: str
    steps: int = 0
    changes: int = 0
    broken: int = 0
    skipped: int = 0
    survivors: list[Survivor] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        return asdict(self)


def weaker(theorem: Theorem) -> Theorem | None:
    """A theorem that says less: lhs <= rhs + slack, for a fresh positive slack; None if it is no relation."""
    relation = theorem.conclusion
    if not isinstance(relation, Relation):
        return None
    goal = Relation(relation.lhs, "<=", relation.rhs + SLACK)
    try:
        return combine(goal, {theorem: 1}, slack=SLACK, label="weakened")
    except KernelError:
        return None  # the relation needs a fact for one of its denominators


@dataclass(frozen=True)
class Change:
    """One change: what it is, the node it touches, the premise, and what stands in for the node."""

    kind: str
    node: Theorem
    premise: Theorem | None
    make: Any


def changes(recorder: Recorder, proof: Theorem) -> Iterator[Change]:
    """Every change of one step of the proof, in the order of its steps."""
    for node in nodes(proof):
        if node is not proof:
            yield Change("weakened", node, None, lambda n=node: weaker(n))
        call = recorder.call(node)
        if call is None:
            continue
        for premise, fewer in _left_out(call):
            yield Change("premise left out", node, premise, lambda f=fewer: f.again({}))
        for premise in node.premises:
            if premise.conclusion == node.conclusion:
                yield Change("step left out", node, premise, lambda p=premise: p)


def _left_out(call: Call) -> Iterator[tuple[Theorem, Call]]:
    """The step with one premise, or one fact, fewer, where the rule can do with fewer."""
    if call.rule in ("algebra", "cut"):
        least = 1 if call.rule == "cut" else 0
        for n in range(least, len(call.premises)):
            arguments = dict(call.arguments)
            if arguments.get("coefficients"):
                numbers = list(arguments["coefficients"])
                arguments["coefficients"] = [*numbers[:n], *numbers[n + 1 :]]
            premises = (*call.premises[:n], *call.premises[n + 1 :])
            yield call.premises[n], Call(call.rule, premises, arguments, call.label)
    facts = list(call.arguments.get("facts") or ())
    for n, fact in enumerate(facts):
        arguments = {**call.arguments, "facts": [*facts[:n], *facts[n + 1 :]]}
        yield fact, Call(call.rule, call.premises, arguments, call.label)


def examine(
    entry: Entry,
    recorder: Recorder,
    proof: Theorem,
    *,
    sample: int | None = None,
    seed: int = 0,
    go_on: Callable[[], bool] = lambda: True,
    trial: float = 10.0,
) -> StepReport:
    """Try every change of one step (or a ``sample`` of them) on the recorded ``proof`` of the entry.

    A change that takes more than ``trial`` seconds is skipped; no new one is begun once ``go_on()`` is false.
    """
    all_nodes = nodes(proof)
    number = {id(n): k for k, n in enumerate(all_nodes, start=1)}
    report = StepReport(entry.name, len(all_nodes))
    possible = [c for c in changes(recorder, proof)]
    if sample is not None and len(possible) > sample:
        possible = Random(seed).sample(possible, sample)
    for change in possible:
        if report.changes and not go_on():
            break
        try:
            with at_most(trial):
                outcome = _outcome(change, recorder, proof, entry.statement)
        except TooSlow:
            outcome = None
        if outcome is None:
            report.skipped += 1
            continue
        report.changes += 1
        if not outcome:
            report.broken += 1
            continue
        premise = None if change.premise is None else number[id(change.premise)]
        node = change.node
        report.survivors.append(
            Survivor(
                change.kind,
                number[id(node)],
                node.rule,
                node.label,
                premise,
                _why(change, recorder, proof, entry.statement),
                str((change.premise or node).conclusion),
            )
        )
    return report


def _why(change: Change, recorder: Recorder, proof: Theorem, statement: Statement) -> str:
    said = (change.premise or change.node).conclusion
    if isinstance(said, Relation) and said.op == "==" and is_zero(gap(said)):
        return "identity"
    if change.kind == "weakened":
        without = [
            c for c in changes(recorder, proof) if c.kind == "premise left out" and c.premise is change.node
        ]
        can_do = any(_outcome(c, recorder, proof, statement) for c in without)
        return "spare" if can_do else "loose"
    fewer = change.kind == "step left out" and change.premise is not None
    same = fewer and change.premise.hypotheses == change.node.hypotheses  # type: ignore[union-attr]
    return "restatement" if same else "spare"


def _outcome(change: Change, recorder: Recorder, proof: Theorem, statement: Statement) -> bool | None:
    """Whether the proof still establishes the statement; None if the change could not be made."""
    key = (change.kind, id(change.node), id(change.premise))
    if key not in recorder.replayed:
        try:
            recorder.replayed[key] = change.make() or ""
        except (TypeError, ValueError) as error:
            recorder.replayed[key] = str(error)
    new = recorder.replayed[key]
    if isinstance(new, str):
        return False if new else None  # the step itself does not follow any more; or cannot be weakened
    try:
        end = replay(recorder, proof, {id(change.node): new})
    except Broken:
        return False
    return establishes(end, statement)
