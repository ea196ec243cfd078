# SPDX-License-Identifier: MIT
"""Imbalance profiles, label noise, hold-out and balanced subsets: what is kept, and what is refused."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import datasets
from simulations.configuration import Config
from simulations.datasets._imbalance import imbalanced_counts, noisy_labels
from simulations.datasets._pixels import Standardiser
from simulations.errors import InputError


def test_published_profiles():
    # Cao et al. 2019, CIFAR-10-LT with ratio 100: 12 406 images, 5000 in the first class, 50 in the last.
    tailed = imbalanced_counts("long-tailed", largest=5000, num_classes=10, ratio=100)
    assert list(tailed) == [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50]
    assert tailed.sum() == 12_406
    step = imbalanced_counts("step", largest=500, num_classes=10, ratio=5, minority_fraction=0.3)
    assert list(step) == [500] * 7 + [100] * 3


@given(
    profile=st.sampled_from(["long-tailed", "step"]),
    largest=st.integers(50, 10_000),
    num_classes=st.integers(2, 60),
    ratio=st.floats(1, 50),
    fraction=st.floats(0.3, 0.7),
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_profiles_fall_from_the_largest_to_its_ratio(profile, largest, num_classes, ratio, fraction):
    counts = imbalanced_counts(
        profile, largest=largest, num_classes=num_classes, ratio=ratio, minority_fraction=fraction
    )
    assert counts.shape == (num_classes,)
    assert counts[0] == largest
    assert -1 < counts[-1] - largest / ratio <= 1e-6
    assert (np.diff(counts) <= 0).all()
    if profile == "step":
        assert len(set(counts)) <= 2
        assert (counts == counts[-1]).sum() == (
            num_classes if counts[-1] == largest else round(fraction * num_classes)
        )
    else:
        # Logarithms fall on a line, but for the rounding to whole samples.
        line = np.log(largest) - np.log(ratio) * np.arange(num_classes) / (num_classes - 1)
        assert (counts - np.exp(line) <= 1e-6).all()
        assert (counts - np.exp(line) > -1).all()


@pytest.mark.parametrize("name", ["digits", "conic-hull", "mnist1d", "gaussian-mixture"])
@pytest.mark.parametrize("profile", ["long-tailed", "step"])
def test_imbalance_of_any_data_set_keeps_its_samples(name, profile):
    options = {} if name == "digits" else {"points": 400}
    whole = datasets.load(name, seed=4, **options, **({"balanced": False} if name == "digits" else {}))
    largest = int(datasets.load(name, seed=4, **options).counts.min())
    thin = datasets.load(name, seed=4, imbalance=profile, imbalance_ratio=8, standardise="none", **options)
    expected = imbalanced_counts(profile, largest=largest, num_classes=whole.num_classes, ratio=8)
    np.testing.assert_array_equal(thin.counts, expected)
    if name != "digits":
        known = {row.tobytes(): label for row, label in zip(whole.inputs, whole.labels, strict=True)}
        assert len({row.tobytes() for row in thin.inputs}) == len(thin.inputs), "without replacement"
        drawn = zip(thin.inputs, thin.labels, strict=True)
        assert all(known[row.tobytes()] == label for row, label in drawn)


def test_explicit_counts_and_the_largest_class():
    counts = [9, 8, 7, 6, 5, 4, 3, 2, 1, 1]
    assert list(datasets.load("digits", counts=counts).counts) == counts
    thin = datasets.load("digits", per_class=100, imbalance="step", imbalance_ratio=10, minority_fraction=0.2)
    assert list(thin.counts) == [100] * 8 + [10] * 2


@given(
    count=st.integers(1, 400),
    num_classes=st.integers(2, 20),
    fraction=st.floats(0, 0.999),
    seed=st.integers(0, 99),
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_noise_changes_exactly_the_labels_it_names(count, num_classes, fraction, seed):
    clean = np.random.default_rng(seed + 1000).integers(num_classes, size=count)
    kept = clean.copy()
    noisy, flipped = noisy_labels(
        np.random.default_rng(seed), clean, num_classes=num_classes, fraction=fraction
    )
    np.testing.assert_array_equal(clean, kept)
    np.testing.assert_array_equal(np.flatnonzero(noisy != clean), flipped)
    assert len(flipped) == round(fraction * count)
    assert noisy.min() >= 0
    assert noisy.max() < num_classes


def test_noise_is_symmetric():
    clean = np.zeros(90_000, dtype=np.int64) + 2
    noisy, flipped = noisy_labels(np.random.default_rng(0), clean, num_classes=10, fraction=0.5)
    others = np.delete(np.bincount(noisy[flipped], minlength=10), 2)
    assert (abs(others - 5000) < 5 * np.sqrt(5000)).all()


def test_noise_is_in_the_training_labels_only_and_leaves_the_images():
    clean = datasets.load("digits", seed=3, per_class=50, test=0.2)
    noisy = datasets.load("digits", seed=3, per_class=50, test=0.2, label_noise=0.3)
    assert clean.clean_labels is None
    assert clean.flipped is None
    assert noisy.inputs.tobytes() == clean.inputs.tobytes()
    np.testing.assert_array_equal(noisy.clean_labels, clean.labels)
    np.testing.assert_array_equal(np.flatnonzero(noisy.labels != clean.labels), noisy.flipped)
    assert len(noisy.flipped) == 150
    assert set(noisy.clean_counts) == {50}
    assert set(noisy.counts) != {50}
    np.testing.assert_array_equal(clean.clean_counts, clean.counts)
    np.testing.assert_array_equal(noisy.test.labels, clean.test.labels)


@pytest.mark.parametrize("name", ["digits", "mlp3"])
def test_held_out_samples_are_apart_and_of_every_class(name):
    options = {"standardise": "none", **({"points": 400} if name == "mlp3" else {"balanced": False})}
    whole = datasets.load(name, seed=1, **options)
    parted = datasets.load(name, seed=1, test=0.25, **options)
    np.testing.assert_array_equal(parted.test.counts, np.rint(0.25 * whole.counts))
    np.testing.assert_array_equal(parted.test.counts + parted.counts, whole.counts)
    rows = sorted(row.tobytes() for row in np.concatenate([parted.inputs, parted.test.inputs]))
    assert rows == sorted(row.tobytes() for row in whole.inputs)


def test_statistics_come_from_the_training_samples_alone():
    raw = datasets.load("digits", seed=1, per_class=40, test=0.5, standardise="none")
    made = datasets.load("digits", seed=1, per_class=40, test=0.5)
    mean, deviation = raw.inputs.mean(dtype=np.float64), raw.inputs.std(dtype=np.float64)
    np.testing.assert_allclose(made.inputs, (raw.inputs - mean) / deviation, atol=1e-6)
    np.testing.assert_allclose(made.test.inputs, (raw.test.inputs - mean) / deviation, atol=1e-6)
    vectors = datasets.load("gaussian-mixture", points=400, standardise="pixel", separation=9.0)
    np.testing.assert_allclose(vectors.inputs.std(axis=0), 1, atol=1e-5)
    np.testing.assert_allclose(vectors.inputs.mean(axis=0), 0, atol=1e-5)


@pytest.mark.parametrize("mode", ["all", "channel", "pixel"])
def test_statistics_of_bytes_are_exact(mode):
    """Against Python's fractions: no rounding but the last, also for images that hardly vary."""
    from fractions import Fraction

    pixels = np.full((3000, 2, 2, 2), 254, dtype=np.uint8)
    pixels[0, :, 0, 0], pixels[-1, 0, 1, 1] = 255, 0
    found = Standardiser.fit(pixels, mode)
    groups = {"all": pixels.reshape(1, -1), "channel": pixels.swapaxes(0, 1).reshape(2, -1)}
    columns = groups.get(mode, pixels.reshape(3000, -1).T)
    for values, mean, deviation in zip(columns, found.mean.flat, found.deviation.flat, strict=True):
        exact = Fraction(int(values.sum()), len(values))
        variance = Fraction(int((values.astype(int) ** 2).sum()), len(values)) - exact**2
        assert mean == float(exact)
        assert deviation == (float(variance) ** 0.5 if variance else 1.0)


def test_images_and_vectors():
    digits = datasets.load("digits", per_class=5)
    assert digits.images.shape == (50, 1, 8, 8)
    assert np.shares_memory(digits.images, digits.inputs)
    vectors = datasets.load("mnist1d", points=100)
    assert vectors.image_shape is None
    with pytest.raises(InputError, match="vectors of length 40, not images"):
        _ = vectors.images


def test_a_variant_s_size_gives_way_to_the_caller_s():
    assert set(datasets.load("digits-raw", per_class=7).counts) == {7}
    assert datasets.load("digits-raw").counts.sum() == 1797
    assert set(datasets.load("mlp3-raw", points=400, per_class=20).counts) == {20}


def test_options_travel_through_a_configuration():
    options = {"counts": [20] * 5 + [5] * 5, "label_noise": 0.1, "pad_to": 10, "test": 0.2}
    config = Config(dataset="digits", dataset_options=options)
    back = Config.from_dict(json.loads(json.dumps(config.to_dict())))
    samples = datasets.load(back.dataset, **back.dataset_options)
    assert samples.inputs.shape == (125, 100)
    assert Config().to_dict()["dataset_options"] == {}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"imbalance": "long-tailed", "imbalance_ratio": 0.5}, "at least 1"),
        ({"imbalance": "long-tailed", "imbalance_ratio": float("nan")}, "at least 1"),
        ({"imbalance": "long-tail", "imbalance_ratio": 5}, "did you mean 'long-tailed'"),
        ({"imbalance": "step"}, "without imbalance_ratio"),
        ({"imbalance_ratio": 5}, "without imbalance;"),
        ({"imbalance": "step", "imbalance_ratio": 5, "minority_fraction": 1.0}, "classes of both kinds"),
        (
            {"imbalance": "long-tailed", "imbalance_ratio": 5, "minority_fraction": 0.5},
            "for imbalance 'step'",
        ),
        ({"per_class": 10, "imbalance": "step", "imbalance_ratio": 50}, "leaves class 5 empty"),
        ({"per_class": 180, "imbalance": "step", "imbalance_ratio": 2}, r"class \d.*it has 17\d"),
        ({"label_noise": 1.0}, ">= 0 and < 1"),
        ({"label_noise": -0.1}, ">= 0 and < 1"),
        ({"label_noise": "some"}, ">= 0 and < 1"),
        ({"counts": [5] * 9}, "10 whole numbers"),
        ({"counts": [5] * 9 + [0]}, "at least 1"),
        ({"counts": [5] * 9 + [999]}, "it has 180"),
        ({"counts": [5] * 10, "per_class": 5}, "cannot be given beside it"),
        ({"balanced": False, "per_class": 5}, "leave one out"),
        ({"per_class": 0}, "at least 1"),
        ({"per_class": 2.5}, "whole number"),
        ({"test": True}, "no official test"),
        ({"test": 1.5}, "> 0 and < 1"),
        ({"test": 0.001}, "without a sample"),
        ({"standardise": "pixels"}, "did you mean 'pixel'"),
        ({"pad_to": 6}, "at least 8"),
    ],
)
def test_bad_options_say_what_is_wrong(options, says):
    with pytest.raises(InputError, match=says):
        datasets.load("digits", **options)


def test_vectors_have_neither_channels_nor_borders():
    for options, says in (({"standardise": "channel"}, "images only"), ({"pad_to": 32}, "vectors")):
        with pytest.raises(InputError, match=says):
            datasets.load("conic-hull", points=40, **options)


def test_noise_that_empties_a_class_is_refused():
    with pytest.raises(InputError, match="do not cover"):
        datasets.load("digits", per_class=1, label_noise=0.9, seed=0)
