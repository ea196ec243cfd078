# SPDX-License-Identifier: MIT
"""The attackers themselves: they must catch what is wrong, and must not cry wolf."""

import json
import sys

import numpy as np
import pytest
from sympy import Rational, log

import theory
from theory import kernel
from theory.checker import establishes
from theory.configurations import simplex
from theory.definitions import loss, mean_square_class_means, mean_square_features
from theory.entry import Entry, Statement, Twin
from theory.expressions import Expansion, Mean, eq, le, lt
from theory.kernel import KernelError, is_genuine, proof
from theory.lemmas import scatter_decomposition
from theory.proving import assume, combine, visible
from theory.soundness import attack, workers
from theory.soundness.attack import Target, cases, judge, own_witnesses
from theory.soundness.campaign import Effort, attack_theorem, score
from theory.soundness.exactly import witness_of
from theory.soundness.hypotheses import NEEDED, UNNECESSARY, fates
from theory.soundness.mutants import Mutant
from theory.soundness.numbers import Numbers, sorts_of
from theory.soundness.plan import Atom, Polar, Scalar, plan
from theory.soundness.points import Frame, numbers, point_of
from theory.soundness.recording import Recorder, forget, nodes
from theory.soundness.replay import Broken, replay
from theory.soundness.search import counterexample
from theory.soundness.steps import examine, weaker
from theory.soundness.store import from_data, load, save, to_data
from theory.symbols import C, T, alpha, beta, c, h, i, k, tau
from theory.witness import concretise, refutes, truth

VARIABILITY = "within-class-variability"


# ---- floats against exact numbers


@pytest.mark.parametrize("name", [VARIABILITY, "intra-class-cosine-sharp", "self-duality-tradeoff"])
def test_floats_agree_with_exact_numbers(name):
    entry = theory.get(name)
    statement, witness = entry.statement, entry.attained_of()
    (case,) = cases([witness], statement)
    claim = statement.conclusion
    for side in (claim.lhs, claim.rhs):
        assert np.allclose(float(np.asarray(case.numbers.at(side)).item()), float(concretise(side, witness)))
    assert abs(case.margin(claim)) < 1e-12
    for hypothesis in statement.hypotheses:
        assert (case.margin(hypothesis) > -1e-10) == truth(hypothesis, witness)


def test_the_margin_is_the_worst_over_the_indices():
    statement = Statement(le(h(c, i, k), 3))
    relations = (statement.conclusion,)
    table = np.arange(8.0).reshape(2, 2, 2)
    found = Numbers({"class": 2, "sample": 2, "coordinate": 2}, {h: table})
    assert sorts_of(relations) == {h: ("class", "sample", "coordinate")}
    assert found.margin(statement.conclusion) == pytest.approx((3 - 7) / 10)
    assert not found.holds(statement.conclusion)
    assert found.at(Mean(h(c, i, k), c, i, k)).item() == pytest.approx(3.5)


# ---- plans


def test_a_plan_solves_equations_and_splits_vectors():
    steps = plan(theory.get("intra-class-cosine").statement.hypotheses)
    assert {type(s) for s in steps} == {Polar, Scalar}
    (margin,) = [s for s in steps if isinstance(s, Scalar)]
    assert margin.symbol == T
    assert margin.roots == (C * alpha * beta / (C - 1),)


def test_a_plan_has_no_circle():
    steps = plan((eq(alpha, beta), eq(beta, 2 * alpha)))
    assert [s.symbol for s in steps] == [alpha]
    steps = plan((eq(h(c, i, k), 2 * alpha, c, i, k), eq(alpha, beta)))
    assert [type(s) for s in steps] == [Scalar, Atom]


@pytest.mark.parametrize("name", ["intra-class-cosine", "intra-class-cosine-sharp", VARIABILITY])
def test_a_witness_survives_the_way_through_a_point(name):
    """Parameters of a witness, everything else computed anew: the hypotheses still hold, exactly."""
    entry = theory.get(name)
    frame = Frame.of(entry.statement)
    twin = entry.twins_of()[-2]
    point = point_of(frame, twin.witness)
    again = witness_of(frame, point)
    for hypothesis in entry.statement.hypotheses:
        if truth(hypothesis, twin.witness):
            assert truth(hypothesis, again) is True
            assert numbers(frame, point).margin(hypothesis) > -1e-9


# ---- recording and replaying


def test_a_recorded_proof_replays_to_the_same_statement():
    forget()
    recorder, entry = Recorder(), theory.get("minimum-cross-entropy")
    theorem = recorder.prove(entry)
    assert establishes(theorem, entry.statement)
    found = nodes(theorem)
    assert [n.conclusion for n in found] == [s.conclusion for s in proof(theorem)]
    assert all(recorder.call(n) is not None for n in found)
    first = found[0]
    same = recorder.call(first).again({})
    assert same is not first
    assert establishes(replay(recorder, theorem, {id(first): same}), entry.statement)


def test_the_kernel_is_never_replaced():
    recorder, entry = Recorder(), theory.get("minimum-cross-entropy")
    original, infer = kernel.apply, sys.modules["theory.rules.algebra"].infer
    with recorder.listening():
        assert kernel.apply is original
        assert sys.modules["theory.rules.algebra"].infer is infer
        assert sys.modules["theory.proving"].apply == recorder.apply
        entry.prove()
    assert sys.modules["theory.proving"].apply is original
    with pytest.raises(KernelError), recorder.listening():
        combine(le(1, 0))
    assert sys.modules["theory.proving"].apply is original


def test_a_step_from_a_weaker_premise_breaks_the_proof():
    recorder, entry = Recorder(), theory.get("minimum-cross-entropy")
    theorem = recorder.prove(entry)
    premise = theorem.premises[0]
    less = weaker(premise)
    assert is_genuine(less)
    with pytest.raises(Broken, match="not an identity"):
        replay(recorder, theorem, {id(premise): less})


def padded(extra):
    """Class means are no longer than features, by a proof with ``extra`` among its premises."""
    goal = le(mean_square_class_means(), mean_square_features())
    useful = assume(le(alpha, beta))

    def prove():
        spread = visible(le(0, mean_square_features() - 0 * alpha))
        premises = {scatter_decomposition(): 1, visible(le(0, scatter_decomposition().relation.lhs)): 1}
        if extra == "coefficient 0":
            premises[useful] = 0
        elif extra == "nothing":
            pass
        return combine(goal, premises, facts=[spread] if extra == "fact" else [])

    return Entry("padded", "t", "upper", "2026", "s", lambda: Statement(goal, (le(alpha, beta),)), prove)


@pytest.mark.parametrize(("extra", "spare"), [("nothing", 0), ("coefficient 0", 2), ("fact", 1)])
def test_a_spare_premise_is_found(extra, spare):
    recorder, entry = Recorder(), padded(extra)
    report = examine(entry, recorder, recorder.prove(entry))
    found = [s for s in report.survivors if s.why == "spare"]
    assert len(found) >= min(spare, 1)
    assert bool(found) == bool(spare)
    assert not any(s.why == "loose" for s in report.survivors)
    assert report.broken >= 2


# ---- verdicts on mutants


def target_of(name):
    entry = theory.get(name)
    return entry, Target("", entry.statement, entry.theorem)


def verdict(target, entry, conclusion=None, hypotheses=None, place="conclusion", operator="constant"):
    statement = Statement(
        target.statement.conclusion if conclusion is None else conclusion,
        target.statement.hypotheses if hypotheses is None else hypotheses,
    )
    pool = cases(own_witnesses(entry), target.statement)
    return judge(target, Mutant("by hand", operator, place, statement), pool)


def test_a_stronger_bound_is_refuted_and_a_weaker_one_proved():
    entry, target = target_of(VARIABILITY)
    claim = entry.statement.conclusion
    up = le(claim.lhs, claim.rhs - (tau / T) ** 2 / 100)
    down = le(claim.lhs, claim.rhs + (tau / T) ** 2 / 100)
    assert verdict(target, entry, up) == "REFUTED"
    assert verdict(target, entry, down) == "WEAKER"
    assert verdict(target, entry, le(claim.lhs + alpha, claim.rhs + alpha)) == "EQUIVALENT"


def test_hypotheses_stronger_weaker_and_unused():
    entry, target = target_of(VARIABILITY)
    first, weights, margin, small = entry.statement.hypotheses
    less = le(weights.lhs, weights.rhs * Rational(99, 100))
    more = le(weights.lhs, 4 * weights.rhs)
    assert verdict(target, entry, None, (first, less, margin, small), 1) == "WEAKER"
    assert verdict(target, entry, None, (first, more, margin, small), 1) in ("REFUTED", "UNDECIDED")
    wide = Target(
        "", Statement(entry.statement.conclusion, (*entry.statement.hypotheses, le(1, T))), entry.theorem
    )
    assert verdict(wide, entry, None, entry.statement.hypotheses, 4, "drop") == "UNNEEDED"


def test_an_unsound_kernel_would_be_caught(monkeypatch):
    """If something established a refuted mutant, the verdict would be UNSOUND, and the exit status 1."""
    entry, target = target_of(VARIABILITY)
    claim = entry.statement.conclusion
    monkeypatch.setattr(attack, "attempts", lambda *a: iter([entry.theorem]))
    up = le(claim.lhs, claim.rhs - (tau / T) ** 2 / 100)
    assert verdict(target, entry, up) == "UNSOUND"
    report = attack_theorem(entry, Recorder(), Effort(mutants=6, changes=0, search=None, walks=0))
    assert report.unsound
    assert score([report])["unsound"] == len(report.unsound)

    from theory.soundness import __main__ as command

    monkeypatch.setattr(workers, "reports_on", lambda *a: iter([report]))
    assert command.main([VARIABILITY, "--quick"]) == 1


def test_other_coefficients_of_an_expansion_are_refuted():
    entry = theory.get("within-class-variability-expansion")
    target = Target("", entry.statement, entry.theorem)
    claim = entry.statement.conclusion
    first, second = claim.coefficients
    for pair in ((first * Rational(101, 100), second), (first, second + 1)):
        changed = Expansion(claim.quantity, claim.variable, pair)
        assert verdict(target, entry, changed) == "REFUTED"
    same = Expansion(claim.quantity, claim.variable, (first + 0, second * 2 / 2))
    assert not attack.refuted_by(Statement(same), cases(own_witnesses(entry), entry.statement))


# ---- dropped hypotheses


def tiny(hypotheses):
    conclusion = le(alpha, beta)

    def prove():
        return combine(conclusion, {assume(hypotheses[0]): 1})

    where = simplex(2, values={alpha: 2, beta: 1})
    twins = lambda: [Twin("reversed", Statement(conclusion), where)]  # noqa: E731
    return Entry("tiny", "t", "upper", "2026", "s", lambda: Statement(conclusion, hypotheses), prove, twins)


def test_needed_and_unnecessary_hypotheses():
    entry = tiny((le(alpha, beta), lt(0, T)))
    target = Target("", entry.statement, entry.theorem)
    needed, spare = fates(entry, target, seconds=5)
    assert (needed.verdict, spare.verdict) == (NEEDED, UNNECESSARY)
    weaker_statement = Statement(entry.statement.conclusion, entry.statement.hypotheses[1:])
    assert refutes(from_data(needed.witness, weaker_statement), weaker_statement)


def test_a_counterexample_is_found_by_search():
    hypotheses = (eq(alpha**2, mean_square_features()), le(loss(), log(C)))
    witness = counterexample(Statement(le(alpha, 1), hypotheses), [], seed=3, walks=60, steps=60, seconds=30)
    assert witness is not None
    assert refutes(witness, Statement(le(alpha, 1), hypotheses))


def test_nothing_refutes_a_theorem():
    statement = theory.get("minimum-cross-entropy").statement
    known = [theory.get("minimum-cross-entropy").attained_of()]
    assert counterexample(statement, known, seed=1, walks=6, steps=40, seconds=10) is None


def test_counterexamples_survive_the_file(tmp_path):
    statement = theory.get("intra-class-cosine").statement
    witness = theory.get("intra-class-cosine").twins_of()[2].witness
    save({"a": {"x": to_data(witness, statement)}, "b": {}}, tmp_path / "f.json")
    (text,) = load(tmp_path / "f.json")["a"].values()
    again = from_data(json.loads(json.dumps(text)), statement)
    for relation in (*statement.hypotheses, statement.conclusion):
        for side in (relation.instance().lhs, relation.instance().rhs):
            at = {c: 0, i: 0, k: 0}
            assert concretise(side, again, at) == concretise(side, witness, at)
    assert load(tmp_path / "none.json") == {}
