# SPDX-License-Identifier: MIT
"""Line breaks in long formulas: the width of LaTeX as it is set, and rows that fit.

Widths are in units of about one italic letter of the running text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[{}^_&]|[^\\{}^_&]")
_OPENING = ("(", "[", r"\lvert", r"\{")
_CLOSING = (")", "]", r"\rvert", r"\}")
_WIDTHS = {
    r"\,": 0.4,
    r"\;": 0.6,
    r"\quad": 2.0,
    r"\sum": 2.6,
    r"\log": 3.0,
    r"\exp": 3.2,
    r"\mathbb": 0.2,
    r"\langle": 0.8,
    r"\rangle": 0.8,
    r"\lVert": 1.0,
    r"\rVert": 1.0,
    r"\forall": 1.2,
}
_BINARY = ("+", "-", "=", "<", r"\le", r"\ge", r"\ne", r"\Vert", r"\cdot")
_SILENT = (" ", r"\mathrm", r"\mathsf", r"\mathbf", r"\bar", r"\tilde", r"\hat", r"\dot")
_SIZES = tuple("\\" + size + side for size in ("big", "Big", "bigg") for side in "lr")


def tokens(text: str) -> list[str]:
    """LaTeX as commands, braces, scripts and single characters."""
    return _TOKEN.findall(text)


def group(found: list[str], start: int) -> int:
    """The place after the group or token that begins at ``start``."""
    if start < len(found) and found[start] == " ":
        return group(found, start + 1)
    if start >= len(found) or found[start] != "{":
        return start + 1
    depth = 0
    for place in range(start, len(found)):
        depth += {"{": 1, "}": -1}.get(found[place], 0)
        if depth == 0:
            return place + 1
    return len(found)


@lru_cache(maxsize=20_000)
def width(text: str) -> float:
    """How wide ``text`` is when it is set."""
    return _width(tokens(text))


def _width(found: list[str]) -> float:
    total, place = 0.0, 0
    while place < len(found):
        token = found[place]
        if token == r"\frac":
            middle = group(found, place + 1)
            end = group(found, middle)
            total += 0.6 + max(_width(found[place + 1 : middle]), _width(found[middle:end]))
            place = end
            continue
        if token in "^_":
            end = group(found, place + 1)
            total += 0.7 * _width(found[place + 1 : end])
            place = end
            continue
        total += _token_width(token)
        place += 1
    return total


def _token_width(token: str) -> float:
    if token in _WIDTHS:
        return _WIDTHS[token]
    if token in "{}" or token in _SILENT or token in _SIZES:
        return 0.0
    if token in _BINARY:
        return 2.4
    return 0.8 if token in (*_OPENING, *_CLOSING, ",") else 1.0


@dataclass(frozen=True)
class _Break:
    """A place where a row may end: where, how deep in brackets, and how wide the text is up to it."""

    place: int
    depth: int
    before: float


def rows(text: str, widest: float = 72.0) -> list[str]:
    """``text`` broken before operators, the outermost first, into rows of at most ``widest`` if possible."""
    if width(text) <= widest:
        return [text.strip()]
    found = tokens(text)
    chances, total = _chances(found)
    result: list[str] = []
    start, begun, depth = 0, 0.0, 0
    while total - begun > widest - 2.0 * bool(result):
        room = widest - 2.0 * (1 + depth) * bool(result)
        left = [x for x in chances if x.place > start]
        fitting = [x for x in left if x.before - begun <= room]
        late = [x for x in fitting if x.before - begun >= 0.35 * room] or fitting or left[:1]
        if not late:
            break
        best = min(late, key=lambda x: (x.depth, -x.place))
        result.append(_row(found[start : best.place], depth, bool(result)))
        start, begun, depth = best.place, best.before, min(best.depth, 3)
    result.append(_row(found[start:], depth, bool(result)))
    return result


def _row(found: list[str], depth: int, continued: bool) -> str:
    text = "".join(found).strip()
    return (r"\quad " * (1 + depth) + "{}" + text) if continued else text


def _chances(found: list[str]) -> tuple[list[_Break], float]:
    """Where the formula may be broken, and its width."""
    chances: list[_Break] = []
    total, depth, place, previous = 0.0, 0, 0, ""
    while place < len(found):
        token, end = found[place], place + 1
        if token in _SIZES:
            end = place + 1
        elif token in (r"\frac", r"\sqrt"):
            end = group(found, group(found, place + 1)) if token == r"\frac" else group(found, place + 1)
        elif token in ("^", "_", "{") or token in _SILENT[1:] or token == r"\mathbb":
            end = group(found, place + (token != "{"))
        elif token in _OPENING or token in (r"\langle", r"\lVert"):
            depth += 1
        elif token in _CLOSING or token in (r"\rangle", r"\rVert"):
            depth -= 1
        elif token in ("+", "-", "=", "<", r"\le", r"\forall") and previous not in ("", *_OPENING, ","):
            chances.append(_Break(place, depth - (token in ("=", "<", r"\le")), total))
        if token.strip():
            previous = token
        total += _width(found[place:end])
        place = end
    return chances, total
