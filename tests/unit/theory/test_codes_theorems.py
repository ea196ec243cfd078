# SPDX-License-Identifier: MIT
"""Theorems on codes: margins, bisectors and cosines, on random codes and against the softmax-code solver."""

import numpy as np
import pytest

import theory
from simulations import geometry
from simulations.geometry.models.softmax_code import code_margins
from theory.witness import truth

BISECTOR, TAMMES = "jiang-2024-bisector-cosine", "jiang-2024-margin-of-tammes-codes"
SIZES = [(3, 2), (4, 2), (4, 3), (6, 3), (7, 5), (9, 4), (12, 3)]


def unit_rows(matrix):
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


def largest_cosine(code):
    gram = code @ code.T
    return gram[~np.eye(len(code), dtype=bool)].max()


def spread_code(C, d, seed):
    """A code with a margin: random, then pushed apart a little."""
    rows = unit_rows(np.random.default_rng(seed).standard_normal((C, d)))
    for _ in range(40):
        forces = np.exp(6 * (rows @ rows.T))
        np.fill_diagonal(forces, 0.0)
        rows = unit_rows(rows - 0.2 * unit_rows(forces @ rows))
    return rows


def pair_margins(rows, normals):
    """M_cj = <w_c - w_j, f_c>."""
    z = normals @ rows.T
    return np.diag(z)[:, None] - z


@pytest.mark.parametrize(("C", "d"), SIZES)
@pytest.mark.parametrize("seed", range(5))
def test_bisectors_of_random_vectors_and_normals(C, d, seed):
    """Any unit vectors, any unit normals that do not point backward: no margin need be positive."""
    rng = np.random.default_rng(seed)
    rows, normals = (unit_rows(rng.standard_normal((C, d))) for _ in range(2))
    normals *= np.where((rows * normals).sum(axis=1) < 0, -1.0, 1.0)[:, None]
    u = rows + normals
    nu = np.linalg.norm(u, axis=1)
    M = pair_margins(rows, normals)
    room = np.outer(nu, nu) - 2 * (M + M.T) - u @ u.T
    assert room.min() >= -1e-12
    assert np.abs(np.diag(room)).max() < 1e-12


def test_backward_normals_can_be_closer():
    """Without <w, f> >= 0 the bound fails on some random vectors, and only there."""
    rng = np.random.default_rng(0)
    rows, normals = (rng.standard_normal((2, 4000, 2)) for _ in range(2))
    rows, normals = (x / np.linalg.norm(x, axis=2, keepdims=True) for x in (rows, normals))
    u = rows + normals
    nu = np.linalg.norm(u, axis=2)
    sums = ((rows[0] - rows[1]) * (normals[0] - normals[1])).sum(axis=1)
    room = nu[0] * nu[1] - 2 * sums - (u[0] * u[1]).sum(axis=1)
    forward = ((rows * normals).sum(axis=2) >= 0).all(axis=0)
    assert room.min() < -0.5
    assert room[forward].min() >= -1e-12


@pytest.mark.parametrize(("C", "d"), SIZES)
@pytest.mark.parametrize("seed", range(3))
def test_bisectors_of_a_code_with_margin_m_are_a_code_with_cosines_at_most_1_minus_m(C, d, seed):
    rows = spread_code(C, d, seed)
    own = code_margins(rows)
    margin = own.lower.min()
    assert margin > 1e-3
    assert ((rows * own.features).sum(axis=1) >= -1e-9).all()
    bisectors = unit_rows(rows + own.features)
    bound = theory.get(BISECTOR).evaluate(code_margin=margin)
    assert largest_cosine(bisectors) <= bound + 1e-9
    # both halves: the bisectors have at least the margin of the code they come from
    below = theory.get("jiang-2024-code-margin-cosine").evaluate(max_cosine=largest_cosine(bisectors))
    assert code_margins(bisectors).upper.min() >= below - 1e-9 >= margin - 2e-9


@pytest.mark.parametrize(("C", "d"), [(5, 4), (7, 2), (5, 3), (8, 4), (12, 3), (16, 5)])
def test_the_solver_attains_the_bound(C, d):
    found = geometry.solve_model("softmax-code", num_classes=C, feature_dim=d)
    assert found.status == "optimal"
    gamma = largest_cosine(found.weight)
    bound = theory.get(TAMMES).evaluate(max_cosine=gamma)
    assert found.objective == pytest.approx(bound, abs=2e-9)
    assert found.objective == pytest.approx(
        theory.get("jiang-2024-code-margin-cosine").evaluate(max_cosine=gamma), abs=2e-9
    )


def test_a_code_may_have_more_margin_than_its_own_cosines_say():
    """Two orthogonal vectors: margin sqrt 2, cosine 0; their bisectors are opposite enough."""
    rows = np.eye(2)
    own = code_margins(rows)
    assert own.lower.min() == pytest.approx(np.sqrt(2))
    assert own.lower.min() > theory.get(TAMMES).evaluate(max_cosine=0.0) + 0.4
    assert largest_cosine(unit_rows(rows + own.features)) <= 1 - np.sqrt(2) + 1e-9


def test_twins_fail_in_their_conclusion_alone():
    """The witness against the code's own cosines meets every hypothesis of the theorem on bisectors."""
    twin = next(t for t in theory.get(BISECTOR).twins if "in place of" in t.change)
    assert twin.statement.hypotheses == theory.get(BISECTOR).statement.hypotheses
    assert all(truth(a, twin.witness) is True for a in twin.statement.hypotheses)
    assert truth(twin.statement.conclusion, twin.witness) is False
