# SPDX-License-Identifier: MIT
"""Every discovered data set: same seed, same bytes; balanced; no network; bad requests refused."""

import gzip
import socket
import struct

import numpy as np
import pytest

from simulations import datasets
from simulations.datasets import fashion_mnist
from simulations.errors import InputError

CASES = [(variant, dataset.tiny) for dataset in datasets.all_datasets() for variant in dataset.variants]
IDS = [variant for variant, _ in CASES]


def tiny(name, options, seed=0):
    missing = datasets.find(name)[0].absence()
    if missing:
        pytest.skip(missing)
    return datasets.load(name, seed=seed, **options)


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a data set opened a network connection")

    # The methods, not the class: libraries derive classes from it while they are imported.
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize(("name", "options"), CASES, ids=IDS)
def test_same_seed_same_bytes_and_well_formed(name, options, no_network):
    first, second = tiny(name, options), tiny(name, options)
    assert first.inputs.tobytes() == second.inputs.tobytes()
    assert first.labels.tobytes() == second.labels.tobytes()
    assert first.inputs.dtype == np.float32
    assert first.labels.dtype == np.int64
    assert first.inputs.shape[0] == first.labels.shape[0]
    assert np.isfinite(first.inputs).all()
    assert (first.counts > 0).all()
    assert len(first.counts) == first.num_classes
    if not name.endswith("-raw"):
        assert len(set(first.counts)) == 1, "the default draw is balanced"


@pytest.mark.parametrize(("name", "options"), CASES, ids=IDS)
def test_another_seed_draws_other_samples(name, options):
    assert tiny(name, options).inputs.tobytes() != tiny(name, options, seed=1).inputs.tobytes()


def test_conic_hull_classes_are_cones():
    samples = datasets.load("conic-hull", points=400, seed=3)
    assert samples.inputs.shape == (400, 16)
    # Classes are sign patterns: x and -x are never in one class, so that neighbours of -x seldom are.
    from scipy.spatial.distance import cdist

    nearest = cdist(-samples.inputs, samples.inputs, metric="cosine").argmin(axis=1)
    agree = (samples.labels[nearest] == samples.labels).mean()
    assert agree < 0.1


def test_balanced_draw_keeps_the_teacher():
    balanced = datasets.load("mlp3", seed=5, points=800)
    raw = datasets.load("mlp3-raw", seed=5, points=800)
    kept = {row.tobytes(): label for row, label in zip(balanced.inputs, balanced.labels, strict=True)}
    shared = [
        (kept[row.tobytes()], label)
        for row, label in zip(raw.inputs, raw.labels, strict=True)
        if row.tobytes() in kept
    ]
    assert len(shared) > 200
    assert all(a == b for a, b in shared)
    assert raw.counts.max() > raw.counts.min()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: datasets.load("digit"), "digits"),
        (lambda: datasets.load("digits", points=3), "per_class"),
        (lambda: datasets.load("digits", label_nose=0.1), "did you mean 'label_noise'"),
        (lambda: datasets.load("mnst"), "did you mean 'mnist'"),
        (lambda: datasets.load("mnist1d", points=101), "multiple of 10"),
        (lambda: datasets.load("mnist1d", scale=2.0), "keep its sign"),
        (lambda: datasets.load("digits", per_class=175), "174"),
        (lambda: datasets.load("conic-hull", points=401), "multiple"),
        (lambda: datasets.load("conic-hull", num_classes=1), "num_classes >= 2"),
        (lambda: datasets.load("mlp3", width=0), "at least 1"),
        (lambda: datasets.load("gaussian-mixture", points=3), "one point for each class"),
        (lambda: datasets.load("fashion-mnist", path="/nowhere"), "dataset-fashion-mnist"),
    ],
)
def test_bad_requests_say_what_is_wrong(call, says):
    with pytest.raises(InputError, match=says):
        call()


def write_idx(path, array):
    head = b"\x00\x00\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(head + array.tobytes()))


def test_fashion_mnist_reads_idx_files_from_a_chosen_folder(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, size=(40, 28, 28), dtype=np.uint8)
    labels = np.repeat(np.arange(10, dtype=np.uint8), 4)
    write_idx(tmp_path / "train-images-idx3-ubyte.gz", images)
    write_idx(tmp_path / "train-labels-idx1-ubyte.gz", labels)
    monkeypatch.setenv(fashion_mnist.VARIABLE, str(tmp_path))
    samples = datasets.load("fashion-mnist", per_class=4)
    assert samples.inputs.shape == (40, 784)
    np.testing.assert_allclose(samples.inputs.mean(), 0, atol=1e-5)
    np.testing.assert_allclose(samples.inputs.std(), 1, atol=1e-5)
    whole = (tmp_path / "train-images-idx3-ubyte.gz").read_bytes()
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="install the data set again"):
        datasets.load("fashion-mnist", per_class=4)


def test_fashion_mnist_of_torchvision_with_its_test_images(tmp_path, monkeypatch):
    """torchvision's folder under the data root is found, and comes before Debian's place."""
    rng = np.random.default_rng(1)
    folder = tmp_path / "FashionMNIST" / "raw"
    folder.mkdir(parents=True)
    monkeypatch.delenv(fashion_mnist.VARIABLE, raising=False)
    monkeypatch.setenv("NC_DATA", str(tmp_path))
    with pytest.raises(InputError, match=r"dataset-fashion-mnist.*FashionMNIST\(.*download=True"):
        datasets.load("fashion-mnist")
    images = rng.integers(0, 256, size=(30, 28, 28), dtype=np.uint8)
    labels = np.arange(30, dtype=np.uint8) % 10
    for part, size in (("train", 20), ("t10k", 10)):
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", images[-size:])
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", labels[-size:])
    samples = datasets.load("fashion-mnist", balanced=False, test=True, standardise="none")
    np.testing.assert_array_equal(samples.images[:, 0], images[-20:])
    np.testing.assert_array_equal(samples.test.images[:, 0], images[-10:])
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    assert datasets.load("fashion-mnist", per_class=2).counts.sum() == 20
    with pytest.raises(InputError, match=r"t10k-labels-idx1-ubyte\.gz is not in"):
        datasets.load("fashion-mnist", per_class=2, test=True)


def test_mnist1d_classes_differ_by_shape_alone():
    """Noiseless sequences are their template, shifted, scaled and stretched: found again by correlation."""
    from simulations.datasets.mnist1d import templates

    quiet = {"shear": 0.0, "correlated_noise": 0.0, "independent_noise": 0.0}
    samples = datasets.load("mnist1d", points=400, length=400, **quiet)
    heights = np.abs(samples.inputs).max(axis=1)
    assert heights.min() >= 0.8 - 1e-6
    assert heights.max() <= 1.2 + 1e-6
    assert np.unique(templates(), axis=0).shape == (10, 12)
    for sequence, label in zip(samples.inputs, samples.labels, strict=True):
        # Integral and integral of the square of a template survive a shift; their ratio does scaling too.
        template = np.interp(np.linspace(-1, 12, 2000), np.arange(12), templates()[label], left=0, right=0)
        shares = [x.sum() / np.abs(x).sum() for x in (sequence, template)]
        assert shares[0] == pytest.approx(shares[1], abs=0.1)
    noisy = datasets.load("mnist1d", points=20_000, shear=0.0, scale=0.0)
    silent = datasets.load("mnist1d", points=20_000, shear=0.0, scale=0.0, correlated_noise=0.0)
    assert (noisy.inputs - silent.inputs).std() == pytest.approx(0.25, rel=0.02)
