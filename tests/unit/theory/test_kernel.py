# SPDX-License-Identifier: MIT
"""Only the rules make theorems, and a theorem stays what it was."""

import copy
import pickle
import sys
from types import SimpleNamespace

import pytest
from sympy import Function, I, Integer, Rational, Symbol, exp, log, nan, oo, sqrt

import theory
import theory.rules
from theory.expressions import Mean, Relation, eq, le, lt
from theory.kernel import RULES, KernelError, Obligation, Theorem, apply, is_genuine, proof
from theory.proving import assume, average, combine, instantiate, visible
from theory.symbols import C, atom, c, d, i, j, p, positive, real, z

y, x = real("y", "y", "any"), positive("x", "x", "positive")
f = atom("f", "f", "an atom")


def the_identity():
    """CE = KL + psi(p) - p t, for any p and any logits z(c, i, j)."""
    return theory.get("cross-entropy-identity").theorem


@pytest.fixture
def theorem():
    return visible(le(0, y**2))


def counterfeit(relation):
    """A Theorem object that no rule made."""
    fake = object.__new__(Theorem)
    for name, value in (
        ("hypotheses", frozenset()),
        ("conclusion", relation),
        ("rule", "algebra"),
        ("premises", ()),
        ("evidence", ""),
        ("certified", False),
        ("label", ""),
    ):
        object.__setattr__(fake, name, value)
    return fake


def test_a_theorem_cannot_be_made_or_subclassed():
    with pytest.raises(TypeError, match="made by a rule"):
        Theorem()
    with pytest.raises(TypeError, match="subclass"):
        type("Mine", (Theorem,), {})


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_theorem_cannot_be_copied_or_pickled(theorem, duplicate):
    with pytest.raises(TypeError, match="copied or pickled"):
        duplicate(theorem)


@pytest.mark.parametrize("name", [*Theorem.__slots__, "anything", "__class__"])
def test_a_theorem_cannot_be_changed(theorem, name):
    with pytest.raises(AttributeError):
        setattr(theorem, name, None)
    with pytest.raises(AttributeError):
        delattr(theorem, name)
    assert theorem.conclusion == le(0, y**2)


def test_an_unknown_rule_is_refused():
    with pytest.raises(KernelError, match="unknown rule 'wish'"):
        apply("wish", goal=le(1, 0))

    class Sly(str):
        __slots__ = ()

        def __eq__(self, other):
            return True

        __hash__ = str.__hash__

    with pytest.raises(KernelError, match="unknown rule"):
        apply(Sly("algebra"), goal=eq(0, 0))


@pytest.mark.parametrize(
    "fake",
    [
        counterfeit(lt(0, y)),
        SimpleNamespace(
            relation=lt(0, y), conclusion=lt(0, y), hypotheses=frozenset(), certified=False, premises=()
        ),
    ],
    ids=["counterfeit", "look-alike"],
)
def test_a_foreign_premise_is_refused_wherever_it_is_hidden(fake):
    assert not is_genuine(fake)
    for attempt in (
        lambda: apply("average", fake, over=(c,)),
        lambda: apply("average", premise=fake, over=(c,)),
        lambda: apply("algebra", fake, goal=lt(0, y)),
        lambda: apply("log_tangent", x=y, facts=[fake]),
        lambda: apply("log_tangent", x=y, facts={1: fake}),
    ):
        with pytest.raises(KernelError):
            attempt()


def test_a_list_is_read_once():
    """A list that shows nothing while it is checked and a false fact afterwards."""

    class Shifty(list):
        reads = 0

        def __iter__(self):
            self.reads += 1
            return iter([] if self.reads == 1 else [counterfeit(lt(0, y))])

    with pytest.raises(KernelError, match="not visibly positive"):
        apply("log_tangent", x=y, facts=Shifty())


@pytest.mark.parametrize(
    "argument",
    ["y**2", 0.5, I, oo, nan, sqrt, lambda: 0, {1, 2}, Symbol("u"), Symbol("n", negative=True), object()],
    ids=lambda argument: type(argument).__name__,
)
def test_an_argument_outside_the_language_is_refused(argument, theorem):
    with pytest.raises(KernelError):
        apply("algebra", theorem, goal=le(0, y**2), slack=argument)


def test_relations_of_another_class_are_refused():
    class Turncoat(Relation):
        def map(self, change):
            return le(1, 0)

    with pytest.raises(KernelError, match="not a relation"):
        visible(Turncoat(Integer(0), "<=", y**2))


def test_symbols_with_one_name_and_two_domains_are_two_symbols():
    other = Symbol("x", real=True)
    assert instantiate(visible(lt(0, x)), {x: 1}).conclusion == lt(0, 1)
    with pytest.raises(KernelError, match="sign"):
        visible(lt(0, other))
    with pytest.raises(KernelError, match="not an identity"):
        combine(eq(x, other))


def test_every_rule_has_a_file_and_the_other_way_round():
    import pkgutil

    files = {m.name for m in pkgutil.iter_modules(theory.rules.__path__)}
    assert files - {"common"} == set(RULES)


def test_proof_numbers_premises_before_conclusions():
    theorem = theory.get("minimum-cross-entropy").theorem
    steps = proof(theorem)
    assert [s.number for s in steps] == list(range(1, len(steps) + 1))
    assert all(n < s.number for s in steps for n in s.premises)
    assert len(steps) > 10
    assert steps[-1].conclusion == theorem.conclusion
    assert {s.rule for s in steps} <= set(RULES)


def test_certified_steps_are_inherited():
    ball = apply("ball", goal=lt(log(2), 1))
    assert ball.certified
    assert combine(lt(2 * log(2), 2), {ball: 2}).certified
    assert not visible(le(0, y**2)).certified


def test_an_obligation_is_met_by_its_theorem_only():
    given, goal = le(y, 3), le(2 * y, 6)
    theorem = combine(goal, {assume(given): 2})
    assert Obligation(goal, frozenset({given})).met_by(theorem)
    assert not Obligation(goal).met_by(theorem)
    assert not Obligation(le(y, 3), frozenset({given})).met_by(theorem)
    assert not Obligation(le(1, 0)).met_by(counterfeit(le(1, 0)))


# ---- sizes: nothing about C, N or d is ever put in


def instantiations(monkeypatch, prove):
    """The theorem, and every substitution that its proof makes."""
    from theory.rules import instantiate as rule

    made, original = [], rule.infer

    def record(premise, *, values=None, functions=None, facts=()):
        made.append((values or {}, functions or {}))
        return original(premise, values=values, functions=functions, facts=facts)

    monkeypatch.setattr(rule, "infer", record)
    for name, module in list(sys.modules.items()):
        if name.startswith(("theory.lemmas", "theory.theorems")):
            for cached in vars(module).values():
                if hasattr(cached, "cache_clear"):
                    cached.cache_clear()  # prove everything again, in front of the recorder
    return prove(), made


@pytest.mark.parametrize(
    "name",
    ["cross-entropy-identity", "loss-gap-identity", "regularized-loss-identity", "minimum-cross-entropy"],
)
def test_no_size_is_instantiated(monkeypatch, name):
    """C, d and the ranges of the indices stay symbols from the first step to the last."""
    entry = theory.get(name)
    theorem, made = instantiations(monkeypatch, entry.prove)
    for values, functions in made:
        assert not {C, d} & set(values)
        assert not any(value.is_number for value in values.values())
        assert not any(value.is_number for _, value in functions.values())
    for step in proof(theorem):
        if step.rule in ("algebra", "average", "instantiate") and step.conclusion.lhs.has(Mean):
            assert C in step.conclusion.free_symbols
    assert C in theorem.conclusion.free_symbols


@pytest.mark.parametrize("value", [2, 3, 10, C + 1, x])
def test_the_number_of_classes_cannot_be_instantiated(value):
    with pytest.raises(KernelError, match="C is never instantiated"):
        instantiate(the_identity(), {C: value})


def test_an_index_is_replaced_by_an_index_only():
    identity = the_identity()
    for value in (Integer(0), p, i):
        with pytest.raises(KernelError):
            instantiate(identity, {c: value})
    moved = instantiate(identity, {c: j})
    assert j in moved.conclusion.free_symbols
    assert c not in moved.conclusion.free_symbols


def test_averaging_needs_hypotheses_that_do_not_speak_of_the_index():
    one, every = assume(le(f(c), 1)), assume(le(f(c), 1, c))
    with pytest.raises(KernelError, match="speaks of one c"):
        average(one, c)
    assert average(every, c).relation.rhs.body == 1


def test_functions_replaced_are_atoms():
    with pytest.raises(KernelError):
        instantiate(visible(lt(0, exp(y))), functions={exp: ((c,), Integer(-1))})
    bold = Function("f", positive=True)
    with pytest.raises(KernelError, match="not an atom"):
        instantiate(visible(le(0, y**2)), {y: bold(c)})
    logits = instantiate(the_identity(), functions={z: ((c, i, j), Rational(1, 2) * z(c, i, j))})
    assert logits.conclusion != the_identity().conclusion
    assert not logits.hypotheses
