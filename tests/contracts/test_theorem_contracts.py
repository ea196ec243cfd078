# SPDX-License-Identifier: MIT
"""What every theorem file promises, tested over discovery: a new file is tested by being there."""

import importlib
import re
from dataclasses import replace
from functools import lru_cache
from itertools import product

import numpy as np
import pytest
import sympy
from sympy import Rational
from sympy.core.function import AppliedUndef

import theory
from theory import scalars
from theory.checker import establishes
from theory.entry import KINDS
from theory.evaluation import VALUES, HypothesisError
from theory.expressions import Exists, Expansion, Relation, is_index
from theory.kernel import RULES, KernelError, apply, is_genuine
from theory.language import check_claim
from theory.normal_form import is_zero
from theory.rules.common import gap
from theory.symbols import TABLE, C, b, d, gamma_sq, h, lam, w
from theory.witness import refutes, truth

NAMES = list(theory.theorems())
PROVED = [name for name in NAMES if theory.get(name).prove is not None]
NUMBERS = [name for name in NAMES if theory.get(name).measurable or theory.get(name).formula]
TIGHT = [name for name in NAMES if theory.get(name).kind == "tight"]


@lru_cache
def row(name):
    """The ledger row; each theorem is verified once."""
    return theory.get(name).verify()


def parts(claim):
    """The expressions of a claim."""
    if isinstance(claim, Exists):
        return parts(claim.body)
    if isinstance(claim, Expansion):
        return (claim.quantity, claim.variable, *claim.coefficients)
    return (claim.lhs, claim.rhs)


def expressions(entry):
    return [e for claim in (entry.statement.conclusion, *entry.statement.hypotheses) for e in parts(claim)]


# ---- verdicts


def test_the_first_theorems_are_registered():
    assert {
        "cross-entropy-identity",
        "loss-gap-identity",
        "regularized-loss-identity",
        "minimum-cross-entropy",
        "minimum-regularized-loss",
        "batch-norm-feature-norm",
        "within-class-variability",
        "self-duality-tradeoff",
        "within-class-variability-weight-decay",
        "intra-class-cosine",
        "intra-class-cosine-counterexample",
        "pan-cao-2.1-intra",
        "pan-cao-2.1-inter",
        "pan-cao-2.2-intra",
        "pan-cao-2.2-inter",
    } <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_verdict_is_as_expected(name):
    entry, found = theory.get(name), row(name)
    assert found.expected, found.evidence
    if entry.prove is None:
        assert found.verdict == "UNDECIDED"
        assert entry.kind in ("published", "conjecture")
        assert entry.uncovered
    else:
        assert found.verdict in ("PROVED", "CERTIFIED"), found.evidence
        assert found.steps >= 1
        assert establishes(entry.theorem, entry.statement)
        assert (found.verdict == "CERTIFIED") == entry.theorem.certified
    assert (found.name, found.kind, found.source) == (name, entry.kind, entry.source)
    assert found.to_dict()["verdict"] == found.verdict


@pytest.mark.parametrize("name", NAMES)
def test_title_kind_source_and_sentence(name):
    entry = theory.get(name)
    assert entry.kind in KINDS
    assert re.search(r"\b(19|20)\d\d\b", entry.source), f"no year in {entry.source!r}"
    assert entry.title
    assert entry.says
    assert re.fullmatch(r"[a-z0-9.-]+", name)
    if entry.kind == "published" and entry.prove is not None:
        assert entry.region
        assert entry.uncovered


# ---- statements


@pytest.mark.parametrize("name", NAMES)
def test_the_statement_is_in_the_language(name):
    """Well-formed, exact, and in symbols whose meaning and domain are in the table."""
    statement = theory.get(name).statement
    check_claim(statement.conclusion)
    for hypothesis in statement.hypotheses:
        check_claim(hypothesis, hypothesis=True)
    for expr in expressions(theory.get(name)):
        assert not expr.has(sympy.Float)
        for symbol in expr.atoms(sympy.Symbol):
            if not is_index(symbol):
                assert symbol.name in TABLE, f"{symbol} has no meaning"
                _same_domain(symbol)
        for atom in expr.atoms(AppliedUndef):
            assert atom.func.__name__ in TABLE, f"{atom.func} has no meaning"


def _same_domain(symbol):
    domain = TABLE[symbol.name].domain
    if symbol == C:
        assert domain == "integer, >= 2"
    elif symbol.is_positive:
        assert domain == "real, > 0"
    else:
        assert domain == ("real, >= 0" if symbol.is_nonnegative else "real")


def _hypotheses_hold(entry, witness):
    """Whether the witness has a value for everything in the hypotheses, and meets them."""
    try:
        return all(truth(a, witness) is True for a in entry.statement.hypotheses)
    except KeyError:
        return False


@pytest.mark.parametrize("name", PROVED)
def test_the_hypotheses_can_be_met(name):
    """A theorem with contradictory hypotheses would be true of nothing."""
    entry = theory.get(name)
    known = [twin.witness for twin in entry.twins_of()]
    known += [entry.attained_of()] if entry.attained_of else []
    assert any(_hypotheses_hold(entry, witness) for witness in known)


@pytest.mark.parametrize("name", NAMES)
def test_latex(name):
    entry = theory.get(name)
    assert entry.latex.strip()
    assert entry.latex.count("{") == entry.latex.count("}")
    assert "None" not in entry.latex
    assert entry._repr_latex_().startswith("$") or entry._repr_latex_().startswith("\\")


# ---- false twins, true neighbours, tightness


@pytest.mark.parametrize("name", PROVED)
def test_at_least_two_false_twins_are_refuted_and_a_neighbour_is_proved(name):
    entry = theory.get(name)
    twins = entry.twins_of()
    assert len(twins) >= 2
    assert len({t.change for t in twins}) == len(twins)
    assert f"{len(twins)} false twins refuted" in row(name).evidence
    assert entry.neighbour_of is not None
    neighbour = entry.neighbour_of()
    assert neighbour.statement != entry.statement
    assert not any(neighbour.statement == t.statement for t in twins)


@pytest.mark.parametrize("name", PROVED)
def test_the_checker_would_notice_a_true_twin(name):
    """A "false" twin that is the theorem itself, or its neighbour, makes the verdict UNDECIDED."""
    entry = theory.get(name)
    true_twin = replace(entry.twins_of()[0], statement=entry.statement)
    if isinstance(entry.statement.conclusion, Relation):
        assert not refutes(true_twin.witness, entry.statement)
    found = replace(entry, twins_of=lambda: [true_twin], neighbour_of=None, attained_of=None).verify()
    assert found.verdict == "UNDECIDED"
    assert not found.expected


@pytest.mark.parametrize("name", TIGHT)
def test_tight_theorems_are_attained(name):
    assert theory.get(name).attained_of is not None
    assert "attained by an exact witness" in row(name).evidence


# ---- the last step of every proof, weakened


def last_step(monkeypatch, entry):
    """The rule and arguments whose conclusion is the theorem, by running the proof again."""
    calls = []
    for rule in RULES:
        module = importlib.import_module(f"theory.rules.{rule}")

        def record(*premises, rule=rule, original=module.infer, **arguments):
            result = original(*premises, **arguments)
            calls.append((rule, premises, arguments, result.conclusion))
            return result

        monkeypatch.setattr(module, "infer", record)
    if hasattr(entry.prove, "cache_clear"):
        entry.prove.cache_clear()
    conclusion = entry.prove().conclusion
    monkeypatch.undo()
    (rule, premises, arguments, _), *_ = [call for call in reversed(calls) if call[3] == conclusion]
    return rule, premises, arguments


def off(number):
    return number * Rational(101, 100)


def matters(premise):
    """Whether the premise says anything: a pure identity of normal forms holds without being cited."""
    return not is_zero(gap(premise.conclusion))


def perturbed(rule, premises, arguments):
    """The step with one number changed by one per cent, in every way that the rule has."""
    if rule == "algebra":
        goal, coefficients = arguments["goal"], list(arguments["coefficients"])
        for n, coefficient in enumerate(coefficients):
            if matters(premises[n]):
                changed = [*coefficients[:n], off(coefficient), *coefficients[n + 1 :]]
                yield premises, arguments | {"coefficients": changed}
                fewer = [*coefficients[:n], *coefficients[n + 1 :]]
                yield [*premises[:n], *premises[n + 1 :]], arguments | {"coefficients": fewer}
        for side in ("lhs", "rhs"):
            if getattr(goal, side) != 0:
                yield premises, arguments | {"goal": replace(goal, **{side: off(getattr(goal, side))})}
    elif rule == "taylor":
        claim = arguments["claim"]
        for n in (0, 1):
            changed = tuple(off(a) if m == n else a for m, a in enumerate(claim.coefficients))
            yield premises, arguments | {"claim": replace(claim, coefficients=changed)}
    elif rule == "constants":
        for symbol, number in arguments["values"].items():
            yield premises, arguments | {"values": arguments["values"] | {symbol: off(number)}}
    elif rule == "ball":
        goal = arguments["goal"]
        yield premises, arguments | {"goal": Relation(goal.rhs, goal.op, goal.lhs)}
        yield premises, arguments | {"goal": replace(goal, lhs=3 * goal.lhs)}
    else:
        raise AssertionError(f"no perturbation is known for a proof that ends in {rule!r}")


@pytest.mark.parametrize("name", PROVED)
def test_a_changed_coefficient_or_a_lost_premise_breaks_the_last_step(monkeypatch, name):
    rule, premises, arguments = last_step(monkeypatch, theory.get(name))
    again = apply(rule, *premises, **arguments)
    assert is_genuine(again)
    tried = 0
    for fewer, changed in perturbed(rule, premises, arguments):
        with pytest.raises(KernelError):
            apply(rule, *fewer, **changed)
        tried += 1
    assert tried


# ---- numbers


def sample():
    """Values that meet every hypothesis: C = 4, T = 8, small gaps, small decay."""
    alpha, beta, decay = 3.0, 2.0, 0.01
    eps = eps_reg = 2e-3
    return {
        "C": 4,
        "alpha": alpha,
        "beta": beta,
        "T": 8.0,
        "eps": eps,
        "L": float(scalars.phi(8.0, 4)) + eps,
        "weight_frobenius": 2 * beta,
        "weight_decay": decay,
        "eps_reg": eps_reg,
        "L_reg": float(scalars.least_regularized_loss(decay, 4)) + eps_reg,
        "bias_norm": 0.0,
        "mean_norm": 0.0,
        "delta": 0.25,
        "p": 0.1,
        "t": 1.3,
        "kl": 0.2,
        "misalignment": 0.1,
        "spring": 0.3,
        "weight_mean_norm": 0.2,
        "gamma": 1.5,
        "gamma_norm": 3.2,
        "variance": 0.7,
        "eta": 1e-3,
        "flipped": 0.25,
    }


OUTSIDE = (
    ("alpha", -1.0),
    ("alpha", 1e-3),
    ("beta", -1.0),
    ("weight_frobenius", -1.0),
    ("L", 100.0),
    ("L", 1e-9),
    ("L_reg", 100.0),
    ("L_reg", 1e-9),
    ("bias_norm", 1.0),
    ("mean_norm", 0.1),
    ("weight_decay", -1.0),
    ("weight_decay", 10.0),
    ("weight_decay", 0.45),
    ("eps", 1.0),
    ("eps", -1.0),
    ("eps_reg", 1.0),
    ("eps_reg", -1.0),
    ("delta", -1.0),
    ("delta", 2.0),
    ("p", -1.0),
    ("p", 2.0),
    ("kl", -1.0),
    ("variance", -1.0),
    ("eta", -1.0),
    ("flipped", -1.0),
    ("flipped", 0.9),
    ("T", -1.0),
)


def test_the_sample_speaks_of_every_value():
    assert set(sample()) == set(VALUES)


@pytest.mark.parametrize("name", NUMBERS)
def test_inside_the_hypotheses_there_is_a_number(name):
    entry = theory.get(name)
    assert entry.unmet(**sample()) == []
    result = entry.evaluate(**sample())
    assert isinstance(result, float)
    assert np.isfinite(result)


@pytest.mark.parametrize("name", NUMBERS)
def test_each_hypothesis_is_named_where_it_fails_and_evaluate_raises(name):
    entry = theory.get(name)
    for condition in entry.hypotheses:
        failing = []
        for value, number in OUTSIDE:
            values = sample() | {value: number}
            if any(text.startswith(condition.text) for text in entry.unmet(**values)):
                failing.append((value, number))
                with pytest.raises(HypothesisError, match=re.escape(f"{name}.evaluate")):
                    entry.evaluate(**values)
        assert failing, f"no value outside the hypothesis {condition.text!r} was found"


@pytest.mark.parametrize("name", NUMBERS)
def test_a_missing_value_is_an_unmet_hypothesis(name):
    entry = theory.get(name)
    for missing in (entry.measurable or entry.formula).inputs:
        for values in ({k: v for k, v in sample().items() if k != missing}, sample() | {missing: None}):
            assert any(text.startswith(missing) for text in entry.unmet(**values))
            with pytest.raises(HypothesisError, match=missing):
                entry.evaluate(**values)


@pytest.mark.parametrize("name", NUMBERS)
def test_arrays_are_evaluated_like_a_loop_over_scalars(name):
    entry = theory.get(name)
    inputs = [n for n in (entry.measurable or entry.formula).inputs if n != "C" and sample()[n]]
    factors = np.array([1.0, 0.999, 0.995])
    tried = 0
    for varied in inputs:
        values = sample() | {varied: sample()[varied] * factors[:, None], "C": np.array([4.0])}
        if entry.unmet(**values):
            continue
        result = entry.evaluate(**values)
        assert result.shape == (3, 1)
        loop = [entry.evaluate(**(sample() | {varied: sample()[varied] * f})) for f in factors]
        np.testing.assert_allclose(result[:, 0], loop, rtol=1e-12)
        tried += 1
    assert tried


@pytest.mark.parametrize("name", [n for n in NAMES if n not in NUMBERS])
def test_a_statement_with_unknown_constants_has_no_number(name):
    assert theory.get(name).kind == "published"
    with pytest.raises(HypothesisError, match="constants"):
        theory.get(name).evaluate(**sample())


# ---- the number against the exact statement, at the exact witnesses


def measured(witness):
    """Values of ``VALUES`` and the quantities, by NumPy from W, H and b of a witness."""
    n, size, dim = witness.classes, witness.samples, witness.dimension
    at = witness.functions
    W = np.array([[float(at[w](a, k)) for k in range(dim)] for a in range(n)])
    H = np.array([[[float(at[h](a, s, k)) for k in range(dim)] for s in range(size)] for a in range(n)])
    bias = np.array([float(at[b](a)) for a in range(n)]) if b in at else np.zeros(n)
    z = H @ W.T + bias
    own = z[np.arange(n), :, np.arange(n)]
    shift = z.max(axis=-1)
    loss = float((np.log(np.exp(z - shift[..., None]).sum(-1)) + shift - own).mean())
    rows, means = W - W.mean(axis=0), H.mean(axis=1)
    M = means - means.mean(axis=0)
    alpha, beta = np.sqrt((H**2).sum(-1).mean()), np.sqrt((rows**2).sum(-1).mean())
    T = n * alpha * beta / (n - 1)
    values = {
        "C": n,
        "L": loss,
        "alpha": alpha,
        "beta": beta,
        "weight_frobenius": np.linalg.norm(W),
        "eps": loss - float(scalars.phi(T, n)),
        "bias_norm": np.std(bias),
        "mean_norm": np.linalg.norm(means.mean(axis=0)) / alpha,
    }
    quantities = {
        "loss": loss,
        "within_class_variability": ((H - means[:, None]) ** 2).sum(-1).mean() / alpha**2,
        "nc3.self_duality": ((W / np.linalg.norm(W) - M / np.linalg.norm(M)) ** 2).sum(),
    }
    norms = np.linalg.norm(H, axis=-1, keepdims=True)
    unit = np.divide(H, norms, out=np.zeros_like(H), where=norms > 0).mean(axis=1)
    quantities["intra_class_cosine.mean"] = (unit**2).sum(-1).mean()
    if lam in witness.values and witness.values[lam] ** 2 * n < 1:
        decay = float(witness.values[lam])
        scale = float(witness.values.get(gamma_sq, alpha**2))
        values["weight_decay"] = decay
        values["L_reg"] = loss + decay / 2 * (scale + (W**2).sum())
        values["eps_reg"] = values["L_reg"] - float(scalars.least_regularized_loss(decay, n))
        quantities["regularized_loss"] = values["L_reg"]
    return values, quantities


@pytest.mark.parametrize("name", [n for n in TIGHT if theory.get(n).measurable])
def test_the_number_is_attained_at_the_exact_witness(name):
    """For tight theorems the bound, evaluated on measured values, is what is measured."""
    entry = theory.get(name)
    values, quantities = measured(entry.attained_of())
    assert entry.unmet(**values) == []
    bound, found = entry.evaluate(**values), quantities[entry.measurable.quantity]
    if name == "self-duality-tradeoff":  # attained jointly with NC1: see the statement
        assert found <= bound
    else:
        assert bound == pytest.approx(found, rel=1e-9, abs=1e-12)


def _is_zero(witness):
    """Whether all features of the witness are zero: then the cosines and the variability mean nothing."""
    sizes = (range(witness.classes), range(witness.samples), range(witness.dimension))
    return all(witness.functions[h](*at) == 0 for at in product(*sizes))


@pytest.mark.parametrize("name", [n for n in PROVED if theory.get(n).measurable])
def test_no_witness_of_a_twin_violates_the_number(name):
    """Where a twin's witness meets the executable hypotheses, the theorem itself holds of it."""
    entry = theory.get(name)
    side, tried = entry.measurable, 0
    for twin in entry.twins_of():
        if not {w, h} <= set(twin.witness.functions) or _is_zero(twin.witness):
            continue
        values, quantities = measured(twin.witness)
        if side.quantity not in quantities or entry.unmet(**values):
            continue
        if gamma_sq in twin.witness.values and float(twin.witness.values[gamma_sq]) < values["alpha"] ** 2:
            continue  # the norms break the hypothesis E||h||^2 <= ||gamma||^2 of the statement
        bound, found = entry.evaluate(**values), quantities[side.quantity]
        slack = 1e-9 * max(1, abs(bound))
        assert found <= bound + slack if side.direction == "<=" else found >= bound - slack
        tried += 1
    if entry.kind == "tight":
        assert tried or entry.attained_of


def test_the_dimension_symbol_is_in_the_table():
    assert TABLE[d.name].domain == "real, > 0"
