# SPDX-License-Identifier: MIT
"""From a simplex to zero: cross-entropy with label smoothing alpha, equal classes, against the decay.

Boundary: zero is optimal iff alpha + c >= 1, c = C kappa sqrt(n) (theorem
zhou-2022-label-smoothing-threshold and, for alpha = 0, zhu-2021-zero-above-threshold). Every point is
solved by `simulations.geometry.solve`. Not zero: the value found is below log C, which zero costs. Zero:
by convexity the loss is at least log C + <its gradient at zero, Z>; let g be the norm of that matrix,
scaled, computed here from the loss's file. Every Z costs at least log C + (kappa - g) ||diag(sqrt n)
Z||_*: for g < kappa zero is the only minimiser. The default grid takes about 1 s of CPU time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulations import losses
from simulations.errors import InputError
from simulations.geometry.phases import Axis, Diagram, PhaseData
from simulations.geometry.phases._cells import Cell, Curve, boundary, checked_shift, grid, increasing
from simulations.geometry.unconstrained_features import solve

PHASES = ("simplex", "zero")


def compute(
    *,
    smoothings: Sequence[float] = tuple(np.linspace(0.0, 0.9, 13)),
    strengths: Sequence[float] = tuple(np.linspace(0.05, 1.15, 15)),
    classes: int = 4,
    samples: int = 10,
    shift: float = 1.0,
) -> PhaseData:
    """smoothings: alpha in [0, 1). strengths: c = C kappa sqrt(n) > 0. classes: C >= 2. samples: n a class.
    shift: factor on the boundary, to see that a wrong one fails. order: the optimal logit gap."""
    xs, ys = increasing("smoothings", smoothings, least=-1e-300), increasing("strengths", strengths)
    if xs[0] < 0.0 or xs[-1] >= 1.0 or classes < 2 or samples < 1:
        raise InputError(
            f"zero-threshold: received smoothings = {smoothings!r}, classes = {classes}, "
            f"samples = {samples}; smoothings in [0, 1), two classes and one sample are required."
        )

    def classify(smoothing: float, strength: float) -> Cell:
        return cell(classes, samples, smoothing, strength)

    curve = Curve(
        "zero is optimal",
        lambda smoothing: 1.0 - smoothing,
        (0, 1),
        "Zhou et al. 2022 (arXiv:2210.02192); without smoothing, Zhu et al. 2021 (arXiv:2105.02375)",
        "zhou-2022-label-smoothing-threshold",
    )
    cells, factor = grid(classify, xs, ys), checked_shift(shift)
    return PhaseData(
        name=DIAGRAM.name,
        x=Axis("label smoothing", xs),
        y=Axis("c = C kappa sqrt(samples a class)", ys),
        phases=PHASES,
        phase=cells.phase,
        certified=cells.certified,
        order=cells.order,
        order_label="logit gap",
        boundaries=[boundary(curve, classify, phases=PHASES, xs=xs, tested=xs, shift=factor)],
        note=f"{classes} classes of {samples} samples.",
    )


def cell(classes: int, samples: int, smoothing: float, strength: float) -> Cell:
    """The optimum and its certificate."""
    C, kappa = classes, strength / (classes * np.sqrt(samples))
    loss = losses.get("label-smoothing", smoothing=smoothing)
    found = solve(loss=loss, counts=[samples] * C, weight_decay=kappa, feature_decay=kappa)
    own = np.diag(found.logits)
    order = float((own - (found.logits.sum(axis=1) - own) / (C - 1)).mean())
    if found.objective < np.log(C) - 1e-12:
        saved = np.log(C) - found.objective
        return Cell(0, found.certified, order, f"{saved:.3g} less than zero costs, gap {found.gap:.1e}")
    gradient = loss.gradient(logits=np.zeros((C, C)), labels=np.arange(C)) / (C * np.sqrt(samples))
    refused = float(np.linalg.norm(gradient, 2))
    told = f"kappa {kappa:.6g} against the gradient at zero, {refused:.6g}"
    return Cell(1, refused < kappa * (1.0 - 1e-12) and found.certified, order, told)


DIAGRAM = Diagram(
    name="zero-threshold",
    says="Decay and label smoothing add up: where they reach one, zero features are optimal.",
    source="Zhou et al. 2022 (arXiv:2210.02192); Zhu et al. 2021 (arXiv:2105.02375)",
    compute=compute,
    quick={"smoothings": (0.0, 0.4), "strengths": (0.3, 0.8, 1.1)},
)
