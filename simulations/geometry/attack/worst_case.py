# SPDX-License-Identifier: MIT
"""`worst_case`: the configuration that comes closest to breaking a bound.

The adversary knows the theorems' settings and nothing of their proofs; the bound is the theorem's own
formula. What it reports as attained is evaluated at a point that meets every constraint in floating point,
so "attained <= bound" may be asserted up to rounding; and it takes a bound of the user's own, which it will
break if it is false.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from simulations.errors import InputError, unknown
from simulations.geometry.attack.adversary import STEPS, descend, spend
from simulations.geometry.attack.bounds import Bound, limit_at, relative
from simulations.geometry.attack.claims import Claim, claim_of, free_claim
from simulations.geometry.attack.exact import exact_witness
from simulations.geometry.attack.inputs import Problem, optimum_of, pose
from simulations.geometry.attack.settings import Configuration
from simulations.geometry.attack.starts import EXACT, STARTS, SUITABLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from theory.entry import Entry

    Array = NDArray[np.float64]

NUMERICAL_STEPS = 40  # of the optimiser, where every gradient takes thousands of evaluations


@dataclass(frozen=True, eq=False)
class WorstCase:
    """The worst configuration found for one claim at one loss level.

    name, quantity, direction: the claim; bounds on cosines are stated for the departure 1 - cosine.
    attained: the quantity at an exactly feasible configuration. bound: the claim's (or the user's) bound.
    ratio: attained/bound for "<=", bound/attained for ">="; a true bound keeps it at most 1 (up to rounding),
        a tight one reaches 1.
    level: the loss allowed; loss: the loss at the configuration, from its definition.
    slack: level - loss >= 0, evaluated by the loss-gap identity and so without cancellation (0 for minima).
    features (C N, d), labels (C N,), weight (C, d), bias (C,) or None: the configuration, ready for
        `simulations.measure`.
    start: the starting structure that won; "exact-witness" is a closed form, reached without optimisation.
    values: the inputs the bound was evaluated with.
    """

    name: str
    quantity: str
    direction: str
    attained: float
    bound: float
    ratio: float
    level: float
    loss: float
    slack: float
    features: Array
    labels: NDArray[np.int64]
    weight: Array
    start: str
    values: dict[str, float]
    bias: Array | None = None


def worst_case(
    theorem: str | Entry | None = None,
    *,
    C: int,
    samples_per_class: int,
    feature_dim: int,
    T: float | None = None,
    alpha: float | None = None,
    beta: float | None = None,
    loss: float | None = None,
    loss_gap: float | None = None,
    weight_decay: float | None = None,
    feature_decay: float | None = None,
    smoothing: float = 0.0,
    focal_gamma: float = 2.0,
    delta: float | None = None,
    bound: Bound | None = None,
    quantity: str | None = None,
    bias: bool = False,
    starts: Sequence[str] | None = None,
    repeats: int = 1,
    seed: int = 0,
) -> WorstCase:
    """Attack a registered theorem, by name or as an object; or, with ``quantity``, a claim of your own.

    C >= 2 classes, ``samples_per_class`` >= 1, ``feature_dim`` >= 1. Fixed norms: T = C alpha beta/(C-1), or
    alpha and beta (of centred features where the theorem speaks of those). Weight decay: ``weight_decay`` in
    (0, 1/sqrt(C)), with ``feature_decay`` or ``smoothing`` where the theorem has them; ``focal_gamma`` > 0
    for the focal loss. The level: ``loss`` (the regularised one with weight decay) or ``loss_gap`` above the
    least; neither for bounds on the least loss itself. delta: for statements about all but a fraction of the
    classes or samples, a whole number of them; one class when omitted.
    bound: a claim of your own, called with keyword values C, L, eps, T, alpha, beta (or C, L_reg, eps_reg,
    weight_decay) and more, in the units of the departure. With ``quantity`` (a name of
    `simulations.geometry.attack.quantities.QUANTITIES`) it is about that, ``bias`` frees a bias, and
    ``weight_decay`` chooses the setting. starts: names of starting structures, those that suit the quantity
    when omitted; repeats: how many random draws of each.

    Outside the theorem's hypotheses InputError says which is not met, unless ``bound`` is given.
    """
    claim = _claim(theorem, quantity, bound, decay=weight_decay is not None, bias=bias)
    problem = pose(
        claim,
        C=C,
        samples_per_class=samples_per_class,
        feature_dim=feature_dim,
        T=T,
        alpha=alpha,
        beta=beta,
        loss=loss,
        loss_gap=loss_gap,
        weight_decay=weight_decay,
        feature_decay=feature_decay,
        smoothing=smoothing,
        focal_gamma=focal_gamma,
        delta=delta,
    )
    unmet = problem.unmet(optimum_of(problem)) if bound is None else []
    if unmet:
        raise InputError(
            f"worst_case: {claim.name}: hypothesis not met: {unmet[0]}. Meet it, or pass bound= to "
            "attack a claim of your own there."
        )
    starting = _starts(problem, _chosen(claim, starts), repeats, np.random.default_rng(seed))
    return _report(problem, _worst(problem, starting, bound), bound)


class _Outside(Exception):
    """The optimiser ended where the theorem says nothing; the argument is the hypothesis that fails there."""


def _worst(
    problem: Problem, starting: Sequence[tuple[str, Array]], bound: Bound | None
) -> tuple[float, Configuration, float, str]:
    """The greatest score that is reached, its configuration, loss excess and start."""
    found, outside = [], ""
    for start, flat in starting:
        try:
            reached = _reach(problem, start, flat, bound)
        except _Outside as reason:
            outside = str(reason)
            continue
        if reached is not None:
            found.append((*reached, start))
    if found:
        return max(found, key=lambda one: one[0])
    name, setting = problem.claim.name, problem.setting
    if outside:
        raise InputError(
            f"worst_case: {name}: hypothesis not met: {outside}, at every configuration that was reached. "
            "Lower the level."
        )
    raise InputError(
        f"worst_case: no configuration of {setting.C} classes in dimension {setting.dimension} reaches a "
        f"loss of {setting.least + problem.gap:.6g} with these norms; for d < {setting.span} the least loss "
        "is larger. Raise the level."
    )


def _claim(
    theorem: str | Entry | None, quantity: str | None, bound: Bound | None, *, decay: bool, bias: bool
) -> Claim:
    if (theorem is None) == (quantity is None):
        raise InputError("worst_case: a theorem is needed, or quantity= and bound= of your own; give one.")
    if theorem is not None:
        claim = claim_of(theorem)
        return replace(claim, bias=True) if bias else claim
    if bound is None:
        raise InputError(f"worst_case: quantity {quantity!r} without a theorem needs bound=, your claim.")
    return free_claim(str(quantity), decay=decay, bias=bias)


def _chosen(claim: Claim, starts: Sequence[str] | None) -> list[str]:
    suitable = SUITABLE[claim.quantity.kind]
    chosen = list((suitable[:3] if claim.quantity.numeric else suitable) if starts is None else starts)
    for start in chosen:
        if start not in STARTS and start != EXACT:
            raise unknown("start", start, [EXACT, *STARTS])
    return chosen


def _scale(problem: Problem) -> tuple[float, float]:
    """Expected departure and squared distance to collapse: what the gap buys in misalignment."""
    setting, quantity = problem.setting, problem.claim.quantity
    crowd = setting.C * setting.samples / problem.share if quantity.unit == "sample" else 1.0
    crowd = setting.C / problem.share if quantity.unit == "class" else crowd
    size = min(max(2.0 * problem.gap * crowd / setting.price, 1e-14), 0.9)
    if problem.claim.minimum:
        size = 0.5
    return (float(np.sqrt(size)) if quantity.linear else size), size


def _starts(
    problem: Problem,
    chosen: Sequence[str],
    repeats: int,
    generator: np.random.Generator,
) -> list[tuple[str, Array]]:
    found = []
    size = _scale(problem)[1]
    for start in chosen:
        if start == EXACT:
            flat = exact_witness(problem.setting, problem.claim.quantity, problem.gap)
            found += [] if flat is None else [(start, flat)]
        else:
            found += [(start, STARTS[start](problem.setting, size, generator)) for _ in range(repeats)]
    return found


def _reach(
    problem: Problem, start: str, flat: Array, bound: Bound | None
) -> tuple[float, Configuration, float] | None:
    """Score (greater is worse for the claim), configuration and loss excess reached from one start."""
    setting = problem.setting
    if problem.claim.minimum:
        point = setting.configuration(flat if start == EXACT else descend(setting, flat))
        excess = setting.excess(point)[0]
        return -excess, point, excess
    departure = problem.claim.quantity.of(setting, problem.share)
    assert departure is not None
    scale, size = _scale(problem)
    target = departure
    if bound is None and problem.measured:
        target = relative(problem, departure)
        scale = scale / max(limit_at(problem, optimum_of(problem), None), 1e-300)
    if start != EXACT:
        steps = NUMERICAL_STEPS if problem.claim.quantity.numeric else STEPS
        found = spend(setting, target, flat, gap=problem.gap, scale=scale, size=size, max_iterations=steps)
        if found is None:
            return None
        flat = found
    point = setting.configuration(flat)
    if bound is None and problem.measured and problem.unmet(point):
        raise _Outside(problem.unmet(point)[0])
    return target(point)[0], point, setting.excess(point)[0]


def _report(
    problem: Problem, best: tuple[float, Configuration, float, str], bound: Bound | None
) -> WorstCase:
    _, point, excess, start = best
    claim, setting = problem.claim, problem.setting
    limit, loss = limit_at(problem, point, bound), setting.loss(point)
    departure = claim.quantity.of(setting, problem.share)
    attained = loss if departure is None else departure(point)[0]
    if claim.quantity.parts is not None:  # the least of those that are said to be worst
        attained = float(np.sort(claim.quantity.parts(point)[0].ravel())[-problem.share])
    return WorstCase(
        name=claim.name,
        quantity=claim.quantity.words,
        direction=claim.direction,
        attained=attained,
        bound=limit,
        ratio=limit / attained if claim.minimum else attained / limit,
        level=setting.least + problem.gap,
        loss=loss,
        slack=0.0 if claim.minimum else problem.gap - excess,
        features=problem.alpha * point.features.reshape(-1, setting.dimension),
        labels=np.repeat(np.arange(setting.C), setting.samples),
        weight=problem.beta * point.weight,
        start=start,
        values={name: float(value) for name, value in problem.values_at(point).items()},
        bias=point.bias,
    )
