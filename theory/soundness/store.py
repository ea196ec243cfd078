# SPDX-License-Identifier: MIT
"""Counterexamples on file: what goes wrong without a hypothesis, as exact tables to be checked again.

``counterexamples.json`` holds, for each theorem and each hypothesis (by its text, see ``text_of``), an exact
configuration that meets the other hypotheses and makes the conclusion false.  ``meaningless.json`` holds, in
the same form, configurations that violate the hypothesis and leave something in the statement without value.
Of "there are constants" it is the statement with the constants of the proof that is refuted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import sympy

from theory.expressions import Relation
from theory.soundness.numbers import scalars_in, sorts_of
from theory.statement import Statement, Witness

COUNTEREXAMPLES = Path(__file__).with_name("counterexamples.json")
MEANINGLESS = Path(__file__).with_name("meaningless.json")
_NAMES = {"sqrt": sympy.sqrt, "exp": sympy.exp, "log": sympy.log, "Rational": sympy.Rational, "E": sympy.E}


def text_of(hypothesis: Relation) -> str:
    """The text of a hypothesis without the running numbers of renamed indices."""
    return re.sub(r"_#\d+", "", str(hypothesis))


def load(file: Path = COUNTEREXAMPLES) -> dict[str, dict[str, Any]]:
    """Theorem name -> text of the dropped hypothesis -> configuration as plain data; empty without a file."""
    return json.loads(file.read_text()) if file.exists() else {}  # type: ignore[no-any-return]


def save(found: Mapping[str, Mapping[str, Any]], file: Path = COUNTEREXAMPLES) -> None:
    """Write the counterexamples, sorted, one configuration a line."""
    lines = []
    for name in sorted(found):
        rows = [f"  {json.dumps(text)}: {json.dumps(found[name][text])}" for text in sorted(found[name])]
        if rows:
            lines.append(f" {json.dumps(name)}: {{\n" + ",\n".join(rows) + "\n }")
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def to_data(witness: Witness, statement: Statement) -> dict[str, Any]:
    """The witness as plain data: what the statement mentions, numbers as text."""
    sizes = {"class": witness.classes, "sample": witness.samples, "coordinate": witness.dimension}
    relations = _relations(statement)
    tables = {}
    for atom, sorts in sorts_of(relations).items():
        shape = tuple(sizes[s] for s in sorts)
        table = np.empty(shape, dtype=object)
        for at in product(*map(range, shape)):
            table[at] = str(sympy.sympify(witness.functions[atom](*at)))
        tables[atom.__name__] = table.tolist()
    values = {s.name: str(sympy.sympify(witness.values[s])) for s in scalars_in(relations)}
    return {"sizes": list(sizes.values()), "atoms": dict(sorted(tables.items())), "values": values}


def from_data(data: Mapping[str, Any], statement: Statement) -> Witness:
    """The witness again.  Raises ``KeyError`` where it has no value for something in the statement."""
    relations = _relations(statement)
    functions = {}
    for atom in sorts_of(relations):
        table = np.vectorize(_number, otypes=[object])(np.array(data["atoms"][atom.__name__], dtype=object))
        functions[atom] = lambda *at, t=table: t[at]
    values = {s: _number(data["values"][s.name]) for s in scalars_in(relations)}
    classes, samples, dimension = data["sizes"]
    return Witness(classes, samples, dimension, functions, values, "a stored counterexample")


def _number(text: str) -> Any:
    return sympy.parse_expr(text, local_dict=_NAMES)


def _relations(statement: Statement) -> tuple[Relation, ...]:
    return tuple(a for a in (*statement.hypotheses, statement.conclusion) if isinstance(a, Relation))
