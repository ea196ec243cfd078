# SPDX-License-Identifier: MIT
"""MNIST (LeCun, Cortes & Burges 1998): 28 x 28 grey images of ten handwritten digits, from files on disk."""

from __future__ import annotations

import numpy as np

from simulations.datasets import Dataset, Images
from simulations.datasets._files import TorchvisionImages

FILES = TorchvisionImages(
    name="mnist",
    class_name="MNIST",
    folder="MNIST/raw",
    files=(
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ),
    split="train",
    num_classes=10,
    image_shape=(1, 28, 28),
    source="MNIST (LeCun, Cortes & Burges 1998)",
    arrange=lambda found: (found.data.numpy()[:, None], found.targets.numpy()),
)


def draw(rng: np.random.Generator, *, root: str | None = None, download: bool = False) -> Images:
    """The 60 000 training images, 5421 to 6742 a class, and behind `test` the 10 000 test images.

    root: the folder that holds MNIST/raw (else $NC_DATA, else ./data). download: True lets torchvision fetch
    what is missing. Raises InputError when files are absent or damaged.
    """
    return FILES.images(root=root, download=download)


DATASET = Dataset(
    title="MNIST, 28 x 28 pixels; balanced with 5000 a class (Papyan, Han & Donoho 2020), padded to 32",
    draw=draw,
    variants={
        "mnist": {"per_class": 5000},
        "mnist-padded": {"per_class": 5000, "pad_to": 32},
        "mnist-raw": {"balanced": False},
    },
    tiny={"per_class": 12},
    absence=FILES.absence,
)
