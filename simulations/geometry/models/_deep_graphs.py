# SPDX-License-Identifier: MIT
"""Blocks of a deep ReLU network that output a multiple of the identity: single classes and triangular graphs.

A triangular block has the edges of the complete graph on r vertices for its m = r (r-1)/2 classes, A their
(m, r) incidence matrix: features c_0 A, layers c_l I_r, then a (A - J/2) and b I_m. (A - J/2) A' counts the
common vertices minus one, so the last ReLU leaves the identity. With D = L + 1 factors its decays cost
q = (r^{D-2}/(2 m^{D-3}))^{1/D} times those of m single classes at the same outputs (Sukenik et al. 2024,
arXiv:2405.14468; the constant: theorem sukenik-2024-low-rank). q < 1 needs r >= 4 and L >= 4.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.checks import checked_whole
from simulations.geometry.models._deep import DeepProblem
from simulations.geometry.models._deep_scalar import best_ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray


def graph_cost_ratio(*, vertices: int, depth: int) -> float:
    """q: decays of the triangular graph on ``vertices`` >= 3 over those of collapse, depth >= 2 layers.

    Raises InputError for fewer vertices or layers: the construction uses the last two layers.
    """
    caller = "graph_cost_ratio"
    r = checked_whole(caller, "vertices", vertices, 3, "fewer vertices have at most one edge")
    L = checked_whole(caller, "depth", depth, 2, "the construction uses the last two layers")
    m, D = r * (r - 1) // 2, L + 1
    return math.exp(((D - 2) * math.log(r) - math.log(2.0) - (D - 3) * math.log(m)) / D)


def best_partition(num_classes: int, depth: int, strength: float) -> list[int]:
    """Vertices of each block, 0 for a single class, that cost least together (dynamic programme over C).

    strength: A of a class alone, objective (1/C) min_y [(1-y)^2/2 + A y^p] each.
    """
    exponent = 2.0 / (depth + 1)
    blocks = [(1, 0, best_ratio(strength, exponent).value)]
    for r in range(4, num_classes + 1):
        m = r * (r - 1) // 2
        if m > num_classes:
            break
        ratio = graph_cost_ratio(vertices=r, depth=depth)
        blocks.append((m, r, m * best_ratio(ratio * strength, exponent).value))

    @cache
    def least(classes: int) -> tuple[float, tuple[int, ...]]:
        if classes == 0:
            return 0.0, ()
        tried = [(least(classes - m), r, cost) for m, r, cost in blocks if m <= classes]
        value, (rest, r) = min(
            ((prior[0] + cost, (prior[1], r)) for prior, r, cost in tried), key=lambda t: t[0]
        )
        return value, (*rest, r)

    for classes in range(num_classes):  # from the bottom, so that the recursion is shallow
        least(classes)
    return sorted(least(num_classes)[1], reverse=True)


def build(
    problem: DeepProblem, blocks: list[int]
) -> tuple[NDArray[np.float64], tuple[NDArray[np.float64], ...]]:
    """Class means (C, d) and layers W_1 (d, d) to W_L (C, d) of block-diagonal networks at their best scale.

    blocks: vertices of each, 0 for a single class; the blocks' classes add up to C <= d.
    """
    C, d, L = len(problem.counts), problem.width, problem.factors - 1
    strength = problem.price * problem.counts.sum() * problem.counts[0] ** (1.0 / problem.factors - 1.0)
    means, layers = np.zeros((C, d)), [np.zeros((d, d)) for _ in range(L - 1)]
    last = np.zeros((C, d))
    at = 0
    for r in blocks:
        m = r * (r - 1) // 2 if r else 1
        rows, units = slice(at, at + m), slice(at, at + (r or 1))
        ratio = graph_cost_ratio(vertices=r, depth=L) if r else 1.0
        output = best_ratio(ratio * strength, problem.exponent).ratio
        pattern = _incidence(r) if r else np.ones((1, 1))
        before = pattern - 0.5 if r else pattern
        # squared norms of the unit factors, features counted once a sample; all factors pay the same
        norms = np.array(
            [
                problem.counts[0] * np.square(pattern).sum(),
                *[float(pattern.shape[1])] * (L - 2),
                np.square(before).sum(),
                float(m),
            ]
        )
        paid = np.exp(np.log(problem.decays * norms).mean()) * output**problem.exponent
        scales = np.sqrt(paid / (problem.decays * norms))
        means[rows, units] = scales[0] * pattern
        for number in range(L - 2):
            layers[number][units, units] = scales[1 + number] * np.eye(pattern.shape[1])
        layers[L - 2][rows, units] = scales[L - 1] * before
        last[rows, rows] = scales[L] * np.eye(m)
        at += m
    return means, (*layers, last)


def forward(means: NDArray[np.float64], layers: tuple[NDArray[np.float64], ...]) -> NDArray[np.float64]:
    """Outputs (C, C) of the class means: every layer but the last is followed by a ReLU."""
    hidden = means
    for layer in layers[:-1]:
        hidden = np.maximum(hidden @ layer.T, 0.0)
    return hidden @ layers[-1].T


def _incidence(vertices: int) -> NDArray[np.float64]:
    """Edges of the complete graph by vertices, (r (r-1)/2, r)."""
    edges = list(combinations(range(vertices), 2))
    found = np.zeros((len(edges), vertices))
    for row, edge in enumerate(edges):
        found[row, list(edge)] = 1.0
    return found
