# SPDX-License-Identifier: MIT
"""Hypotheses that can be met by a choice: recognised where the argument holds, and nowhere else."""

from zlib import crc32

import pytest

import theory
from theory.definitions import dot, sq, wt
from theory.expressions import Mean, eq, index, le
from theory.lemmas.polar import e, kappa, rho, u
from theory.soundness.choices import chosen_anew
from theory.soundness.store import load, text_of
from theory.soundness.symmetry import partners
from theory.statement import Statement
from theory.symbols import C, T, alpha, b, beta, c, d, h, i, j, k, w

SPLIT = eq(wt(c, k), beta * kappa(c) * u(c, k), c, k)
UNIT = le(sq(lambda x: u(c, x)), 1, c)
POSITIVE = le(0, kappa(c), c)
LENGTH = eq(sq(lambda x: wt(c, x)), beta**2 * kappa(c) ** 2, c)
POLAR = (SPLIT, UNIT, POSITIVE, LENGTH)
FREE = le(Mean(sq(lambda x: w(c, x)), c), alpha)


def numbers(statement):
    """The hypotheses, from 1, that can be met by a choice."""
    return {n + 1 for n in range(len(statement.hypotheses)) if chosen_anew(statement, n)}


@pytest.mark.parametrize(
    ("conclusion", "others", "expected"),
    [
        (FREE, (), {1, 2, 3, 4}),
        (FREE, (le(Mean(kappa(c) ** 2, c), 1),), {1, 2}),  # kappa is bound: only the direction is free
        (le(Mean(kappa(c), c), 1), (), {1, 2}),
        (le(Mean(dot(lambda x: u(c, x), lambda x: w(c, x)), c), 1), (), set()),
        (FREE, (le(Mean(u(c, k), c, k), 1),), set()),
    ],
)
def test_direction_and_length_of_a_vector(conclusion, others, expected):
    assert numbers(Statement(conclusion, (*POLAR, *others))) == expected


@pytest.mark.parametrize(
    "changed",
    [
        (SPLIT, UNIT, POSITIVE),  # nothing says that w vanishes where kappa does
        (SPLIT, UNIT, POSITIVE, eq(sq(lambda x: wt(c, x)), kappa(c) ** 2, c)),  # another scale
        (SPLIT, le(1, sq(lambda x: u(c, x)), c), POSITIVE, LENGTH),  # not met by u = 0
        (eq(wt(c, k), b(c) * kappa(c) * u(c, k), c, k), UNIT, POSITIVE, LENGTH),  # a scale that may vanish
        (SPLIT, le(sq(lambda x: u(c, x)), T, c), POSITIVE, LENGTH),
    ],
)
def test_what_is_not_quite_a_polar_form_is_not_excused(changed):
    assert not numbers(Statement(FREE, changed))


def test_a_root_needs_a_square_that_is_visibly_nonnegative():
    positive = eq(rho(c, i) ** 2, sq(lambda x: h(c, i, x)), c, i)
    unknown = eq(rho(c, i) ** 2, b(c), c, i)
    statement = Statement(FREE, (positive, le(0, rho(c, i), c, i)))
    assert numbers(statement) == {1, 2}
    assert not numbers(Statement(FREE, (unknown, le(0, rho(c, i), c, i))))
    assert not numbers(Statement(le(rho(c, i), 1), statement.hypotheses))


def test_bases_and_projections_of_matrices_of_inner_products():
    assert numbers(theory.get("low-dimension-logits").statement) == {1, 2, 3}
    loss = theory.get("low-dimension-loss").statement
    assert numbers(loss) == {4, 5, 6, 7}
    large = loss.hypotheses[6]
    tighter = Statement(loss.conclusion, (*loss.hypotheses[:6], le(large.lhs + 1, large.rhs)))
    assert not numbers(tighter)
    kills = loss.hypotheses[5]
    more = eq(kills.lhs + C * Mean(b(c), c), 0, *kills.over)  # of a matrix of no rank in particular
    other = (*loss.hypotheses[:5], more, *loss.hypotheses[6:])
    assert not numbers(Statement(loss.conclusion, other))


def test_a_matrix_of_any_rank_has_no_basis_of_d_vectors():
    frame, part = e, u
    i2 = index("i2")
    product = d * Mean(frame(c, i2, k) * part(j, k), k)
    statement = theory.get("low-dimension-logits").statement
    one = statement.hypotheses[0]
    full = eq(one.lhs + b(c) * kappa(j), one.rhs, *one.over)
    assert not numbers(Statement(statement.conclusion, (full, *statement.hypotheses[1:])))
    assert not numbers(Statement(FREE, (eq(C * Mean(product, c), 1, j, i2),)))


def test_a_direction_may_have_any_length_where_zero_is_counted():
    """Shares of samples of small cosine: a vector without direction counts anyway if 0 is small."""
    assert numbers(theory.get("sample-cosine-weight-decay-per-sample").statement) == {3, 4}
    # there the level may be negative, and a long direction is a counterexample
    assert not numbers(theory.get("sample-cosine-weight-decay-share").statement)
    mean = theory.get("pan-cao-2.2-intra").statement  # of directions: one of them 0 is not the mean 0
    assert 4 not in numbers(mean)


def test_no_hypothesis_with_a_counterexample_is_excused():
    """A sample of those on file: what a choice or a change of signs makes superfluous has none."""
    checked = 0
    for name, rows in sorted(load().items(), key=lambda row: crc32(row[0].encode()))[:60]:
        statement = theory.get(name).statement
        for n, hypothesis in enumerate(statement.hypotheses):
            if text_of(hypothesis) in rows:
                checked += 1
                assert chosen_anew(statement, n) is None, f"{name}: {hypothesis}"
                assert partners(statement, n) is None, f"{name}: {hypothesis}"
    assert checked > 100
