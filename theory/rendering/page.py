# SPDX-License-Identifier: MIT
"""The library as one HTML page that needs nothing else: formulas in MathML, no scripts, light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape as _escape

from theory.rendering import words
from theory.rendering.bibliography import BY_KEY, reference
from theory.rendering.breaking import rows
from theory.rendering.mathml import display, inline
from theory.rendering.present import Library, Proof, Reference, Shown, ShownTheorem, Step

# Formulas of more characters than this are folded away.
LONGEST_SHOWN = 1500
WIDEST_ROW = 84.0

STYLE = """
:root{--ink:#1b1f24;--soft:#5a6472;--line:#d8dee6;--paper:#fff;--shade:#f5f7fa;--link:#0a58a8;
--PROVED:#1a7f37;--CERTIFIED:#0a5fb4;--REFUTED:#b42318;--UNDECIDED:#8a6100}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ee;--soft:#9aa6b4;--line:#333c48;--paper:#14181d;
--shade:#1c2229;--link:#79b8ff;--PROVED:#57c478;--CERTIFIED:#6cb6ff;--REFUTED:#ff8a80;--UNDECIDED:#e3b341}}
*{box-sizing:border-box}
html{color-scheme:light dark;scroll-behavior:smooth}
body{margin:0 auto;max-width:62rem;padding:1rem 1.1rem 4rem;color:var(--ink);background:var(--paper);
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
h1{font-size:1.8rem;margin:.6rem 0}
h2{font-size:1.35rem;margin:2.6rem 0 .8rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{font-size:1.1rem;margin:0}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
article{margin:1.1rem 0;padding:.9rem 1.1rem;border:1px solid var(--line);border-radius:.5rem}
article:target{border-color:var(--link);box-shadow:0 0 0 1px var(--link)}
code{font:.86em ui-monospace,Menlo,Consolas,monospace}
.meta,.small{color:var(--soft);font-size:.9rem}
.meta{display:flex;flex-wrap:wrap;gap:.2rem .7rem;align-items:baseline;margin:.15rem 0 .5rem}
.badge{font-size:.72rem;font-weight:700;letter-spacing:.03em;padding:.05rem .45rem;border-radius:1rem;
border:1px solid currentColor;white-space:nowrap}
.math{overflow-x:auto;overflow-y:hidden;padding:.3rem 0;max-width:100%}
.math math{width:max-content;margin:0;text-align:left}
math{font-size:1.05rem;line-height:1.35}
mtd{padding:.22em 0;text-align:left}
.given{display:grid;grid-template-columns:2.6rem minmax(0,1fr);gap:0 .4rem;align-items:center;margin:.2rem 0}
.given>b{font-weight:600;color:var(--soft);font-size:.85rem}
.claim{background:var(--shade);border-left:3px solid var(--link);padding:.3rem .8rem;margin:.5rem 0;
border-radius:.2rem}
details{margin:.5rem 0}summary{cursor:pointer;color:var(--link)}
ol.steps{list-style:none;margin:.5rem 0;padding:0}
ol.steps>li{padding:.45rem 0 .45rem 2.7rem;border-top:1px solid var(--line);position:relative}
ol.steps>li>.n{position:absolute;left:0;color:var(--soft);font-variant-numeric:tabular-nums}
.how{color:var(--soft);font-size:.85rem}
table{border-collapse:collapse;width:100%}td{padding:.25rem .6rem .25rem 0;vertical-align:top}
td:first-child{white-space:nowrap}
ul.contents{list-style:none;padding:0;margin:.3rem 0 1rem;columns:2;column-gap:2rem}
ul.contents li{padding:.14rem 0;break-inside:avoid;display:flex;gap:.5rem;align-items:baseline}
ul.contents .badge{margin-left:auto}
@media(max-width:640px){ul.contents{columns:1}body{padding:.6rem .7rem 3rem}article{padding:.7rem .75rem}
ol.steps>li{padding-left:1.9rem}td{display:block;padding:.1rem 0}}
@media print{details:not([open])>*{display:block}}
"""


def page(library: Library) -> str:
    """The whole page."""
    sections = words.sections(library)
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n',
        f"<title>{words.TITLE}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        f"<h1>{words.TITLE}</h1>\n<p>{_prose(words.GUIDE)}</p>\n",
        _summary(library),
        _contents(sections, library),
        _notation(),
    ]
    for title, theorems in sections:
        parts.append(f'<h2 id="{_anchor(title)}">{_prose(title)}</h2>\n')
        parts += [_theorem(t) for t in theorems]
    if library.lemmas:
        parts.append(
            '<h2 id="lemmas">Lemmas</h2>\n<p class="small">Each is used by more than one theorem.</p>\n'
        )
        parts += [_lemma(shown) for shown in library.lemmas]
    return "".join([*parts, _references(library), "</body>\n</html>\n"])


def _prose(text: str) -> str:
    return _escape(words.typeset(text), quote=False)


def _anchor(title: str) -> str:
    return "section-" + "-".join(title.lower().replace(",", "").split())


def _badge(verdict: str) -> str:
    return f'<span class="badge" style="color:var(--{verdict})">{verdict}</span>' if verdict else ""


def _summary(library: Library) -> str:
    counts: dict[str, int] = {}
    for theorem in library.theorems:
        if theorem.row:
            counts[theorem.row.verdict] = counts.get(theorem.row.verdict, 0) + 1
    lines = [
        f"<tr><td>{_badge(v)}</td><td>{counts[v]}: {_prose(text)}</td></tr>"
        for v, text in words.VERDICTS.items()
        if v in counts
    ]
    return f"<table>{''.join(lines)}</table>\n" if lines else ""


def _contents(sections: Sequence[tuple[str, list[ShownTheorem]]], library: Library) -> str:
    parts = ["<nav>\n<h2>Contents</h2>\n"]
    for title, theorems in sections:
        parts.append(f'<a href="#{_anchor(title)}"><b>{_prose(title)}</b></a>\n<ul class="contents">\n')
        for t in theorems:
            link = f'<a href="#{t.shown.name}">{_prose(t.shown.title)}</a>'
            parts.append(f"<li>{link}{_badge(words.verdict(t))}</li>\n")
        parts.append("</ul>\n")
    if library.lemmas:
        parts.append(
            f'<a href="#lemmas"><b>Lemmas</b></a> <span class="small">{len(library.lemmas)}</span>\n'
        )
    return "".join([*parts, "</nav>\n"])


def _notation() -> str:
    lines = [f"<tr><td>{inline(latex)}</td><td>{_prose(text)}</td></tr>\n" for latex, text in words.NOTATION]
    lines += [
        f"<tr><td>{inline(latex)}</td><td>{_prose(text)} "
        f'<span class="small">({_prose(domain)})</span></td></tr>\n'
        for latex, text, domain in words.symbol_table()
    ]
    defined = "".join(_formula(latex) for latex in words.DEFINITIONS)
    return f'<h2 id="notation">Notation</h2>\n<table>\n{"".join(lines)}</table>\n{defined}'


def _theorem(theorem: ShownTheorem) -> str:
    entry, shown = theorem.entry, theorem.shown
    meta = f"<code>{shown.name}</code><span>{_prose(entry.kind)}</span>{_badge(words.verdict(theorem))}"
    parts = [
        f'<article id="{shown.name}">\n<h3><a href="#{shown.name}">{_prose(shown.title)}</a></h3>\n',
        f'<div class="meta">{meta}</div>\n<p>{_prose(entry.says)}</p>\n',
        _statement(shown),
        _symbols(shown),
        f'<p class="small">Source: {_prose(entry.source)}{_cited(theorem.citations)}</p>\n',
    ]
    parts += [f'<p class="small">{_prose(text)}</p>\n' for text in theorem.remarks]
    parts.append(_proof(shown))
    return "".join([*parts, "</article>\n"])


def _cited(citations: Sequence[str]) -> str:
    return "".join(f' <a href="#ref-{key}">[{key}]</a>' for key in citations)


def _symbols(shown: Shown) -> str:
    if not shown.symbols:
        return ""
    told = "; ".join(f"{inline(latex)}: {_prose(text)}" for latex, text in shown.symbols)
    return f'<p class="small">{told}</p>\n'


def _statement(shown: Shown) -> str:
    given = "".join(_given(name, latex) for name, latex in shown.hypotheses)
    claim = _formula(shown.conclusion + words.statement_end(shown))
    return f'{given}<div class="claim">{claim}</div>\n'


def _given(name: str, latex: str) -> str:
    return f'<div class="given"><b>{name}</b>{_formula(latex)}</div>\n'


def _lemma(shown: Shown) -> str:
    title = f"Lemma {shown.name}" + (f": {shown.title}" if shown.title else "")
    users = ", ".join(f'<a href="#{name}">{name}</a>' for name in shown.used_by)
    parts = [f'<article id="lemma-{shown.name}">\n<h3>{_prose(title)}</h3>\n', _statement(shown)]
    parts.append(f'<p class="small">Used in {users}</p>\n' if users else "")
    return "".join([*parts, _proof(shown), "</article>\n"])


def _proof(shown: Shown) -> str:
    if shown.proof is None:
        return ""
    proof: Proof = shown.proof
    count = f"{proof.kernel_steps} rule{'s' if proof.kernel_steps != 1 else ''} applied"
    parts = [f"<details><summary>Proof ({count})</summary>\n"]
    parts += [_given(f"{name}", latex) for name, latex in proof.assumptions]
    parts.append('<ol class="steps">\n')
    parts += [_step(shown, step) for step in proof.steps]
    return "".join([*parts, "</ol>\n</details>\n"])


def _step(shown: Shown, step: Step) -> str:
    rules = ", ".join(rule.replace("_", " ") for rule in step.rules)
    sources = ", ".join(_reference(shown, r) for r in step.premises)
    how = f"{_prose(rules)}{f', from {sources}' if sources else ''}. {_prose(step.evidence)}"
    title = f"{_prose(step.title)} " if step.title else ""
    return (
        f'<li id="{_place(shown, step.name)}"><span class="n">{step.name}</span>{title}'
        f'<span class="how">{how}</span>{_formula(step.conclusion)}</li>\n'
    )


def _place(shown: Shown, step: str) -> str:
    prefix = f"lemma-{shown.name}" if shown.name.isdigit() else shown.name
    return f"{prefix}-step-{step}"


def _reference(shown: Shown, premise: Reference) -> str:
    if premise.kind == "step":
        return f'<a href="#{_place(shown, premise.name)}">{premise.name}</a>'
    if premise.kind == "lemma":
        return f'<a href="#lemma-{premise.name}">Lemma {premise.name}</a>'
    if premise.kind == "theorem":
        return f'<a href="#{premise.name}"><code>{premise.name}</code></a>'
    return premise.name


def _formula(latex: str) -> str:
    shown = f'<div class="math">{display(rows(latex, WIDEST_ROW))}</div>'
    if len(latex) <= LONGEST_SHOWN:
        return shown
    return f"<details><summary>a formula of {len(latex)} characters</summary>{shown}</details>"


def _references(library: Library) -> str:
    cited = sorted({key for t in library.theorems for key in t.citations})
    if not cited:
        return ""
    lines = [
        f'<p id="ref-{key}" class="small">[{key}] {_prose(reference(BY_KEY[key]))}</p>\n' for key in cited
    ]
    return f'<h2 id="references">References</h2>\n{"".join(lines)}'
