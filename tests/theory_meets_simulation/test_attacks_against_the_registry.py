# SPDX-License-Identifier: MIT
"""The adversary's bounds are the registered theorems', and its configurations do not break any of them."""

import numpy as np
import pytest

import theory
from simulations import measure
from simulations.geometry import worst_case
from simulations.geometry.attack.claims import CLAIMS
from theory import registry

CLASSES = 4
PROBLEMS = {
    "within-class-variability": {"T": 5.0, "loss_gap": 0.02},
    "self-duality-tradeoff": {"T": 5.0, "loss_gap": 0.02},
    "within-class-variability-weight-decay": {"weight_decay": 0.02, "loss_gap": 0.02},
    "intra-class-cosine": {"T": 5.0, "loss_gap": 0.02},
    "minimum-cross-entropy": {"T": 5.0},
    "minimum-regularized-loss": {"weight_decay": 0.02},
}
IN_UNITS_OF_THE_QUANTITY = {"intra-class-cosine": lambda bound: 1.0 - bound}
STATED_OTHERWISE = {"self-duality-tradeoff"}  # measured as a squared distance, attacked as a product


def attacked(name, **options):
    return worst_case(
        name,
        C=CLASSES,
        samples_per_class=2,
        feature_dim=CLASSES,
        starts=["random-noise"],
        **PROBLEMS[name],
        **options,
    )


def test_every_claim_has_a_problem():
    assert set(PROBLEMS) == set(CLAIMS)


@pytest.mark.parametrize("name", [name for name in CLAIMS if name in registry.theorems()])
def test_bound_agrees_with_the_registered_theorem(name):
    entry = theory.get(name)
    if entry.measurable is None or name in STATED_OTHERWISE:
        return
    found = attacked(name)
    values = {key: found.values[key] for key in entry.measurable.inputs if key in found.values}
    bound = float(entry.evaluate(**found.values | values))
    bound = IN_UNITS_OF_THE_QUANTITY.get(name, lambda x: x)(bound)
    assert found.bound == pytest.approx(bound, rel=1e-9)


@pytest.mark.parametrize("name", CLAIMS)
def test_worst_configurations_violate_no_guarantee(name):
    """The most adverse inputs there are for the guarantees of `measure`."""
    found = attacked(name)
    decay = PROBLEMS[name].get("weight_decay")
    measured = measure(features=found.features, labels=found.labels, weight=found.weight, weight_decay=decay)
    loss = measured["regularized_loss"] if decay else measured["loss"]
    assert loss == pytest.approx(found.loss, rel=1e-12)
    assert measured.guarantees
    violated = [row["theorem"] for row in measured.guarantees if row["holds"] is False]
    assert violated == []
    if found.quantity in measured.values:
        assert measured[found.quantity] == pytest.approx(found.attained, rel=1e-9)


def test_a_registered_theorem_can_be_attacked_directly():
    theorem = theory.get("within-class-variability")
    found = attacked("within-class-variability", bound=theorem.evaluate)
    assert 1.0 - 1e-4 <= found.ratio <= 1.0 + 1e-9
    assert np.isfinite(found.bound)


@pytest.mark.parametrize(("T", "loss_gap"), [(5.0, 0.001), (5.0, 0.02), (8.0, 0.05), (4.0, 0.01)])
def test_the_sharp_cosine_bound_is_reached_and_not_beaten(T, loss_gap):
    theorem = theory.get("intra-class-cosine-sharp")

    def bound(**values):
        return 1.0 - theorem.evaluate(**values)

    found = worst_case(
        "intra-class-cosine",
        C=CLASSES,
        samples_per_class=2,
        feature_dim=CLASSES,
        T=T,
        loss_gap=loss_gap,
        bound=bound,
    )
    assert 1.0 - 1e-4 <= found.ratio <= 1.0 + 1e-9


def test_the_sharp_cosine_bound_stops_where_its_condition_does():
    theorem = theory.get("intra-class-cosine-sharp")
    values = {"C": 4, "alpha": 1.0, "beta": 0.15, "bias_norm": 0.0, "mean_norm": 0.0}
    with pytest.raises(theory.HypothesisError, match=r"\(3/2\) tau"):
        theorem.evaluate(**values, L=1.33)
