# SPDX-License-Identifier: MIT
"""Formulas as MathML, which browsers set without any script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from theory.rendering.markup import Piece, parse

_VARIANTS = {"mathbb": {"E": "𝔼", "R": "ℝ"}, "mathbf": {"1": "𝟏"}}


def inline(latex: str) -> str:
    """A formula in running text."""
    return f"<math>{_row(parse(latex))}</math>"


def display(rows: Sequence[str]) -> str:
    """A formula by itself, one row under the other."""
    if len(rows) == 1:
        return f'<math display="block">{_row(parse(rows[0]))}</math>'
    body = "".join(f"<mtr><mtd>{_row(parse(row))}</mtd></mtr>" for row in rows)
    return f'<math display="block"><mtable displaystyle="true" columnalign="left">{body}</mtable></math>'


def _row(piece: Piece | None) -> str:
    """The piece without a box of its own."""
    if piece is None:
        return ""
    if piece.kind == "row":
        return "".join(map(_mathml, piece.parts))
    return _mathml(piece)


def _mathml(piece: Piece | None) -> str:
    if piece is None:
        return "<mrow></mrow>"
    text = escape(piece.text, quote=False)
    if piece.kind == "row":
        inside = _row(piece)
        return inside if len(piece.parts) == 1 else f"<mrow>{inside}</mrow>"
    if piece.kind == "letter":
        return f"<mi>{text}</mi>"
    if piece.kind == "number":
        return f"<mn>{text}</mn>"
    if piece.kind == "function":
        return f"<mi>{text}</mi><mspace width='0.12em'/>"
    if piece.kind == "space":
        return f'<mspace width="{piece.text}em"/>'
    if piece.kind == "operator":
        return _operator(text)
    if piece.kind == "fence":
        size = piece.parts[0].text if piece.parts and piece.parts[0] else ""
        stretch = f' minsize="{size}em" maxsize="{size}em"' if size else ' stretchy="false"'
        return f'<mo lspace="0em" rspace="0em"{stretch}>{text}</mo>'
    if piece.kind == "fraction":
        return f"<mfrac>{_mathml(piece.parts[0])}{_mathml(piece.parts[1])}</mfrac>"
    if piece.kind == "root":
        under, degree = piece.parts
        return (
            f"<mroot>{_boxed(under)}{_boxed(degree)}</mroot>" if degree else f"<msqrt>{_row(under)}</msqrt>"
        )
    if piece.kind == "accent":
        return f'<mover accent="true">{_mathml(piece.parts[0])}<mo stretchy="false">{text}</mo></mover>'
    if piece.kind == "style":
        return _style(piece)
    return _scripts(piece)


def _operator(text: str) -> str:
    if text == "∑":
        return '<mo movablelimits="false">∑</mo>'
    if text in "+−=≤≥≠<&lt;·":
        return f'<mo form="infix">{text}</mo>' if text not in "+−" else f"<mo>{text}</mo>"
    return f'<mo stretchy="false">{text}</mo>'


def _style(piece: Piece) -> str:
    letters = _letters(piece.parts[0])
    known = _VARIANTS.get(piece.text, {})
    if letters in known:
        return f'<mi mathvariant="normal">{known[letters]}</mi>'
    family = ' style="font-family:sans-serif"' if piece.text == "mathsf" else ""
    return f'<mi mathvariant="normal"{family}>{escape(letters, quote=False)}</mi>'


def _letters(piece: Piece | None) -> str:
    if piece is None:
        return ""
    if piece.kind == "script":
        base, sub, sup = map(_letters, piece.parts)
        return base + (f"_{sub}" if sub else "") + sup
    return piece.text + "".join(map(_letters, piece.parts))


def _scripts(piece: Piece) -> str:
    base, sub, sup = piece.parts
    if base is not None and base.text == "∑":
        return f"<munder>{_mathml(base)}{_mathml(sub)}</munder>"
    if base is not None and base.kind == "row" and not base.parts:
        base_text = "<mrow></mrow>"
    else:
        base_text = _boxed(base)
    if sub is None:
        return f"<msup>{base_text}{_boxed(sup)}</msup>"
    if sup is None:
        return f"<msub>{base_text}{_boxed(sub)}</msub>"
    return f"<msubsup>{base_text}{_boxed(sub)}{_boxed(sup)}</msubsup>"


def _boxed(piece: Piece | None) -> str:
    """Exactly one element."""
    text = _mathml(piece)
    return f"<mrow>{text}</mrow>" if piece is not None and piece.kind == "function" else text
