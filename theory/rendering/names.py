# SPDX-License-Identifier: MIT
"""The LaTeX of symbols and atoms in one theorem: as declared where it is stated, and never two alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import sympy
from sympy import Expr, Symbol
from sympy.core.function import AppliedUndef

from theory.expressions import LATEX, is_index
from theory.rendering.nodes import CentredRow, ClassMean, CrossEntropy, GlobalMean, Psi, Q, RowMean
from theory.rendering.nodes import Phi as PhiNode
from theory.rendering.nodes import PhiInverse as PhiInverseNode

# What the nodes print as; a symbol that looks the same is printed by its name in the files.
OWN = {
    PhiNode: r"\varphi",
    PhiInverseNode: r"\varphi^{-1}",
    Q: "q",
    Psi: r"\psi",
    CrossEntropy: r"\ell",
    ClassMean: r"\mu",
    GlobalMean: r"\mu_{G}",
    RowMean: r"\bar w",
    CentredRow: r"\tilde w",
}


class Names:
    """LaTeX by name.  ``declared`` overrides what the last file that declared a name gave it.

    Where two different names in ``expressions`` would be printed alike, the later one is printed as it is
    called in the files, in sans serif.
    """

    def __init__(self, expressions: Iterable[Expr] = (), declared: Mapping[str, str] | None = None) -> None:
        self.declared = dict(declared or {})
        self._told_apart: dict[str, str] = {}
        uses: set[tuple[str, bool]] = set()
        taken: dict[tuple[str, bool], str] = {}
        for expr in expressions:
            for kind, text in OWN.items():
                if expr.has(kind):
                    taken[text, True] = taken[text, False] = ""
            uses |= {(s.name, False) for s in expr.atoms(Symbol) if not is_index(s)}
            uses |= {(str(a.func), True) for a in expr.atoms(AppliedUndef)}
        for name, indexed in sorted(uses):
            text = self.get(name)
            # c as a symbol and c as an index must not be taken for each other either
            if taken.setdefault((text, indexed), name) != name:
                self._told_apart[name] = _literal(name)

    def get(self, name: str) -> str:
        """LaTeX of the symbol or atom called ``name``."""
        if name in self._told_apart:
            return self._told_apart[name]
        text = self.declared.get(name) or LATEX.get(name)
        return text if text else str(sympy.latex(Symbol(name)))


def _literal(name: str) -> str:
    return r"\mathsf{" + name.replace("_", r"\_") + "}"


def with_indices(text: str, indices: str) -> str:
    """A name with indices; what it has as a subscript already comes first."""
    if not indices:
        return text
    found = re.fullmatch(r"(.*)_(?:\{((?:[^{}]|\{[^{}]*\})*)\}|(\\[a-zA-Z]+|[^{}\\]))", text)
    if found is None:
        return f"{text}_{{{indices}}}"
    return f"{found[1]}_{{{found[2] or found[3]},{indices}}}"
