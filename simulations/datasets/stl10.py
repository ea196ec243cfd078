# SPDX-License-Identifier: MIT
"""STL-10 (Coates, Lee & Ng 2011): 96 x 96 colour images of ten kinds of things, from files on disk."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulations.datasets import Dataset, Images
from simulations.datasets._files import TorchvisionImages


def _labelled(found: Any) -> Any:
    """torchvision's class without its wish for the 2.6 GB of unlabelled images, which are not used here."""
    named = [entry for entry in found.train_list if not entry[0].startswith("unlabeled")]
    return type(found.__name__, (found,), {"train_list": named})


FILES = TorchvisionImages(
    name="stl10",
    class_name="STL10",
    folder="stl10_binary",
    files=("train_X.bin", "train_y.bin", "test_X.bin", "test_y.bin"),
    split="split",
    num_classes=10,
    image_shape=(3, 96, 96),
    source="STL-10 (Coates, Lee & Ng 2011)",
    # torchvision takes 1 from labels that are bytes: a stray 0 comes as 255, which no class is.
    arrange=lambda found: (found.data, found.labels),
    prepare_class=_labelled,
)


def draw(rng: np.random.Generator, *, root: str | None = None, download: bool = False) -> Images:
    """The 5000 labelled training images, 500 a class, and behind `test` the 8000 test images.

    root: the folder that holds stl10_binary (else $NC_DATA, else ./data). download: True lets torchvision
    fetch what is missing. Raises InputError when files are absent or damaged.
    """
    return FILES.images(root=root, download=download)


DATASET = Dataset(
    title="STL-10, 96 x 96 colour pixels",
    draw=draw,
    variants={"stl10": {}},
    tiny={"per_class": 2},
    absence=FILES.absence,
)
