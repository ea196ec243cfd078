# SPDX-License-Identifier: MIT
"""A diagonal matrix minus one of rank one: its square root has no positive entry off the diagonal.

Let Q = diag(y_c^2) - a a'/s with y_c > 0, a_c >= 0 and Q >= 0.  Off its diagonal Q is not positive (an
M-matrix), and neither is S = Q^(1/2).  The known proof writes S as an integral over e^(-tQ) >= 0; here it is
read off from the eigenvectors, Q v_l = sigma_l^2 v_l: diag(y) - S has at (c, j) the entry

    a_c a_j (1 + sum_l <a, v_l>^2/(s (y_c + sigma_l)(y_j + sigma_l)))/(s (y_c + y_j)).

The unit matrix is written sum_l v_l v_l', so that the entry is sum_l (y_c - sigma_l) v_lc v_lj, on the
diagonal and off it; of orthonormality only a = sum_l <a, v_l> v_l is used.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import eq, le
from theory.kernel import Theorem
from theory.lemmas.rank_one_root import (
    EIGEN,
    POSITIVE,
    ROOTS,
    diagonal,
    difference,
    expansion,
    facts,
    identity,
    nonnegative_tail,
    removed,
    root,
    strength,
    tail,
    vector,
)
from theory.proving import assume, combine, instantiate
from theory.symbols import c, j

EXPANDED = eq(expansion(removed), removed(j), j)
NONNEGATIVE = le(0, removed(c), c)
BASIS = (POSITIVE, ROOTS, EIGEN, EXPANDED)
HYPOTHESES = (*BASIS, NONNEGATIVE)
RATE = removed(c) * removed(j) / (strength * (diagonal(c) + diagonal(j)))


def claim(factor: Any = 1, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    return Statement(le(factor * RATE, difference()), hypotheses)


@lru_cache
def entries() -> Theorem:
    """The exact entries of diag(y) - S."""
    return combine(
        eq(difference(), RATE * (1 + tail() / strength)),
        {identity(): 1, assume(EXPANDED): removed(c) / (strength * (diagonal(c) + diagonal(j)))},
        facts=facts(),
        label="a = sum <a, v_l> v_l",
    )


@lru_cache
def prove() -> Theorem:
    """What is left out is a sum of squares."""
    size = assume(NONNEGATIVE)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {entries(): -1, nonnegative_tail(): RATE / strength},
        facts=[*facts(), size, instantiate(size, {c: j}, label="class j")],
        label="every part is nonnegative",
    )


def configuration(turn: Any = 1, size: Any = 1, length: Any = 1, second: Any = 1) -> Witness:
    """Y = (1/3, 1), a = (1/9, 1/2), s = 13/36: eigenvalues 5/13 along (1, -2) and 0 along (2, 1)."""
    unit = length / sqrt(Integer(5))
    vectors: list[list[Expr]] = [[unit, -2 * unit * second], [2 * unit, unit * second]]
    return Witness(
        2,
        1,
        1,
        {
            diagonal: lambda c: size * (Rational(1, 3) if c == 0 else Integer(1)),
            removed: lambda c: Rational(1, 9) if c == 0 else second * Rational(1, 2),
            vector: lambda m, c: vectors[m][c],
            root: lambda m: turn * sqrt(Rational(5, 13)) if m == 0 else Integer(0),
        },
        {strength: Rational(13, 36)},
        f"two classes of nine samples and four, delta = (1, 2); roots times {turn}, diagonal times {size}, "
        f"eigenvectors times {length}, second entries times {second}",
    )


def twins() -> list[Twin]:
    return [
        Twin("twice", claim(factor=2), configuration()),
        Twin("roots of any sign", claim(hypotheses=(POSITIVE, *HYPOTHESES[2:])), configuration(turn=-1)),
        Twin("a diagonal of any sign", claim(hypotheses=HYPOTHESES[1:]), configuration(size=-1)),
        Twin(
            "any vectors", claim(hypotheses=(POSITIVE, ROOTS, EXPANDED, NONNEGATIVE)), configuration(turn=2)
        ),
        Twin(
            "eigenvectors of any length",
            claim(hypotheses=(POSITIVE, ROOTS, EIGEN, NONNEGATIVE)),
            configuration(length=Rational(1, 2)),
        ),
        Twin("a of any sign", claim(hypotheses=BASIS), configuration(second=-1)),
    ]


def neighbour() -> Neighbour:
    goal = Statement(eq(difference(), RATE * (1 + tail() / strength)), BASIS)
    return Neighbour("the entries themselves, a of any sign", goal, entries)


THEOREM = Entry(
    name="m-matrix-square-root",
    title="Square root of a diagonal matrix minus one of rank one: its signs off the diagonal",
    kind="lower",
    source=(
        "this project (2026); square roots of M-matrices: Alefeld & Schneider 1982; for the max-margin "
        "problem of Thrampoulidis et al. 2022 (arXiv:2208.05512) and Behnia et al. 2023 (arXiv:2303.07608)"
    ),
    says=(
        "Let S >= 0 and S^2 = diag(y_c^2) - a a'/s with y_c > 0, a_c >= 0. Then diag(y) - S has the entries "
        "a_c a_j (1 + R_cj)/(s (y_c + y_j)) with R_cj >= 0: S_cj <= -a_c a_j/(s (y_c + y_j)) for c != j. So "
        "the pseudo-inverse of the Gram matrix of max-margin logits, and its square root, have no positive "
        "entry off the diagonal, whatever the class sizes, temperatures and margins."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    # of -S_cj for C equal classes of n samples: y^2 = a = 1/n, s = C/n; there S = (I - J/C)/sqrt(n)
    formula=Formula(1 / (2 * value("C") * sqrt(value("samples_per_class")))),
)
