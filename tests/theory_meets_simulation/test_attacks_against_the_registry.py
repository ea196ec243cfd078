# SPDX-License-Identifier: MIT
"""The adversary's bounds are the registered theorems', it attacks all of them, and its worst break none."""

import numpy as np
import pytest

import theory
from simulations import measure
from simulations.errors import InputError
from simulations.geometry import worst_case
from simulations.geometry.attack import claims, precise
from simulations.geometry.attack.claims import BOUNDED, LOSSES, NOT_ATTACKED, attackable, claim_of
from simulations.geometry.attack.inputs import optimum_of, pose
from simulations.geometry.attack.table import Shape, problem_of
from theory import registry

NAMES = attackable()
SMALL = Shape(C=4, samples=2, dimension=5, margin=7.0, weight_decay=0.02)
ROUNDING = 1e-9


def attacked(name, relative=0.05, starts=None, **options):
    claim = claim_of(name)
    problem = problem_of(claim, SMALL, relative)
    if starts is None:  # two each: the likely winner, and one that knows nothing
        starts = {"share": ["two-groups"], "between": ["opposed-pair"]}.get(
            claim.quantity.kind, ["random-noise"]
        )
        starts = ["exact-witness", *starts]
    return worst_case(name, **problem, starts=starts, **options)


def test_every_measurable_theorem_can_be_attacked():
    """Nothing to list by hand: a theorem with a measurable side is picked up, and its quantity is known."""
    measurable = [name for name, entry in registry.theorems().items() if entry.measurable is not None]
    assert set(measurable) <= set(NAMES)
    assert all(claim_of(name).quantity.name for name in measurable)


def test_formulas_without_a_measurable_side_are_attacked_or_refused_with_a_reason():
    """What such a formula bounds cannot be read off it; one in neither list says where to name it."""
    formulas = {
        name
        for name, entry in registry.theorems().items()
        if entry.measurable is None and entry.formula is not None and LOSSES & set(entry.inputs)
    }
    assert len(formulas & set(NAMES)) >= 20
    assert not set(BOUNDED) & set(NOT_ATTACKED)
    assert set(BOUNDED) | set(NOT_ATTACKED) <= set(registry.theorems())
    for name in formulas - set(NAMES):
        with pytest.raises(InputError, match="cannot be attacked"):
            claim_of(name)


@pytest.mark.parametrize("name", NAMES)
def test_worst_configurations_meet_the_bound_and_violate_no_guarantee(name):
    """The most adverse inputs there are for the guarantees of `measure`; the bound is that of `evaluate`."""
    found = attacked(name)
    claim = claim_of(name)
    assert found.slack >= 0.0
    assert found.ratio <= 1.0 + ROUNDING
    assert found.loss <= found.level * (1 + 1e-12) or claim.minimum
    given = {key: value for key, value in found.values.items() if key in claim.entry.inputs}
    bound = float(claim.quantity.bound(float(claim.entry.evaluate(**given)), found.values["C"]))
    assert found.bound == pytest.approx(bound, rel=1e-9, abs=1e-12)
    if claim.loss != "cross-entropy" or claim.feature_decay or found.values.get("smoothing"):
        return  # `measure` speaks of cross-entropy and one decay
    measured = measure(
        features=found.features,
        labels=found.labels,
        weight=found.weight,
        bias=found.bias,
        weight_decay=found.values["weight_decay"] if claim.decay else None,
    )
    loss = measured["regularized_loss"] if claim.decay else measured["loss"]
    assert loss == pytest.approx(found.loss, rel=1e-11)
    assert [row["theorem"] for row in measured.guarantees if row["holds"] is False] == []
    if claim.entry.measurable is not None:
        value = claim.quantity.bound(measured[claim.quantity.name], found.values["C"])
        assert found.attained == pytest.approx(float(value), rel=1e-9, abs=1e-13)


@pytest.mark.parametrize("name", [n for n in NAMES if theory.get(n).kind == "tight"])
def test_tight_averages_are_attained_in_closed_form(name):
    """One row each: where the theorem speaks of averages the exact witness reaches the bound."""
    claim = claim_of(name)
    if claim.quantity.unit:
        pytest.skip("attained only where the other classes happen to be at their optimum")
    for relative in (1e-6 if claim.loss == "focal" else 1e-9, 1e-3, 0.2):
        found = attacked(name, relative, starts=["exact-witness"])
        assert 1.0 - 1e-7 <= found.ratio <= 1.0 + ROUNDING
        assert found.start == "exact-witness"


def test_formulas_in_fifty_digits_agree_with_evaluate():
    """At random values of every formula that an attack evaluates."""
    generator = np.random.default_rng(0)
    for name in NAMES:
        claim = claim_of(name)
        for _ in range(3):
            problem = pose(claim, **problem_of(claim, SMALL, float(10 ** generator.uniform(-4, -1))))
            values = problem.values_at(optimum_of(problem))
            given = {key: float(value) for key, value in values.items() if key in claim.entry.inputs}
            number = float(precise.number(claim.formula.bound, given))
            assert number == pytest.approx(float(claim.entry.evaluate(**given)), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("change", ["T", "loss_gap"])
def test_outside_its_hypotheses_a_theorem_is_refused_in_its_own_words(change):
    problem = {"C": 4, "samples_per_class": 2, "feature_dim": 4, "T": 7.0, "loss_gap": 1e-3}
    name = {"T": "intra-class-cosine-centred", "loss_gap": "intra-class-cosine-centred-low"}[change]
    wrong = {"T": {"T": 3.0}, "loss_gap": {"loss_gap": 0.015}}[change]
    with pytest.raises(InputError, match="hypothesis not met") as caught:
        worst_case(name, **{**problem, **wrong})
    assert any(condition.text in str(caught.value) for condition in theory.get(name).hypotheses)
    anyway = worst_case(name, **{**problem, **wrong}, bound=lambda **_: 0.5, starts=["random-noise"])
    assert anyway.bound == 0.5


def test_what_bounds_nothing_is_refused_with_the_reason():
    problem = {"C": 4, "samples_per_class": 2, "feature_dim": 4, "T": 7.0, "loss_gap": 1e-3}
    with pytest.raises(InputError, match="scalar inequality"):
        worst_case("focal-tangent", **problem)
    with pytest.raises(InputError, match="bounds no departure"):
        worst_case("cross-entropy-identity", **problem)
    with pytest.raises(InputError, match="did you mean 'within-class-variability'"):
        worst_case("within-clas-variability", **problem)


def test_a_theorem_object_is_as_good_as_its_name():
    entry = theory.get("within-class-variability")
    assert attacked("within-class-variability").attained == attacked(entry.name).attained
    found = worst_case(entry, C=3, samples_per_class=2, feature_dim=3, T=4.0, loss_gap=0.01)
    assert found.name == entry.name
    assert found.ratio == pytest.approx(1.0, abs=1e-9)


def test_a_theorem_that_is_added_is_attacked_without_further_ado():
    """An entry with a measurable side that no list names."""
    from dataclasses import replace

    entry = replace(theory.get("within-class-variability"), name="a-theorem-of-tomorrow")
    assert entry.name not in claims.BOUNDED
    found = worst_case(entry, C=3, samples_per_class=2, feature_dim=3, T=4.0, loss_gap=0.01)
    assert (found.name, found.quantity) == ("a-theorem-of-tomorrow", "within_class_variability")


@pytest.mark.parametrize(("T", "loss_gap"), [(5.0, 0.001), (5.0, 0.02), (8.0, 0.002), (4.0, 0.01)])
def test_the_sharp_cosine_bound_is_reached_and_not_beaten(T, loss_gap):
    found = worst_case(
        "intra-class-cosine-sharp",
        C=4,
        samples_per_class=2,
        feature_dim=4,
        T=T,
        loss_gap=loss_gap,
        starts=["random-noise", "flipped-samples"],
    )
    assert 1.0 - 1e-4 <= found.ratio <= 1.0 + ROUNDING


def test_the_sharp_cosine_bound_stops_where_its_condition_does():
    theorem = theory.get("intra-class-cosine-sharp")
    values = {"C": 4, "alpha": 1.0, "beta": 0.15, "bias_norm": 0.0, "mean_norm": 0.0}
    with pytest.raises(theory.HypothesisError, match=r"\(3/2\) tau"):
        theorem.evaluate(**values, L=1.33)
