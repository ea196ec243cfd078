# SPDX-License-Identifier: MIT
"""Softmax codes: C unit vectors in d dimensions with the largest one-vs-rest margin.

    maximise over unit w_1..w_C in R^d   min_k dist(w_k, conv{w_j : j != k}),

where normalised features and classifiers go at a vanishing temperature, whatever d (Jiang et al. 2024,
arXiv:2310.05351). The same number is the HardMax value, max over unit W and H of min_{k, j != k} <w_k - w_j,
h_k>.

The optimum is 1 - gamma*, gamma* the least possible largest cosine of C unit vectors: softmax codes have the
value of Tammes codes, for every C and d (this project, 2026; Jiang et al. 2024 have d = 2 and C <= d + 1).
Theorems jiang-2024-bisector-cosine and jiang-2024-margin-of-tammes-codes are the second half.
- A code with cosines at most gamma has margin at least 1 - gamma (theorem jiang-2024-code-margin-cosine).
- Let a code have margin m > 0; y_k is the point of the hull nearest to w_k and h_k = (w_k - y_k)/||w_k -
  y_k||. Then <w_k - w_j, h_k> >= m for j != k, and a_k = <w_k, h_k> >= 0 because <w_k, y_k> <= 1. Adding the
  inequality of (k, j) and of (j, k), <w_k - w_j, h_k - h_j> >= 2m. Write w = P + Q, h = P - Q: P and Q are
  orthogonal, ||P|| = cos t, ||Q|| = sin t with cos 2t = a, so t <= pi/4, and ||P_k - P_j||^2 - ||Q_k -
  Q_j||^2 >= 2m. As ||Q_k - Q_j|| >= |sin t_k - sin t_j|, expanding gives <P_k, P_j> <= 1 - m - B, B = sin^2
  t_k + sin^2 t_j - sin t_k sin t_j. Now B - (1 - cos t_k cos t_j) = cos(t_k + t_j)(1 - cos(t_k - t_j)) >= 0,
  so that <P_k, P_j> <= cos t_k cos t_j - m: the unit vectors P_k/||P_k||, which bisect w_k and h_k, have
  cosines at most 1 - m/(cos t_k cos t_j) <= 1 - m. They are a code, so 1 - m >= gamma*.

So every lower bound on gamma* bounds the margin of every code from above; those of `_code_bounds` make this
model's gap. They are attained by the simplex (C <= d + 1: C/(C-1)), the polygon (d = 2: 1 - cos(2 pi/C)),
the cross-polytope and its parts (d + 2 <= C <= 2d: 1), the icosahedron (d = 3, C = 12: 1 - 1/sqrt 5), and
where linear programming is sharp, such as C = 16, d = 5 (4/5) and C = 27, d = 6 (3/4). Elsewhere the code is
a good one and the gap says by how much it could be beaten.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.errors import InputError
from simulations.geometry.checks import checked_tolerance, checked_whole
from simulations.geometry.closed_forms import simplex_etf
from simulations.geometry.models import Example, Model
from simulations.geometry.models._code_bounds import cosine_bound
from simulations.geometry.models._codes import Code, loosen, spread, unit_rows
from simulations.geometry.models._hull import Margins, margins
from simulations.geometry.models._sphere_inputs import checked_matrix
from simulations.geometry.solution import NOT_CONVERGED, OPTIMAL, UNCERTIFIED, Solution

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "softmax-code"
FIRST = (10.0, 30.0, 100.0)  # sharpness of the first smooth maximum: each ends in basins of its own
RATTLES = 1e-6  # a row whose margin exceeds the least by more is free to move


def solve(
    *,
    num_classes: int,
    feature_dim: int,
    tolerance: float = 1e-9,
    max_iterations: int = 20_000,
    starts: int = 20,
    seed: int = 0,
) -> Solution:
    """The best code found for C = num_classes >= 2 in d = feature_dim >= 1 dimensions, and a bound on all
    codes.

    tolerance: accepted gap, relative to min(1, upper bound). max_iterations: steps over all starts. starts:
    random starts where no closed form attains the bound (the search stops at the first that does); seed:
    theirs. objective: the HardMax value min_{k, j != k} <w_k - w_j, h_k> in [0, 2], a lower bound on the
    code's margin that its own hyperplanes certify. gap: from there to the upper bound 1 - gamma for every
    code. weight (C, d): the code, unit rows. class_means (C, d): h_k, unit. logits = class_means @ weight.T.
    details: upper_bound; bound_source; largest_cosine of two rows; margins (C,), every row's own; rattlers
    (C,) bool, rows whose margin is not the least; margin_error, the largest width of the certified interval
    of a row's margin; best_of: starts used. Raises InputError: fewer than two classes, a dimension below 1,
    a budget that is not a positive whole number.
    """
    began = time.perf_counter()
    C, d = _checked_classes(num_classes), checked_whole(NAME, "feature_dim", feature_dim)
    budget = checked_whole(NAME, "max_iterations", max_iterations)
    tolerance = checked_tolerance(NAME, tolerance)
    gamma, source = cosine_bound(C, d)
    known = _closed_form(C, d)
    spent, used, settled = 0, 0, True
    if known is not None:
        weight, closed_form = known
    else:
        closed_form = None
        code, spent, used = _search(
            C,
            d,
            1.0 - gamma,
            tolerance,
            budget,
            checked_whole(NAME, "starts", starts),
            np.random.default_rng(seed),
        )
        weight, settled = loosen(code.weight), code.settled
    own = margins(weight)
    objective = float(own.lower.min())
    gap = 1.0 - gamma - objective
    good = -1e-12 <= gap <= tolerance * min(1.0, max(1.0 - gamma, objective)) or gap == 0.0
    return Solution(
        objective=objective,
        gap=gap,
        status=OPTIMAL if good else UNCERTIFIED if settled else NOT_CONVERGED,
        weight=weight,
        class_means=own.features,
        logits=own.features @ weight.T,
        seconds=time.perf_counter() - began,
        iterations=spent,
        certificate=f"bound on every code: 1 - gamma, gamma from {source}",
        closed_form=closed_form,
        details={
            "upper_bound": 1.0 - gamma,
            "bound_source": source,
            "largest_cosine": _largest_cosine(weight),
            "margins": own.lower,
            "rattlers": own.lower > objective + RATTLES,
            "margin_error": float((own.upper - own.lower).max()),
            "best_of": used,
        },
    )


def code_margins(weight: Any) -> Margins:
    """One-vs-rest margins of the rows of weight (C, d), C >= 2, any finite rows: certified from both
    sides."""
    return margins(checked_matrix(NAME, "weight", weight))


def margin_against_dimension(
    num_classes: int, dimensions: Iterable[int], **options: Any
) -> list[dict[str, Any]]:
    """Largest margin against d for C = num_classes: one row a dimension, for a phase diagram.

    Keys of a row: feature_dim, margin (attained), upper_bound, status, closed_form. options go to `solve`.
    """
    rows = []
    for d in dimensions:
        found = solve(num_classes=num_classes, feature_dim=d, **options)
        rows.append(
            {
                "feature_dim": d,
                "margin": found.objective,
                "upper_bound": found.details["upper_bound"],
                "status": found.status,
                "closed_form": found.closed_form,
            }
        )
    return rows


def _checked_classes(num_classes: Any) -> int:
    C = checked_whole(NAME, "num_classes", num_classes)
    if C < 2:
        raise InputError(
            f"{NAME}: received num_classes = {C}; at least two classes are required: one vector has "
            "no margin against no others."
        )
    return C


def _closed_form(C: int, d: int) -> tuple[NDArray[np.float64], str] | None:
    """A code that attains its bound, where one is known for all C and d of its kind."""
    if d >= C - 1:
        return simplex_etf(C, d), "simplex: margin C/(C-1)"
    if d == 1:
        return np.where(np.arange(C) % 2 == 0, 1.0, -1.0)[:, None], "two points: margin 0"
    if d == 2:
        angles = 2.0 * np.pi * np.arange(C) / C
        return np.stack([np.cos(angles), np.sin(angles)], axis=1), "regular polygon: margin 1 - cos(2 pi/C)"
    if 2 * d >= C:
        return np.vstack([np.eye(d), -np.eye(d)])[:C], "cross-polytope or part of it: margin 1"
    return None


def _search(
    C: int, d: int, upper: float, tolerance: float, budget: int, starts: int, generator: np.random.Generator
) -> tuple[Code, int, int]:
    """The best of the starts, the iterations and the starts spent; it stops where the bound is attained.

    Every other start moves a quarter of the best code's rows at random.
    """
    best: Code | None = None
    spent = used = 0
    while best is None or (used < starts and spent < budget):
        if best is None or used % 2 == 0:
            start, sharpness = generator.normal(size=(C, d)), FIRST[used // 2 % len(FIRST)]
        else:
            start, moved = best.weight.copy(), generator.permutation(C)[: max(1, C // 4)]
            start[moved], sharpness = unit_rows(generator.normal(size=(len(moved), d))), FIRST[-1]
        code = spread(start, budget=max(1, budget - spent), sharpness=sharpness)
        spent, used = spent + code.iterations, used + 1
        if best is None or (code.settled, -code.cosine) > (best.settled, -best.cosine):
            best = code
        if best.settled and upper - (1.0 - best.cosine) <= 0.1 * tolerance * min(1.0, upper):
            break
    return best, spent, used


def _largest_cosine(weight: NDArray[np.float64]) -> float:
    gram = weight @ weight.T
    return float(gram[~np.eye(len(gram), dtype=bool)].max())


def examples() -> list[Example]:
    """Simplex, polygon, cross-polytope, icosahedron, and two codes where linear programming is sharp."""
    jiang, ours = "Jiang et al. 2024 (arXiv:2310.05351)", "margin = 1 - gamma*, this project (2026); gamma*: "
    cases = [
        (2, 1, 2.0, jiang),
        (5, 4, 5.0 / 4.0, jiang),
        (5, 9, 5.0 / 4.0, jiang),
        (7, 2, 1.0 - np.cos(2.0 * np.pi / 7.0), jiang),
        (3, 1, 0.0, "two of three signs are equal"),
        (5, 3, 1.0, ours + "Rankin 1955"),
        (8, 4, 1.0, ours + "Rankin 1955"),
        (12, 3, 1.0 - 5.0**-0.5, ours + "Fejes Toth 1943 (icosahedron)"),
        (16, 5, 0.8, ours + "Delsarte, Goethals & Seidel 1977 (cosines 1/5, -3/5)"),
    ]
    return [Example({"num_classes": C, "feature_dim": d}, float(v), source) for C, d, v, source in cases]


MODEL = Model(
    name=NAME,
    says="Unit vectors of largest one-vs-rest margin in few dimensions, bounded over all codes by cosines.",
    source="Jiang et al. 2024 (arXiv:2310.05351)",
    solve=solve,
    examples=examples,
    starved={"num_classes": 13, "feature_dim": 3, "max_iterations": 3},
    refused=(
        ({"num_classes": 1, "feature_dim": 3}, "at least two classes"),
        ({"num_classes": 4, "feature_dim": 0}, "feature_dim"),
        ({"num_classes": 4.5, "feature_dim": 2}, "num_classes"),
        ({"num_classes": 4, "feature_dim": 2, "max_iterations": 0}, "max_iterations"),
        ({"num_classes": 4, "feature_dim": 2, "tolerance": 0.0}, "tolerance"),
    ),
    maximises=True,
)
