# SPDX-License-Identifier: MIT
"""ImageNet32 from planted batches (pickled and .npz) and folders of PNG files; damage and foreign pickles."""

import os
import pickle

import numpy as np
import pytest

from simulations import datasets
from simulations.errors import InputError

pytest.importorskip("torchvision")
CLASSES = 4


def planted(count, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % CLASSES)
    return rng.integers(0, 256, size=(count, 3, 32, 32), dtype=np.uint8), labels


def write_batches(folder, train, test, suffix=""):
    folder.mkdir(parents=True)
    numbers = np.array_split(np.arange(len(train[1])), 10)
    parts = {f"train_data_batch_{k + 1}": (train[0][rows], train[1][rows]) for k, rows in enumerate(numbers)}
    for name, (images, labels) in {**parts, "val_data": test}.items():
        content = {"data": images.reshape(len(images), -1), "labels": [int(label) + 1 for label in labels]}
        if suffix:
            np.savez(folder / f"{name}.npz", **content)
        else:
            (folder / name).write_bytes(pickle.dumps({**content, "mean": np.zeros(3072)}, protocol=2))


def write_folders(folder, train, test):
    from PIL import Image

    for part, (images, labels) in (("train", train), ("val", test)):
        for k, (image, label) in enumerate(zip(images, labels, strict=True)):
            place = folder / part / f"n{label:08d}"
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image.transpose(1, 2, 0)).save(place / f"{k:04d}.png")


def write_npz(folder, train, test):
    write_batches(folder, train, test, ".npz")


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("NC_DATA", str(tmp_path))
    return tmp_path


def load(**options):
    return datasets.load("imagenet32", num_classes=CLASSES, **options)


@pytest.mark.parametrize("write", [write_batches, write_npz, write_folders])
def test_every_pixel_and_label_is_read(write, root):
    train, test = planted(48), planted(8, seed=1)
    write(root / "imagenet32", train, test)
    samples = load(balanced=False, standardise="none", test=True)
    for got, (images, labels) in ((samples, train), (samples.test, test)):
        # Folders come class by class: compare as sets of (image, label).
        known = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
        found = {
            image.astype(np.uint8).tobytes(): label
            for image, label in zip(got.images, got.labels, strict=True)
        }
        assert found == known
        assert got.images.shape == images.shape
    if write is not write_folders:
        np.testing.assert_array_equal(samples.images, train[0])
    again = load(per_class=5, seed=2)
    assert set(again.counts) == {5}
    assert again.inputs.tobytes() == load(per_class=5, seed=2).inputs.tobytes()
    np.testing.assert_allclose(again.images.mean(axis=(0, 2, 3)), 0, atol=1e-5)
    with pytest.raises(InputError, match=r"per_class = 100 was asked.*12 samples"):
        load()
    with pytest.raises(InputError, match=r"do not cover 0..999: no sample of class 4, 5"):
        datasets.load("imagenet32")


def test_absent_files_say_how_to_get_them(root):
    with pytest.raises(InputError, match=r"train_data_batch_1.*NC_DATA.*image-net.org"):
        load()
    with pytest.raises(InputError, match="cannot be downloaded"):
        load(download=True)
    write_batches(root / "imagenet32", planted(40), planted(8))
    (root / "imagenet32" / "val_data").unlink()
    assert load(per_class=2).counts.sum() == 8
    with pytest.raises(InputError, match="val_data is not in"):
        load(per_class=2, test=True)


@pytest.mark.parametrize("write", [write_batches, write_npz])
def test_a_batch_that_is_cut_short(write, root):
    write(root / "imagenet32", planted(40), planted(8))
    damaged = next((root / "imagenet32").glob("train_data_batch_3*"))
    damaged.write_bytes(damaged.read_bytes()[:5000])
    with pytest.raises(InputError, match=r"train_data_batch_3.*damaged, cut short"):
        load(per_class=1)


def test_a_pickle_that_would_run_a_program_is_refused(root):
    class Program:
        def __reduce__(self):
            return os.mkdir, (str(root / "ran"),)

    write_batches(root / "imagenet32", planted(40), planted(8))
    (root / "imagenet32" / "train_data_batch_1").write_bytes(pickle.dumps({"data": Program(), "labels": []}))
    with pytest.raises(InputError, match=r"asks for .*mkdir"):
        load(per_class=1)
    assert not (root / "ran").exists()


def test_folders_with_bad_images(root):
    from PIL import Image

    (root / "imagenet32" / "train").mkdir(parents=True)
    with pytest.raises(InputError, match="no folders of images"):
        load()
    write_folders(root / "imagenet32", planted(8), planted(4))
    victim = next((root / "imagenet32" / "train" / "n00000002").iterdir())
    Image.new("RGB", (32, 31)).save(victim)
    with pytest.raises(InputError, match=r"shape \(3, 31, 32\)"):
        load(per_class=2)
    victim.write_bytes(b"\x89PNG\r\n\x1a\n cut short")
    with pytest.raises(InputError, match="not a readable image"):
        load(per_class=2)
