# SPDX-License-Identifier: MIT
"""Verdicts: a refutation that does not refute, and claims that may not be refuted."""

from dataclasses import replace

import pytest

import theory
from theory.checker import check
from theory.configurations import simplex
from theory.symbols import T, tau


def test_a_refutation_that_does_not_refute_is_undecided_and_unexpected():
    false = theory.get("intra-class-cosine-unconditional")
    collapsed = simplex(2, scale=2, values={tau: 0, T: 1})
    row = check(replace(false, refutation_of=lambda: collapsed))
    assert row.verdict == "UNDECIDED"
    assert not row.expected
    assert check(false).verdict == "REFUTED"


def test_a_proved_theorem_takes_no_refutation():
    proved = theory.get("within-class-variability")
    with pytest.raises(ValueError, match="can be refuted"):
        replace(proved, refutation_of=lambda: simplex(3))


def test_a_witness_that_refutes_the_neighbour_is_reported():
    entry = theory.get("within-class-variability")
    wrong = entry.twins_of()[0].statement
    neighbour = replace(entry.neighbour_of(), statement=wrong)
    row = check(replace(entry, neighbour_of=lambda: neighbour))
    assert row.verdict == "UNDECIDED"
    assert "neighbour" in row.evidence
