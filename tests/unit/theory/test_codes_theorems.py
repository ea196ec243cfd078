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


def test_bisectors_along_any_normals():
    """4 <u, u'> + 2 a b (M + M') + 4 b (b - a) M <= 4 a b; with margins >= 0 the cosine is below 1 - mean."""
    rng = np.random.default_rng(1)
    for d in (2, 3, 5):
        rows, normals = rng.standard_normal((2, 20000, d)), rng.standard_normal((2, 20000, d))
        near = rng.random((20000, 1)) < 0.5  # half of the second pairs close to the first
        rows[1] = np.where(near, rows[0] + 0.2 * rows[1], rows[1])
        normals[1] = np.where(near, normals[0] + 0.2 * normals[1], normals[1])
        rows, normals = (x / np.linalg.norm(x, axis=2, keepdims=True) for x in (rows, normals))
        u = rows + normals
        a, b = np.linalg.norm(u, axis=2)
        M, back = (((rows[n] - rows[1 - n]) * normals[n]).sum(axis=1) for n in (0, 1))
        products = (u[0] * u[1]).sum(axis=1)
        room = 4 * a * b - 4 * products - 2 * a * b * (M + back) - 4 * b * (b - a) * M
        assert room.min() >= -1e-12
        apart = (M >= 0) & (back >= 0)
        backward = apart & ((rows[0] * normals[0]).sum(axis=1) < 0)
        assert backward.sum() > 20
        assert (products - (1 - (M + back) / 2) * a * b)[apart].max() <= 1e-12


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


def radon(vectors):
    """(p, q): weights of a Radon partition of C >= d + 2 vectors, from a linear and affine relation."""
    system = np.vstack([vectors.T, np.ones(len(vectors))])
    t = np.linalg.svd(system)[2][-1]
    total = np.abs(t).sum() / 2
    return np.maximum(t, 0.0) / total, np.maximum(-t, 0.0) / total


@pytest.mark.parametrize(("C", "d"), [(3, 1), (4, 2), (5, 3), (9, 4), (12, 10)])
@pytest.mark.parametrize("seed", range(5))
def test_rankin_from_the_common_point_of_a_radon_partition(C, d, seed):
    rows = unit_rows(np.random.default_rng(seed).standard_normal((C, d)))
    p, q = radon(rows)
    assert np.allclose([p.sum(), q.sum(), p @ q], [1.0, 1.0, 0.0])
    assert p @ rows == pytest.approx(q @ rows, abs=1e-12)
    bound = theory.get("rankin-1955-radon-cosine").evaluate(common_point=np.linalg.norm(p @ rows))
    assert largest_cosine(rows) >= bound - 1e-12
    mean = np.linalg.norm(rows.mean(axis=0))
    simplex = theory.get("rankin-1955-simplex-cosine").evaluate(C=C, weight_mean_norm=mean)
    assert largest_cosine(rows) >= simplex - 1e-12
    assert simplex >= -1 / (C - 1)


@pytest.mark.parametrize(("C", "d"), [(4, 2), (5, 3), (6, 3), (12, 3), (9, 4)])
@pytest.mark.parametrize("seed", range(3))
def test_margins_of_more_than_d_plus_one_vectors(C, d, seed):
    """The bound from the common point of the bisectors, which is below 1 by how far the point is from 0."""
    rows = spread_code(C, d, seed)
    own = code_margins(rows)
    bisectors = rows + own.features
    p, _ = radon(bisectors)
    bound = theory.get("jiang-2024-margin-at-most-one").evaluate(common_point=np.linalg.norm(p @ bisectors))
    assert own.upper.min() <= bound + 1e-9
    assert bound <= 1.0


def test_fewer_vectors_have_larger_margins_and_no_radon_partition():
    """The simplex of d + 1 vectors: margin (d + 1)/d, affinely independent."""
    rows = unit_rows(np.eye(4) - 0.25)
    assert code_margins(rows).lower.min() == pytest.approx(4 / 3)
    assert np.linalg.matrix_rank(np.hstack([rows, np.ones((4, 1))])) == 4


def test_every_part_of_the_cross_polytope_with_d_plus_two_vectors_attains_the_margin_one():
    for C, d in [(4, 2), (5, 3), (6, 3), (6, 4), (8, 4)]:
        rows = np.vstack([np.eye(d), -np.eye(d)])[:C]
        assert code_margins(rows).lower.min() == pytest.approx(1.0, abs=1e-9)
