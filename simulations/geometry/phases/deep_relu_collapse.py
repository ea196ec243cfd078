# SPDX-License-Identifier: MIT
"""Deep collapse with ReLU: squared error, equal classes, against depth and decay; where graphs outlive it.

Phases: collapse beats zero; graph networks of lower rank beat zero where no collapsed network does; no
known network beats zero, though the bound does not exclude one ("open"); zero, proved. Boundary: some
collapsed network beats zero iff n lambda_H prod lambda_l < (L-1)^{L-1}/(C^{L+1} L^{2L}) (Sukenik et al.
2023, arXiv:2305.13165, for two classes, where collapse is optimal; theorems sukenik-2023-zero-above and
-collapse-below for any C). It speaks of collapsed networks alone: from C = 6 and L = 4 on the graph
networks of Sukenik et al. 2024 (arXiv:2405.14468) beat zero beyond it.

A value below 1/2 is that of an explicit network, run forward by the model deep-relu-squared-error. That no
collapsed network has one is certified as in the diagram deep-collapse: their cost is the same g. Zero is
certified by the model's bound over all networks.
The default grid takes about 3 s of CPU time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulations.errors import InputError
from simulations.geometry.models.deep_relu_squared_error import deep_collapse_threshold, solve
from simulations.geometry.phases import Axis, Diagram, PhaseData
from simulations.geometry.phases._cells import Cell, Curve, boundary, checked_shift, grid, increasing
from simulations.geometry.phases._monotone import least_sum

PHASES = ("collapse beats zero", "only graphs beat zero", "open", "zero")


def compute(
    *,
    depths: Sequence[int] = (2, 3, 4, 5, 6, 7, 8),
    decays: Sequence[float] = tuple(np.geomspace(0.02, 0.5, 31)),
    classes: int = 6,
    samples: int = 1,
    shift: float = 1.0,
) -> PhaseData:
    """depths: L >= 2. decays: of each of the L + 1 factors. classes: C >= 2. samples: n a class. shift:
    factor on the boundary, to see that a wrong one fails. order: the true output of the best known network.
    certified: the two phases with an explicit network below zero's value, and "zero"; not "open"."""
    xs, ys = increasing("depths", depths, least=2, whole=True), increasing("decays", decays)
    if classes < 2 or samples < 1:
        raise InputError(
            f"deep-relu-collapse: received classes = {classes}, samples = {samples}; at least 2 and 1 are "
            "required."
        )

    def classify(depth: float, decay: float) -> Cell:
        return cell(classes, samples, round(depth), decay)

    def collapsed(depth: float, decay: float) -> Cell:
        return collapsed_cell(classes, samples, round(depth), decay)

    curve = Curve(
        "a collapsed network beats zero",
        lambda depth: _threshold(classes, samples, round(depth)),
        (0, 1),
        "Sukenik et al. 2023 (arXiv:2305.13165); any number of classes: this project (2026)",
        "sukenik-2023-zero-above",
    )
    cells, factor = grid(classify, xs, ys), checked_shift(shift)
    sides = ("a collapsed network beats zero", "no collapsed network does")
    return PhaseData(
        name=DIAGRAM.name,
        x=Axis("layers after the features L", xs),
        y=Axis("decay of every layer and of the features", ys, log=True),
        phases=PHASES,
        phase=cells.phase,
        certified=cells.certified,
        order=cells.order,
        order_label="true output of the best known network",
        boundaries=[boundary(curve, collapsed, phases=sides, xs=xs, tested=xs, shift=factor)],
        note=f"{classes} classes of {samples} samples. The boundary is about collapsed networks.",
    )


def cell(classes: int, samples: int, depth: int, decay: float) -> Cell:
    """The best known network and what is certain about it."""
    found = solve(counts=[samples] * classes, depth=depth, weight_decay=decay, feature_decay=decay)
    order = float(np.diag(found.logits).mean())
    if found.objective < 0.5 - 1e-12:
        alone = found.details["collapse_value"] >= 0.5 - 1e-12
        return Cell(int(alone), True, order, f"{found.details['structure']}: value {found.objective:.10g}")
    return Cell(3 if found.certified else 2, found.certified, order, f"gap {found.gap:.3g} of zero")


def collapsed_cell(classes: int, samples: int, depth: int, decay: float) -> Cell:
    """Whether some collapsed network beats zero: 0 yes, 1 no."""
    D = depth + 1
    p, strength = 2.0 / D, 0.5 * D * classes * decay * samples ** (1.0 / D)
    first = min(0.5, 0.99 * strength ** (1.0 / (1.0 - p)))  # below it g > 1/2
    edges = np.geomspace(first, 1.0, 400)
    least = least_sum(lambda y: 0.5 * (1.0 - y) ** 2, lambda y: strength * y**p, edges)
    if least.upper < 0.5 - 1e-12:
        found = cell(classes, samples, depth, decay)
        told = f"output {least.at:.6g} costs {least.upper:.10g}; {found.evidence}"
        return Cell(0, found.phase == 0, least.at, told)
    return Cell(1, least.lower > 0.5, 0.0, f"collapsed networks cost at least {least.lower:.10g}, zero 0.5")


def _threshold(classes: int, samples: int, depth: int) -> float:
    product = deep_collapse_threshold(num_classes=classes, depth=depth, samples_per_class=samples)
    return float(product ** (1.0 / (depth + 1)))


DIAGRAM = Diagram(
    name="deep-relu-collapse",
    says="Collapsed deep ReLU networks die at an exactly known decay; graph networks outlive them.",
    source="Sukenik et al. 2023 (arXiv:2305.13165) and 2024 (arXiv:2405.14468)",
    compute=compute,
    quick={"depths": (2, 5), "decays": (0.03, 0.06, 0.1, 0.4)},
)
