# SPDX-License-Identifier: MIT
"""Claims of the user's own: false ones are broken; and registered theorems never are, wherever they hold."""

import numpy as np
import pytest

from simulations.errors import InputError
from simulations.geometry import worst_case
from simulations.geometry.attack.claims import attackable, claim_of
from simulations.geometry.attack.table import Shape, problem_of
from theory import scalars

SETTING = {"C": 4, "samples_per_class": 2, "feature_dim": 5, "T": 5.0}
PRICE = 5.0 * float(scalars.q(5.0, 4))

FALSE = {
    "a constant 10 % too strong": (
        "within_class_variability",
        {"loss_gap": 1e-4},
        lambda *, eps, T, C, **_: 0.9 * 2.0 * eps / (T * float(scalars.q(T, C))),
    ),
    "an exponent that is too good": (
        "intra_class_cosine.mean",
        {"loss_gap": 1e-6},
        lambda *, eps, **_: 100.0 * eps**1.2,
    ),
    "a linear rate where only a square root is true": (
        "nc2.gram_deviation_weights",
        {"loss_gap": 1e-8},
        lambda *, eps, T, C, **_: 20.0 * eps / (T * float(scalars.q(T, C))),
    ),
    "a bound on averages taken for one on every class": (
        "class_variability.max",
        {"loss_gap": 1e-3},
        lambda *, L, T, C, **_: 1.0 - (float(scalars.phi_inverse(L, C)) / T) ** 2,
    ),
    "the cosine of a sample twice as close": (
        "row_cosine.mean",
        {"loss_gap": 1e-4},
        lambda *, eps, T, C, **_: 0.5 * eps / (T * float(scalars.q(T, C))),
    ),
    "a mean row that costs ten per cent more than it does": (
        "weight_mean_norm_squared",
        {"loss_gap": 1e-3, "T": None, "weight_decay": 0.02},
        lambda *, eps_reg, weight_decay, C, **_: 1.8 * eps_reg / (weight_decay * C),
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_false_claims_are_broken(name):
    quantity, change, bound = FALSE[name]
    found = worst_case(quantity=quantity, bound=bound, **{**SETTING, **change})
    assert found.slack >= 0.0
    assert found.loss <= found.level * (1 + 1e-12)
    assert found.ratio > 1.05
    assert found.name == quantity


@pytest.mark.parametrize("name", ["a constant 10 % too strong", "the cosine of a sample twice as close"])
def test_they_are_broken_by_what_knows_no_proof(name):
    """Not only by the closed form: an optimiser from random starts does it too."""
    quantity, change, bound = FALSE[name]
    starts = ["random-noise", "random"]
    found = worst_case(quantity=quantity, bound=bound, starts=starts, **{**SETTING, **change})
    assert found.start in starts
    assert found.ratio > 1.05


def test_a_true_claim_of_ones_own_is_not_broken():
    found = worst_case(
        quantity="within_class_variability",
        bound=lambda *, eps, **_: 2.0 * eps / PRICE,
        loss_gap=1e-5,
        bias=True,
        **SETTING,
    )
    assert 0.999 < found.ratio <= 1.0
    assert found.bias is not None


def test_a_claim_of_ones_own_needs_quantity_and_bound():
    with pytest.raises(InputError, match="needs bound="):
        worst_case(quantity="nc3.self_duality", loss_gap=1e-3, **SETTING)
    with pytest.raises(InputError, match=r"did you mean .nc3\.self_duality."):
        worst_case(quantity="nc3.self_dualty", bound=lambda **_: 1.0, loss_gap=1e-3, **SETTING)
    with pytest.raises(InputError, match="give one"):
        worst_case(loss_gap=1e-3, **SETTING)


@pytest.mark.parametrize(
    ("name", "unit"), [("class-variability-per-class", 4), ("sample-cosine-per-sample", 8)]
)
def test_larger_shares_of_classes_or_samples(name, unit):
    """Half of them; the number attained is the least among the worst half."""
    found = worst_case(name, loss_gap=1e-4, delta=0.5, **SETTING)
    assert 0.9 < found.ratio <= 1.0 + 1e-9
    with pytest.raises(InputError, match=f"delta = k/{unit}"):
        worst_case(name, loss_gap=1e-4, delta=0.3, **SETTING)
    with pytest.raises(InputError, match="averages"):
        worst_case("within-class-variability", loss_gap=1e-4, delta=0.5, **SETTING)


@pytest.mark.parametrize("seed", range(24))
def test_no_theorem_is_ever_beaten(seed):
    """Random theorems in random settings: classes, samples, dimension, margin or decay, gap."""
    generator = np.random.default_rng(seed)
    names = [name for name in attackable() if "centred" not in name or "cosine" in name]
    claim = claim_of(names[generator.integers(len(names))])
    C = int(generator.integers(2, 7))
    shape = Shape(
        C=C,
        samples=int(generator.integers(1, 5)),
        dimension=int(generator.integers(max(C - 1, 1), C + 4)),
        margin=float(generator.uniform(1.0, 10.0)),
        weight_decay=float(10 ** generator.uniform(-3, -1) / np.sqrt(C)),
        smoothing=0.02,
    )
    relative = float(10 ** generator.uniform(-6, 0))
    starts = {"between": ["scaled-class"], "share": ["two-groups"]}.get(
        claim.quantity.kind, ["flipped-samples"]
    )
    known = ("hypothesis not met", "loss gap is", "least loss is larger", "smoothing")
    try:
        problem = problem_of(claim, shape, relative)
        found = worst_case(
            claim.entry, **problem, starts=["exact-witness", "random-noise", *starts], seed=seed
        )
    except InputError as error:
        if not any(words in str(error) for words in known):
            raise
        return
    assert found.ratio <= 1.0 + 1e-9
    assert found.slack >= 0.0
