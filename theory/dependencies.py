# SPDX-License-Identifier: MIT
"""Which lemma files a file rests on, told from its text: nothing is imported.

A file rests on ``theory/lemmas/a.py`` if it mentions ``theory.lemmas.a``, or imports from ``theory.lemmas``
and mentions ``a``, and on what that file rests on.  Where the text leaves it open (an import by a computed
name, a relative one, ``theory.lemmas`` as a value) it rests on all of them: more than there are does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_MENTION = re.compile(r"\btheory\.lemmas(?:\.(?P<name>\w+)|(?P<imported>[ \t]+import\b))?")
_OPEN = re.compile(r"\bimportlib\b|__import__|^[ \t]*from[ \t]+(?:\.|theory[ \t]+import\b)", re.MULTILINE)


def named(text: str, lemmas: Iterable[str]) -> set[str]:
    """The names among ``lemmas`` that a Python file with this text imports by name."""
    found: set[str] = set()
    for match in _MENTION.finditer(text):
        if match["name"]:
            found.add(match["name"])
        elif match["imported"]:
            found |= set(re.findall(r"\w+", text))
    return found & set(lemmas)


def mentioned(text: str, lemmas: Iterable[str]) -> set[str]:
    """The same, or all of ``lemmas`` where the text leaves open which they are."""
    value = any(match.lastgroup is None for match in _MENTION.finditer(text))
    return set(lemmas) if value or _OPEN.search(text) else named(text, lemmas)


def with_all_below(start: Iterable[str], rests_on: Mapping[str, Iterable[str]]) -> set[str]:
    """``start`` and everything that it rests on, directly or not."""
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += rests_on[name]
    return seen
