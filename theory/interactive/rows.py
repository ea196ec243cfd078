# SPDX-License-Identifier: MIT
"""Steps as rows: text for terminals, Markdown with LaTeX for notebooks."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from sympy import Expr

from theory.expressions import eq
from theory.interactive.counterexamples import described
from theory.ledger import CERTIFIED, PROVED, REFUTED, UNDECIDED
from theory.rendering.claims import claim_latex
from theory.rendering.plain import plain
from theory.rules.common import brief
from theory.statement import Statement

if TYPE_CHECKING:
    from theory.interactive.step import Step

# Okabe and Ito's colours, told apart by the colour-blind; the word says it anyway.
COLOURS = {PROVED: "#009e73", CERTIFIED: "#009e73", UNDECIDED: "#d55e00", REFUTED: "#d55e00"}


def line(step: Step) -> str:
    """Number, verdict, label, rule and premises, in one line."""
    words = [step.label, how(step)]
    return f"{step.number:>3}. {step.verdict:<9}  {'  -  '.join(x for x in words if x)}".rstrip()


def text(step: Step) -> str:
    """The step for a terminal: verdict, rule and premises, claim, and what is wrong."""
    lines = [line(step)]
    lines += [f"       {plain(claim_latex(step.relation))}"] if step.relation is not None else []
    lines += [f"       why: {step.reason}"] if step.reason else []
    lines += [f"       left over: {plain(_expression(step.left_over))}"] if step.left_over is not None else []
    lines += [f"       {found}" for found in _against(step)]
    return "\n".join(lines)


def markdown(step: Step) -> str:
    """The step for a notebook."""
    label = f" &nbsp; *{_escaped(step.label)}*" if step.label else ""
    rule = f" &nbsp; {_escaped(how(step))}" if how(step) else ""
    parts = [f"**{step.number}** &nbsp; {_coloured(step.verdict)}{label}{rule}"]
    parts += [(step.ends or Statement(step.relation))._repr_latex_()] if step.relation is not None else []
    parts += [f"Why: {_code(brief(step.reason, 400))}"] if step.reason else []
    if step.left_over is not None:
        parts.append(f"Left over: ${_expression(step.left_over)}$")
    return "\n\n".join(parts + [_code(found) for found in _against(step)])


def _expression(expr: Expr) -> str:
    """An expression in LaTeX, as the claims are."""
    return claim_latex(eq(0, expr)).removeprefix("0 = ")


def how(step: Step) -> str:
    """``algebra from 1, 3; given 2``."""
    if not step.rule:
        return ""
    premises = f" from {', '.join(step.premises)}" if step.premises else ""
    if step.made is None:
        return step.rule + premises
    if step.rule == "assume":
        return ""
    numbers = {s.relation: str(s.number) for s in step.proof.steps if s.verdict == "GIVEN"}
    known = [numbers[a] for a in step.given if a in numbers]
    others = len(step.given) - len(known)
    known += [f"{others} hypothes{'i' if others == 1 else 'e'}s of what it uses"] if others else []
    return f"{step.rule}{premises}" + (f"; given {', '.join(known)}" if known else "")


def _against(step: Step) -> list[str]:
    """What an attack found."""
    attacked = step.attacked
    if attacked is None or (step.made is not None and not attacked):
        return []
    if attacked.witness is None:
        return [f"{attacked}."]
    found = described(attacked.statement.conclusion, attacked.witness)
    lead = "False" if step.made is None else "A witness contradicts the kernel (please report it)"
    return [f"{lead} at {found}."]


def _coloured(verdict: str) -> str:
    return f'<span style="color:{COLOURS.get(verdict, "#56606b")}">**{verdict}**</span>'


def _escaped(words: str) -> str:
    """Words in which Markdown finds no markup."""
    return re.sub(r"([\\`*_$<>\[\]])", r"\\\1", words)


def _code(words: str) -> str:
    return "`" + words.replace("`", "'") + "`"


def notebook() -> Any:
    """The running IPython, or None; never imports it."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None else None


def show(step: Step) -> None:
    """Show a step as soon as it is made, if its proof shows steps."""
    wanted = step.proof.show
    if wanted is None:
        wanted = notebook() is not None or hasattr(sys, "ps1")
    if wanted:
        display(step)


def display(thing: Step) -> None:
    """Display a step, but not twice in the same cell of a notebook."""
    shell = notebook()
    if shell is None:
        print(repr(thing))
        return
    from IPython.display import display as send

    moment = (shell.execution_count, repr(thing))
    if thing.displayed == moment:
        return
    thing.displayed = moment
    send({"text/plain": repr(thing), "text/markdown": markdown(thing)}, raw=True)
