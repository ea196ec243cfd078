# SPDX-License-Identifier: MIT
"""Every rule of inference: a true step that it accepts, and false steps that it refuses."""

import pytest
from sympy import Integer, Rational, exp, log, sqrt

from theory.expressions import Exists, Expansion, Indicator, Mean, eq, index, le, lt
from theory.kernel import RULES, KernelError, apply
from theory.proving import assume, combine, visible
from theory.symbols import C, atom, c, i, j, k, nonnegative, positive, real

x, x2, v = positive("x", "x", ""), positive("x2", "x", ""), nonnegative("v", "v", "")
y, t, s = real("y", "y", ""), real("t", "t", ""), real("s", "s", "")
K = positive("K", "K", "")
f, g, u = atom("rule_f", "f", ""), atom("rule_g", "g", ""), atom("rule_u", "u", "")
square = visible(le(0, y**2))
hole = real("hole_r", "x", "")


def s_curve(**changes):
    """v^4 - 2 v^2 + v at the contact 3: concave, then convex."""
    f_ = v**4 - 2 * v**2 + v
    slope = 4 * 27 - 12 + 1
    needed = le(81 - 18 + 3 - 3 * slope, 0)
    given = {
        "f": f_,
        "v": v,
        "contact": 3,
        "weight": Integer(12),
        "increasing": v**2 - Rational(1, 3),
        "at_zero": visible(needed),
    } | changes
    return apply("s_curve", given.pop("at_zero"), **given)


def convex(**changes):
    """x - 1 - log x at the contact 1."""
    given = {"f": x - 1 - log(x), "v": x, "contact": 1, "curvature": 1 / x**2} | changes
    return apply("convex", **given)


def expand(y_, x_, parameter, first=1):
    claim = Expansion(y_, x_, (Integer(first), Integer(0)))
    return apply("taylor", claim=claim, parameter=parameter, x=x_, y=y_)


def taylor(first=1, twice_second=1):
    return apply(
        "taylor",
        claim=Expansion(exp(s) - 1, s, (Integer(first), Rational(twice_second, 2))),
        parameter=s,
        x=s,
        y=exp(s) - 1,
    )


def constants(value):
    claim = Exists((K,), le(y - y**2, K * x))
    bound = combine(le(y - y**2, 7 * x), {assume(le(y, 7 * x)): 1}, slack=y**2)
    return apply("constants", bound, claim=claim, values={K: value})


def cases(split, one=None, other=None):
    one, other = one or le(y, 0), other or le(0, y)
    goal = le(-1, 0)
    proofs = [combine(goal, {assume(a): 0}, slack=Integer(1)) for a in (one, other)]
    return apply("cases", *proofs, split=split)


TRUE = {
    "assume": lambda: apply("assume", relation=le(f(c), 1, c)),
    "algebra": lambda: apply("algebra", square, goal=le(0, 3 * y**2), coefficients=[3]),
    "sign": lambda: apply("sign", goal=lt(0, x + exp(y) * v + C - 1)),
    "average": lambda: apply("average", visible(le(0, g(c, i) ** 2)), over=(c, i)),
    "instantiate": lambda: apply("instantiate", square, values={y: log(x)}),
    "cut": lambda: apply("cut", assume(le(0, y**2)), square),
    "cases": lambda: cases(le(y, 0)),
    "congruence": lambda: apply("congruence", assume(eq(y, t)), context=Mean(exp(hole * f(c)), c), hole=hole),
    "log_tangent": lambda: apply("log_tangent", x=C - 1 + exp(y)),
    "log_product": lambda: apply("log_product", a=x, b=1 - y, facts=[assume(lt(y, 1))]),
    "cauchy_schwarz": lambda: apply("cauchy_schwarz", u=f(c), v=g(c, i), over=(c, i)),
    "s_curve": s_curve,
    "convex": convex,
    "box": lambda: apply("box", goal=lt(log(x), x), box={x: (1, 2)}),
    "indicator": lambda: apply("indicator", square, level=x),
    "limit": lambda: apply("limit", combine(le(y**2 - x, y**2 + x**2), slack=x + x**2), symbol=x),
    "taylor": taylor,
    "constants": lambda: constants(7),
    "ball": lambda: apply("ball", goal=lt(exp(1), Rational(27183, 10000))),
}

FALSE = {
    "assume": [
        lambda: apply("assume", relation=y),
        lambda: apply("assume", relation=Exists((K,), le(y, K))),
        lambda: apply("assume", relation=eq(1 / y, 1)),
        lambda: apply("assume", relation=le(y, 0, y)),
        lambda: apply("assume", relation=le(g(c, i), 0, c)),
    ],
    "algebra": [
        lambda: apply("algebra", square, goal=le(0, 3 * y**2), coefficients=[2]),
        lambda: apply("algebra", square, goal=le(0, -3 * y**2), coefficients=[-3]),
        lambda: apply("algebra", square, goal=eq(0, y**2)),
        lambda: apply("algebra", square, goal=lt(0, y**2)),
        lambda: apply("algebra", square, goal=le(0, y**2 + 1), slack=Integer(2)),
        lambda: apply("algebra", square, goal=le(0, y**2 - 1), slack=Integer(-1)),
        lambda: apply("algebra", square, goal=le(0, y**2), coefficients=[1, 1]),
        lambda: apply("algebra", goal=eq((y**2 - y) / y, y - 1)),
        lambda: apply("algebra", goal=eq(exp(y + t), exp(y) + exp(t))),
        lambda: apply("algebra", goal=eq(log(x + x2), log(x) + log(x2))),
        lambda: apply("algebra", goal=eq(sqrt(x + x2), sqrt(x) + sqrt(x2))),
    ],
    "sign": [
        lambda: apply("sign", goal=le(0, y)),
        lambda: apply("sign", goal=lt(0, y**2)),
        lambda: apply("sign", goal=lt(0, C - 2)),
        lambda: apply("sign", goal=le(0, log(x))),
        lambda: apply("sign", goal=lt(0, Mean(f(c) ** 2, c))),
        lambda: apply("sign", goal=le(0, x - x2)),
        lambda: apply("sign", goal=le(0, 1 / y**2)),
    ],
    "average": [
        lambda: apply("average", assume(le(f(c), 1)), over=(c,)),
        lambda: apply("average", visible(le(0, g(c, i) ** 2)), over=(c,)),
        lambda: apply("average", square, over=(y,)),
        lambda: apply("average", visible(le(0, f(c) ** 2)), over=(c,), excluding=c),
        lambda: apply("average", visible(le(0, f(k) ** 2)), over=(k,), excluding=c),
        lambda: apply("average", visible(le(0, f(c) ** 2)), over=(c, j), excluding=index("c2")),
    ],
    "instantiate": [
        lambda: apply("instantiate", visible(lt(0, x)), values={x: y}),
        lambda: apply("instantiate", visible(lt(0, x)), values={x: -x}),
        lambda: apply("instantiate", visible(lt(0, x)), values={x: y}, facts=[assume(le(0, y))]),
        lambda: apply("instantiate", square, values={y: log(t)}),
        lambda: apply("instantiate", square, values={y: 1 / t}),
        lambda: apply("instantiate", square, values={y: sqrt(t)}),
        lambda: apply("instantiate", visible(le(0, f(c) ** 2)), functions={f: ((c,), g(c, i))}),
        lambda: apply("instantiate", visible(le(0, f(c) ** 2)), functions={f: ((c, j), u(c))}),
        lambda: apply("instantiate", visible(le(0, f(c) ** 2)), functions={f: ((y,), y)}),
        lambda: apply("instantiate", visible(le(0, f(c) ** 2)), values={c: i}),
    ],
    "cut": [
        lambda: apply("cut", assume(le(y, 0)), square),
        lambda: apply("cut", assume(le(f(c), 1, c)), assume(le(f(c), 1))),
        lambda: apply("cut", assume(le(0, f(k) ** 2, k)), visible(le(0, f(c) ** 2))),
        lambda: apply("cut", assume(lt(0, y**2)), square),
    ],
    "cases": [
        lambda: cases(le(0, y)),
        lambda: cases(eq(y, 0)),
        lambda: apply("cases", square, visible(le(0, t**2)), split=le(y, 0)),
        lambda: cases(le(f(c), 0, c), one=le(f(c), 0, c), other=le(0, f(c), c)),
    ],
    "congruence": [
        lambda: apply("congruence", assume(le(y, t)), context=2 * hole, hole=hole),
        lambda: apply("congruence", assume(eq(y, t)), context=1 / hole, hole=hole),
        lambda: apply("congruence", assume(eq(y, t)), context=sqrt(hole), hole=hole),
        lambda: apply("congruence", assume(eq(log(y), t)), context=exp(hole), hole=hole),
    ],
    "log_tangent": [
        lambda: apply("log_tangent", x=y),
        lambda: apply("log_tangent", x=v),
        lambda: apply("log_tangent", x=y**2),
        lambda: apply("log_tangent", x=y, facts=[assume(le(0, y))]),
        lambda: apply("log_tangent", x=y, facts=[assume(lt(0, t))]),
    ],
    "log_product": [
        lambda: apply("log_product", a=x, b=1 - y),
        lambda: apply("log_product", a=-x, b=-x),
        lambda: apply("log_product", a=x, b=v),
    ],
    "cauchy_schwarz": [
        lambda: apply("cauchy_schwarz", u=sqrt(y), v=f(c), over=(c,)),
        lambda: apply("cauchy_schwarz", u=f(c), v=g(c, i), over=(c,)),
        lambda: apply("cauchy_schwarz", u=1 / y, v=f(c), over=(c,)),
    ],
    "box": [
        lambda: apply("box", goal=lt(x, log(x)), box={x: (1, 2)}),
        lambda: apply("box", goal=le(log(x), 9 * (x - 1) / 10), box={x: (1, 2)}, max_boxes=200),
        lambda: apply("box", goal=lt(log(x), x), box={}),
        lambda: apply("box", goal=lt(log(x), x), box={x: (-1, 2)}),
        lambda: apply("box", goal=lt(log(x), x * x2), box={x: (1, 2)}),
        lambda: apply("box", goal=eq(log(x**2), 2 * log(x)), box={x: (1, 2)}),
    ],
    "convex": [
        lambda: convex(curvature=2 / x**2),
        lambda: convex(f=log(x), curvature=-1 / x**2),
        lambda: convex(f=y**2, v=y, curvature=Integer(2)),
        lambda: convex(contact=Integer(0)),
        lambda: convex(contact=x),
        lambda: convex(contact=y),
        lambda: convex(f=log(v), v=v, curvature=-1 / v**2),
        lambda: convex(f=-log(v), v=v, curvature=1 / v**2),
        lambda: convex(f=-(v ** Rational(1, 2)), v=v, contact=1, curvature=v ** Rational(-3, 2) / 2),
        lambda: convex(f=x**3 - 3 * x, curvature=6 * x - 1),
        lambda: convex(f=(x - 5) ** 2, v=C, curvature=Integer(0)),
        lambda: convex(f=(y**2 - 1) * x**2, curvature=2 * (y**2 - 1)),
        lambda: convex(f=x**2 * f(c), curvature=2 * f(c)),
    ],
    "s_curve": [
        lambda: s_curve(contact=1),
        lambda: s_curve(weight=Integer(11)),
        lambda: s_curve(weight=Integer(-12), increasing=Rational(1, 3) - v**2),
        lambda: s_curve(increasing=v**2),
        lambda: s_curve(at_zero=visible(le(-100, 0))),
        lambda: s_curve(at_zero=assume(le(3 * v, 1))),
        lambda: s_curve(f=v**4 - 2 * v**2 + 1 / v),
        lambda: s_curve(v=x, f=x**4),
        lambda: s_curve(contact=v),
    ],
    "indicator": [
        lambda: apply("indicator", square, level=0),
        lambda: apply("indicator", square, level=y),
        lambda: apply("indicator", square, level=-x),
        lambda: apply("indicator", combine(eq(y, y)), level=1),
    ],
    "limit": [
        lambda: apply("limit", assume(le(y, x)), symbol=x),
        lambda: apply("limit", visible(lt(0, 1 / x)), symbol=x),
        lambda: apply("limit", visible(lt(0, exp(x))), symbol=x),
        lambda: apply("limit", visible(le(2, C)), symbol=C),
        lambda: apply("limit", square, symbol=y),
    ],
    "taylor": [
        lambda: taylor(first=2),
        lambda: taylor(twice_second=0),
        lambda: expand(exp(s), s, s),
        lambda: expand(s, s**2, s),
        lambda: expand(v, v, v),
        lambda: expand(s, 1 / (1 + s) - 1, s, first=1),
        lambda: expand(s + s ** Rational(5, 2), s, s),
        lambda: apply("taylor", claim=Expansion(s, s, (Integer(1), Integer(0))), parameter=s, x=s, y=2 * s),
    ],
    "constants": [
        lambda: constants(Rational(69, 10)),
        lambda: constants(8),
        lambda: constants(-7),
        lambda: constants(7 * C),
        lambda: apply("constants", assume(le(y, x)), claim=Exists((K,), le(y, K * x)), values={x: 1}),
    ],
    "ball": [
        lambda: apply("ball", goal=lt(Rational(27183, 10000), exp(1))),
        lambda: apply("ball", goal=eq(log(4), 2 * log(2))),
        lambda: apply("ball", goal=lt(log(4), 2 * log(2))),
        lambda: apply("ball", goal=le(0, Mean(f(c) ** 2, c))),
        lambda: apply("ball", goal=lt(0, x)),
    ],
}


def test_every_rule_is_tried():
    assert set(TRUE) == set(FALSE) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_a_true_step_is_accepted(rule):
    theorem = TRUE[rule]()
    assert theorem.rule == rule
    assert theorem.evidence


@pytest.mark.parametrize(
    ("rule", "n"), [(rule, n) for rule, steps in FALSE.items() for n in range(len(steps))]
)
def test_a_false_step_is_refused(rule, n):
    with pytest.raises(KernelError, match=rf"^{rule}: "):
        FALSE[rule][n]()


# ---- what the accepted steps say


def test_average_over_the_other_classes_has_the_weights_of_the_other_classes():
    theorem = apply("average", visible(le(0, f(j) ** 2)), over=(j,), excluding=c)
    combine(le(0, (C * Mean(f(j) ** 2, j) - f(c) ** 2) / (C - 1)), {theorem: 1})


def test_a_hypothesis_that_becomes_visibly_true_disappears_and_others_stay():
    below = combine(lt(y, 2), {assume(lt(y, 1)): 1}, slack=Integer(1))
    assert not apply("instantiate", below, values={y: 0}).hypotheses
    assert apply("instantiate", below, values={y: 5}).hypotheses == {lt(5, 1)}
    assert apply("instantiate", below, values={y: log(C)}).hypotheses == {lt(log(C), 1)}


def test_facts_bring_their_hypotheses():
    given = assume(lt(y, 1))
    assert apply("log_tangent", x=1 - y, facts=[given]).hypotheses == {lt(y, 1)}
    assert apply("instantiate", visible(lt(0, x)), values={x: 1 - y}, facts=[given]).hypotheses == {lt(y, 1)}
    assert combine(le(0, (1 - y) * t**2), slack=(1 - y) * t**2, facts=[given]).hypotheses == {lt(y, 1)}


def test_substitution_does_not_capture():
    constant = combine(eq(Mean(y * f(c), c), y * Mean(f(c), c)))
    at_c = apply("instantiate", constant, values={y: u(c)})
    assert at_c.relation.rhs.has(u(c))
    assert at_c.relation.lhs.free_symbols == {c}
    apply("algebra", at_c, goal=eq(Mean(u(c) * f(j), j), u(c) * Mean(f(j), j)))
    with pytest.raises(KernelError):
        apply("algebra", at_c, goal=eq(Mean(u(c) * f(c), c), u(c) * Mean(f(c), c)))


def test_markov_counts_the_classes_at_or_above_the_level():
    markov = apply("indicator", visible(le(0, f(c) ** 2)), level=x)
    mean = apply("average", markov, over=(c,))
    combine(le(Mean(Indicator(f(c) ** 2 - x), c), Mean(f(c) ** 2, c) / x), {mean: 1 / x})


def test_a_strict_limit_becomes_weak():
    theorem = apply("limit", combine(lt(0, y**2 + x), {square: 1}, slack=x), symbol=x)
    assert theorem.conclusion == le(0, y**2)


def test_cut_uses_a_lemma_at_every_index():
    needs = apply("average", assume(le(f(c), 1, c)), over=(c,))
    lemma = combine(le(f(j), 1), {assume(le(f(j), 0, j)): 1}, slack=Integer(1))
    assert apply("cut", needs, lemma).hypotheses == {le(f(j), 0, j)}


def test_the_s_curve_is_a_tangent():
    tangent = s_curve().relation
    assert tangent.lhs.subs(v, 3) == tangent.rhs.subs(v, 3)
    assert all((tangent.rhs - tangent.lhs).subs(v, Rational(n, 4)) >= 0 for n in range(40))
