# SPDX-License-Identifier: MIT
"""CIFAR-10 (Krizhevsky 2009): 32 x 32 colour images of ten kinds of things, from files on disk."""

from __future__ import annotations

import numpy as np

from simulations.datasets import Dataset, Images
from simulations.datasets._files import TorchvisionImages

FILES = TorchvisionImages(
    name="cifar10",
    class_name="CIFAR10",
    folder="cifar-10-batches-py",
    files=(*(f"data_batch_{k}" for k in range(1, 6)), "test_batch", "batches.meta"),
    split="train",
    num_classes=10,
    image_shape=(3, 32, 32),
    source="CIFAR-10 (Krizhevsky 2009)",
    arrange=lambda found: (found.data.transpose(0, 3, 1, 2), found.targets),
)


def draw(rng: np.random.Generator, *, root: str | None = None, download: bool = False) -> Images:
    """The 50 000 training images, 5000 a class, and behind `test` the 10 000 test images.

    root: the folder that holds cifar-10-batches-py (else $NC_DATA, else ./data). download: True lets
    torchvision fetch what is missing. Raises InputError when files are absent or damaged.
    """
    return FILES.images(root=root, download=download)


DATASET = Dataset(
    title="CIFAR-10, 32 x 32 colour pixels",
    draw=draw,
    variants={"cifar10": {}},
    tiny={"per_class": 12},
    absence=FILES.absence,
)
