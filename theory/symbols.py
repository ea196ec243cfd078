# SPDX-License-Identifier: MIT
"""Every symbol of the library, once: its LaTeX, its meaning and its domain.

SymPy assumptions carry the domain: a ``positive`` symbol is > 0, a ``nonnegative`` one >= 0, C is an
integer >= 2.  The kernel believes these domains, so a theorem that substitutes something for a symbol must
show that the substitute lies in the symbol's domain.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from sympy import Function, Symbol

from theory.expressions import LATEX, index


@dataclass(frozen=True)
class Entry:
    """What a symbol means: ``latex``, ``meaning`` in words and ``domain``."""

    latex: str
    meaning: str
    domain: str


TABLE: dict[str, Entry] = {}
# The same by who declared it: this module, whose symbols mean the same everywhere; the file of a lemma or
# theorem; and others (notebooks, tests).  Outside this module a name may stand for different things.
SHARED: dict[str, Entry] = {}
LOCAL: dict[str, dict[str, Entry]] = {}
SESSION: dict[str, Entry] = {}


def _declare(name: str, latex: str, meaning: str, domain: str) -> None:
    TABLE[name] = Entry(latex, meaning, domain)
    LATEX[name] = latex
    caller = sys._getframe(2).f_globals
    if caller is globals():
        table = SHARED
    elif caller.get("__name__", "").startswith("theory."):
        table = LOCAL.setdefault(caller.get("__file__", ""), {})
    else:
        table = SESSION
    table[name] = TABLE[name]


def positive(name: str, latex: str, meaning: str) -> Symbol:
    _declare(name, latex, meaning, "real, > 0")
    return Symbol(name, positive=True)


def nonnegative(name: str, latex: str, meaning: str) -> Symbol:
    _declare(name, latex, meaning, "real, >= 0")
    return Symbol(name, real=True, nonnegative=True)


def real(name: str, latex: str, meaning: str) -> Symbol:
    _declare(name, latex, meaning, "real")
    return Symbol(name, real=True)


def atom(name: str, latex: str, meaning: str) -> Function:
    _declare(name, latex, meaning, "real")
    return Function(name, real=True)


C = Symbol("C", integer=True, positive=True)
TABLE["C"] = SHARED["C"] = Entry("C", "number of classes", "integer, >= 2")
LOWER_BOUNDS = {C: 2}
d = positive("d", "d", "dimension of the feature space")

alpha = positive("alpha", r"\alpha", "feature norm: sqrt of the class-balanced mean of ||h||^2")
beta = positive("beta", r"\beta", "weight norm: sqrt((1/C) sum ||w_c - wbar||^2)")
T = positive("T", "T", "C alpha beta / (C - 1), the largest mean margin that the norms allow")
tau = nonnegative("tau", r"\tau", "margin at which equal margins would give the loss: phi(tau) = L")
L = real("L", "L", "class-balanced mean of the cross-entropy")
L_reg = real("L_reg", r"L_{\mathrm{reg}}", "L + (lambda/2) (||gamma||^2 + ||W||_F^2)")
eps = positive("eps", r"\varepsilon", "loss gap: loss minus the least loss")
delta = positive("delta", r"\delta", "fraction of classes that a statement may leave out")
lam = positive("lambda", r"\lambda", "weight decay")
n = positive("n", "n", "number of samples in each class")
gamma_sq = positive("gamma_sq", r"\|\gamma\|^2", "squared norm of the batch-norm scale")
p = positive("p", "p", "total probability that a target distribution puts on the wrong classes")
nu = real("nu", r"\nu", "within-class variability E||h - mu_c||^2 / alpha^2")
t = real("t", "t", "margin z_y - mean of the other logits")
eta = nonnegative("eta", r"\eta", "variance epsilon of batch normalisation")

c, i, j, k = index("c"), index("i"), index("j"), index("k")
z = atom("z", "z", "z(c, i, j): logit j of sample i of class c")
h = atom("h", "h", "h(c, i, k): coordinate k of the feature of sample i of class c")
w = atom("w", "w", "w(j, k): coordinate k of row j of the classifier weight W")
b = atom("b", "b", "b(j): bias of class j")
