# SPDX-License-Identifier: MIT
"""Lemmas of the bounds on cosines between classes, on numbers: they hold, and no better constant does."""

import numpy as np
import pytest
from sympy import Rational, Symbol, exp, lambdify, log

from theory.expressions import le
from theory.kernel import KernelError
from theory.lemmas import (
    gram_norm,
    length_costs,
    length_variance,
    lifted_means,
    offsets,
    raw_rows,
    row_spread,
    short_vectors,
    signs,
    tilt_entropy,
)
from theory.lemmas.equiangular import pair
from theory.lemmas.short_vectors import one_long, one_short, other_long, other_short, sign_of, size, stretch
from theory.lemmas.tilted_classes import margin_t, strength
from theory.proving import combine
from theory.soundness.numbers import Numbers
from theory.symbols import C, T, beta, c, w

RNG = np.random.default_rng(8)
MANY = 20000


def gap_of(relation, *symbols):
    """rhs - lhs of a relation as a function of numbers."""
    return lambdify(symbols, relation.rhs - relation.lhs, "numpy")


def random_pairs():
    """Short parts and excesses of two classes (one of the two is 0), f, and D between 0 and C/(C-1)."""
    short = RNG.uniform(-1, 1, (2, MANY))
    classes = RNG.integers(2, 12, MANY).astype(float)
    share = RNG.uniform(0, 1, MANY)
    lengths = np.maximum(-short, 0) * RNG.choice([1.0, 10.0], MANY)
    return *np.maximum(short, 0), *lengths, RNG.uniform(-1, 1, MANY), share * classes / (classes - 1), classes


def test_the_inequality_of_a_pair_holds_on_random_numbers():
    relation = short_vectors.pair_bound().relation
    gap = gap_of(relation, one_short, other_short, one_long, other_long, sign_of, size, C)
    assert gap(*random_pairs()).min() >= -1e-12


def test_no_smaller_payment_than_three_halves_will_do():
    relation = short_vectors.pair_bound().relation
    cheaper = le(relation.lhs, relation.rhs - short_vectors.payment() / 50)
    symbols = (one_short, other_short, one_long, other_long, sign_of, size, C)
    place = (0.01, 0.01, 0.0, 0.0, 1.0, 4 / 3, 4.0)
    assert gap_of(cheaper, *symbols)(*place) < 0 < gap_of(relation, *symbols)(*place)


def test_the_inequality_of_a_pair_needs_each_of_its_premises():
    goal, w1, w2 = short_vectors.pair_bound().relation, one_short, other_short
    with pytest.raises(KernelError, match="not an identity"):
        combine(
            goal,
            {short_vectors.pair_weight(): size, short_vectors.pair_turn(): 1 / (2 * (C - 1))},
            slack=(C - 2) / (2 * (C - 1)) * (w1 - w2) ** 2,
        )


def spent(step, mean):
    """Mean of (1+x) log(1+x) - x, x = step (f - mean), where f is 1 or -1 with the given mean."""
    total = 0.0
    for f in (1, -1):
        x = step * (f - mean)
        total = total + (1 + f * mean) / 2 * ((1 + x) * np.log1p(x) - x)
    return total


def test_the_entropy_of_a_tilt_is_within_its_bound_and_one_half_is_the_least():
    step, mean = RNG.uniform(1e-3, 0.499, MANY), RNG.uniform(-1, 1, MANY)
    assert (spent(step, mean) <= step**2 * (0.5 + 0.45 * step**2) + 1e-15).all()
    assert float(tilt_entropy.entropy(0)) == 0.5
    assert spent(0.05, 0.0) > 0.05**2 * 0.5
    assert spent(0.5 - 1e-9, 0.0) / 0.25 > 0.52


def test_the_table_of_signs_loses_less_than_eta():
    x = RNG.normal(size=MANY) * 10.0 ** RNG.uniform(-6, 2, MANY)
    for theorem in signs.of_sign():
        assert not theorem.hypotheses
        assert (gap_of(theorem.relation, short_vectors.amount, signs.blur)(x, 1e-3) >= -1e-12).all()
    lost = gap_of(signs.of_sign()[2].relation, short_vectors.amount, signs.blur)
    assert lost(0.0, 1e-3) == pytest.approx(1e-3)


def setting():
    """Random margins, classes, distances g and short parts w."""
    classes = RNG.integers(2, 40, MANY).astype(float)
    margin = RNG.uniform(1.0, 9.0, MANY)
    wrong = (classes - 1) * np.exp(-margin)
    turn = (1 + 2 * wrong) / (margin * RNG.uniform(1.0, 1.5, MANY))
    return classes, margin, wrong, turn, RNG.uniform(0, 0.4, MANY), RNG.uniform(0, 1, MANY)


def paid(w, far, reach, turn, rate, own=1.0):
    """V^2 G of a class of length (1 - w)/V, at distance g: l (V^2 t/T - Q) - (l^2/2) (own Q + K)."""
    square, lifted = (1 - w + far) ** 2, rate * w
    return lifted * (reach - square) - lifted**2 / 2 * (own * square + turn)


def test_short_rows_pay_and_a_longer_step_is_not_paid_for():
    _, _, wrong, turn, far, w = setting()
    large = np.maximum(1, 20 / 9 * wrong)
    stretched = RNG.uniform(0, 1, MANY) * large / (far**2 + turn)  # V^2, V^2 (g^2 + k) < M
    g, k = far * np.sqrt(stretched), turn * stretched
    most = 2 * (1 - (g**2 + k) / large) / (3.5 + g**2)
    for step, holds in ((np.minimum(most, 0.5), True), (1.02 * most, False)):
        reach = (1 + g) ** 2 + (large - 1) * step  # V^2 t/T
        asked = step * ((3.5 + g**2) / large * w**2 + (2 - 2 / large) * w)
        assert (paid(w, g, reach, k, 2 / large) - asked >= -1e-12).all() == holds
    assert (2 / large * wrong < 1).all()


def test_short_means_pay_and_a_larger_lift_is_not_paid_for():
    _, _, _, turn, far, w = setting()
    stretched = RNG.uniform(1, 6, MANY)
    g, k = far * np.sqrt(stretched), turn * stretched
    split, step = 10.0 ** RNG.uniform(-1.5, 1.5, MANY), RNG.uniform(0, 0.5, MANY)
    own = 1 + split
    price = own * (1 + g) + np.maximum(k, 2 * k - own)
    for factor, holds in ((1.0, True), (1.3, False)):
        rate = factor * 4 / price
        reach = (1 + g) ** 2 + 2 * step / rate
        assert (paid(w, g, reach, k, rate, own) - 2 * step * w >= -1e-12).all() == holds


def test_the_statements_say_what_these_numbers_are():
    """``gain`` of both lemmas, the payment PAID and the largest step, against the formulas above."""
    w, Q, z, own = (Symbol(n) for n in ("w", "Q", "z", "own"))
    values = {T: 5, C: 4, margin_t: log(20)}
    turn = (1 + 6 * exp(-log(20))) / 5
    rows = raw_rows.gain(Q, z).subs(short_vectors.short(c), w).subs(values)
    expected = z * w * (log(20) / 5 - Q) - (z * w) ** 2 / 2 * (Q + turn)
    assert abs(float((rows - expected).subs({w: 0.3, Q: 0.6, z: 1.7}))) < 1e-12
    means = lifted_means.gain(Q).subs({short_vectors.short(c): w, short_vectors.rate_l: z})
    expected = z * w * (log(20) / 5 - Q) - (z * w) ** 2 / 2 * (own * Q + turn)
    means = means.subs(lifted_means.split, own - 1).subs(values)
    assert abs(float((means - expected).subs({w: 0.3, Q: 0.6, z: 1.7, own: 2.5}))) < 1e-12
    assert float(raw_rows.PAID.subs({stretch: 2, offsets.far: 0.1})) == pytest.approx(3.54)
    room = raw_rows.ROOM
    assert room.lhs == strength * raw_rows.PAID


@pytest.mark.parametrize("largest", [0.01, 0.3, 0.499, 0.501, 0.9])
def test_the_step_is_the_least_of_one_half_and_what_may_be(largest):
    found = raw_rows.STEP.rhs.subs({raw_rows.most: largest, signs.free_y: 0.25})
    assert float(found) == pytest.approx(min(largest, 0.5) / 1.25)


def test_the_entropy_of_a_tilt_is_at_most_its_square_and_no_less_will_do():
    """Of ``row_spread``: for tilts from 0 to 5/2; the quartic reaches the square at both ends."""
    step = np.linspace(-1, 1.5, 1001)[1:]
    assert ((1 + step) * np.log1p(step) - step <= step**2 + 1e-15).all()
    bend = tilt_entropy.quartic(step)
    assert (bend <= step**2 + 1e-15).all()
    assert bend[[0, -1]] == pytest.approx(step[[0, -1]] ** 2, rel=0.01)
    relation = row_spread.small_tilt().relation
    assert float((relation.rhs - relation.lhs).subs(row_spread.one_step, Rational(3, 2))) == 0


@pytest.mark.parametrize("dimension", [1, 2, 5])
@pytest.mark.parametrize("classes", [2, 3, 7])
def test_sums_of_rows_are_bounded_by_the_frobenius_norm(classes, dimension):
    """The statement of ``gram_norm``, on random rows and tables; reached by all classes at 0."""
    relation = gram_norm.weighted_rows().relation
    size = {"class": classes, "sample": 1, "coordinate": dimension}
    for _ in range(20):
        rows, table = RNG.normal(size=(classes, dimension)), RNG.normal(size=(classes, classes))
        numbers = Numbers(size, {w: rows, pair: table}, {beta: 1.3})
        assert numbers.margin(relation) >= -1e-12
    line = np.zeros((classes, dimension))
    line[:2, 0] = 1.0, -1.0
    table = np.broadcast_to(line[:, 0], (classes, classes))  # u_cj along <w~_j, v>
    numbers = Numbers(size, {w: line, pair: table}, {beta: 1.3})
    low, high = (np.asarray(numbers.at(side)).item() for side in (relation.lhs, relation.rhs))
    assert low == pytest.approx(high * (1 - 1 / (2 * (classes - 1))))  # what is left is the own row


def test_the_longest_class_spends_all():
    """Of ``length_variance``: 2 k (A Y + B) = Y^2 at Y = EXCESS."""
    values = {length_costs.stiff: 0.3, length_costs.heavy: 0.02, length_costs.third: 0.05}
    values |= {length_variance.spends: 0.4, C: 10}
    excess, steep, flat, spent = (
        float(x.subs(values))
        for x in (length_variance.EXCESS, length_costs.STEEP, length_costs.FLAT, length_variance.ALL)
    )
    assert excess**2 == pytest.approx(2 * spent * (steep * excess + flat))
