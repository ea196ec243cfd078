# SPDX-License-Identifier: MIT
"""What every theorem file promises, tested over discovery: a new file is tested by being there."""

import importlib
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import sympy
from sympy import Rational

import theory
from theory.checker import establishes
from theory.declarations import language_problems
from theory.entry import KINDS
from theory.expressions import Exists, Expansion, Relation
from theory.kernel import RULES, KernelError, apply, is_genuine
from theory.language import check_claim
from theory.normal_form import is_zero
from theory.rules.common import gap
from theory.witness import refutes, truth

LIST = (Path(__file__).parents[2] / "docs" / "theorems.md").read_text(encoding="utf-8")
NAMES = list(theory.theorems())
PROVED = [name for name in NAMES if theory.get(name).prove is not None]
NUMBERS = [name for name in NAMES if theory.get(name).measurable or theory.get(name).formula]
TIGHT = [name for name in NAMES if theory.get(name).kind == "tight"]


@cache
def row(name):
    """The ledger row; each theorem is verified once."""
    return theory.get(name).verify()


def parts(claim):
    """The expressions of a claim."""
    if isinstance(claim, Exists):
        return parts(claim.body)
    if isinstance(claim, Expansion):
        return (claim.quantity, claim.variable, *claim.coefficients)
    return (claim.lhs, claim.rhs)


def expressions(entry):
    return [e for claim in (entry.statement.conclusion, *entry.statement.hypotheses) for e in parts(claim)]


# ---- verdicts


def test_the_first_theorems_are_registered():
    assert {
        "cross-entropy-identity",
        "loss-gap-identity",
        "regularized-loss-identity",
        "minimum-cross-entropy",
        "minimum-regularized-loss",
        "batch-norm-feature-norm",
        "within-class-variability",
        "self-duality-tradeoff",
        "within-class-variability-weight-decay",
        "intra-class-cosine",
        "intra-class-cosine-counterexample",
        "pan-cao-2.1-intra",
        "pan-cao-2.1-inter",
        "pan-cao-2.2-intra",
        "pan-cao-2.2-inter",
    } <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_verdict_is_as_expected(name):
    entry, found = theory.get(name), row(name)
    assert found.expected, found.evidence
    assert f"| `{name}` | {entry.kind} | {found.verdict} |" in LIST, (
        "python -m theory --table > docs/theorems.md"
    )
    if entry.refutation_of is not None:
        assert found.verdict == "REFUTED", found.evidence
        assert refutes(entry.refutation_of(), entry.statement)
        assert entry.prove is None
    elif entry.prove is None:
        assert found.verdict == "UNDECIDED"
        assert entry.kind in ("published", "conjecture")
        assert entry.uncovered
    else:
        assert found.verdict in ("PROVED", "CERTIFIED"), found.evidence
        assert found.steps >= 1
        assert establishes(entry.theorem, entry.statement)
        assert (found.verdict == "CERTIFIED") == entry.theorem.certified
    assert (found.name, found.kind, found.source) == (name, entry.kind, entry.source)
    assert found.to_dict()["verdict"] == found.verdict


@pytest.mark.parametrize("name", NAMES)
def test_title_kind_source_and_sentence(name):
    entry = theory.get(name)
    assert entry.kind in KINDS
    assert re.search(r"\b(19|20)\d\d\b", entry.source), f"no year in {entry.source!r}"
    assert entry.title
    assert entry.says
    assert re.fullmatch(r"[a-z0-9.-]+", name)
    if entry.kind == "published" and entry.prove is not None:
        assert entry.region
        assert entry.uncovered


# ---- statements


@pytest.mark.parametrize("name", NAMES)
def test_the_statement_is_in_the_language(name):
    """Well-formed, exact, and in symbols whose meaning and domain are in the table."""
    statement = theory.get(name).statement
    check_claim(statement.conclusion)
    for hypothesis in statement.hypotheses:
        check_claim(hypothesis, hypothesis=True)
    for expr in expressions(theory.get(name)):
        assert not expr.has(sympy.Float)
    assert language_problems(theory.get(name)) == []


def _hypotheses_hold(entry, witness):
    """Whether the witness has a value for everything in the hypotheses, and meets them."""
    try:
        return all(truth(a, witness) is True for a in entry.statement.hypotheses)
    except KeyError:
        return False


@pytest.mark.parametrize("name", PROVED)
def test_the_hypotheses_can_be_met(name):
    """A theorem with contradictory hypotheses would be true of nothing."""
    entry = theory.get(name)
    known = [twin.witness for twin in entry.twins_of()]
    known += [entry.attained_of()] if entry.attained_of else []
    assert any(_hypotheses_hold(entry, witness) for witness in known)


@pytest.mark.parametrize("name", NAMES)
def test_latex(name):
    entry = theory.get(name)
    assert entry.latex.strip()
    assert entry.latex.count("{") == entry.latex.count("}")
    assert "None" not in entry.latex
    assert entry._repr_latex_().startswith("$") or entry._repr_latex_().startswith("\\")


# ---- false twins, true neighbours, tightness


@pytest.mark.parametrize("name", PROVED)
def test_at_least_two_false_twins_are_refuted_and_a_neighbour_is_proved(name):
    entry = theory.get(name)
    twins = entry.twins_of()
    assert len(twins) >= 2
    assert len({t.change for t in twins}) == len(twins)
    assert f"{len(twins)} false twins refuted" in row(name).evidence
    assert entry.neighbour_of is not None
    neighbour = entry.neighbour_of()
    assert neighbour.statement != entry.statement
    assert not any(neighbour.statement == t.statement for t in twins)


@pytest.mark.parametrize("name", PROVED)
def test_the_checker_would_notice_a_true_twin(name):
    """A "false" twin that is the theorem itself, or its neighbour, makes the verdict UNDECIDED."""
    entry = theory.get(name)
    true_twin = replace(entry.twins_of()[0], statement=entry.statement)
    if isinstance(entry.statement.conclusion, Relation):
        assert not refutes(true_twin.witness, entry.statement)
    proof = entry.theorem
    found = replace(
        entry, prove=lambda: proof, twins_of=lambda: [true_twin], neighbour_of=None, attained_of=None
    ).verify()
    assert found.verdict == "UNDECIDED"
    assert not found.expected


@pytest.mark.parametrize("name", TIGHT)
def test_tight_theorems_are_attained(name):
    assert theory.get(name).attained_of is not None
    assert "attained by an exact witness" in row(name).evidence


# ---- the last step of every proof, weakened


def last_step(monkeypatch, entry):
    """The rule and arguments whose conclusion is the theorem, by running the proof again."""
    calls = []
    for rule in RULES:
        module = importlib.import_module(f"theory.rules.{rule}")

        def record(*premises, rule=rule, original=module.infer, **arguments):
            result = original(*premises, **arguments)
            calls.append((rule, premises, arguments, result.conclusion))
            return result

        monkeypatch.setattr(module, "infer", record)
    if hasattr(entry.prove, "cache_clear"):
        entry.prove.cache_clear()
    conclusion = entry.prove().conclusion
    monkeypatch.undo()
    (rule, premises, arguments, _), *_ = [call for call in reversed(calls) if call[3] == conclusion]
    return rule, premises, arguments


def off(number):
    return number * Rational(101, 100) if number != 0 else Rational(1, 100)


def matters(premise):
    """Whether the premise says anything: a pure identity of normal forms holds without being cited."""
    return not is_zero(gap(premise.conclusion))


def perturbed(rule, premises, arguments):
    """The step with one number changed by one per cent, in every way that the rule has."""
    if rule == "algebra":
        goal, coefficients = arguments["goal"], list(arguments["coefficients"])
        for n, coefficient in enumerate(coefficients):
            if matters(premises[n]):
                changed = [*coefficients[:n], off(coefficient), *coefficients[n + 1 :]]
                yield premises, arguments | {"coefficients": changed}
                fewer = [*coefficients[:n], *coefficients[n + 1 :]]
                yield [*premises[:n], *premises[n + 1 :]], arguments | {"coefficients": fewer}
        for side in ("lhs", "rhs"):
            if getattr(goal, side) != 0:
                yield premises, arguments | {"goal": replace(goal, **{side: off(getattr(goal, side))})}
    elif rule == "taylor":
        claim = arguments["claim"]
        for n in (0, 1):
            changed = tuple(off(a) if m == n else a for m, a in enumerate(claim.coefficients))
            yield premises, arguments | {"claim": replace(claim, coefficients=changed)}
    elif rule == "constants":
        for symbol, number in arguments["values"].items():
            yield premises, arguments | {"values": arguments["values"] | {symbol: off(number)}}
    elif rule == "ball":
        goal = arguments["goal"]
        yield premises, arguments | {"goal": Relation(goal.rhs, goal.op, goal.lhs)}
        yield premises, arguments | {"goal": replace(goal, lhs=3 * goal.lhs)}
    else:
        raise AssertionError(f"no perturbation is known for a proof that ends in {rule!r}")


@pytest.mark.parametrize("name", PROVED)
def test_a_changed_coefficient_or_a_lost_premise_breaks_the_last_step(monkeypatch, name):
    rule, premises, arguments = last_step(monkeypatch, theory.get(name))
    again = apply(rule, *premises, **arguments)
    assert is_genuine(again)
    tried = 0
    for fewer, changed in perturbed(rule, premises, arguments):
        with pytest.raises(KernelError):
            apply(rule, *fewer, **changed)
        tried += 1
    assert tried
