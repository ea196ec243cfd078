# SPDX-License-Identifier: MIT
"""Formulas as one line of plain text with Unicode letters, for terminals."""

from __future__ import annotations

from theory.rendering.markup import Piece, parse

_SUPERSCRIPTS = dict(zip("0123456789+−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ", strict=True))
_SPACED = ("=", "≤", "≥", "<", "≠", "·", "→", "∈", "⊢", "‖", "⟹")
_ACCENTS = {"¯": "\u0304", "~": "\u0303", "^": "\u0302", "˙": "\u0307"}


def plain(latex: str) -> str:
    """``latex`` as text: fractions as quotients, scripts as x² and x_c."""
    return " ".join(_text(parse(latex)).split())


def _text(piece: Piece | None) -> str:
    if piece is None:
        return ""
    if piece.kind == "row":
        return _row(piece)
    if piece.kind == "fraction":
        above, below = piece.parts
        return f"{_bracketed(above)}/{_bracketed(below, product=True)}"
    if piece.kind == "root":
        inside, degree = piece.parts
        return f"{_raised(_text(degree)) if degree else ''}√{_bracketed(inside, product=True)}"
    if piece.kind == "script":
        return _scripts(piece)
    if piece.kind == "accent":
        return _text(piece.parts[0]) + _ACCENTS[piece.text]
    if piece.kind == "style":
        return _text(piece.parts[0]).replace(" ", "")
    if piece.kind == "space":
        return " "
    return piece.text


def _row(piece: Piece) -> str:
    text = ""
    before: Piece | None = None
    for part in piece.parts:
        new = _text(part)
        if part is not None and part.kind == "operator" and part.text in (*_SPACED, "+", "−"):
            start = not text or text[-1] in "([,‖|⟨" or text.endswith(("= ", "≤ ", "< "))
            new = new if part.text in "+−" and start else f" {new} "
        elif part is not None and part.kind == "operator" and part.text == ",":
            new = ", "
        elif text and _touches(text[-1], new[:1], before):
            new = " " + new
        text += new
        before = part
    return text


def _touches(left: str, right: str, before: Piece | None) -> bool:
    """Whether two neighbours would be read as one thing."""
    if before is not None and before.kind in ("fraction", "root", "number") and right in "([⟨‖|√":
        return True
    return (left.isalnum() or left in "⁰¹²³⁴⁵⁶⁷⁸⁹)]⟩′\u0303\u0304") and right.isalnum() and left != "("


def _scripts(piece: Piece) -> str:
    base, sub, sup = piece.parts
    text = _text(base)
    if sub is not None:
        lower = _text(sub).replace(" ", "")
        short = lower.replace(",", "")
        text += (
            f"_{short}" if all(x in "cijk′0123456789" for x in short) or len(lower) == 1 else f"_{{{lower}}}"
        )
    return text + (_raised(_text(sup)) if sup is not None else "")


def _raised(text: str) -> str:
    text = text.strip()
    if text == "′" or set(text) == {"′"}:
        return text
    if text and all(x in _SUPERSCRIPTS for x in text):
        return "".join(_SUPERSCRIPTS[x] for x in text)
    return f"^{text}" if len(text) == 1 else f"^({text})"


def _bracketed(piece: Piece | None, product: bool = False) -> str:
    """In brackets if it is a sum or, where asked for, a product."""
    text = " ".join(_text(piece).split())
    if piece is None or piece.kind != "row":
        return text if piece is None or piece.kind != "fraction" else f"({text})"
    inside = [p for p in piece.parts if p is not None and p.kind != "space"]
    is_sum = _has_outer_sign(inside)
    return f"({text})" if is_sum or (product and len(inside) > 1) else text


def _has_outer_sign(parts: list[Piece]) -> bool:
    depth = 0
    for part in parts:
        if part.kind == "fence" or (
            part.kind == "script" and part.parts[0] and part.parts[0].kind == "fence"
        ):
            mark = part.text or (part.parts[0].text if part.parts and part.parts[0] else "")
            depth += {"(": 1, "[": 1, "⟨": 1, ")": -1, "]": -1, "⟩": -1}.get(mark, 0)
        elif part.kind == "operator" and part.text in "+−" and depth == 0:
            return True
    return False
