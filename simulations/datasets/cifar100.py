# SPDX-License-Identifier: MIT
"""CIFAR-100 (Krizhevsky 2009): 32 x 32 colour images of a hundred kinds of things, from files on disk."""

from __future__ import annotations

import numpy as np

from simulations.datasets import Dataset, Images
from simulations.datasets._files import TorchvisionImages

FILES = TorchvisionImages(
    name="cifar100",
    class_name="CIFAR100",
    folder="cifar-100-python",
    files=("train", "test", "meta"),
    split="train",
    num_classes=100,
    image_shape=(3, 32, 32),
    source="CIFAR-100 (Krizhevsky 2009)",
    arrange=lambda found: (found.data.transpose(0, 3, 1, 2), found.targets),
)


def draw(rng: np.random.Generator, *, root: str | None = None, download: bool = False) -> Images:
    """The 50 000 training images, 500 a class, and behind `test` the 10 000 test images.

    root: the folder that holds cifar-100-python (else $NC_DATA, else ./data). download: True lets torchvision
    fetch what is missing. Raises InputError when files are absent or damaged.
    """
    return FILES.images(root=root, download=download)


DATASET = Dataset(
    title="CIFAR-100, 32 x 32 colour pixels",
    draw=draw,
    variants={"cifar100": {}},
    tiny={"per_class": 2},
    absence=FILES.absence,
)
