# SPDX-License-Identifier: MIT
"""SVHN (Netzer et al. 2011): 32 x 32 colour images of house numbers' digits, from files on disk."""

from __future__ import annotations

import numpy as np

from simulations.datasets import Dataset, Images
from simulations.datasets._files import TorchvisionImages

FILES = TorchvisionImages(
    name="svhn",
    class_name="SVHN",
    folder=".",
    files=("train_32x32.mat", "test_32x32.mat"),
    split="split",
    num_classes=10,
    image_shape=(3, 32, 32),
    source="SVHN, cropped digits (Netzer et al. 2011)",
    arrange=lambda found: (found.data, found.labels),
)


def draw(rng: np.random.Generator, *, root: str | None = None, download: bool = False) -> Images:
    """The 73 257 training images, 4659 to 13 861 a class (digit 0 is class 0), and behind `test` 26 032 more.

    root: the folder that holds the two .mat files (else $NC_DATA, else ./data). download: True lets
    torchvision fetch what is missing. Raises InputError when files are absent or damaged.
    """
    return FILES.images(root=root, download=download)


DATASET = Dataset(
    title="SVHN digits, 32 x 32 colour pixels; balanced with 4600 a class (Papyan, Han & Donoho 2020)",
    draw=draw,
    variants={"svhn": {"per_class": 4600}, "svhn-raw": {"balanced": False}},
    tiny={"per_class": 12},
    absence=FILES.absence,
)
