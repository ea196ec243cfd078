# SPDX-License-Identifier: MIT
"""No mutant that a witness refutes is proved, no weakened step proves a theorem: a sample, bounded in time.

Every theorem is in the sample until the time is spent, in an order that depends on the statements alone.  The
whole campaign is ``python -m theory.soundness``.
"""

import time
from zlib import crc32

import theory
from theory.entry import Statement
from theory.soundness.attack import Target, cases, judge, own_witnesses
from theory.soundness.campaign import sampled
from theory.soundness.limits import TooSlow, at_most
from theory.soundness.mutants import candidates
from theory.soundness.recording import Recorder
from theory.soundness.steps import examine
from theory.soundness.store import from_data, load, text_of
from theory.witness import refutes

SECONDS = 14.0  # for each of the three tests
PROVED = sorted(
    (name for name in theory.theorems() if theory.get(name).prove is not None),
    key=lambda name: crc32(str(theory.get(name).statement).encode()),
)


def test_no_refuted_mutant_is_proved():
    end, judged, unsound = time.monotonic() + SECONDS, 0, []
    for name in PROVED:
        if time.monotonic() > end:
            break
        entry = theory.get(name)
        target = Target("", entry.statement, entry.theorem)
        pool = cases(own_witnesses(entry), target.statement)
        for mutant in sampled(candidates(entry.statement), 3, name):
            if time.monotonic() > end:
                break
            try:
                with at_most(3):
                    found = judge(target, mutant, pool)
            except TooSlow:
                continue
            judged += 1
            unsound += [f"{name}: {mutant.change}"] if found == "UNSOUND" else []
    assert not unsound
    assert judged >= 5


def test_no_weakened_step_proves_a_theorem():
    end, tried, survivors = time.monotonic() + SECONDS, 0, []
    recorder = Recorder()
    for name in PROVED:
        if time.monotonic() > end:
            break
        entry = theory.get(name)
        proof = recorder.prove(entry)
        left = lambda: time.monotonic() < end  # noqa: E731
        report = examine(entry, recorder, proof, sample=6, seed=crc32(name.encode()), go_on=left, trial=3)
        tried += report.changes
        survivors += [f"{name}: {s}" for s in report.survivors if s.why == "loose"]
    assert not survivors
    assert tried >= 5


def test_stored_counterexamples_still_refute():
    """What is on file about a dropped hypothesis is checked again, exactly; a stale text is a failure."""
    end, checked = time.monotonic() + SECONDS, 0
    for name, rows in sorted(load().items(), key=lambda row: crc32(row[0].encode())):
        statement = theory.get(name).statement
        texts = [text_of(a) for a in statement.hypotheses]
        for text in sorted(rows, key=lambda t: crc32(t.encode())):
            assert text in texts, (
                f"{name} has no hypothesis {text!r}: python -m theory.soundness {name} --save"
            )
            if time.monotonic() > end:
                continue
            others = tuple(a for a in statement.hypotheses if text_of(a) != text)
            dropped = Statement(statement.conclusion, others)
            assert refutes(from_data(rows[text], dropped), dropped), f"{name} without {text}"
            checked += 1
    assert checked or not load()
