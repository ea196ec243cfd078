# SPDX-License-Identifier: MIT
"""The library as one LaTeX document that needs only packages of a small TeX installation."""

from __future__ import annotations

from collections.abc import Sequence

from theory.rendering import words
from theory.rendering.breaking import rows
from theory.rendering.markup import LETTERS
from theory.rendering.present import Library, Proof, Reference, Shown, ShownTheorem, Step

# A conclusion of more rows than this is left out of print; the HTML page has it.
MOST_ROWS = 7
WIDEST_ROW = 76.0

PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\usepackage{amsmath,amssymb,amsthm,xcolor,graphicx}
\usepackage[margin=24mm]{geometry}
\usepackage[hidelinks,unicode]{hyperref}
\ifdefined\pdftrailerid\pdftrailerid{}\fi
\allowdisplaybreaks
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt plus 1pt}
\setlength{\emergencystretch}{3em}
\theoremstyle{definition}
\newtheorem{theorem}{Theorem}
\newtheorem{identity}[theorem]{Identity}
\newtheorem{published}[theorem]{Published claim}
\newtheorem{conjecture}[theorem]{Conjecture}
\newtheorem{expansion}[theorem]{Expansion}
\newtheorem{lemma}{Lemma}
\definecolor{PROVED}{HTML}{1A7F37}
\definecolor{CERTIFIED}{HTML}{0A5FB4}
\definecolor{REFUTED}{HTML}{B42318}
\definecolor{UNDECIDED}{HTML}{8A6100}
\newcommand{\verdict}[1]{\textbf{\textcolor{#1}{\small #1}}}
\newsavebox{\fitbox}
\newcommand{\fit}[1]{\sbox{\fitbox}{$\displaystyle #1$}%
  \ifdim\wd\fitbox>\linewidth\resizebox{\linewidth}{!}{\usebox{\fitbox}}\else\usebox{\fitbox}\fi}
\newenvironment{hanging}[1]{\begin{list}{}{\setlength{\leftmargin}{#1}\setlength{\labelwidth}{#1}%
  \addtolength{\labelwidth}{-0.5em}\setlength{\labelsep}{0.5em}\setlength{\itemsep}{2pt plus 1pt}%
  \setlength{\parsep}{1pt}\setlength{\topsep}{2pt}\renewcommand{\makelabel}[1]{##1\hfil}}}{\end{list}}
"""

ENVIRONMENTS = {
    "identity": "identity",
    "published": "published",
    "conjecture": "conjecture",
    "asymptotic": "expansion",
}

_SPECIAL = (
    {character: "\\" + character for character in "&%$#_{}"}
    | {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        "≤": r"$\le$",
        "≥": r"$\ge$",
        "≠": r"$\ne$",
        "√": r"$\surd$",
        "−": r"$-$",
        "×": r"$\times$",
        "·": r"$\cdot$",
        "∞": r"$\infty$",
        "→": r"$\to$",
        "²": r"$^2$",
        "³": r"$^3$",
        "⁻": r"$^-$",
        "¹": r"$^1$",
        "‖": r"$\Vert$",
        "–": "--",
        "—": "---",
        "…": r"\dots{}",
        "’": "'",
    }
    | {letter: rf"$\{name}$" for name, letter in LETTERS.items()}
)
_MARKED = {"w\u0304": r"$\bar w$", "w\u0303": r"$\tilde w$"}
_LAST_LATIN = "\u017f"


def escape(prose: str) -> str:
    """Prose with every character that LaTeX would interpret made literal, and Greek letters as such."""
    return _literal(words.typeset(prose))


def _literal(prose: str) -> str:
    for marked, latex in _MARKED.items():
        if marked in prose:
            return latex.join(map(_literal, prose.split(marked)))
    return "".join(_SPECIAL.get(x, x if x <= _LAST_LATIN else f"[U+{ord(x):04X}]") for x in prose)


def document(library: Library) -> str:
    """The whole document: guide, notation, theorems by subject with their proofs, lemmas, references."""
    parts = [PREAMBLE, "\\begin{document}\n", _opening(), _notation(library)]
    for title, theorems in words.sections(library):
        parts.append(f"\\section{{{escape(title)}}}\n")
        parts += [_theorem(t) for t in theorems]
    if library.lemmas:
        parts.append("\\appendix\n\\section{Lemmas}\n")
        parts += [_lemma(shown) for shown in library.lemmas]
    if any(t.citations for t in library.theorems):
        parts.append("\\bibliographystyle{plain}\n\\bibliography{references}\n")
    return "".join([*parts, "\\end{document}\n"])


def _opening() -> str:
    title = f"\\title{{{words.TITLE}}}\n\\author{{}}\n\\date{{}}\n\\maketitle\n"
    return f"{title}{escape(words.GUIDE)}\n\n\\tableofcontents\n"


def _notation(library: Library) -> str:
    lines = ["\\section{Notation}\n\\begin{hanging}{9em}\n"]
    lines += [f"\\item[{{${latex}$}}] {escape(meaning)}\n" for latex, meaning in words.NOTATION]
    lines += [
        f"\\item[{{${latex}$}}] {escape(meaning)} \\textcolor{{gray}}{{({escape(domain)})}}\n"
        for latex, meaning, domain in words.symbol_table()
    ]
    lines.append("\\end{hanging}\n")
    lines += [f"{_formula(latex)}\n\n" for latex in words.DEFINITIONS]
    if any(t.row for t in library.theorems):
        lines.append("\\begin{hanging}{9em}\n")
        lines += [f"\\item[{{\\verdict{{{v}}}}}] {escape(text)}\n" for v, text in words.VERDICTS.items()]
        lines.append("\\end{hanging}\n")
    return "".join(lines)


def _theorem(theorem: ShownTheorem) -> str:
    entry, shown = theorem.entry, theorem.shown
    environment = ENVIRONMENTS.get(entry.kind, "theorem")
    found = words.verdict(theorem)
    badge = f" \\hfill \\verdict{{{found}}}" if found else ""
    parts = [
        f"\n\\begin{{{environment}}}[{escape(shown.title)}]\\label{{thm:{shown.name}}}"
        f"\\leavevmode\\\\\n\\texttt{{{escape(shown.name)}}}, {escape(entry.kind)}{badge}\n\n",
        f"\\emph{{{escape(entry.says)}}}\n\n",
        _statement(shown),
        f"\\end{{{environment}}}\n",
        _symbols(shown),
        f"{escape('Source: ' + entry.source)}{_cited(theorem.citations)}.\n\n",
    ]
    parts += [f"{escape(text)}\n\n" for text in theorem.remarks]
    if shown.proof is not None:
        parts.append(_proof(shown.proof, "Proof"))
    return "".join(parts)


def _cited(citations: Sequence[str]) -> str:
    return f"~\\cite{{{','.join(citations)}}}" if citations else ""


def _symbols(shown: Shown) -> str:
    if not shown.symbols:
        return ""
    return "Here " + "; ".join(f"${latex}$ is {escape(text)}" for latex, text in shown.symbols) + ".\n\n"


def _statement(shown: Shown) -> str:
    if not shown.hypotheses:
        return f"{_formula(shown.conclusion, words.statement_end(shown))}\n\n"
    given = "".join(f"\\item[{name}] {_formula(latex)}\n" for name, latex in shown.hypotheses)
    return (
        f"If\n\\begin{{hanging}}{{3em}}\n{given}\\end{{hanging}}\nthen\n\n"
        f"{_formula(shown.conclusion, words.statement_end(shown))}\n\n"
    )


def _lemma(shown: Shown) -> str:
    title = f"[{escape(shown.title)}]" if shown.title else ""
    used = ", ".join(f"\\ref{{thm:{name}}}" for name in shown.used_by)
    parts = [f"\n\\begin{{lemma}}{title}\\label{{lem:{shown.name}}}\\leavevmode\n\n", _statement(shown)]
    parts.append(f"\\end{{lemma}}\n{f'Used in {used}.' if used else ''}\n\n")
    return "".join([*parts, _proof(shown.proof, "Proof") if shown.proof else ""])


def _proof(proof: Proof, title: str) -> str:
    parts = [f"{{\\small\\textit{{{title}}}"]
    parts.append(f" ({_count(proof.kernel_steps, 'application')} of a rule).\n")
    parts.append("\\begin{hanging}{2.5em}\n")
    parts += [f"\\item[{name}] Assume\\quad {_formula(latex)}\n" for name, latex in proof.assumptions]
    steps = "".join(_step(step) for step in proof.steps).rstrip()
    return "".join([*parts, steps, "\\hfill$\\square$\n\\end{hanging}\\par}\n"])


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number != 1 else ''}"


def _step(step: Step) -> str:
    rules = ", ".join(rule.replace("_", " ") for rule in step.rules)
    sources = ", ".join(map(_reference, step.premises))
    note = escape(step.evidence if not step.title else f"{rules}: {step.evidence}")
    how = f"{note}; from {sources}" if sources else note
    head = escape(words.head(step))
    told = f"\\item[({step.name})] {head} \\textcolor{{gray}}{{[{how}]}}\\nopagebreak"
    return f"{told}\n\n{_formula(step.conclusion)}\n"


def _reference(reference: Reference) -> str:
    if reference.kind == "step":
        return f"({reference.name})"
    if reference.kind == "lemma":
        return f"Lemma~\\ref{{lem:{reference.name}}}"
    if reference.kind == "theorem":
        return f"Theorem~\\ref{{thm:{reference.name}}}"
    return reference.name


def _formula(latex: str, end: str = "") -> str:
    """A formula of its own, broken over rows; left out, with its size, if there would be too many."""
    broken = rows(latex + end, WIDEST_ROW)
    if len(broken) > MOST_ROWS:
        return f"\\textcolor{{gray}}{{[a formula of {len(latex)} characters; see theorems.html]}}"
    if len(broken) == 1:
        return f"\\fit{{{broken[0]}}}"
    inside = r" \\ ".join(f"& {row}" for row in broken)
    return f"\\fit{{\\begin{{aligned}}[t] {inside} \\end{{aligned}}}}"
