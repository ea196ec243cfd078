# SPDX-License-Identifier: MIT
"""The papers that theorems cite: BibTeX, and the keys that a theorem's ``source`` resolves to.

``record`` is one entry of a ``.bib`` file, ``reference`` one line of a list for readers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from theory.rendering.classics import PAPERS
from theory.rendering.papers import JOURNALS, Paper

BY_KEY = {paper.key: paper for paper in PAPERS}
_NAME = r"[A-Z][\w'-]*"
_CITATION = re.compile(rf"{_NAME}(?:, {_NAME})*(?: & {_NAME}| et al\.)? (?:18|19|20)\d\d")
_ARXIV = re.compile(r"\b\d{4}\.\d{4,5}\b")
_ACCENTS = {r"{\'u}": "ú", r"{\'\i}": "í", r"{\'a}": "á", r"{\"o}": "ö", r"{\'e}": "é"}


def record(paper: Paper) -> str:
    """The BibTeX record."""
    fields = [("author", paper.authors)]
    fields += [("title", f"{{{paper.title}}}")] if paper.title else []
    journal = paper.venue in JOURNALS
    if paper.venue:
        fields.append(("journal" if journal else "booktitle", paper.venue))
    fields += [("year", str(paper.year)), *paper.extra]
    if paper.arxiv:
        fields += [("eprint", paper.arxiv), ("archiveprefix", "arXiv"), ("note", f"arXiv:{paper.arxiv}")]
    kind = "article" if journal else "inproceedings" if paper.venue else "misc"
    lines = ",\n".join(f"  {name:<13} = {{{value}}}" for name, value in fields)
    return f"@{kind}{{{paper.key},\n{lines}\n}}"


def reference(paper: Paper) -> str:
    """Authors, title, venue, arXiv number and year, as plain text."""
    names = [" ".join(reversed(name.split(", "))) for name in paper.authors.split(" and ")]
    if names[-1] == "others":
        authors = ", ".join(names[:-1]) + " et al."
    else:
        authors = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    where = [paper.venue, *(f"{n} {v}" for n, v in paper.extra if n == "volume")]
    where += [f"arXiv:{paper.arxiv}"] if paper.arxiv else []
    where += [v for n, v in paper.extra if n == "note"]
    text = ", ".join(part for part in (authors, paper.title, *where, str(paper.year)) if part)
    for mark, letter in _ACCENTS.items():
        text = text.replace(mark, letter)
    return re.sub(r"[{}]", "", text) + "."


def keys(source: str) -> list[str]:
    """The papers that ``source`` cites, in order: by arXiv number, and by authors and year."""
    found = dict.fromkeys(p.key for n in _ARXIV.findall(source) for p in PAPERS if p.arxiv == n)
    for cited in citations(source):
        matching = [p.key for p in PAPERS if cited in p.cited]
        if not any(key in found for key in matching):
            found.update(dict.fromkeys(matching[:1]))
    places = {key: _place(source, BY_KEY[key]) for key in found}
    return sorted(found, key=lambda key: places[key])


def _place(source: str, paper: Paper) -> int:
    places = [source.find(text) for text in (*paper.cited, paper.arxiv) if text and text in source]
    return min(places, default=len(source))


def citations(source: str) -> list[str]:
    """What looks like authors and year of a paper in ``source``."""
    return _CITATION.findall(source)


def unresolved(source: str) -> list[str]:
    """Citations and arXiv numbers in ``source`` that no entry here has."""
    known = {cited for p in PAPERS for cited in p.cited} | {p.arxiv for p in PAPERS}
    return [text for text in (*citations(source), *_ARXIV.findall(source)) if text not in known]


def bibtex(wanted: Iterable[str] | None = None) -> str:
    """BibTeX of the papers with these keys (default: all), by key."""
    chosen = sorted(BY_KEY if wanted is None else set(wanted))
    return "\n\n".join(record(BY_KEY[key]) for key in chosen) + "\n"
