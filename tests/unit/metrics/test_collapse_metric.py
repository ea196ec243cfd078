# SPDX-License-Identifier: MIT
"""NeuralCollapse: batches equal the whole, merged objects equal one, phases are explicit, sums float64."""

import pickle

import numpy as np
import pytest
import torch

from simulations import InputError, NeuralCollapse, measure


def batches(layer, size):
    for i in range(0, len(layer["labels"]), size):
        yield (
            torch.as_tensor(layer["features"][i : i + size], device="cpu"),
            torch.as_tensor(layer["labels"][i : i + size], device="cpu"),
        )


def new(layer, **kwargs):
    C, d = layer["weight"].shape
    return NeuralCollapse(C, d, weight=layer["weight"], bias=layer.get("bias"), **kwargs)


def feed(metric, layer, size=7):
    for features, labels in batches(layer, size):
        metric.update(features, labels)


def run(metric, layer, size=7):
    feed(metric, layer, size)
    metric.start_second_phase()
    feed(metric, layer, size)
    return metric.compute()


def assert_same(measured, expected, rel=1e-12):
    assert measured.values.keys() == expected.values.keys()
    for name, value in expected.values.items():
        if value is None:
            assert measured[name] is None, name
        else:
            assert measured[name] == pytest.approx(value, rel=rel, abs=1e-13), name


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("bias", [False, True])
def test_batches_equal_the_whole(size, bias, random_layer):
    layer = random_layer(bias=bias, seed=size)
    assert_same(run(new(layer, weight_decay=0.01), layer, size), measure(**layer, weight_decay=0.01))


def test_nearly_collapsed_batches_equal_the_whole(collapsed_layer):
    layer = collapsed_layer(noise=1e-7, n=40)
    measured, expected = run(new(layer), layer), measure(**layer)
    for name, value in expected.values.items():
        assert value is None or measured[name] == pytest.approx(value, rel=1e-6, abs=1e-14), name


def test_class_means_of_other_data_are_used_for_nc4(random_layer):
    layer, means = random_layer(), np.roll(random_layer()["weight"], 1, axis=0)
    assert_same(run(new(layer, class_means=means), layer), measure(**layer, class_means=means))


def test_a_second_phase_number_too_early_says_what_to_do(random_layer):
    layer = random_layer()
    metric = new(layer)
    with pytest.raises(InputError, match="no sample of class 0"):
        metric.start_second_phase()
    feed(metric, layer)
    with pytest.raises(InputError, match=r"call start_second_phase\(\), pass the same data again"):
        metric.compute()
    assert metric.phase == 1
    metric.start_second_phase()
    assert metric.phase == 2
    with pytest.raises(InputError, match="saw 0 samples of class 0, the first"):
        metric.compute()
    with pytest.raises(InputError, match="called twice"):
        metric.start_second_phase()
    feed(metric, layer)
    metric.compute()


def test_first_phase_numbers_are_available_in_both_phases(random_layer):
    layer = random_layer()
    metric, m = new(layer), measure(**layer)
    feed(metric, layer)
    for _ in range(2):
        known = metric.first_phase()
        for name in ("feature_norm", "weight_norm", "T", "minimum_loss"):
            assert known[name] == pytest.approx(m[name], rel=1e-13)
        assert known["class_means"].shape == layer["weight"].shape
        metric.phase == 2 or metric.start_second_phase()


def test_other_data_in_the_second_phase_are_noticed(random_layer):
    layer = random_layer()
    metric = new(layer)
    feed(metric, layer)
    metric.start_second_phase()
    feed(metric, layer)
    metric.update(layer["features"][:1], layer["labels"][:1])
    with pytest.raises(InputError, match="pass the same data in both phases"):
        metric.compute()


def test_an_absent_class_is_refused_only_when_all_batches_are_in(random_layer):
    layer = random_layer(C=4)
    keep = layer["labels"] != 2
    metric = new(layer)
    feed(metric, {**layer, "features": layer["features"][keep], "labels": layer["labels"][keep]})
    with pytest.raises(InputError, match="no sample of class 2"):
        metric.start_second_phase()


def test_merging_two_metrics_equals_one(random_layer):
    layer = random_layer(bias=True)
    parts = [{**layer, "features": layer["features"][s], "labels": layer["labels"][s]} for s in
             (slice(0, 23), slice(23, 60))]  # fmt: skip
    a, b = new(layer), new(layer)
    feed(a, parts[0])
    feed(b, parts[1])
    a.merge_state(b)
    a.start_second_phase()
    b.adopt_means(a)
    feed(a, parts[0])
    feed(b, parts[1])
    a.merge_state(b)
    assert_same(a.compute(), measure(**layer))


def test_merging_what_does_not_fit_is_refused(random_layer):
    layer = random_layer()
    a, b = new(layer), new(layer)
    for metric in (a, b):
        feed(metric, layer)
    a.start_second_phase()
    with pytest.raises(InputError, match="cannot merge phase 1 into phase 2"):
        a.merge_state(b)
    b.update(layer["features"][:1], layer["labels"][:1])
    b.start_second_phase()
    with pytest.raises(InputError, match="different class means"):
        a.merge_state(b)
    with pytest.raises(InputError, match="different classifiers"):
        a.merge_state(new({**layer, "weight": 2 * layer["weight"]}))
    with pytest.raises(InputError, match="different classifiers"):
        a.merge_state(new({**layer, "bias": np.zeros(4)}))
    with pytest.raises(InputError, match="another NeuralCollapse"):
        a.merge_state({"counts": torch.zeros(4, device="cpu")})
    with pytest.raises(InputError, match="they are in 2 and 2"):
        a.adopt_means(b)


def test_sums_stay_float64_whatever_is_asked_for(random_layer):
    layer = random_layer()
    metric = new(layer).half().to(torch.float16)
    metric.set_dtype(torch.float16)
    metric.to(device="cpu", dtype=torch.bfloat16)
    assert_same(run(metric, layer), measure(**layer))
    assert {getattr(metric, name).dtype for name in metric._defaults} == {torch.float64}


def test_low_precision_batches_are_upcast(random_layer):
    layer = random_layer()
    half = {**layer, "features": layer["features"].astype(np.float16)}
    assert_same(run(new(layer), half), measure(**half))


def test_reset_starts_a_new_measurement(random_layer):
    layer, other = random_layer(), random_layer(seed=1)
    other["weight"] = layer["weight"]
    metric = new(layer)
    run(metric, layer)
    metric.reset()
    assert metric.phase == 1
    assert_same(run(metric, other), measure(**other))


def test_pickle_and_clone_carry_the_phase(random_layer):
    layer = random_layer()
    metric = new(layer)
    feed(metric, layer)
    metric.start_second_phase()
    copy = pickle.loads(pickle.dumps(metric)).clone()
    feed(copy, layer)
    assert_same(copy.compute(), measure(**layer))
    assert metric.seen.sum() == 0


def test_calling_the_metric_updates_and_returns_nothing(random_layer):
    layer = random_layer()
    metric = new(layer)
    assert metric(layer["features"], layer["labels"]) is None
    metric.start_second_phase()
    metric(layer["features"], layer["labels"])
    assert_same(metric.compute(), measure(**layer))


def test_no_tensor_is_made_on_an_implicit_device(random_layer):
    layer = random_layer(bias=True)
    expected = measure(**layer)
    torch.set_default_device("meta")
    try:
        metric = new(layer, device="cpu").to(torch.float16)
        measured = run(metric, layer)
    finally:
        torch.set_default_device(None)
    assert_same(measured, expected)


@pytest.mark.parametrize(
    ("features", "labels", "message"),
    [
        (np.zeros((2, 5)), [0, 1], r"\(2, 5\).*\(4, 6\)"),
        (np.zeros((2, 6)), [0, 4], "labels contain 4"),
        (np.full((2, 6), np.nan), [0, 1], "NaN"),
        (torch.empty((2, 6), device="meta"), [0, 1], "meta device"),
    ],
)
def test_bad_batches_are_refused_and_leave_no_trace(features, labels, message, random_layer):
    metric = new(random_layer())
    with pytest.raises(InputError, match=message):
        metric.update(features, labels)
    assert metric.counts.sum() == 0


def test_a_weight_of_another_shape_is_refused(random_layer):
    with pytest.raises(InputError, match=r"\(4, 6\); required: \(num_classes, feature_dim\) = \(6, 4\)"):
        NeuralCollapse(6, 4, weight=random_layer()["weight"])
