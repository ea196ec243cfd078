# SPDX-License-Identifier: MIT
"""The simplex-encoded labels of a step-imbalanced problem: all eigenvalues of Z Z^T, with eigenvectors."""

from typing import Any

from sympy import Expr, Integer, Rational

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, eq
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate
from theory.symbols import atom, c, j, n, positive, real

small = atom("m_minority", "m", "m_minority(c): 1 for a minority class, 0 for a majority class")
major = atom("a_major", "a", "a_major(c): a vector on the majority classes that sums to zero")
minor = atom("b_minor", "b", "b_minor(c): a vector on the minority classes that sums to zero")
ratio = positive("R_step", "R", "imbalance ratio: samples of a majority class over those of a minority class")
fraction = positive("rho_step", r"\rho", "fraction of classes that are minority classes")
gap = real("t_step", "t", "coefficient of the contrast between the groups")
level = real("s_step", "s", "coefficient of the vector of ones")

GROUPS = (
    eq(small(c) ** 2, small(c), c),
    eq(Mean(small(c), c), fraction),
    eq(small(c) * major(c), 0, c),
    eq(small(c) * minor(c), minor(c), c),
    eq(Mean(major(c), c), 0),
    eq(Mean(minor(c), c), 0),
)
MIDDLE = ratio * fraction + 1 - fraction


def vector(at: Any) -> Expr:
    """v = a + b + t (rho - m) + s 1: every vector of C numbers is of this form."""
    return major(at) + minor(at) + gap * (fraction - small(at)) + level


def size(at: Any) -> Expr:
    """n_c: n R samples in a majority class, n in a minority class."""
    return n * (ratio + (1 - ratio) * small(at))


def image(at: Any) -> Expr:
    """(Z Z^T v)_j, Z = (I - 11^T/C) Y: Z^T v is v_c - mean v at every sample of class c."""
    return size(at) * (vector(at) - Mean(vector(c), c)) - Mean(size(c) * (vector(c) - Mean(vector(j), j)), c)


def claim(middle: object = MIDDLE, top: object = ratio) -> Statement:
    parts = top * major(j) + minor(j) + middle * gap * (fraction - small(j))  # type: ignore[operator]
    return Statement(eq(image(j), n * parts), GROUPS)


def prove() -> Theorem:
    """The three parts are eigenvectors, and so is the vector of ones."""
    idempotent, share, off, on, zero_major, zero_minor = map(assume, GROUPS)
    mean = combine(
        eq(Mean(vector(c), c), level),
        {zero_major: 1, zero_minor: 1, share: -gap},
        label="mean of v",
    )
    inside = gap * (ratio * fraction * (1 - small(c)) - (1 - fraction) * small(c))
    one = combine(
        eq(size(c) * (vector(c) - level), n * (ratio * major(c) + minor(c) + inside)),
        {off: n * (1 - ratio), on: n * (1 - ratio), idempotent: -n * gap * (1 - ratio)},
        label="n_c (v_c - s)",
    )
    total = combine(
        eq(Mean(size(c) * (vector(c) - level), c), n * gap * fraction * (1 - fraction) * (ratio - 1)),
        {
            average(one, c, label="mean over classes"): 1,
            zero_major: n * ratio,
            zero_minor: n,
            share: -n * gap * (ratio * fraction + 1 - fraction),
        },
        label="mean of n_c (v_c - s)",
    )
    average_size = Mean(size(c), c)
    here = instantiate(one, {c: j}, label="class j")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {here: 1, total: -1, mean: -size(j) + average_size},
        label="Z Z^T v",
    )


def witness(a: Any = 1, b: Any = 1, t: Any = 1) -> Witness:
    """Two majority and two minority classes, R = 3, n = 2."""
    first = [Integer(a), -Integer(a), Integer(0), Integer(0)]
    second = [Integer(0), Integer(0), Integer(b), -Integer(b)]
    return Witness(
        4,
        1,
        1,
        {
            small: lambda c: Integer(c // 2),
            major: lambda c: first[c],
            minor: lambda c: second[c],
        },
        {ratio: 3, fraction: Rational(1, 2), n: 2, gap: Integer(t), level: Integer(1)},
        f"two majority and two minority classes, a = {a}, b = {b}, t = {t}",
    )


def twins() -> list[Twin]:
    return [
        Twin("R rho for the middle eigenvalue", claim(middle=ratio * fraction), witness()),
        Twin("R (1 - rho) + rho", claim(middle=ratio * (1 - fraction) + fraction + 1), witness(0, 0, 1)),
        Twin("sqrt of the top eigenvalue", claim(top=ratio - 1), witness(1, 0, 0)),
    ]


def neighbour() -> Neighbour:
    base = claim().conclusion
    goal = eq(2 * base.lhs, 2 * base.rhs)  # type: ignore[union-attr]
    return Neighbour("twice the identity", Statement(goal, GROUPS), lambda: combine(goal, {prove(): 2}))


_R, _RHO = value("imbalance_ratio"), value("minority_share")
THEOREM = Entry(
    name="thrampoulidis-2022-step-spectrum",
    title="Spectrum of the simplex-encoded labels under step imbalance",
    kind="identity",
    source=(
        "Thrampoulidis et al. 2022 (arXiv:2208.05512), SELI geometry, eigenvalues of the (R, rho)-step "
        "problem: closed form"
    ),
    says=(
        "With n R samples in each majority class and n in each of a fraction rho of minority classes, Z Z^T "
        "for Z = (I - 11^T/C) Y has the eigenvalues n R (vectors on the majority that sum to zero), n (on "
        "the minority), n (R rho + 1 - rho) (the contrast of the groups) and 0: singular values of the "
        "logits of cross-entropy as the decays vanish."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    # the eigenvalue of the contrast of the groups, for one sample in each minority class
    formula=Formula(_R * _RHO + 1 - _RHO, (Condition("rho <= 1", _RHO, Integer(1)),)),
)
