# SPDX-License-Identifier: MIT
"""Structures that compete with collapse in deep models, and the best scale of each.

A structure is a matrix of logits Z_1 (C, C) whose true logit leads every row; along its ray alpha Z_1 the
deep objective has one unknown,

    h(alpha) = sum_c (n_c/N) CE(alpha Z_1, c) + price alpha^p sum_k sigma_k(diag(sqrt(n_c)) Z_1)^p,

whose least value is a true upper bound of the optimum. Sources: collapse, pairs and the reason why low rank
wins, Garrod & Keating 2024 (arXiv:2410.23169), theorems 1 and 2; the triple for odd C, blocks of other sizes,
polygons and cubes: this project (2026). With blocks all of whose true logits are alpha,

    block of m classes   (m alpha/(m-1)) (I - J/m),   m - 1 singular values m alpha/(m-1),

margins against other blocks are alpha and inside larger, so the loss is below that of collapse at logit gap
alpha, and the decays cost less whenever sum over blocks (m-1) (m/(m-1))^p < C - 1: collapse is not optimal at
any decay. For even C the best blocks are pairs: (C/2) 2^p < C - 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from simulations.errors import InputError, unknown
from simulations.geometry.checks import checked_whole
from simulations.geometry.models._deep import DeepProblem, checked_problem

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Competitor:
    """One structure at its best scale.

    name: of the structure. rank: of its logits. value: objective, a true upper bound of the optimum. scale:
    alpha, 0 where zero is better. logits (C, C), row c = class c.
    """

    name: str
    rank: int
    value: float
    scale: float
    logits: NDArray[np.float64]


def deep_linear_competitors(
    *,
    num_classes: int,
    depth: int,
    weight_decay: float | Sequence[float],
    feature_decay: float,
    samples_per_class: int = 1,
) -> list[Competitor]:
    """Collapse, the low-rank structures and zero, each at its best scale, the best first; equal classes.

    num_classes: C >= 2. depth: L >= 1. Decays as in `deep_linear`, every width at least C. Every
    value is attained, so each is an upper bound of the optimum, and one below that of collapse proves that
    collapse is not optimal. Raises InputError for numbers out of range.
    """
    caller = "deep_linear_competitors"
    C = checked_whole(caller, "num_classes", num_classes, 2, "one class is always right")
    each = checked_whole(caller, "samples_per_class", samples_per_class, 1, "it is a number of samples")
    problem = checked_problem(
        caller,
        counts=[each] * C,
        depth=depth,
        weight_decay=weight_decay,
        feature_decay=feature_decay,
        feature_dim=C,
    )
    return sorted(all_rays(problem), key=lambda ray: ray.value)


def collapse_beaten_at_every_decay(*, num_classes: int, depth: int) -> bool:
    """Whether blocks have both less loss and less decay than every collapsed solution, at any positive decay.

    The exact condition sum over blocks (m-1) (m/(m-1))^p < C - 1, p = 2/(L+1), for the best blocks: pairs,
    and one triple where C is odd; (C/2) 2^p < C - 1 for even C. True for C >= 4 and L >= 3, and for C >= 6
    and L = 2 (Garrod & Keating 2024, arXiv:2410.23169, theorem 1). False says nothing: blocks may win still.
    """
    caller = "collapse_beaten_at_every_decay"
    C = checked_whole(caller, "num_classes", num_classes, 2, "one class is always right")
    layers = checked_whole(caller, "depth", depth, 1, "the classifier is the first linear layer")
    return C >= 4 and block_directions(smallest_blocks(C), 2.0 / (layers + 1)) < (C - 1) * (1.0 - 1e-15)


def structure_crossovers(
    *,
    num_classes: int,
    depth: int,
    first: str,
    second: str,
    samples_per_class: int = 1,
    low: float = 1e-6,
    high: float = 1.0,
) -> list[float]:
    """Mean decays in (low, high) at which two structures have the same least value, rising; equal classes.

    first, second: names of `deep_linear_competitors`, "zero" among them. The mean is the geometric one over
    the L + 1 decays. A sign change of the difference on 240 decays, equal ratios apart, is followed to 1e-12;
    two changes between neighbours would be missed. A decay from which both are zero counts as well.
    Raises InputError for unknown names and a bad range.
    """
    caller = "structure_crossovers"
    C = checked_whole(caller, "num_classes", num_classes, 2, "one class is always right")
    each = checked_whole(caller, "samples_per_class", samples_per_class, 1, "it is a number of samples")
    units = structures(C)
    for name in (first, second):
        if name not in units and name != "zero":
            raise unknown("structure", name, [*units, "zero"])
    if not 0.0 < low < high:
        raise InputError(f"{caller}: received low = {low}, high = {high}; 0 < low < high is required.")

    def value(name: str, position: float) -> float:
        decay = float(np.exp(position))
        problem = checked_problem(
            caller, counts=[each] * C, depth=depth, weight_decay=decay, feature_decay=decay, feature_dim=C
        )
        return float(np.log(C)) if name == "zero" else along_ray(problem, name, units[name]).value

    def difference(position: float) -> float:
        return value(first, position) - value(second, position)

    grid = np.linspace(np.log(low), np.log(high), 240)
    signs = [difference(position) for position in grid]
    found = []
    for at in range(len(grid) - 1):
        if signs[at] * signs[at + 1] < 0.0:
            found.append(float(np.exp(brentq(difference, grid[at], grid[at + 1], xtol=1e-12))))
        elif signs[at] != 0.0 and signs[at + 1] == 0.0:  # from here on both are zero
            found.append(_edge(difference, grid[at], grid[at + 1]))
    return found


def _edge(difference: Callable[[float], float], inside: float, outside: float) -> float:
    """The decay between two logarithms at which a difference becomes exactly zero, by bisection."""
    for _ in range(60):
        middle = 0.5 * (inside + outside)
        inside, outside = (middle, outside) if difference(middle) != 0.0 else (inside, middle)
    return float(np.exp(outside))


def all_rays(problem: DeepProblem) -> list[Competitor]:
    """Every structure and zero, at their best scales."""
    C = len(problem.counts)
    zero = Competitor("zero", 0, float(np.log(C)), 0.0, np.zeros((C, C)))
    return [*(along_ray(problem, name, unit) for name, unit in structures(C).items()), zero]


def structures(num_classes: int) -> dict[str, NDArray[np.float64]]:
    """Unit logits (C, C) by name: collapse, blocks, polygons, the cube where C is a power of two."""
    C = num_classes
    found: dict[str, NDArray[np.float64]] = {"collapse": np.eye(C) - 1.0 / C}
    if C >= 4:
        found["pairs" if C % 2 == 0 else "pairs-and-triple"] = _blocks(smallest_blocks(C))
    for size in range(3, C // 2 + 1):
        if C % size == 0:
            found[f"blocks-of-{size}"] = _blocks([size] * (C // size))
            if size >= 5:
                found[f"polygons-of-{size}"] = np.asarray(np.kron(np.eye(C // size), _polygon(size)), float)
    for first in range(2, int(np.sqrt(C)) + 1):
        if C % first == 0 and C > 4:
            second = C // first
            rows = np.kron(_simplex(first), np.ones((second, second)))
            columns = np.kron(np.ones((first, first)), _simplex(second))
            found[f"grid-{first}-by-{second}"] = rows + columns
    if C >= 8 and C & (C - 1) == 0:
        bits = (np.arange(C)[:, None] >> np.arange(C.bit_length() - 1)) & 1
        signs = np.where(bits == 1, 1.0, -1.0)
        found["cube"] = 0.5 * (signs @ signs.T)
    if C >= 5:
        found["polygon"] = _polygon(C)
    return found


def smallest_blocks(num_classes: int) -> list[int]:
    """Sizes of the blocks that cost least: pairs, and one triple where C is odd (C >= 2)."""
    pairs, odd = divmod(num_classes, 2)
    return [2] * pairs if not odd else [2] * (pairs - 1) + [3]


def block_directions(sizes: list[int], exponent: float) -> float:
    """sum over blocks (m-1) (m/(m-1))^p: singular values that the blocks pay for, in units of collapse's."""
    return float(sum((m - 1) * (m / (m - 1.0)) ** exponent for m in sizes))


def along_ray(problem: DeepProblem, name: str, unit: NDArray[np.float64]) -> Competitor:
    """The structure at its best scale; scale 0 where zero is better."""
    share = problem.counts / problem.counts.sum()
    C = len(unit)
    wrong = (unit - np.diag(unit)[:, None])[~np.eye(C, dtype=bool)].reshape(C, C - 1)  # minus the margins
    values = np.linalg.svd(problem.root[:, None] * unit, compute_uv=False)
    values = values[values > 1e-12 * values[0]]
    cost = problem.price * float(np.sum(values**problem.exponent))

    def height(scale: float) -> float:
        loss = share @ np.log1p(np.exp(scale * wrong).sum(axis=1))
        return float(loss) + cost * scale**problem.exponent

    def log_height(position: float) -> float:
        return height(float(np.exp(position)))

    zero = float(np.log(C))
    # nothing is better beyond the scale at which the decays alone cost what zero does, or the loss is nothing
    top = min(np.log(zero / cost) / problem.exponent, np.log(1e3 / float(-wrong.max())))
    grid = np.linspace(min(top, 0.0) - 8.0, top, 240)
    at = int(np.argmin([log_height(position) for position in grid]))
    low, high = grid[max(at - 1, 0)], grid[min(at + 1, len(grid) - 1)]
    best = minimize_scalar(log_height, bounds=(low, high), method="bounded", options={"xatol": 1e-10})
    scale, value = float(np.exp(best.x)), float(best.fun)
    if not value < zero:
        scale, value = 0.0, zero
    return Competitor(name, len(values) if scale else 0, value, scale, scale * unit)


def _simplex(size: int) -> NDArray[np.float64]:
    """True logit 1, the others -1/(m-1)."""
    return (size * np.eye(size) - 1.0) / (size - 1.0)


def _blocks(sizes: list[int]) -> NDArray[np.float64]:
    C, at = sum(sizes), 0
    unit = np.zeros((C, C))
    for size in sizes:
        unit[at : at + size, at : at + size] = _simplex(size)
        at += size
    return unit


def _polygon(size: int) -> NDArray[np.float64]:
    """Regular polygon in the plane: cosines, true logit 1."""
    angles = 2.0 * np.pi * np.arange(size) / size
    return np.cos(angles[:, None] - angles[None, :])
