# SPDX-License-Identifier: MIT
"""Fashion-MNIST (Xiao, Rasul & Vollgraf 2017) from files on disk: 28 x 28 grey images of ten kinds of
clothes."""

from __future__ import annotations

import gzip
import os
import struct
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulations.datasets import Dataset, Images
from simulations.datasets._files import data_root
from simulations.errors import InputError

DEFAULT_FOLDER = "/usr/share/datasets/fashion-mnist"
VARIABLE = "FASHION_MNIST"


def folder(path: str | None = None) -> Path:
    """Where the files are looked for: the argument, else the environment variable FASHION_MNIST, else
    torchvision's folder FashionMNIST/raw under the data root if it is there, else Debian's place."""
    chosen = path or os.environ.get(VARIABLE)
    torchvision = data_root() / "FashionMNIST" / "raw"
    return Path(chosen) if chosen else torchvision if torchvision.is_dir() else Path(DEFAULT_FOLDER)


def absence(path: str | None = None) -> str | None:
    """None where the training images and labels are on this machine; otherwise what is missing and how to get
    it."""
    where = folder(path)
    if all((where / f"train-{kind}.gz").is_file() for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")):
        return None
    return (
        f"Fashion-MNIST is not in {where}: install it (Debian and Ubuntu: apt install "
        f"dataset-fashion-mnist), or call torchvision.datasets.FashionMNIST({str(data_root())!r}, "
        f"download=True), or put train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz of "
        f"github.com/zalandoresearch/fashion-mnist into a folder and name it in the environment variable "
        f"{VARIABLE}; nothing is downloaded by itself"
    )


def read_idx(file: Path) -> NDArray[np.uint8]:
    """An unsigned-byte array in LeCun's IDX format, gzipped. Raises InputError for a damaged or foreign
    file."""
    try:
        content = gzip.decompress(file.read_bytes())
    except (OSError, EOFError) as error:
        raise InputError(
            f"{file} is not a readable gzip file ({error}); install the data set again"
        ) from error
    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise InputError(f"{file} is not an IDX file of unsigned bytes; install the data set again")
    rank = content[3]
    shape = struct.unpack(f">{rank}I", content[4 : 4 + 4 * rank])
    body = np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * rank)
    if body.size != int(np.prod(shape)):
        raise InputError(
            f"{file} announces shape {shape} but holds {body.size} bytes; install the data set again"
        )
    return body.reshape(shape)


def _read_once(file: Path) -> NDArray[np.uint8]:
    """`read_idx`, kept for the next run of the same process while the file stays as it is."""
    state = file.stat()
    return _cached(file, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
def _cached(file: Path, _changed: int, _size: int) -> NDArray[np.uint8]:
    return read_idx(file)


def draw(rng: np.random.Generator, *, path: str | None = None) -> Images:
    """The 60 000 training images, 6000 a class, and behind `test` the 10 000 test images.

    path: the folder of the .gz files. Raises InputError when the files are absent or damaged; nothing is ever
    downloaded.
    """
    reason = absence(path)
    if reason is not None:
        raise InputError(reason)
    return _images(folder(path), "train")


def _images(where: Path, part: str) -> Images:
    """`part`: "train" or "t10k"."""
    files = [where / f"{part}-{kind}.gz" for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")]
    for file in files:
        if not file.is_file():
            raise InputError(f"Fashion-MNIST: {file.name} is not in {where}; install the data set again")
    pixels, labels = (_read_once(file) for file in files)
    if pixels.shape != (len(labels), 28, 28) or labels.ndim != 1:
        raise InputError(
            f"{where} holds images of shape {pixels.shape} and labels of shape {labels.shape}; required are "
            "images of 28 x 28 pixels and one label an image"
        )
    images = pixels[:, None]
    return Images(
        images.__getitem__,
        labels.astype(np.int64),
        10,
        (1, 28, 28),
        "Fashion-MNIST (Xiao, Rasul & Vollgraf 2017)",
        (lambda: _images(where, "t10k")) if part == "train" else None,
    )


DATASET = Dataset(
    title="Fashion-MNIST, 28 x 28 pixels",
    draw=draw,
    variants={"fashion-mnist": {"per_class": 150}, "fashion-mnist-padded": {"per_class": 150, "pad_to": 32}},
    tiny={"per_class": 12},
    absence=absence,
)
