# SPDX-License-Identifier: MIT
"""Exact configurations: what they make true, what they refute, and when nothing is decided."""

import numpy as np
import pytest
from sympy import Integer, Rational, exp, log, sqrt

from theory.configurations import one_sample_logits, simplex
from theory.definitions import (
    alignment,
    cross_entropy,
    loss,
    mean_square_features,
    mean_square_weights,
    phi,
    sq,
    wbar,
    within_class_scatter,
)
from theory.entry import Statement, Witness
from theory.expressions import Exists, Indicator, Mean, eq, le, lt
from theory.symbols import C, T, alpha, atom, beta, c, d, h, i, k, nonnegative, positive, real, tau, w
from theory.witness import attains, concretise, domain_violations, refutes, truth

f, g = atom("wit_f", "f", ""), atom("wit_g", "g", "")
y, x, v = real("y", "y", ""), positive("x", "x", ""), nonnegative("v", "v", "")
TWO = Witness(
    2, 3, 4, {f: lambda c: Integer(c), g: lambda c, i: Rational(i, 2) - c}, {y: Integer(-1), x: sqrt(2)}
)


@pytest.mark.parametrize(
    ("expr", "value"),
    [
        (C + d, 6),
        (Mean(f(c), c), Rational(1, 2)),
        (Mean(g(c, i), c, i), 0),
        (Mean(Mean(g(c, i), i) ** 2, c), Rational(1, 4)),
        (Mean(f(c), c) ** 2 + y, Rational(-3, 4)),
        (Mean(Indicator(g(c, i)), c, i), Rational(2, 3)),
        (x**2 + exp(0), 3),
        (d * Mean(f(c), k, c), 2),
    ],
    ids=str,
)
def test_concretise(expr, value):
    assert concretise(expr, TWO) == value


def test_a_missing_value_is_an_error():
    with pytest.raises(KeyError):
        concretise(v + 1, TWO)
    with pytest.raises(KeyError):
        concretise(Mean(h(c, i, k), c, i, k), TWO)


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        (le(0, f(c)), True),
        (le(f(c), 0), False),
        (le(f(c), 1, c), True),
        (lt(f(c), 1, c), False),
        (eq(x**2, 2), True),
        (lt(x**2, 2), False),
        (le(x**2, 2), True),
        (eq(sqrt(6), sqrt(2) * sqrt(3)), True),
        (eq(log(4), 2 * log(2)), True),
        (eq(x, Rational(14142135, 10**7)), False),
        (le(Mean(g(c, i), i), 1), True),
    ],
    ids=str,
)
def test_truth(relation, expected):
    assert truth(relation, TWO) is expected


def test_equal_numbers_that_algebra_does_not_see_are_undecided():
    hard = eq(sqrt(3 + 2 * sqrt(2)), 1 + sqrt(2))
    assert truth(hard, TWO) is not False


def test_values_outside_their_domain_refute_nothing():
    false = Statement(le(x, 0))
    assert refutes(Witness(2, 1, 1, values={x: Integer(1)}), false)
    assert domain_violations(Witness(2, 1, 1, values={x: Integer(0), v: Integer(-1)}))
    for values in ({x: Integer(-1)}, {x: Integer(0)}):
        assert not refutes(Witness(2, 1, 1, values=values), Statement(le(1, x)))


def test_one_class_refutes_nothing():
    claim = Statement(le(2, Mean(f(c), c)))
    assert refutes(Witness(2, 1, 1, {f: lambda c: Integer(0)}), claim)
    assert not refutes(Witness(1, 1, 1, {f: lambda c: Integer(0)}), claim)


def test_a_witness_must_meet_the_hypotheses():
    claim = Statement(le(y, 0), (le(y, 0),))
    assert not refutes(Witness(2, 1, 1, values={y: Integer(1)}), claim)
    assert refutes(Witness(2, 1, 1, values={y: Integer(1)}), Statement(le(y, 0), (le(y, 2),)))
    every = Statement(le(1, 0), (le(f(c), 0, c),))
    assert not refutes(Witness(2, 1, 1, {f: lambda c: Integer(c)}), every)
    assert refutes(Witness(2, 1, 1, {f: lambda c: Integer(-c)}), every)


def test_a_true_statement_is_not_refuted_and_an_existence_claim_never():
    assert not refutes(TWO, Statement(le(y, 0)))
    assert not refutes(TWO, Statement(Exists((positive("K", "K", ""),), le(1, 0))))


def test_attained_means_equal_under_the_hypotheses():
    assert attains(TWO, Statement(le(x, sqrt(2))))
    assert not attains(TWO, Statement(le(x, Rational(3, 2))))
    assert not attains(TWO, Statement(le(x, sqrt(2)), (le(x, 1),)))


# ---- the simplex, against NumPy


@pytest.mark.parametrize(("classes", "scale", "weight", "noise"), [(2, 1, 1, 0), (3, 3, 1, 1), (4, 2, 3, 2)])
def test_the_simplex_is_what_it_says(classes, scale, weight, noise):
    where = simplex(classes, scale=scale, weight_scale=weight, noise=noise, values={tau: 1})
    assert domain_violations(where) == []
    n, dim = where.samples, where.dimension
    W = np.array([[float(where.functions[w](a, b)) for b in range(dim)] for a in range(classes)])
    H = np.array(
        [[[float(where.functions[h](a, s, b)) for b in range(dim)] for s in range(n)] for a in range(classes)]
    )
    logits = H @ W.T
    own = logits[np.arange(classes), :, np.arange(classes)]
    centred = W - W.mean(axis=0)
    expected = {
        mean_square_features(): (H**2).sum(-1).mean(),
        mean_square_weights(): (centred**2).sum(-1).mean(),
        alpha**2: (H**2).sum(-1).mean(),
        beta**2: (centred**2).sum(-1).mean(),
        T: classes * float(where.values[alpha] * where.values[beta]) / (classes - 1),
        within_class_scatter(): ((H - H.mean(axis=1, keepdims=True)) ** 2).sum(-1).mean(),
        alignment(): (H * centred[:, None]).sum(-1).mean(),
        loss(): (np.log(np.exp(logits).sum(-1)) - own).mean(),
        sq(wbar): (W.mean(axis=0) ** 2).sum(),
    }
    for expr, number in expected.items():
        assert float(concretise(expr, where)) == pytest.approx(number, rel=1e-12, abs=1e-12)
    if noise == 0:
        assert float(concretise(loss() - phi(T), where)) == pytest.approx(0, abs=1e-12)


def test_one_sample_logits_turn_with_the_class():
    where = one_sample_logits(1, 0, -1)
    expected = np.log(np.exp([1, 0, -1]).sum()) - 1
    values = [float(concretise(Mean(cross_entropy(), c, i), where))]
    assert values == pytest.approx([expected])
