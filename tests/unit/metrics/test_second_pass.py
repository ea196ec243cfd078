# SPDX-License-Identifier: MIT
"""NeuralCollapse notices a second pass over other features, and only that."""

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


def changed(layer, how):
    rng = np.random.default_rng(1)
    if how == "shuffled labels":
        return {**layer, "labels": rng.permutation(layer["labels"])}
    if how == "slightly larger":
        return {**layer, "features": 1.0001 * layer["features"]}
    kept = rng.random(layer["features"].shape) < 0.9
    return {**layer, "features": layer["features"] * kept / 0.9}


@pytest.mark.parametrize("how", ["shuffled labels", "slightly larger", "dropout"])
def test_other_features_in_the_second_phase_are_noticed(how, random_layer):
    layer = random_layer()
    metric = new(layer)
    feed(metric, layer)
    metric.start_second_phase()
    feed(metric, changed(layer, how))
    with pytest.raises(InputError, match=r"second pass saw other features .*dropout.*model\.eval\(\)"):
        metric.compute()


@pytest.mark.parametrize("scale", [1e-140, 1e-9, 1e9])
def test_another_order_and_float32_rounding_are_the_same_features(scale, random_layer):
    layer = random_layer(n=600)
    layer["features"] = 1e3 + layer["features"]
    layer["features"] *= scale
    order = np.random.default_rng(0).permutation(600)
    noise = 1 + 6e-8 * np.random.default_rng(0).uniform(-1, 1, layer["features"].shape)
    metric = new(layer)
    feed(metric, layer)
    metric.start_second_phase()
    again = {"features": (layer["features"] * noise)[order], "labels": layer["labels"][order]}
    feed(metric, again, size=31)
    assert metric.compute().feature_norm == pytest.approx(measure(**layer).feature_norm, rel=1e-12, abs=0)


def test_merging_other_features_is_noticed(random_layer):
    layer = random_layer()
    half = slice(0, 30), slice(30, 60)
    parts = [{**layer, "features": layer["features"][s], "labels": layer["labels"][s]} for s in half]
    a, b = new(layer), new(layer)
    feed(a, layer)
    a.start_second_phase()
    b.adopt_means(a)
    feed(a, parts[0])
    feed(b, changed(parts[1], "dropout"))
    a.merge_state(b)
    with pytest.raises(InputError, match="second pass saw other features"):
        a.compute()


def test_a_second_phase_number_asked_of_the_first_says_what_to_do(random_layer):
    metric = new(random_layer())
    feed(metric, random_layer())
    known = metric.first_phase()
    with pytest.raises(InputError, match=r"needs the second phase: .*start_second_phase\(\)"):
        known["within_class_variability"]
    with pytest.raises(KeyError, match="nonsense"):
        known["nonsense"]
    assert known.get("loss") is None
