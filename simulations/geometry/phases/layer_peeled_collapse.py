# SPDX-License-Identifier: MIT
"""Minority collapse in the layer-peeled model: classes of two sizes under norm budgets, against the ratio.

Fang et al. 2021 (arXiv:2101.12699) saw the rows of the small classes merge at a finite ratio of class sizes.
The exact ratio is `simulations.geometry.models.layer_peeled.collapse_ratio`: for their experiment (5 and 5
classes, E_W = 1, E_H = 5) it is 12.19245. Phases: the small classes are apart, or together. Every point is
solved by the model, and certified in `_contrast` from its logits: "together" by a dual point that refuses
the contrasts strictly, "apart" because every configuration with coinciding classes has a larger loss.
The default grid takes about 40 s of CPU time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from simulations.errors import InputError
from simulations.geometry.models.layer_peeled import BUDGETS, collapse_ratio, solve
from simulations.geometry.phases import Axis, Diagram, PhaseData
from simulations.geometry.phases._cells import Cell, Curve, boundary, checked_shift, grid, increasing
from simulations.geometry.phases._contrast import Groups, coinciding_bound_within, contrast_within

PHASES = ("apart", "together")
SIZE = 1e-4  # a squared contrast certified to be below this share of its budget is none


def compute(
    *,
    feature_budgets: Sequence[float] = (1.0, 2.0, 3.5, 5.0, 7.0, 10.0),
    ratios: Sequence[float] = tuple(np.geomspace(2.0, 60.0, 10)),
    large: int = 5,
    small: int = 5,
    classifier_budget: float = 1.0,
    budget: str = "class",
    shift: float = 1.0,
) -> PhaseData:
    """feature_budgets: E_H > 0. ratios: samples of a large class over those of a small one, > 1. large, small
    (numbers of classes): at least 2. classifier_budget: E_W > 0. budget: "class" or "sample", as in the
    model. shift: factor on the boundary, to see that a wrong one fails. order: mean cosine of the rows of the
    small classes, NaN where they vanish."""
    if min(large, small) < 2 or budget not in BUDGETS:
        raise InputError(
            f"layer-peeled-collapse: received large = {large}, small = {small}, budget = {budget!r}; at "
            f"least two classes of each size, for a contrast, and one of {', '.join(BUDGETS)} are required."
        )
    xs, ys = increasing("feature_budgets", feature_budgets), increasing("ratios", ratios, least=1.0)

    def classify(feature_budget: float, ratio: float) -> Cell:
        return cell(large, small, ratio, classifier_budget, feature_budget, budget)

    @cache
    def threshold(feature_budget: float) -> float:
        return collapse_ratio(
            large=large,
            small=small,
            classifier_budget=classifier_budget,
            feature_budget=feature_budget,
            budget=budget,
        )

    curve = Curve(
        "the small classes coincide",
        threshold,
        (0, 1),
        "Fang et al. 2021 (arXiv:2101.12699); the exact ratio: this project (2026)",
        "fang-2021-minority-collapse" if budget == "class" else "hong-ling-2023-minority-collapse",
        step=0.02,
    )
    cells, factor = grid(classify, xs, ys), checked_shift(shift)
    return PhaseData(
        name=DIAGRAM.name,
        x=Axis("budget of the features E_H", xs, log=True),
        y=Axis("samples of a large class / of a small class", ys, log=True),
        phases=PHASES,
        phase=cells.phase,
        certified=cells.certified,
        order=cells.order,
        order_label="mean cosine of the small classes' rows",
        boundaries=[boundary(curve, classify, phases=PHASES, xs=xs, tested=xs, shift=factor)],
        note=f"{large} large and {small} small classes, E_W = {classifier_budget:g}, budget by {budget}.",
    )


def cell(large: int, small: int, ratio: float, E_W: float, E_H: float, budget: str) -> Cell:
    """The optimum and its certificate."""
    sizes = np.array([ratio] * large + [1.0] * small)
    C, share = len(sizes), sizes / sizes.sum()
    groups = Groups(
        share,
        np.sqrt(np.full(C, 1.0 / C) if budget == "class" else share),
        (np.arange(C) >= large).astype(np.int64),
    )
    found = solve(
        counts=sizes.tolist(), classifier_budget=E_W, feature_budget=E_H, budget=budget, tolerance=1e-10
    )
    value, order = found.objective, float(found.details["minority_cosine"])
    radius = float(np.sqrt(C * E_W * E_H))
    strict, kappa = contrast_within(groups, 1, groups.probabilities(found.logits), value, radius)
    if strict.margin > 0.0 and strict.size <= SIZE * radius:
        told = f"gap {strict.gap:.1e}, contrasts refused by {strict.margin:.2%}: their square is at most "
        return Cell(1, True, order, told + f"{strict.size / radius:.1e} of its budget at every minimiser")
    enough = value * (1.0 + 1e-10) + 1e-12
    bound = coinciding_bound_within(groups, 1, kappa, radius, enough=enough)
    told = f"any coinciding configuration costs at least {bound:.10g}, this one {value:.10g}"
    return Cell(0, bound > enough, order, told)


DIAGRAM = Diagram(
    name="layer-peeled-collapse",
    says="Under norm budgets the small classes share one row from an exactly known ratio of sizes on.",
    source="Fang et al. 2021 (arXiv:2101.12699); the exact ratio and its certificates: this project (2026)",
    compute=compute,
    quick={"feature_budgets": (5.0,), "ratios": (5.0, 30.0)},
)
