# SPDX-License-Identifier: MIT
"""``python -m theory``: exit statuses, one-line complaints, JSON rows with the promised keys."""

import json

import pytest

from theory.__main__ import main

KEYS = {"name", "kind", "verdict", "evidence", "steps", "seconds", "source"}


def test_json_rows_have_the_promised_keys(capsys):
    assert main(["cross-entropy-identity", "intra-class-cosine-unconditional", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["theorems"]
    assert [row["verdict"] for row in rows] == ["PROVED", "REFUTED"]
    assert all(row.keys() >= KEYS for row in rows)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(["--bogus"], "--bogus"), (["--list", "--why"], "not allowed"), (["no-such"], "did you mean")],
)
def test_bad_usage_is_one_line_and_status_2(arguments, word, capsys):
    try:
        status = main(arguments)
    except SystemExit as stop:
        status = stop.code
    assert status == 2
    complaint = capsys.readouterr().err
    assert word in complaint
    assert complaint.count("\n") == 1


def test_why_prints_rule_premises_and_evidence(capsys):
    assert main(["--why", "minimum-cross-entropy"]) == 0
    text = capsys.readouterr().out
    assert "log_tangent" in text
    assert "algebra from" in text
    assert "exact combination of premises" in text
    assert main(["--why"]) == 2


def test_list_and_latex_check_nothing_and_name_everything(capsys):
    assert main(["--list"]) == 0
    assert "pan-cao-2.2-inter" in capsys.readouterr().out
    assert main(["--latex"]) == 0
    assert capsys.readouterr().out.rstrip().endswith(r"\end{document}")


def test_a_theorem_that_is_not_as_expected_exits_1(monkeypatch, capsys):
    from dataclasses import replace

    from theory import verdicts
    from theory.checker import check
    from theory.registry import get

    broken = check(replace(get("minimum-cross-entropy"), attained_of=None))
    monkeypatch.setattr(verdicts, "_checked", lambda names, count, here: iter([broken]))
    monkeypatch.setattr(verdicts, "_save", lambda *_: None)  # it is not the verdict on the file
    assert main(["minimum-cross-entropy", "--no-cache"]) == 1
    assert "not as expected: minimum-cross-entropy" in capsys.readouterr().err
