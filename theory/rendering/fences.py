# SPDX-License-Identifier: MIT
"""Brackets of a size that fits what is in them, and that a line may be broken in."""

from __future__ import annotations

FENCES = {
    "(": ")",
    "[": "]",
    r"\lvert ": r"\rvert ",
    r"\lVert ": r"\rVert ",
    r"\langle ": r"\rangle ",
    r"\{": r"\}",
}


def fence(text: str, left: str = "(") -> str:
    """``text`` in brackets of the right size."""
    right = FENCES[left]
    if r"\Bigl" in text:
        size = "bigg"
    elif any(mark in text for mark in (r"\bigl", r"\frac", r"\sum")):
        size = "Big"
    elif any(mark in text for mark in ("^", r"\sqrt", "(", "[")):
        size = "big"
    else:
        return f"{left}{text}{right}"
    return rf"\{size}l{left}{text}\{size}r{right}"
