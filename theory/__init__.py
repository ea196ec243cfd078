# SPDX-License-Identifier: MIT
"""Exact mathematics of neural collapse: executable theorems.

    theory.theorems()                      the registry, name -> theorem
    theory.get("within-class-variability") one theorem: statement, hypotheses, proof, verify(), evaluate()
    theory.enclose(theorem, values)        its bound at enclosed values, rounded outward
    theory.verify()                        the ledger: prove or certify everything

To extend a proof, import the language and the rules: ``from theory.expressions import *``, ``from
theory.proving import *``.
"""

from typing import Any

_PUBLIC = {
    "get": "theory.registry",
    "verify": "theory.registry",
    "UnknownTheorem": "theory.registry",
    "HypothesisError": "theory.evaluation",
    "Enclosed": "theory.certificates.formulas",
    "enclose": "theory.certificates.formulas",
}
__all__ = ["Enclosed", "HypothesisError", "UnknownTheorem", "enclose", "get", "scalars", "theorems", "verify"]


def __getattr__(name: str) -> Any:
    import importlib

    if name in ("scalars", "theorems"):
        return importlib.import_module(f"theory.{name}")
    if name in _PUBLIC:
        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'theory' has no attribute {name!r}")
