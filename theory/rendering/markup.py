# SPDX-License-Identifier: MIT
"""The part of LaTeX that ``printer`` writes, read into a tree: the way to MathML and to plain text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from theory.rendering.breaking import tokens

LETTERS = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ϵ",
    "varepsilon": "ε",
    "eta": "η",
    "theta": "θ",
    "vartheta": "ϑ",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "varrho": "ϱ",
    "sigma": "σ",
    "tau": "τ",
    "phi": "ϕ",
    "varphi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "zeta": "ζ",
    "iota": "ι",
    "upsilon": "υ",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Pi": "Π",
    "Sigma": "Σ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
    "ell": "ℓ",
}
FUNCTIONS = ("log", "exp", "max", "min")
OPERATORS = {
    "le": "≤",
    "ge": "≥",
    "ne": "≠",
    "neq": "≠",
    "cdot": "·",
    "forall": "∀",
    "exists": "∃",
    "sum": "∑",
    "Vert": "‖",
    "infty": "∞",
    "times": "×",
    "to": "→",
    "vdash": "⊢",
    "in": "∈",
    "dagger": "†",
    "Longrightarrow": "⟹",
}
FENCES = {"langle": "⟨", "rangle": "⟩", "lVert": "‖", "rVert": "‖", "lvert": "|", "rvert": "|", "|": "‖"}
FENCES |= {"{": "{", "}": "}"}
SIZES = {"big": 1.2, "Big": 1.8, "bigg": 2.4}
ACCENTS = {"bar": "¯", "tilde": "~", "hat": "^", "dot": "˙"}
STYLES = ("mathbb", "mathbf", "mathrm", "mathsf", "text")
SPACES = {",": 0.17, ";": 0.28, "quad": 1.0, " ": 0.25, "!": 0.0}

Kind = Literal[
    "row",
    "letter",
    "number",
    "operator",
    "fence",
    "function",
    "fraction",
    "root",
    "script",
    "accent",
    "style",
    "space",
]


class MarkupError(ValueError):
    """LaTeX outside the part that can be read; says what was found."""


@dataclass(frozen=True)
class Piece:
    """A node of the tree: ``text`` for leaves, ``parts`` for the others.

    ``parts`` of a fraction are above and below; of a root the inside and the degree; of a script the base,
    the subscript and the superscript, an absent one being None.
    """

    kind: Kind
    text: str = ""
    parts: tuple[Piece | None, ...] = ()


def parse(text: str) -> Piece:
    """The tree of a formula without line breaks.  Raises ``MarkupError``."""
    reader = _Reader(tokens(text))
    row = reader.row()
    if reader.left():
        raise MarkupError(f"unexpected {reader.peek()!r} in {text!r}")
    return row


class _Reader:
    def __init__(self, found: list[str]) -> None:
        self.found, self.place = found, 0

    def left(self) -> bool:
        return self.place < len(self.found)

    def peek(self) -> str:
        return self.found[self.place] if self.left() else ""

    def next(self) -> str:
        if not self.left():
            raise MarkupError("a formula ends too early")
        self.place += 1
        return self.found[self.place - 1]

    def row(self) -> Piece:
        parts: list[Piece] = []
        while self.left() and self.peek() not in ("}", "&"):
            if self.peek() == " ":
                self.next()
                continue
            parts.append(self.scripted())
        return parts[0] if len(parts) == 1 else Piece("row", "", tuple(parts))

    def scripted(self) -> Piece:
        """An atom with what hangs on it: primes, a subscript, a superscript."""
        base = Piece("row") if self.peek() in ("^", "_") else self.atom()
        sub: Piece | None = None
        sup: Piece | None = None
        while self.peek() in ("^", "_", "'"):
            mark = self.next()
            if mark == "_":
                sub = self.argument()
            else:
                new = Piece("operator", "′") if mark == "'" else self.argument()
                sup = new if sup is None else Piece("row", "", (sup, new))
        return Piece("script", "", (base, sub, sup)) if sub or sup else base

    def argument(self) -> Piece:
        while self.peek() == " ":
            self.next()
        return self.atom()

    def atom(self) -> Piece:
        token = self.next()
        if token == "{":
            inside = self.row()
            if self.next() != "}":
                raise MarkupError("a brace is not closed")
            return inside
        if token.startswith("\\"):
            return self.command(token[1:])
        if token.isdigit() or token == ".":
            while self.peek().isdigit() or self.peek() == ".":
                token += self.next()
            return Piece("number", token)
        if token.isalpha():
            return Piece("letter", token)
        if token in "()[]|":
            return Piece("fence", token)
        return Piece("operator", {"-": "−", "'": "′", "~": " "}.get(token, token))

    def command(self, name: str) -> Piece:
        for table, kind in ((LETTERS, "letter"), (OPERATORS, "operator"), (FENCES, "fence")):
            if name in table:
                return Piece(kind, table[name])  # type: ignore[arg-type]
        if name in FUNCTIONS:
            return Piece("function", name)
        if name in SPACES:
            return Piece("space", str(SPACES[name]))
        if name == "frac":
            return Piece("fraction", "", (self.argument(), self.argument()))
        if name == "sqrt":
            return self.root()
        if name in ACCENTS:
            return Piece("accent", ACCENTS[name], (self.argument(),))
        if name in STYLES:
            return Piece("style", name, (self.argument(),))
        if name[:-1] in SIZES:
            return Piece("fence", self.argument().text, (Piece("number", str(SIZES[name[:-1]])),))
        if name in ("_", "&", "%", "#", "$"):
            return Piece("operator", name)
        raise MarkupError(f"unknown command \\{name}")

    def root(self) -> Piece:
        degree: Piece | None = None
        if self.peek() == "[":
            self.next()
            parts = []
            while self.peek() != "]":
                parts.append(self.scripted())
            self.next()
            degree = Piece("row", "", tuple(parts))
        return Piece("root", "", (self.argument(), degree))
