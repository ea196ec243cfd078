# SPDX-License-Identifier: MIT
"""No mutant that a witness refutes is proved, no weakened step proves a theorem: on a sample of theorems.

Which these are depends on their statements alone. The whole campaign is ``python -m theory.soundness``.
"""

from zlib import crc32

import pytest

import theory
from theory.expressions import Exists
from theory.soundness.attack import Target, cases, judge, own_witnesses, targets
from theory.soundness.campaign import sampled
from theory.soundness.hypotheses import on_file, what_fails, without
from theory.soundness.limits import TooSlow, at_most
from theory.soundness.mutants import candidates
from theory.soundness.recording import Recorder
from theory.soundness.steps import examine
from theory.soundness.store import COUNTEREXAMPLES, MEANINGLESS, load, text_of

#: How many theorems each test takes: seconds of work.
MUTATED, WEAKENED, ON_FILE = 16, 30, 24
PROVED = sorted(
    (name for name in theory.theorems() if theory.get(name).prove is not None),
    key=lambda name: crc32(str(theory.get(name).statement).encode()),
)


def test_no_refuted_mutant_is_proved():
    judged, unsound = 0, []
    for name in PROVED[:MUTATED]:
        entry = theory.get(name)
        target = Target("", entry.statement, entry.theorem)
        pool = cases(own_witnesses(entry), target.statement)
        for mutant in sampled(candidates(entry.statement), 3, name):
            try:
                with at_most(30):
                    found = judge(target, mutant, pool)
            except TooSlow:
                continue
            judged += 1
            unsound += [f"{name}: {mutant.change}"] if found == "UNSOUND" else []
    assert not unsound
    assert judged >= MUTATED


def test_no_weakened_step_proves_a_theorem():
    tried, survivors = 0, []
    recorder = Recorder()
    for name in PROVED[:WEAKENED]:
        entry = theory.get(name)
        proof = recorder.prove(entry)
        seed = crc32(name.encode())
        report = examine(entry, recorder, proof, sample=6, seed=seed, go_on=lambda: True, trial=30)
        tried += report.changes
        survivors += [f"{name}: {s}" for s in report.survivors if s.why == "loose"]
    assert not survivors
    assert tried >= WEAKENED


def attacked(name):
    """The statement that the files speak of: of "there are constants", with the constants of the proof."""
    entry = theory.get(name)
    if isinstance(entry.statement.conclusion, Exists):
        return targets(entry, entry.theorem)[-1].statement
    return entry.statement


@pytest.mark.parametrize("file", [COUNTEREXAMPLES, MEANINGLESS])
def test_what_is_on_file_about_hypotheses_still_holds(file):
    """Counterexamples refute, and what is said to have no value has none, exactly; stale texts fail."""
    known = sorted(load(file).items(), key=lambda row: crc32(row[0].encode()))
    for place, (name, rows) in enumerate(known):
        texts = [text_of(a) for a in theory.get(name).statement.hypotheses]
        for text in sorted(rows, key=lambda t: crc32(t.encode())):
            assert text in texts, f"{name} lacks {text!r}: python -m theory.soundness {name} --save"
            if place >= ON_FILE:
                continue
            statement = attacked(name)
            n = texts.index(text)
            if file == MEANINGLESS:
                assert what_fails(rows[text], statement, n), f"{name}: {text}"
            else:
                assert on_file(rows[text], without(statement, n)), f"{name} without {text}"
