# SPDX-License-Identifier: MIT
"""Image data sets from tiny files in the published formats: every pixel and label, and what damage says."""

import os
import pickle
import socket
import struct
from urllib.error import URLError

import numpy as np
import pytest

from simulations import datasets
from simulations.errors import InputError

pytest.importorskip("torchvision")


def planted(count, shape, num_classes=10, seed=0):
    """Random images and labels that cover the classes equally, in a shuffled order."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % num_classes)
    return rng.integers(0, 256, size=(count, *shape), dtype=np.uint8), labels


def write_mnist(root, train, test):
    folder = root / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for part, (images, labels) in (("train", train), ("t10k", test)):
        for kind, array in (("images-idx3", images[:, 0]), ("labels-idx1", labels.astype(np.uint8))):
            head = b"\x00\x00\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
            (folder / f"{part}-{kind}-ubyte").write_bytes(head + array.tobytes())


def write_cifar(folder, key, names, meta, train, test):
    folder.mkdir(parents=True)
    halves = (np.array_split(half, len(names) - 1) for half in train)
    parts = zip(*halves, strict=True)
    for name, (images, labels) in zip(names, [*parts, test], strict=True):
        content = {"data": images.reshape(len(images), -1), key: [int(label) for label in labels]}
        (folder / name).write_bytes(pickle.dumps(content, protocol=2))
    (folder / meta[0]).write_bytes(pickle.dumps({meta[1]: ["a", "b"]}))


def write_cifar10(root, train, test):
    names = [*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]
    write_cifar(root / "cifar-10-batches-py", "labels", names, ("batches.meta", "label_names"), train, test)


def write_cifar100(root, train, test):
    meta = ("meta", "fine_label_names")
    write_cifar(root / "cifar-100-python", "fine_labels", ["train", "test"], meta, train, test)


def write_svhn(root, train, test):
    from scipy.io import savemat

    root.mkdir(exist_ok=True)
    for part, (images, labels) in (("train", train), ("test", test)):
        digits = np.where(labels == 0, 10, labels)[:, None]
        savemat(root / f"{part}_32x32.mat", {"X": images.transpose(2, 3, 1, 0), "y": digits})


def write_stl10(root, train, test):
    folder = root / "stl10_binary"
    folder.mkdir(parents=True)
    for part, (images, labels) in (("train", train), ("test", test)):
        (folder / f"{part}_X.bin").write_bytes(images.transpose(0, 1, 3, 2).tobytes())
        (folder / f"{part}_y.bin").write_bytes((labels + 1).astype(np.uint8).tobytes())


# name: (writer, image shape, classes, a file to damage)
FORMATS = {
    "mnist": (write_mnist, (1, 28, 28), 10, "MNIST/raw/train-images-idx3-ubyte"),
    "cifar10": (write_cifar10, (3, 32, 32), 10, "cifar-10-batches-py/data_batch_2"),
    "cifar100": (write_cifar100, (3, 32, 32), 100, "cifar-100-python/train"),
    "svhn": (write_svhn, (3, 32, 32), 10, "train_32x32.mat"),
    "stl10": (write_stl10, (3, 96, 96), 10, "stl10_binary/train_X.bin"),
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a data set opened a network connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def any_checksum(monkeypatch):
    """Planted files have not the published checksums: torchvision then only looks whether they exist."""
    for module in ("cifar", "svhn", "stl10"):
        monkeypatch.setattr(
            f"torchvision.datasets.{module}.check_integrity", lambda path, md5=None: os.path.isfile(path)
        )


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("NC_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def plant(name, root):
    write, shape, num_classes, _ = FORMATS[name]
    train = planted(4 * num_classes, shape, num_classes)
    test = planted(num_classes, shape, num_classes, seed=1)
    write(root, train, test)
    return train, test


@pytest.mark.parametrize("name", FORMATS)
def test_every_pixel_and_label_is_read(name, root, any_checksum):
    (images, labels), (test_images, test_labels) = plant(name, root)
    samples = datasets.load(name, balanced=False, standardise="none", test=True)
    assert samples.inputs.dtype == np.float32
    assert samples.image_shape == images.shape[1:]
    np.testing.assert_array_equal(samples.images, images)
    np.testing.assert_array_equal(samples.labels, labels)
    np.testing.assert_array_equal(samples.test.images, test_images)
    np.testing.assert_array_equal(samples.test.labels, test_labels)


@pytest.mark.parametrize("name", FORMATS)
def test_balanced_standardised_and_the_same_bytes_again(name, root, any_checksum):
    (images, labels), (test_images, _) = plant(name, root)
    first, second = (datasets.load(name, per_class=3, seed=7, test=True) for _ in range(2))
    assert first.inputs.tobytes() == second.inputs.tobytes()
    assert set(first.counts) == {3}
    np.testing.assert_allclose(first.images.mean(axis=(0, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(first.images.std(axis=(0, 2, 3)), 1, atol=1e-5)
    # The test images go through the training images' map: the affine map per channel is recovered exactly.
    chosen = datasets.load(name, per_class=3, seed=7, standardise="none").images.astype(np.float64)
    mean = chosen.mean(axis=(0, 2, 3), keepdims=True)
    deviation = chosen.std(axis=(0, 2, 3), keepdims=True)
    np.testing.assert_allclose(first.test.images, (test_images - mean) / deviation, atol=1e-5)
    known = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    drawn = [known[image.astype(np.uint8).tobytes()] for image in chosen]
    np.testing.assert_array_equal(drawn, first.labels)


@pytest.mark.parametrize("name", FORMATS)
def test_absent_files_say_which_where_and_how(name, root):
    file = os.path.basename(FORMATS[name][3])
    for kind in ("NC_DATA", "download=True", "nothing is downloaded by itself", file, str(root)):
        with pytest.raises(InputError, match=kind):
            datasets.load(name)
    with pytest.raises(InputError, match="elsewhere"):
        datasets.load(name, root="elsewhere")
    assert not root.exists(), "looking for files makes no folder"


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_is_cut_short_is_an_input_error(name, root, any_checksum):
    plant(name, root)
    damaged = root / FORMATS[name][3]
    content = damaged.read_bytes()
    for cut in (len(content) // 3, 0):
        damaged.write_bytes(content[:cut])
        with pytest.raises(InputError, match=r"get them again|not the published"):
            datasets.load(name, per_class=1)


def test_a_wrong_checksum_names_the_files(root):
    plant("cifar10", root)
    with pytest.raises(InputError, match=r"data_batch_1, data_batch_2.*get them again"):
        datasets.load("cifar10", per_class=1)


def test_a_download_happens_only_when_asked_for(root, monkeypatch):
    from torchvision.datasets import MNIST

    asked = []

    def fetch(self):
        asked.append(self.root)
        if not os.path.isdir(self.raw_folder):
            plant("mnist", root)

    monkeypatch.setattr(MNIST, "download", fetch)
    with pytest.raises(InputError, match="missing"):
        datasets.load("mnist", per_class=2)
    assert not asked
    samples = datasets.load("mnist", per_class=2, download=True)
    assert asked[0] == str(root)
    assert set(samples.counts) == {2}

    def fail(self):
        raise URLError("no route to host")

    monkeypatch.setattr(MNIST, "download", fail)
    with pytest.raises(InputError, match=r"download that was asked for failed.*no route"):
        datasets.load("mnist", download=True)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda labels: np.where(labels == 3, 4, labels), "no sample of class 3"),
        (lambda labels: np.where(labels == 3, 12, labels), "labels from 0 to 12"),
        (lambda labels: labels[:-1], "39 labels|not the published"),
    ],
    ids=["a class is missing", "a label is too large", "a label is missing"],
)
def test_labels_that_do_not_fit(spoil, says, root):
    images, labels = planted(40, (1, 28, 28))
    write_mnist(root, (images, spoil(labels)), (images, labels))
    with pytest.raises(InputError, match=says):
        datasets.load("mnist", per_class=1)


def test_stl10_label_zero_is_refused(root, any_checksum):
    images, labels = planted(20, (3, 96, 96))
    write_stl10(root, (images, np.where(labels == 0, -1, labels)), (images, labels))
    with pytest.raises(InputError, match="to 255"):
        datasets.load("stl10")


def test_a_class_smaller_than_asked_says_how_many_there_are(root):
    plant("mnist", root)
    with pytest.raises(InputError, match=r"per_class = 5000 was asked.*has 4 samples"):
        datasets.load("mnist")


def test_padding_centres_the_image_on_black(root):
    (images, _), _ = plant("mnist", root)
    samples = datasets.load("mnist-padded", per_class=4)
    assert samples.image_shape == (1, 32, 32)
    black = -images.mean() / images.std()
    np.testing.assert_allclose(samples.images[:, :, 2:-2, 2:-2].mean(), 0, atol=1e-5)
    border = np.ones((32, 32), dtype=bool)
    border[2:-2, 2:-2] = False
    np.testing.assert_allclose(samples.images[:, 0, border], black, rtol=1e-5)
    raw = datasets.load("mnist", balanced=False, pad_to=31, standardise="none")
    np.testing.assert_array_equal(raw.images[:, 0, 1:29, 1:29], images[:, 0])
    assert raw.inputs.sum(dtype=np.float64) == images.sum()
    with pytest.raises(InputError, match="at least 28"):
        datasets.load("mnist", per_class=1, pad_to=20)


@pytest.mark.parametrize("pad", [None, 32])
def test_standardising_each_pixel(root, pad):
    images, labels = planted(40, (1, 28, 28))
    images[:, :, :3] = 0
    write_mnist(root, (images, labels), (images, labels))
    samples = datasets.load("mnist", per_class=4, standardise="pixel", pad_to=pad, test=True)
    means, deviations = samples.inputs.mean(axis=0), samples.inputs.std(axis=0)
    np.testing.assert_allclose(means, 0, atol=1e-5)
    constant = deviations < 0.5
    assert constant.sum() == 3 * 28 + (0 if pad is None else 32**2 - 28**2)
    assert (samples.inputs[:, constant] == 0).all()
    np.testing.assert_allclose(deviations[~constant], 1, atol=1e-5)
    np.testing.assert_array_equal(samples.test.inputs, samples.inputs[: len(samples.test.labels)])


def test_files_that_changed_are_read_again(root):
    (images, _), _ = plant("mnist", root)
    assert datasets.load("mnist-raw", standardise="none").inputs.sum(dtype=np.float64) == images.sum()
    file = root / FORMATS["mnist"][3]
    state = file.stat()
    content = file.read_bytes()
    file.write_bytes(content[:16] + bytes(len(content) - 16))
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    assert not datasets.load("mnist-raw", standardise="none").inputs.any()
