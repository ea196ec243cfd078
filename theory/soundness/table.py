# SPDX-License-Identifier: MIT
"""The reports of soundness testing for readers: on a terminal, and as Markdown."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from theory.soundness.attack import EQUIVALENT, REFUTED, UNDECIDED, UNNEEDED, WEAKER
from theory.soundness.campaign import Report
from theory.soundness.hypotheses import NEEDED, OPEN

HEADINGS = {
    "theorem": "",
    "mutants": "changed statements that were tried, of those there are",
    "refuted": "false: a witness is known",
    "undecided": "neither refuted nor proved by the theorem's proof",
    "true, weaker": "implied by the theorem",
    "same": "the same statement in other words",
    "hypothesis not used": "without a hypothesis that the proof does not use",
    "unsound": "false and proved: must be 0",
    "steps broken": "changed steps after which the proof was refused, of those that were tried",
    "hypotheses needed": "those with a counterexample on file to the statement without them, of all",
    "seconds": "",
}
_WORDS = {
    "unnecessary": "the proof does not use hypothesis",
    "signs": "superfluous up to a change of signs: hypothesis",
    "choice": "superfluous, because it can be met by a choice: hypothesis",
    "domain": "gives the statement its meaning: hypothesis",
    OPEN: "used, and no counterexample without it is known: hypothesis",
}


_PAGE = """# What a false theorem would have to get past

Every theorem with a proof, attacked by `python -m theory.soundness`. Its statement is changed mechanically:
constants, exponents, signs, factors, terms, directions of inequalities, swapped symbols and indices, dropped
hypotheses. A changed statement that is false must not be proved, whether from the theorem, from its last step
or by its proof run again; where possible an exact witness refutes it. Each step of the proof is changed,
and loses a premise: the proof must then be refused. And each hypothesis is dropped: a counterexample is on
file, or the reason why there is none (`--unsettled` lists those for which neither is known).

Made by `python -m theory.soundness --seconds 20 --trial 3 --output DIR --markdown > docs/soundness.md`: at
most 40 changed statements a theorem, and nothing new begun after 20 seconds of processor time."""


def print_table(reports: Sequence[Report], total: Mapping[str, int]) -> None:
    """A table, what a reader should look at, and the score, on standard output."""
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    table = Table(title="Soundness testing")
    for n, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="left" if n == 0 else "right", overflow="fold")
    for report in _judged(reports):
        table.add_row(*row(report))
    console.print(table)
    for report in reports:
        for line in remarks(report):
            console.print(f"{report.name}: {line}", soft_wrap=True, markup=False)
    console.print(sentence(total), soft_wrap=True)


def markdown(reports: Sequence[Report], total: Mapping[str, int]) -> str:
    """A page: the score, what each column means, and a row for each theorem with a proof."""
    meaning = [f"- **{heading}**: {words}" for heading, words in HEADINGS.items() if words]
    rows = [" | ".join(row(report)) for report in _judged(reports)]
    rule = " | ".join(["---", *["---:"] * (len(HEADINGS) - 1)])
    table = [" | ".join(HEADINGS), rule, *rows]
    lines = [f"| {line} |" for line in table]
    return "\n".join([_PAGE, "", sentence(total), "", *meaning, "", *lines])


def sentence(total: Mapping[str, int]) -> str:
    """The totals in words."""
    return (
        f"{total['theorems']} theorems, {total['mutants']} of {total['possible']} mutants: "
        f"{total['refuted']} refuted by a witness, {total['undecided']} undecided, "
        f"{total['weaker']} weaker and true, "
        f"{total['equivalent']} the same, {total['unneeded']} where the proof does not use the hypothesis, "
        f"{total['unsound']} UNSOUND. {total['steps_that_broke']} of {total['step_changes']} changed steps "
        "broke their proof."
    )


def row(report: Report) -> list[str]:
    """The cells of a theorem, as in ``HEADINGS``."""
    counts = report.counts
    needed = sum(fate.verdict == NEEDED for fate in report.fates)
    steps = report.steps
    return [
        report.name,
        f"{report.tried} of {report.possible}",
        *(str(counts[verdict]) for verdict in (REFUTED, UNDECIDED, WEAKER, EQUIVALENT, UNNEEDED)),
        str(len(report.unsound)),
        f"{steps.broken} of {steps.changes}" if steps else "",
        f"{needed} of {len(report.fates)}",
        f"{report.seconds:.1f}",
    ]


def remarks(report: Report) -> list[str]:
    """What a reader should look at: unsound mutants, hypotheses that are not needed, spare steps."""
    lines = [f"UNSOUND: {text}" for text in report.unsound]
    lines += [f"no report: {report.gave_up}"] if report.gave_up else []
    for fate in report.fates:
        if fate.verdict in _WORDS:
            why = f" ({fate.why})" if fate.why else ""
            lines.append(f"{_WORDS[fate.verdict]} {fate.number + 1}, {fate.hypothesis}{why}")
    spare = [s for s in (report.steps.survivors if report.steps else []) if s.why in ("spare", "loose")]
    lines += [
        f"step {s.step} ({s.rule}{f': {s.label}' if s.label else ''}): {s.change}, and the proof still holds"
        + (f" (premise {s.premise})" if s.premise else "")
        for s in spare
    ]
    return lines


def _judged(reports: Sequence[Report]) -> list[Report]:
    return [report for report in reports if report.steps is not None]
