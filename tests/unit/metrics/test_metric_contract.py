# SPDX-License-Identifier: MIT
"""What every metric file promises, over discovery; values at exact collapse; what is undefined is None."""

import json
import math
import re

import numpy as np
import pytest

from simulations import measure, metrics
from simulations.metrics import MetricFamily

FAMILIES = metrics.families()


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_describes_itself(name):
    family = FAMILIES[name]
    assert isinstance(family, MetricFamily)
    assert family.quantities
    for quantity in family.quantities:
        assert re.fullmatch(r"\w+(\.\w+)?", quantity.name)
        assert quantity.formula
        assert re.fullmatch(r"[\[(].+, .+[\])]", quantity.range)
        assert quantity.collapse_value(4) is None or math.isfinite(quantity.collapse_value(4))


def test_family_orders_are_distinct():
    orders = [family.order for family in FAMILIES.values()]
    assert len(set(orders)) == len(orders)
    assert orders == sorted(orders)


@pytest.mark.parametrize("name", metrics.quantities())
def test_value_at_exact_collapse(name, collapsed_layer):
    m = measure(**collapsed_layer(C=4, d=6, n=5, alpha=2.0, beta=3.0), weight_decay=0.01)
    expected = metrics.quantities()[name].collapse_value(4)
    if expected is not None:
        assert m[name] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", metrics.quantities())
def test_value_lies_in_the_stated_range(name, random_layer):
    """Ranges whose ends are numbers."""
    ends = metrics.quantities()[name].range[1:-1].split(", ")
    numbers = [float(end) if re.fullmatch(r"-?(\d+|inf)", end) else None for end in ends]
    for seed in range(5):
        value = measure(**random_layer(seed=seed, bias=seed % 2 == 1), weight_decay=0.01)[name]
        assert numbers[0] is None or value >= numbers[0]
        assert numbers[1] is None or value <= numbers[1]


def test_exact_collapse_spends_no_loss(collapsed_layer):
    m = measure(**collapsed_layer(C=5, d=8, alpha=1.5, beta=2.5))
    assert m.feature_norm == pytest.approx(1.5, rel=1e-14)
    assert m.weight_norm == pytest.approx(2.5, rel=1e-14)
    assert pytest.approx(5 / 4 * 1.5 * 2.5, rel=1e-14) == m.T
    assert m.loss == pytest.approx(math.log(1 + 4 * math.exp(-m.T)), rel=1e-12)
    assert m.accuracy == 1.0


def test_the_regularised_optimum_has_no_gap(collapsed_layer):
    """alpha^2 = sqrt(C) alpha beta, beta^2 = alpha beta/sqrt(C), C alpha beta/(C-1) = T* (Pan & Cao 2023)."""
    C, decay = 4, 0.02
    product = (1 - 1 / C) * math.log(math.sqrt(C) / decay - C + 1)
    alpha, beta = math.sqrt(math.sqrt(C) * product), math.sqrt(product / math.sqrt(C))
    m = measure(**collapsed_layer(C=C, d=6, alpha=alpha, beta=beta), weight_decay=decay)
    assert m.regularized_loss == pytest.approx(m.minimum_regularized_loss, rel=1e-13)
    assert m.regularized_loss_gap == pytest.approx(0, abs=1e-25)


def test_to_dict_has_the_promised_keys_and_is_json(random_layer):
    values = measure(**random_layer(bias=True)).to_dict()
    assert json.loads(json.dumps(values, allow_nan=False)) == values
    promised = [
        "num_classes",
        "loss",
        "mean_loss",
        "accuracy",
        "feature_norm",
        "feature_norm_centred",
        "weight_norm",
        "weight_frobenius",
        "T",
        "minimum_loss",
        "loss_gap",
        "within_class_variability",
        "within_class_variability_centred",
        "guarantees",
        "regularized_loss",
        "minimum_regularized_loss",
        "mean_norm",
        "bias_norm",
    ]
    assert set(promised) <= values.keys()
    assert values["gap_decomposition"].keys() == {"wrong_class_spread", "margin_spread", "misalignment"}
    assert values["nc1"].keys() == {"trace_ratio", "pinv_trace", "pinv_trace_unscaled", "cdnv"}
    kinds = {"equinorm", "equiangular", "max_angle"}
    assert {f"{kind}_{what}" for kind in kinds for what in ("means", "weights")} <= values["nc2"].keys()
    assert {"equinorm_means_unbiased", "equinorm_weights_unbiased"} <= values["nc2"].keys()
    assert values["nc3"].keys() == {"self_duality"}
    assert values["nc4"].keys() == {"ncc_mismatch"}
    assert values["intra_class_cosine"].keys() == {"mean", "min"}
    assert values["inter_class_cosine"].keys() == {"mean", "max", "excess"}
    assert values["intra_class_cosine_distinct"].keys() == {"mean", "min"}
    assert values["regularized_loss"] is None


def test_a_measurement_reads_by_attribute_and_by_dotted_name(random_layer):
    m = measure(**random_layer())
    assert m.nc1.cdnv == m.nc1["cdnv"] == m["nc1.cdnv"] == m.to_dict()["nc1"]["cdnv"]
    with pytest.raises(AttributeError, match="loss_gap"):
        _ = m.lossgap
    with pytest.raises(KeyError, match=r"nc1\.cdnv"):
        _ = m["nc1.cndv"]
    with pytest.raises(AttributeError, match="cdnv"):
        _ = m.nc1.nothing


def test_the_table_and_the_html_name_every_quantity(random_layer):
    m = measure(**random_layer(), weight_decay=0.01)
    for name in metrics.quantities():
        assert name in str(m)
        assert name in m._repr_html_()
    assert "regularized_loss_gap" not in str(measure(**random_layer()))


def test_single_sample_classes_have_no_variability_and_no_distinct_pairs(random_layer):
    m = measure(**random_layer(C=5, n=5))
    assert m.within_class_variability == 0
    assert m.intra_class_cosine.min == pytest.approx(1, abs=1e-15)
    assert m.intra_class_cosine_distinct == {"mean": None, "min": None}


def test_zero_features_and_equal_rows_leave_ratios_undefined():
    labels = np.array([0, 0, 1, 2])
    m = measure(features=np.zeros((4, 3)), labels=labels, weight=np.ones((3, 3)))
    assert m.loss == pytest.approx(math.log(3), rel=1e-15)
    assert m.T == 0
    assert m.loss_gap == pytest.approx(0, abs=1e-15)
    undefined = {name for name, value in m.values.items() if value is None}
    assert undefined >= {"within_class_variability", "nc1.trace_ratio", "nc1.pinv_trace", "nc1.cdnv"}
    assert undefined >= {"nc2.equinorm_means", "nc2.equiangular_means", "nc3.self_duality", "mean_norm"}
    assert m.intra_class_cosine.mean == 0
    assert "-" in str(m)


def test_identical_features_off_the_origin_are_recognised_despite_rounding():
    features = np.full((7, 3), 0.1)
    m = measure(features=features, labels=np.array([0, 1, 2, 0, 1, 2, 0]), weight=np.eye(3))
    assert m.nc1.trace_ratio is None
    assert m.nc3.self_duality is None
    assert m.intra_class_cosine.mean == 0


def test_class_means_given_decide_the_nearest_centre(random_layer):
    layer = random_layer(C=3, d=4)
    swapped = np.roll(layer["weight"], 1, axis=0)
    assert measure(**layer, class_means=100 * layer["weight"])["nc4.ncc_mismatch"] != pytest.approx(
        measure(**layer, class_means=100 * swapped)["nc4.ncc_mismatch"]
    )


@pytest.mark.parametrize("given", [False, True])
def test_slices_of_rows_do_not_change_the_values(given, random_layer, monkeypatch):
    from simulations import measurement

    layer = random_layer(n=101)
    layer |= {"class_means": np.roll(layer["weight"], 1, axis=0)} if given else {}
    whole = measure(**layer)
    monkeypatch.setattr(measurement, "_CHUNK", 60)
    for name, value in measure(**layer).values.items():
        assert value is None or value == pytest.approx(whole[name], rel=1e-12, abs=1e-14), name


def test_ten_thousand_dimensions_need_no_square_matrix():
    """A 40000 x 40000 matrix would take 12.8 GB."""
    rng = np.random.default_rng(0)
    labels = np.arange(12) % 3
    m = measure(
        features=rng.standard_normal((12, 40_000)), labels=labels, weight=rng.standard_normal((3, 40_000))
    )
    assert m.nc1.pinv_trace > 0


def test_equal_biases_are_as_good_as_none(random_layer):
    m = measure(**random_layer(), bias=np.full(4, 0.1))
    assert m.bias_norm == 0
    assert m.loss == measure(**random_layer()).loss
