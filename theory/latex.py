# SPDX-License-Identifier: MIT
"""Theorems as documents: a standalone LaTeX file, its bibliography, and the README table.

An entry is any object with the plain attributes ``name, title, kind, source`` and, for LaTeX, ``latex`` (the
statement as display mathematics, without delimiters), for the table ``verdict`` and ``says`` (one line).
"""

from collections.abc import Iterable
from typing import Protocol


class Described(Protocol):
    """What both renderers read."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def source(self) -> str: ...


class Statement(Described, Protocol):
    """An entry of the LaTeX document."""

    @property
    def latex(self) -> str: ...


class Row(Described, Protocol):
    """An entry of the README table."""

    @property
    def verdict(self) -> str: ...
    @property
    def says(self) -> str: ...


_PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{amsmath,amssymb,amsthm,adjustbox}
\usepackage[margin=25mm]{geometry}
\allowdisplaybreaks
\theoremstyle{plain}
\newtheorem{theorem}{Theorem}
\newtheorem{conjecture}[theorem]{Conjecture}
\newtheorem{published}[theorem]{Published statement}
\begin{document}
"""

_ENVIRONMENTS = {"conjecture": "conjecture", "published": "published"}

_BIBLIOGRAPHY = {
    "papyan2020": r"""@article{papyan2020,
  author  = {Papyan, Vardan and Han, X. Y. and Donoho, David L.},
  title   = {Prevalence of neural collapse during the terminal phase of deep learning training},
  journal = {Proceedings of the National Academy of Sciences},
  volume  = {117},
  number  = {40},
  pages   = {24652--24663},
  year    = {2020}
}""",
    "pan2023": r"""@article{pan2023,
  author  = {Pan, Leyan and Cao, Xinyuan},
  title   = {Towards Understanding Neural Collapse: The Effects of Batch Normalization and Weight Decay},
  journal = {arXiv preprint arXiv:2309.04644},
  year    = {2023}
}""",
}

_SPECIAL = {character: "\\" + character for character in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "λ": r"$\lambda$",
    "δ": r"$\delta$",
    "ε": r"$\varepsilon$",
    "ν": r"$\nu$",
    "√": r"$\surd$",
    "–": "--",
    "—": "---",
    "…": r"\dots{}",
}


def latex_document(entries: Iterable[Statement]) -> str:
    """One standalone LaTeX document: a numbered statement for each entry, in order, then the references.

    Titles and sources are escaped as prose; ``latex`` is display mathematics and goes in untouched. Empty
    mathematics raises ValueError, because a theorem without a statement would number nothing.
    """
    parts = [_PREAMBLE]
    for entry in entries:
        if not entry.latex.strip():
            raise ValueError(f"The entry {entry.name!r} has empty .latex; a statement is required.")
        environment = _ENVIRONMENTS.get(entry.kind, "theorem")
        parts.append(
            f"\\begin{{{environment}}}[{{{escape(entry.title)}}}]\\label{{{entry.name}}}\n"
            f"{_display(entry.latex.strip())}\n"
            f"\\end{{{environment}}}\n"
            f"\\noindent\\texttt{{{escape(entry.name)}}}, {escape(entry.kind)}. {escape(entry.source)}\n\n"
        )
    parts.append("\\begin{thebibliography}{9}\n")
    parts.append(
        "\\bibitem{papyan2020} V. Papyan, X. Y. Han and D. L. Donoho, Prevalence of neural collapse during "
        "the terminal phase of deep learning training, \\emph{PNAS} 117(40), 2020.\n"
        "\\bibitem{pan2023} L. Pan and X. Cao, Towards Understanding Neural Collapse: The Effects of Batch "
        "Normalization and Weight Decay, arXiv:2309.04644, 2023.\n"
    )
    parts.append("\\end{thebibliography}\n\\end{document}\n")
    return "".join(parts)


def bibtex() -> str:
    """BibTeX records of the two papers whose statements are proved, refuted or sharpened here."""
    return "\n\n".join(_BIBLIOGRAPHY.values()) + "\n"


def markdown_table(entries: Iterable[Row]) -> str:
    """The README table, one row per entry in order: name, kind, verdict, says, source."""
    lines = ["| name | kind | verdict | says | source |", "|---|---|---|---|---|"]
    for entry in entries:
        cells = (f"`{entry.name}`", entry.kind, entry.verdict, entry.says, entry.source)
        # A bar or a line break inside a cell would end it.
        lines.append("| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def escape(prose: str) -> str:
    """Prose with every character that LaTeX would interpret made literal."""
    return "".join(_SPECIAL.get(character, character) for character in prose)


def _display(mathematics: str) -> str:
    display = mathematics.startswith((r"\begin{", r"\[")) and not mathematics.startswith(r"\begin{aligned}")
    if display:
        return mathematics
    # long statements are scaled down to the width of the text
    fitted = f"\\adjustbox{{max width=\\linewidth}}{{$\\displaystyle {mathematics}$}}"
    return f"\\begin{{center}}\n{fitted}\n\\end{{center}}"
