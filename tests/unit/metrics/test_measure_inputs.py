# SPDX-License-Identifier: MIT
"""Bad input: one clear InputError each; unusual but legitimate input: accepted."""

import numpy as np
import pytest
import torch

import simulations
from simulations import InputError, NeuralCollapse, measure


def _changed(layer, **changes):
    return {**layer, **changes}


def _with(array, index, value):
    array = np.array(array, dtype=float)
    array[index] = value
    return array


BAD = {
    "features are one-dimensional": (
        lambda x: {"features": x["features"][:, 0]},
        r"features has shape \(60,\)",
    ),
    "features have extra dimensions": (
        lambda x: {"features": x["features"][None]},
        r"features has shape \(1, 60, 6\); required: \(n, d\)",
    ),
    "weight is transposed": (lambda x: {"weight": x["weight"].T.copy()}, r"weight \(6, 4\).*same number"),
    "dimensions differ": (lambda x: {"features": x["features"][:, :5]}, r"\(60, 5\).*\(4, 6\)"),
    "bias is too long": (lambda x: {"bias": np.zeros(5)}, r"bias has shape \(5,\); required: \(4,\)"),
    "bias is a column": (lambda x: {"bias": np.zeros((4, 1))}, r"bias has shape \(4, 1\)"),
    "labels are too few": (lambda x: {"labels": x["labels"][:-1]}, r"\(59,\); required: \(60,\)"),
    "labels are a column": (lambda x: {"labels": x["labels"][:, None]}, r"\(60, 1\); required: \(60,\)"),
    "labels are one-hot": (lambda x: {"labels": np.eye(4, dtype=int)[x["labels"]]}, r"\(60, 4\)"),
    "labels are floats": (lambda x: {"labels": x["labels"].astype(float)}, "real entries.*integers 0..3"),
    "labels are booleans": (lambda x: {"labels": x["labels"] > 1}, "boolean entries"),
    "labels are text": (lambda x: {"labels": x["labels"].astype(str)}, "labels has dtype"),
    "a label is C": (lambda x: {"labels": x["labels"] + 1}, "labels contain 4; required: integers 0..3"),
    "a label is negative": (lambda x: {"labels": x["labels"] - 1}, "labels contain -1"),
    "a class is absent": (lambda x: {"labels": np.minimum(x["labels"], 2)}, "no sample of class 3"),
    "a feature is NaN": (
        lambda x: {"features": _with(x["features"], (3, 2), np.nan)},
        r"features contains 1 NaN or infinite entries, the first at \(3, 2\)",
    ),
    "a weight is infinite": (
        lambda x: {"weight": _with(x["weight"], (1, 0), np.inf)},
        "weight contains 1 NaN",
    ),
    "a bias is NaN": (lambda x: {"bias": _with(np.zeros(4), 2, np.nan)}, r"bias contains 1 .* \(2,\)"),
    "one class": (lambda x: {"weight": x["weight"][:1], "labels": 0 * x["labels"]}, "C = 1; at least 2"),
    "no class": (lambda x: {"weight": x["weight"][:0]}, "C = 0; at least 2"),
    "no sample": (lambda x: {"features": x["features"][:0], "labels": x["labels"][:0]}, "no rows"),
    "no dimension": (lambda x: {"features": x["features"][:, :0], "weight": x["weight"][:, :0]}, "dimension"),
    "features are complex": (lambda x: {"features": x["features"] + 0j}, "complex entries"),
    "features are objects": (lambda x: {"features": x["features"].astype(object)}, "dtype object"),
    "features are ragged": (lambda x: {"features": [[1.0], [1.0, 2.0]]}, "features cannot be read"),
    "features are None": (lambda x: {"features": None}, "features has dtype object"),
    "squares overflow": (lambda x: {"features": 1e200 * x["features"]}, "overflow float64"),
    "decay is negative": (lambda x: {"weight_decay": -0.1}, "weight_decay is -0.1"),
    "decay is NaN": (lambda x: {"weight_decay": float("nan")}, "weight_decay is nan"),
    "decay is a vector": (lambda x: {"weight_decay": np.ones(2)}, r"weight_decay has shape \(2,\)"),
    "decay is text": (lambda x: {"weight_decay": "0.1"}, "weight_decay is '0.1'"),
    "class means have another shape": (lambda x: {"class_means": np.ones((3, 6))}, r"\(3, 6\).*\(4, 6\)"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_arrays_are_refused(case, random_layer):
    change, message = BAD[case]
    layer = random_layer()
    with pytest.raises(InputError, match=message) as caught:
        measure(**_changed(layer, **change(layer)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "case", ["a label is C", "a feature is NaN", "a class is absent", "weight is transposed"]
)
def test_bad_tensors_are_refused_with_the_same_words(case, random_layer):
    change, message = BAD[case]
    layer = random_layer()
    layer = {k: torch.as_tensor(v) for k, v in _changed(layer, **change(layer)).items()}
    with pytest.raises(InputError, match=message):
        measure(**layer)


def test_arguments_are_keyword_only(random_layer):
    layer = random_layer()
    with pytest.raises(TypeError):
        measure(layer["features"], layer["labels"], layer["weight"])


def test_tensors_on_the_meta_device_are_refused(random_layer):
    layer = random_layer()
    with pytest.raises(InputError, match="meta device"):
        measure(**{**layer, "features": torch.empty((60, 6), device="meta")})


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_any_float_dtype_is_upcast(dtype, random_layer):
    layer = random_layer(bias=True)
    low = {k: torch.as_tensor(v).to(dtype) if k != "labels" else torch.as_tensor(v) for k, v in layer.items()}
    high = {k: v.double() if k != "labels" else v for k, v in low.items()}
    assert measure(**low).values == measure(**high).values


def test_numpy_and_torch_agree_in_every_mixture(random_layer):
    layer = random_layer(bias=True)
    expected = measure(**layer, weight_decay=0.01)
    tensors = {k: torch.as_tensor(v) for k, v in layer.items()}
    weight = torch.nn.Parameter(tensors["weight"].clone())
    for mixture in (
        tensors,
        {**layer, "weight": weight},
        {**tensors, "labels": layer["labels"].astype(np.uint16), "weight": weight},
        {**tensors, "bias": layer["bias"].tolist()},
        {k: v.tolist() for k, v in layer.items()},
    ):
        m = measure(**mixture, weight_decay=torch.tensor(0.01, dtype=torch.float64))
        for name, value in expected.values.items():
            assert m[name] == pytest.approx(value, rel=1e-12, abs=1e-14), name


def test_no_tensor_is_made_on_an_implicit_device(random_layer):
    layer = {k: torch.as_tensor(v, device="cpu") for k, v in random_layer(bias=True).items()}
    expected = measure(**layer).values
    torch.set_default_device("meta")
    try:
        assert measure(**layer).values == expected
    finally:
        torch.set_default_device(None)


def test_a_device_without_float64_is_left_for_the_cpu(monkeypatch):
    from simulations.metrics import _arrays

    def refuse(*args, **kwargs):
        raise TypeError("this device has no float64")

    monkeypatch.setattr(torch, "zeros", refuse)
    assert _arrays.float64_device(torch.device("meta")) == torch.device("cpu")


def test_read_only_and_non_contiguous_arrays_are_accepted(random_layer):
    layer = random_layer()
    expected = measure(**layer).values
    frozen = {k: np.asfortranarray(v) for k, v in layer.items()}
    for array in frozen.values():
        array.flags.writeable = False
    for name, value in measure(**frozen).values.items():
        assert value is None or value == pytest.approx(expected[name], rel=1e-12, abs=1e-14)
    measure(**{**frozen, "features": torch.as_tensor(layer["features"])})


def test_an_unknown_public_name_says_so():
    with pytest.raises(AttributeError, match="no attribute 'mesure'"):
        _ = simulations.mesure


@pytest.mark.parametrize(
    ("name", "message"),
    [("croos-entropy", "did you mean 'cross-entropy'"), ("zzz", "known: cross-entropy, focal")],
)
def test_unknown_names_the_nearest(name, message):
    from simulations.errors import unknown

    assert message in str(unknown("loss", name, ["focal", "cross-entropy"]))


def test_a_sparse_tensor_is_refused(random_layer):
    layer = random_layer()
    with pytest.raises(
        InputError, match=r"features is a sparse tensor \(torch.sparse_coo\); required: a dense"
    ):
        measure(**{**layer, "features": torch.as_tensor(layer["features"]).to_sparse()})


def test_tensors_that_stay_tensors_as_on_a_gpu_give_the_same_values(random_layer, monkeypatch):
    """On the CPU NumPy measures them; here torch does, as on any other device."""
    from simulations.metrics import _arrays

    layer = random_layer(bias=True)
    expected = measure(**layer, weight_decay=0.01)
    monkeypatch.setattr(_arrays, "native", lambda x: x)
    tensors = {name: torch.as_tensor(value) for name, value in layer.items()}
    metric = NeuralCollapse(4, 6, weight=tensors["weight"], bias=tensors["bias"], weight_decay=0.01)
    for phase in (1, 2):
        for part in torch.arange(60).split(7):
            metric.update(tensors["features"][part], tensors["labels"][part])
        phase == 2 or metric.start_second_phase()
    for m in (measure(**tensors, weight_decay=0.01), metric.compute()):
        for name, value in expected.values.items():
            assert m[name] == pytest.approx(value, rel=1e-12, abs=1e-14), name
