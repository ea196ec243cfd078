# SPDX-License-Identifier: MIT
"""Low-rank bias: cross-entropy on L linear layers over free features, against depth and number of classes.

Phases at the decay stated: a structure of lower rank beats every collapsed solution; no known structure
beats collapse; zero is optimal. One layer is convex, and for two classes the logits have rank one: there
collapse is certified to be optimal, and elsewhere where the model's lower bound says so.

Boundary: pairs of classes beat every collapsed solution at every decay iff (C/2) 2^p < C - 1, p = 2/(L+1)
(Garrod & Keating 2024, arXiv:2410.23169, theorem 1; theorems garrod-keating-2024-low-rank and
-low-rank-odd; for odd C pairs and one triple, (C-3) 2^{p-1} + 2 (3/2)^p < C - 1). It runs between whole
depths, whose neighbours are tested:
- Beyond it, at every decay tried, the value of the pairs, explicit logits, is below a lower bound of all
  collapsed solutions. For any decay both terms say so: let t be the true logit of the pairs and the logit
  gap of collapse; the margins of the pairs are t and 2t, and by the inequality they pay less.
- Before it there is a decay at which the value of collapse is below a lower bound of all pairs: the least
  over t of a loss that falls and decays that rise, bounded on intervals (`_monotone`). The default grid
  takes about 3 s of CPU time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulations.errors import InputError
from simulations.geometry.models._deep import DeepProblem, checked_decay, checked_problem
from simulations.geometry.models._deep_structures import (
    all_rays,
    block_directions,
    smallest_blocks,
    structures,
)
from simulations.geometry.models.deep_linear import lower_bound
from simulations.geometry.phases import Axis, Diagram, PhaseData
from simulations.geometry.phases._cells import Cell, Curve, boundary, checked_shift, grid, increasing
from simulations.geometry.phases._monotone import Least, least_sum

PHASES = ("collapse", "lower rank beats collapse", "zero")
SIDES = ("collapse beats pairs at a small decay", "pairs beat collapse at every decay")
EVERY_DECAY = (1e-2, 1e-4, 1e-6, 1e-8, 1e-10)


def compute(
    *,
    classes: Sequence[int] = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12),
    depths: Sequence[int] = (1, 2, 3, 4, 5, 6),
    decay: float = 1e-3,
    shift: float = 1.0,
) -> PhaseData:
    """classes: C >= 2. depths: L >= 1. decay: of each of the L + 1 factors. shift: factor on the boundaries.
    order: rank of the best known logits over C - 1."""
    xs = increasing("classes", classes, least=2, whole=True)
    ys = increasing("depths", depths, least=1, whole=True)
    checked_decay("low-rank-bias", "decay", decay)
    if xs[-1] < 4:
        raise InputError(
            f"low-rank-bias: received classes = {classes!r}; at least one number >= 4 is required: with two "
            "or three classes there are no pairs to merge, and so no boundary."
        )

    def classify(number: float, depth: float) -> Cell:
        return cell(round(number), round(depth), decay)

    cells, factor = grid(classify, xs, ys), checked_shift(shift)
    boundaries = [
        boundary(curve, every_decay, phases=SIDES, xs=where, tested=where, shift=factor)
        for curve, where in zip(_curves(), (xs[(xs >= 4) & (xs % 2 == p)] for p in (0, 1)), strict=True)
        if len(where)
    ]
    return PhaseData(
        name=DIAGRAM.name,
        x=Axis("classes C", xs),
        y=Axis("linear layers after the features L", ys),
        phases=PHASES,
        phase=cells.phase,
        certified=cells.certified,
        order=cells.order,
        order_label="rank of the best known logits / (C - 1)",
        boundaries=boundaries,
        note=f"Decay {decay:g} of every factor, one sample a class; the boundaries hold at every decay.",
    )


def _curves() -> list[Curve]:
    source = "Garrod & Keating 2024 (arXiv:2410.23169), theorem 1"
    return [
        Curve(label, lambda C: critical_depth(round(C)), (0, 1), source, theorem, whole=True)
        for label, theorem in (
            ("pairs beat collapse at every decay (even C)", "garrod-keating-2024-low-rank"),
            ("pairs and a triple beat collapse at every decay (odd C)", "garrod-keating-2024-low-rank-odd"),
        )
    ]


def critical_depth(num_classes: int) -> float:
    """L at which pairs (and one triple) pay as much as collapse at the same true logit, C >= 4, by bisection;
    for even C it is 2/log2(2 (C-1)/C) - 1."""
    sizes, low, high = smallest_blocks(num_classes), 1e-9, 2.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        cheap = block_directions(sizes, middle) < num_classes - 1
        low, high = (middle, high) if cheap else (low, middle)
    return 2.0 / low - 1.0


def cell(num_classes: int, depth: int, decay: float) -> Cell:
    """The best known structure, and whether it is certain that collapse is, or is not, optimal."""
    problem = _problem(num_classes, depth, decay)
    best = min(all_rays(problem), key=lambda ray: ray.value)
    collapse = least_of(problem, "collapse")
    order = best.rank / (num_classes - 1)
    if best.value < collapse.lower:
        told = f"{best.name} {best.value:.10g}; any collapsed solution at least {collapse.lower:.10g}"
        return Cell(1, True, order, told)
    bound = lower_bound(problem).lower
    phase = 0 if best.rank else 2
    return Cell(phase, best.value - bound <= 1e-7 * best.value, order, f"gap {best.value - bound:.2g}")


def every_decay(number: float, depth: float) -> Cell:
    """Whether pairs beat every collapsed solution at every decay."""
    C, L = round(number), round(depth)
    p, name = 2.0 / (L + 1), "pairs" if C % 2 == 0 else "pairs-and-triple"
    paid = block_directions(smallest_blocks(C), p)
    cheaper = paid < (C - 1) * (1.0 - 1e-12)
    beaten, lost = 0, ""
    for decay in EVERY_DECAY:
        problem = _problem(C, L, decay)
        collapse, pairs = least_of(problem, "collapse"), least_of(problem, name)
        beaten += pairs.upper < collapse.lower
        if collapse.upper < pairs.lower:
            lost = f"decay {decay:g}: collapse {collapse.upper:.8g}, pairs at least {pairs.lower:.8g}"
    if lost:
        return Cell(0, True, paid / (C - 1), lost)
    told = (
        f"decays of the pairs {paid:.5g} < {C - 1}; they win at {beaten} of {len(EVERY_DECAY)} decays tried"
    )
    return Cell(1, cheaper and beaten == len(EVERY_DECAY), paid / (C - 1), told)


def least_of(problem: DeepProblem, name: str) -> Least:
    """Certified least value of a structure over all its scales, and at most that of zero."""
    unit = structures(len(problem.counts))[name]
    C, zero = len(unit), float(np.log(len(unit)))
    wrong = np.sort((unit - np.diag(unit)[:, None])[~np.eye(C, dtype=bool)].reshape(C, C - 1), axis=1)
    kinds, how_many = np.unique(np.round(wrong, 13), axis=0, return_counts=True)  # rows with the same margins
    values = np.linalg.svd(problem.root[:, None] * unit, compute_uv=False)
    cost = problem.price * float(np.sum(values[values > 1e-12 * values[0]] ** problem.exponent))
    top = min(1e3, (zero / cost) ** (1.0 / problem.exponent))  # beyond it the decays alone cost more

    def loss(scale: np.ndarray) -> np.ndarray:
        each = np.log1p(np.exp(np.multiply.outer(scale, kinds)).sum(axis=-1))
        return np.asarray(each @ how_many / C)

    edges = np.concatenate([[0.0], np.geomspace(1e-9 * top, top, 500)])
    return least_sum(loss, lambda scale: cost * scale**problem.exponent, edges, accuracy=1e-7)


def _problem(num_classes: int, depth: int, decay: float) -> DeepProblem:
    return checked_problem(
        "low-rank-bias",
        counts=[1] * num_classes,
        depth=depth,
        weight_decay=decay,
        feature_decay=decay,
        feature_dim=num_classes,
    )


DIAGRAM = Diagram(
    name="low-rank-bias",
    says="With depth or classes enough, pairs of classes beat every collapsed solution at every decay.",
    source="Garrod & Keating 2024 (arXiv:2410.23169), theorem 1",
    compute=compute,
    quick={"classes": (2, 4, 5, 6), "depths": (1, 2, 4)},
    wrong={"shift": 2.0},
)
