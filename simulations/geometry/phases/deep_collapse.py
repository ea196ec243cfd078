# SPDX-License-Identifier: MIT
"""Deep collapse: squared error on L linear layers over free features, equal classes, against depth and decay.

Boundary: a solution other than zero exists iff n lambda_H lambda_1 ... lambda_L is below
(L-1)^{L-1}/(C^{L+1} L^{2L}) (Dang et al. 2023, arXiv:2301.00437; Sukenik et al. 2023, arXiv:2305.13165;
theorems dang-2023-deep-mse-threshold, sukenik-2023-zero-above and sukenik-2023-collapse-below). For L >= 2
the true output jumps there, from (L-1)/L to zero.

Every point is solved by the model deep-linear-squared-error, one decay for all L + 1 factors. With D = L
+ 1, p = 2/D and A = (D/2) C decay n^{1/D} every solution costs at least the mean over its C singular
values of g(y) = (1-y)^2/2 + A y^p (the model's docstring), and zero costs 1/2. Not zero: the value found,
of explicit layers, is below 1/2, and no smaller than the least g. Zero: g > 1/2 for all y > 0, so zero is
the only minimiser: for y < A^{1/(1-p)}, because then A y^p > y, and beyond by bounds on intervals
(`_monotone`), which share no code with the solver. The default grid takes about 3 s of CPU time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulations.errors import InputError
from simulations.geometry.models.deep_linear_squared_error import solve
from simulations.geometry.models.deep_relu_squared_error import deep_collapse_threshold
from simulations.geometry.phases import Axis, Diagram, PhaseData
from simulations.geometry.phases._cells import Cell, Curve, boundary, checked_shift, grid, increasing
from simulations.geometry.phases._monotone import Least, least_sum

PHASES = ("collapse", "zero")


def compute(
    *,
    depths: Sequence[int] = (1, 2, 3, 4, 5, 6, 7, 8),
    decays: Sequence[float] = tuple(np.geomspace(0.02, 0.5, 21)),
    classes: int = 4,
    samples: int = 1,
    shift: float = 1.0,
) -> PhaseData:
    """depths: L >= 1. decays: of each of the L + 1 factors. classes: C >= 2. samples: n a class. shift:
    factor on the boundary, to see that a wrong one fails. order: the true output y of a class."""
    xs, ys = increasing("depths", depths, least=1, whole=True), increasing("decays", decays)
    if classes < 2 or samples < 1:
        raise InputError(
            f"deep-collapse: received classes = {classes}, samples = {samples}; at least 2 and 1 are "
            "required."
        )

    def classify(depth: float, decay: float) -> Cell:
        return cell(classes, samples, round(depth), decay)

    curve = Curve(
        "zero is optimal",
        lambda depth: threshold_decay(classes, samples, round(depth)),
        (0, 1),
        "Dang et al. 2023 (arXiv:2301.00437); Sukenik et al. 2023 (arXiv:2305.13165)",
        "dang-2023-deep-mse-threshold",
    )
    cells, factor = grid(classify, xs, ys), checked_shift(shift)
    return PhaseData(
        name=DIAGRAM.name,
        x=Axis("linear layers after the features L", xs),
        y=Axis("decay of every layer and of the features", ys, log=True),
        phases=PHASES,
        phase=cells.phase,
        certified=cells.certified,
        order=cells.order,
        order_label="true output",
        boundaries=[boundary(curve, classify, phases=PHASES, xs=xs, tested=xs, shift=factor)],
        note=f"{classes} classes of {samples} samples.",
    )


def threshold_decay(classes: int, samples: int, depth: int) -> float:
    """The threshold as one decay for all L + 1 factors."""
    product = deep_collapse_threshold(num_classes=classes, depth=depth, samples_per_class=samples)
    return float(product ** (1.0 / (depth + 1)))


def cell(classes: int, samples: int, depth: int, decay: float) -> Cell:
    """The optimum and its certificate."""
    found = solve(counts=[samples] * classes, depth=depth, weight_decay=decay, feature_decay=decay)
    value, order = found.objective, float(found.details["ratios"].mean())
    least, strength = scalar_bound(classes, samples, depth, decay)
    if value < 0.5 - 1e-12:
        told = f"value {value:.10g} of explicit layers, at least {least.lower:.10g}; zero costs 0.5"
        return Cell(0, bool(value - least.lower <= 1e-6), order, told)
    told = f"every other solution costs at least {least.lower:.10g}, zero 0.5"
    return Cell(1, strength >= 1.0 if depth == 1 else least.lower > 0.5, order, told)


def scalar_bound(classes: int, samples: int, depth: int, decay: float) -> tuple[Least, float]:
    """Bounds on min g over y_0 <= y <= 1 (see the module) and A; below y_0, g > 1/2. One layer: all y."""
    D = depth + 1
    p, strength = 2.0 / D, 0.5 * D * classes * decay * samples ** (1.0 / D)
    first = min(0.5, 0.99 * strength ** (1.0 / (1.0 - p))) if depth > 1 else 0.0
    edges = np.linspace(first, 1.0, 400) if depth == 1 else np.geomspace(first, 1.0, 400)
    edges[-1] = 1.0
    return least_sum(lambda y: 0.5 * (1.0 - y) ** 2, lambda y: strength * y**p, edges), strength


DIAGRAM = Diagram(
    name="deep-collapse",
    says="A deep linear network collapses below an exactly known decay, jumps there, and is zero above.",
    source="Dang et al. 2023 (arXiv:2301.00437); Sukenik et al. 2023 (arXiv:2305.13165)",
    compute=compute,
    quick={"depths": (1, 2, 4), "decays": (0.03, 0.1, 0.3)},
)
