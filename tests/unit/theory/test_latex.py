# SPDX-License-Identifier: MIT
"""Readable LaTeX: what folds, what does not, rows that fit, and the same formula as MathML and as text."""

import re
from xml.etree import ElementTree

import pytest
from sympy import Rational, exp, log, sqrt

import theory
from theory.definitions import (
    cross_entropy,
    dot,
    kl,
    margin,
    mu,
    mu_global,
    phi,
    psi,
    q,
    sq,
    unbiased_logit,
    wt,
)
from theory.expressions import Indicator, Mean, eq, index, le
from theory.normal_form import is_zero
from theory.rendering.binders import readable, standard
from theory.rendering.breaking import rows, width
from theory.rendering.claims import claim_latex
from theory.rendering.fold import fold
from theory.rendering.markup import MarkupError, parse
from theory.rendering.mathml import display, inline
from theory.rendering.names import Names, with_indices
from theory.rendering.nodes import Node, unfold
from theory.rendering.plain import plain
from theory.rendering.printer import Printer
from theory.symbols import C, T, alpha, atom, b, c, d, gamma_sq, h, i, j, k, lam, n, p, positive, t, tau, w, z

c2 = index("c2")
FEW = (
    "loss-gap-identity",
    "within-class-variability",
    "sample-cosine",
    "pan-cao-2.1-intra",
    "nc2-at-collapse",
)


def shown(expr):
    return plain(Printer().text(readable(fold(expr), expr.free_symbols)))


QUANTITIES = [
    (sq(lambda x: h(c, i, x)), "‖h_ci‖²"),
    (sq(lambda x: h(c, i, x)) ** 2, "‖h_ci‖⁴"),
    (sqrt(sq(lambda x: h(c, i, x))), "‖h_ci‖"),
    (dot(lambda x: w(j, x), lambda x: h(c, i, x)), "⟨w_j, h_ci⟩"),
    (dot(lambda x: h(c, i, x), lambda x: wt(c, x)) ** 2, "⟨w̃_c, h_ci⟩²"),
    (Mean(sq(lambda x: h(c, i, x) - mu(c, x)), c, i), "E_ci[‖h_ci − μ_c‖²]"),
    (sq(lambda x: mu(c, x) - mu_global(x)), "‖μ_c − μ_G‖²"),
    (Mean(cross_entropy(), c, i), "E_ci[ℓ_c(z_ci)]"),
    (cross_entropy(unbiased_logit), "ℓ_c(W h_ci)"),
    (margin(), "z_cic − E_{j≠c}[z_cij]"),
    (kl(p), "KL_c(p ‖ z_ci)"),
    (phi(tau), "φ(τ)"),
    (phi(-tau), "φ(−τ)"),
    (T * q(T), "T q(T)"),
    (1 / (T * q(T)), "1/(T q(T))"),
    (psi(p), "ψ(p)"),
    (lam / 2 * (gamma_sq + C * Mean(sq(lambda x: w(c, x)), c)), "λ/2 (‖γ‖² + ∑_c‖w_c‖²)"),
    (Mean(Indicator(t - 1), c), "E_c[1[t − 1 ≥ 0]]"),
    (exp(-t) / 2, "e^(−t)/2"),
    (alpha ** Rational(1, 3), "³√α"),
]


@pytest.mark.parametrize(("expr", "text"), QUANTITIES)
def test_a_quantity_reads_as_in_a_paper_and_stands_for_what_was_written(expr, text):
    assert shown(expr) == text
    assert is_zero(unfold(fold(expr)) - expr)


LOOK_ALIKES = [
    Mean(h(c, i, k) ** 2, k),  # d is missing
    n * Mean(z(c, i, j), i),  # the number of samples is no factor of the language
    d * Mean(h(c, i, k) * w(c, k) * w(j, k), k),  # three vectors
    d * Mean(h(c, i, k), k),
    (C * Mean(z(c, i, j), j) - z(c, i, c)) / (C - 2),
    log(C * Mean(exp(z(c, i, j)), j)) + z(c, i, c),
    log(1 + C * exp(-t)),
    C / (C - 1 + exp(t)),
    -p * log(p) - (1 - p) * log(1 - p) + 2 * p * log(C - 1),
]


@pytest.mark.parametrize("expr", LOOK_ALIKES)
def test_what_only_looks_alike_keeps_its_meaning(expr):
    folded = fold(expr)
    assert is_zero(unfold(folded) - expr)
    named = {type(node).__name__ for node in folded.atoms(Node)}
    assert not named & {"Dot", "CrossEntropy", "OthersMean", "Phi", "Q", "Psi", "Divergence"}


@pytest.mark.parametrize("name", FEW)
def test_folded_statements_are_exactly_the_statements(name):
    statement = theory.get(name).statement
    claims = [a for a in (*statement.hypotheses, statement.conclusion) if hasattr(a, "lhs")]
    for side in [side for claim in claims for side in (claim.lhs, claim.rhs)]:
        assert is_zero(unfold(fold(side)) - side)


def test_bound_indices_never_share_a_name_with_an_index_around_them():
    inner = Mean(Mean(z(c, i, j) * z(c2, i2 := index("i2"), j), c2, i2), c, i)
    assert shown(inner) == "E_ci[E_c′i′[z_c′i′j z_cij]]"
    assert standard(Mean(b(c), c)) == standard(Mean(b(c2), c2))
    assert claim_latex(le(b(c), Mean(b(c2), c2))) == r"b_{c} \le \mathbb{E}_{c'}\bigl[b_{c'}\bigr]".replace(
        r"\bigl[b_{c'}\bigr]", "[b_{c'}]"
    )


def test_vectors_are_compared_without_their_coordinate():
    assert plain(claim_latex(eq(h(c, i, k), mu(c, k), c, i, k))) == "h_ci = μ_c ∀ c, i"
    assert plain(claim_latex(eq(h(c, i, k) ** 2, mu(c, k), c, i, k))) == "h_cik² = μ_ck ∀ c, i, k"
    assert plain(claim_latex(eq(0, h(c, i, k)))) == "0 = h_ci"


def test_two_names_that_look_alike_are_told_apart():
    other = positive("p_other", "p", "another p")
    indexed = atom("p_indexed", "p", "p_indexed(c): p of class c")
    names = Names([p + other + indexed(c)])
    assert names.get("p") == "p"
    assert names.get("p_other") == r"\mathsf{p\_other}"
    assert names.get("p_indexed") == "p"
    # q(t) is written as the slope of phi: a symbol q would be taken for it
    called_q = atom("q_mine", "q", "q_mine(c): anything")
    assert Names([fold(q(t)) * called_q(c)]).get("q_mine") == r"\mathsf{q\_mine}"


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("h", "h_{c,i}"),
        ("r_B", "r_{B,c,i}"),
        (r"w^{\mathrm{LS}}", r"w^{\mathrm{LS}}_{c,i}"),
        ("T_{(10)}", "T_{(10),c,i}"),
        (r"L_{\mathrm{reg}}", r"L_{\mathrm{reg},c,i}"),
        ("m^+", "m^+_{c,i}"),
    ],
)
def test_indices_join_a_subscript(name, printed):
    assert with_indices(name, "c,i") == printed
    assert with_indices(name, "") == name


def test_long_formulas_are_broken_before_operators_and_nothing_is_lost():
    text = claim_latex(theory.get("regularized-loss-identity").statement.conclusion)
    for widest in (40.0, 60.0, 90.0):
        broken = rows(text, widest)
        joined = "".join(row.replace(r"\quad ", "").removeprefix("{}") for row in broken)
        assert re.sub(r"\s", "", joined) == re.sub(r"\s|\\quad", "", text)
        assert all(row.count("{") == row.count("}") for row in broken)
        for row in broken[1:]:
            assert re.match(r"(\\quad )*\{\}(\+|-|=|<|\\le)", row)
    assert max(width(row) for row in rows(text, 60.0)) <= 64
    assert rows("a + b") == ["a + b"]


@pytest.mark.parametrize("name", FEW)
def test_mathml_is_well_formed_and_text_is_plain(name):
    statement = theory.get(name).statement
    for claim in (*statement.hypotheses, statement.conclusion):
        latex = claim_latex(claim)
        root = ElementTree.fromstring(display(rows(latex, 60.0)))
        for tag, children in (
            ("mfrac", 2),
            ("msub", 2),
            ("msup", 2),
            ("msubsup", 3),
            ("mroot", 2),
            ("munder", 2),
        ):
            assert all(len(node) == children for node in root.iter(tag)), tag
        assert "\\" not in plain(latex)
        assert "{" not in re.sub(r"_\{[^{}]*\}", "", plain(latex))


def test_mathml_of_a_fraction_and_of_brackets():
    assert inline(r"\frac{a}{2}") == "<math><mfrac><mi>a</mi><mn>2</mn></mfrac></math>"
    assert 'minsize="1.2em"' in inline(r"\bigl(x\bigr)")
    assert "&lt;" in inline("a < b")
    with pytest.raises(MarkupError, match="unknown command"):
        parse(r"\mystery{x}")


def test_statements_and_theorems_show_readable_mathematics_in_notebooks():
    entry = theory.get("loss-gap-identity")
    for text in (entry._repr_latex_(), entry.theorem._repr_latex_()):
        assert text.startswith(r"$\displaystyle \begin{aligned}")
        assert text.count("{") == text.count("}")
        assert r"\mathrm{KL}_{c}\bigl(q(T) \,\Vert\, W h_{c,i} + b\bigr)" in text
    assert r"\Longrightarrow" in entry._repr_latex_()
    assert r"\vdash" in entry.theorem._repr_latex_()
