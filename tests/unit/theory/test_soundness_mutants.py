# SPDX-License-Identifier: MIT
"""Mechanical changes of a statement: all of them are in the language, and each is another one."""

import pytest
from sympy import Rational, exp, sqrt

import theory
from theory.entry import Statement
from theory.expressions import Exists, Expansion, Relation, eq, le, lt
from theory.soundness.mutants import mutants
from theory.symbols import T, alpha, beta

VARIABILITY = "within-class-variability"


def changes_of(statement):
    return {m.change: m.statement for m in mutants(statement)}


def test_mutants_of_a_small_statement():
    found = changes_of(Statement(le(2 * alpha**2, beta), (lt(alpha, 1),)))
    assert found["left side x 101/100"].conclusion == le(Rational(101, 50) * alpha**2, beta)
    assert found["left side: 2 -> 3"].conclusion == le(3 * alpha**2, beta)
    assert found["left side: (alpha)^2 -> ^3"].conclusion == le(2 * alpha**3, beta)
    assert found["left side: without the factor alpha**2"].conclusion == le(2, beta)
    assert found["right side negated"].conclusion == le(2 * alpha**2, -beta)
    assert found["alpha and beta swapped"].conclusion == le(2 * beta**2, alpha)
    assert found["reversed"].conclusion == le(beta, 2 * alpha**2)
    assert found["strict"].conclusion == lt(2 * alpha**2, beta)
    assert found["without hypothesis 1"].hypotheses == ()
    assert found["hypothesis 1: reversed"].hypotheses == (lt(1, alpha),)
    assert found["hypothesis 1: right side: 1 -> 2"].hypotheses == (lt(alpha, 2),)


def test_an_equation_as_hypothesis_is_halved():
    found = changes_of(Statement(le(alpha, beta), (eq(T, alpha),)))
    assert found["hypothesis 1: <= instead of =="].hypotheses == (le(T, alpha),)
    assert found["hypothesis 1: >= instead of =="].hypotheses == (le(alpha, T),)


def test_mutants_of_an_expansion_and_of_an_existence_claim():
    claim = Expansion(T, alpha, (beta, beta**2))
    assert all(m.statement.conclusion.quantity == T for m in mutants(Statement(claim)))
    assert {m.change.split(":")[0] for m in mutants(Statement(claim))} == {"coefficient 1", "coefficient 2"}
    claim = Exists((beta,), le(alpha, 2 * beta))
    assert all(isinstance(m.statement.conclusion, Exists) for m in mutants(Statement(claim)))


@pytest.mark.parametrize("name", ["loss-gap-identity", "intra-class-cosine", "pan-cao-2.1-intra"])
def test_mutants_are_different_and_in_the_language(name):
    statement = theory.get(name).statement
    found = mutants(statement)
    assert len(found) > 50
    assert statement not in [m.statement for m in found]
    assert len({m.statement for m in found}) == len(found)
    assert {m.operator for m in found} == {"constant", "exponent", "sign", "swap", "relation", "drop"}
    assert found == mutants(statement)


def test_exponents_of_roots_and_logs_are_mutated():
    found = changes_of(Statement(le(sqrt(alpha), exp(-beta))))
    assert found["left side: (alpha)^1/2 -> ^1/4"].conclusion == le(alpha ** Rational(1, 4), exp(-beta))
    assert found["right side: -1 -> 1"].conclusion == Relation(sqrt(alpha), "<=", exp(beta))
