# SPDX-License-Identifier: MIT
"""A campaign's limits, its samples, and the command."""

import json
import os
import time

import pytest

import theory
from theory.soundness import campaign, workers
from theory.soundness.campaign import QUICK, Effort, attack_theorem, sampled
from theory.soundness.limits import TooSlow, at_most
from theory.soundness.mutants import mutants
from theory.soundness.recording import Recorder

VARIABILITY = "within-class-variability"


def _without_end():
    while True:
        pass


def test_a_trial_is_given_up():
    with pytest.raises(TooSlow), at_most(0.05):
        _without_end()
    with at_most(5):
        pass


def test_sampling_is_fixed_and_covers_the_operators():
    found = mutants(theory.get("intra-class-cosine").statement)
    once = sampled(found, 12, "x")
    assert once == sampled(found, 12, "x")
    assert len(once) == 12
    assert len({m.operator for m in once}) == 6
    assert sampled(found, None, "x") == found


def test_an_entry_without_proof_has_an_empty_report():
    report = attack_theorem(theory.get("intra-class-cosine-unconditional"), Recorder(), QUICK)
    assert report.steps is None
    assert report.tried == 0


def _hang(*args):
    time.sleep(60)


def _die(*args):
    os._exit(3)


@pytest.mark.parametrize(
    ("what", "patience", "words"), [(_hang, 1.0, "not finished after 1 s"), (_die, 50.0, "died")]
)
def test_a_process_that_hangs_or_dies_costs_one_report(monkeypatch, what, patience, words):
    monkeypatch.setattr(campaign, "attack_theorem", what)
    (report,) = workers.reports_on([VARIABILITY], Effort(patience=patience))
    assert words in report.gave_up
    assert report.tried == 0


def test_the_command(capsys):
    from theory.soundness.__main__ import main

    assert main(["within-class-variability-expansion", "--quick", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["score"]["unsound"] == 0
    assert printed["score"]["mutants"] == printed["theorems"][0]["mutants"]["tried"] > 0
    assert main(["within-class-variability-expansion", "--quick"]) == 0
    assert "0 UNSOUND" in capsys.readouterr().out
    assert main(["within-class-variability-expansion", "--quick", "--markdown"]) == 0
    *page, head, _rule, row = capsys.readouterr().out.strip().splitlines()
    assert f"{printed['score']['mutants']} of {printed['score']['possible']} mutants" in "".join(page)
    cells = dict(zip(head.split(" | "), row.split(" | "), strict=True))
    assert cells["| theorem"] == "| within-class-variability-expansion"
    assert cells["refuted"] == str(printed["score"]["refuted"])
    assert main(["no-such-theorem"]) == 2
    assert main(["within-class-variability", "--workers", "0"]) == 2
