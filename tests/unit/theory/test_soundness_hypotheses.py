# SPDX-License-Identifier: MIT
"""Dropped hypotheses: searched in batches, excused by signs, or by meaning; reports that are kept."""

import json

import pytest
from sympy import Integer, Rational, log

import theory
from theory.definitions import loss, mean_square_features
from theory.expressions import Mean, eq, le, lt
from theory.lemmas.polar import e, kappa, rho, u
from theory.soundness.attack import own_witnesses
from theory.soundness.batch import Batch
from theory.soundness.campaign import QUICK, Effort, Report
from theory.soundness.hunt import focus, hunt
from theory.soundness.hypotheses import OnFile, without
from theory.soundness.meaning import find, meaningless
from theory.soundness.points import Frame, numbers, point_of
from theory.soundness.reports import Reports
from theory.soundness.search import score
from theory.soundness.symmetry import partners
from theory.soundness.unsettled import standing, totals
from theory.statement import Statement, Witness
from theory.symbols import alpha, beta, c, d, eps, h, i, k, p
from theory.witness import refutes


@pytest.mark.parametrize("name", ["inter-class-cosine", "class-variability", "norms-of-rows"])
@pytest.mark.parametrize("tight", [False, True])
def test_a_batch_scores_as_one_point_at_a_time(name, tight):
    entry = theory.get(name)
    frame = Frame.of(entry.statement, tight=tight)
    points = [q for x in own_witnesses(entry) if (q := point_of(frame, x)) is not None]
    first = [q for q in points if q.sizes == points[0].sizes]
    assert first
    missing, slack = Batch(frame, first).scores()
    for q, m, s in zip(first, missing, slack, strict=True):
        alone = score(frame, q)
        assert (m, s) == pytest.approx((alone.missing, alone.slack), abs=1e-9)


def test_a_level_is_where_the_inequality_begins_to_hold():
    bound = le(mean_square_features(), alpha**2)
    frame = Frame.of(Statement(le(alpha, 1), (bound, le(loss(), eps + log(2)))), tight=True)
    assert frame.defined == {alpha, eps}
    flat = Witness(2, 1, 1, {f: lambda *_, f=f: Integer(3 if f == h else 0) for f in frame.sorts})
    found = numbers(frame, point_of(frame, flat))
    assert found.values[alpha] == pytest.approx(3, rel=1e-5)
    assert found.values[alpha] >= 3
    assert found.margin(bound) >= 0


POLAR = (eq(h(c, i, k), alpha * rho(c, i) * e(c, i, k), c, i, k), le(0, rho(c, i), c, i))


def test_signs_that_cancel_excuse_a_hypothesis():
    square = Statement(le(Mean(rho(c, i) ** 2 * e(c, i, k) ** 2, c, i, k), 1), POLAR)
    assert partners(square, 1) == ("rho", "e")
    assert partners(square, 0) is None  # an equation


@pytest.mark.parametrize(
    "conclusion",
    [
        le(Mean(rho(c, i), c, i), 1),
        le(Mean(Mean(e(c, i, k), i) ** 2, c, k), 1),
        le(Mean(e(c, i, k) * u(c, k), c, i, k), 1),
        le(Mean(rho(c, i) ** 3 * e(c, i, k) ** 2, c, i, k), 1),
    ],
)
def test_signs_that_the_conclusion_sees_do_not(conclusion):
    assert partners(Statement(conclusion, POLAR), 1) is None


def test_signs_of_means_are_not_signs_of_samples():
    """kappa is excused in a bound on features alone; rho, which the features see, is not."""
    statement = theory.get("intra-class-cosine").statement
    excused = [str(a.rhs.func) for n, a in enumerate(statement.hypotheses) if partners(statement, n)]
    assert excused == [str(kappa)]


def test_a_hypothesis_gives_meaning_only_where_something_has_none():
    where = Witness(2, 1, 1, {}, {p: Rational(1, 2)})
    statement = Statement(le(log(1 - p), 0), (lt(p, 1),))
    found = find(statement, 0, [where])
    assert found.values[p] >= 1
    assert "1 - p" in meaningless(statement, 0, found)
    assert meaningless(statement, 0, where) is None  # the hypothesis holds there
    assert find(Statement(le(log(1 + p), 5), (lt(p, 1),)), 0, [where]) is None
    fenced = Statement(statement.conclusion, (lt(p, 1), le(p, Rational(3, 4))))
    assert find(fenced, 0, [where]) is None  # the other hypothesis keeps the meaning


def test_the_hunt_finds_what_a_hypothesis_was_for():
    hypotheses = (le(mean_square_features(), alpha**2), le(alpha, 1), le(0, beta))
    statement = Statement(le(d * Mean(h(c, i, k) ** 2, c, i, k), 1), hypotheses)
    start = Witness(2, 1, 1, {h: lambda *_: Rational(1, 2)}, {alpha: Integer(1), beta: Integer(1)})
    for n in (0, 1):
        weaker = without(statement, n)
        found = hunt(weaker, hypotheses[n], [start], seed=1, seconds=20, pool=())
        assert refutes(found, weaker)
        assert not refutes(found, statement)
    assert hunt(without(statement, 2), hypotheses[2], [start], seed=1, seconds=0.3, pool=()) is None
    assert focus(Frame.of(weaker), hypotheses[0])


def test_standings_come_from_the_files():
    entry = theory.get("intra-class-cosine")
    stored = OnFile.about(entry.name)
    rows = standing(entry, stored)
    assert {f.verdict for f in rows} >= {"needed", "signs"}
    assert sum(totals([(entry.name, rows)]).values()) == len(entry.statement.hypotheses)
    blank = standing(entry, OnFile({}, {}))
    assert {f.verdict for f in blank} == {"open", "signs"}


# ---- reports


def test_a_report_is_read_back_while_nothing_changed(tmp_path):
    kept = Reports(tmp_path / "r", QUICK)
    report = Report("within-class-variability", possible=7, seconds=1.5)
    report.counts.update({"REFUTED": 3})
    kept.store(report)
    again = Reports(tmp_path / "r", QUICK).load("within-class-variability")
    assert again == report
    assert Reports(tmp_path / "r", Effort(mutants=1)).load("within-class-variability") is None
    path = tmp_path / "r" / "within-class-variability.json"
    path.write_text(path.read_text().replace('"possible": 7', '"possibl": 7'))
    assert kept.load("within-class-variability") is None
    kept.store(Report("intra-class-cosine", gave_up="not finished after 1 s"))
    assert kept.load("intra-class-cosine") is None


def test_the_command_lists_and_resumes(tmp_path, capsys, monkeypatch):
    from theory.soundness import workers
    from theory.soundness.__main__ import main

    assert main(["intra-class-cosine", "--unsettled"]) == 0
    assert "10 hypotheses of 1 theorems" in capsys.readouterr().out
    assert main(["intra-class-cosine", "--unsettled", "--json"]) == 0
    assert sum(json.loads(capsys.readouterr().out)["totals"].values()) == 10
    name = "within-class-variability-expansion"
    assert main([name, "--quick", "--output", str(tmp_path)]) == 0
    first = capsys.readouterr().out
    monkeypatch.setattr(workers, "_start", lambda *_: pytest.fail("made again"))
    assert main([name, "--quick", "--output", str(tmp_path)]) == 0
    assert capsys.readouterr().out == first
    assert main([name, "--seconds", "0"]) == 2
    (tmp_path / "file").write_text("")
    assert main([name, "--quick", "--output", str(tmp_path / "file")]) == 2
    assert "--output" in capsys.readouterr().err
