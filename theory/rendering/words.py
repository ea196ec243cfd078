# SPDX-License-Identifier: MIT
"""What the documents have in common: sections, verdicts and the notation in words."""

from __future__ import annotations

import re

from theory.rendering.markup import LETTERS
from theory.rendering.present import Library, Shown, ShownTheorem, Step
from theory.symbols import SHARED

TITLE = "The theorem library"
SECTIONS = {
    "identities": "Identities",
    "least_loss": "The least loss",
    "within_class": "Within-class variability",
    "cosines": "Cosines",
    "between_classes": "Between the classes",
    "other_losses": "Other losses",
    "papyan_han_donoho": "Papyan, Han and Donoho",
    "pan_cao": "Pan and Cao",
    "literature": "The literature",
    "certified": "Certified inequalities",
}
# Names that formulas use beside the symbols of the table, with what they stand for, in LaTeX and words.
NOTATION = (
    (r"\mathbb{E}_{c,i}[f_{c,i}]", "mean over the classes c and over the samples i of each class"),
    (r"\mathbb{E}_{j \ne c}[f_{j}]", "mean over the C - 1 classes j other than c"),
    (
        r"\langle u, v \rangle, \; \lVert u \rVert",
        "inner product and norm in the d-dimensional feature space",
    ),
    (r"\mu_{c}, \; \mu_{G}", "mean feature of class c, and the mean of these means"),
    (r"\bar w, \; \tilde w_{c}", "mean of the rows of W, and row c less that mean"),
    (r"W h + b", "logits of a feature h, one for each class"),
)
DEFINITIONS = (
    r"\ell_{c}(z) = \log\Bigl(\sum_{j} e^{z_{j}}\Bigr) - z_{c}",
    r"\varphi(t) = \log\bigl(1 + (C - 1) e^{-t}\bigr)",
    r"q(t) = \frac{C - 1}{C - 1 + e^{t}}",
    r"\psi(p) = -p \log p - (1 - p) \log(1 - p) + p \log(C - 1)",
    r"\mathrm{KL}_{c}(p \,\Vert\, z) = (1 - p) \bigl(\log(1 - p) + \ell_{c}(z)\bigr)"
    r" + p \, \mathbb{E}_{j \ne c}\Bigl[\log\Bigl(\frac{p}{C - 1}\Bigr) + \ell_{j}(z)\Bigr]",
)
GUIDE = (
    "Every statement below is exact: it holds for all values of the symbols in their domains and for "
    "all functions of the indices, whatever the number of classes, samples and coordinates. A step names the "
    "rule of the kernel that was applied, what it was applied to, and how it was checked; steps that only "
    "rename, substitute or average are told together with the step that uses them. Lemmas that several "
    "theorems share stand at the end, once."
)
VERDICTS = {
    "PROVED": "every step follows by a rule",
    "CERTIFIED": "proved, with an inequality in one or two variables certified by ball arithmetic",
    "REFUTED": "false: a stored exact configuration meets the hypotheses and violates the claim",
    "UNDECIDED": "neither proved nor refuted here",
}


def sections(library: Library) -> list[tuple[str, list[ShownTheorem]]]:
    """Theorems by the folder of their file, in the order of ``SECTIONS``, then alphabetically."""
    by_folder: dict[str, list[ShownTheorem]] = {}
    for theorem in library.theorems:
        parts = theorem.entry.file.split("/")
        by_folder.setdefault(parts[-2] if len(parts) > 1 else "others", []).append(theorem)
    order = [f for f in SECTIONS if f in by_folder] + sorted(f for f in by_folder if f not in SECTIONS)
    return [(SECTIONS.get(f, f.replace("_", " ").capitalize()), by_folder[f]) for f in order]


def symbol_table() -> list[tuple[str, str, str]]:
    """LaTeX, meaning and domain of the symbols that mean the same everywhere."""
    return [(e.latex, e.meaning, e.domain) for e in SHARED.values()]


def verdict(theorem: ShownTheorem) -> str:
    """The ledger's verdict, or "" where none was asked for."""
    return theorem.row.verdict if theorem.row else ""


def statement_end(shown: Shown) -> str:
    """What follows a conclusion with free indices, in LaTeX."""
    return rf" \quad \forall\, {shown.free}" if shown.free else ""


def head(step: Step) -> str:
    """The words of a step: its title or its rules."""
    return step.title or ", ".join(rule.replace("_", " ") for rule in step.rules)


_GREEK = "alpha|beta|gamma|delta|eps|eta|theta|kappa|lambda|mu|nu|xi|rho|sigma|tau|phi|psi|omega|Omega|Lambda"
_PREFERRED = {"eps": "varepsilon", "phi": "varphi"}
_WORDS = re.compile(rf"(?<![A-Za-z\\-])({_GREEK}|Delta)(?![A-Za-z-])")


def typeset(prose: str) -> str:
    """Prose with the formulas in it a little nicer: <= as ≤, lambda as λ, ^2 as ²."""
    prose = _WORDS.sub(lambda found: LETTERS[_PREFERRED.get(found[1], found[1])], prose)
    for plain, nice in (("<=", "≤"), (">=", "≥"), ("!=", "≠"), ("||", "‖"), ("->", "→")):
        prose = prose.replace(plain, nice)
    prose = prose.replace("^{-1}", "⁻¹").replace("wbar", "w\u0304").replace("w~", "w\u0303")
    prose = re.sub(r"\^([23])(?![\d.{])", lambda found: {"2": "²", "3": "³"}[found[1]], prose)
    return re.sub(r" - (?=[\d(|‖]|\S\b|[a-zA-Z]+[\^(_])", " − ", prose)
