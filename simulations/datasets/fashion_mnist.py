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

from simulations.datasets import Dataset, Samples
from simulations.datasets._sampling import balanced_subset, standardise
from simulations.errors import InputError

DEFAULT_FOLDER = "/usr/share/datasets/fashion-mnist"
VARIABLE = "FASHION_MNIST"


def folder(path: str | None = None) -> Path:
    """Where the files are looked for: the argument, else the environment variable FASHION_MNIST, else
    Debian's place."""
    return Path(path or os.environ.get(VARIABLE) or DEFAULT_FOLDER)


def absence(path: str | None = None) -> str | None:
    """None where the training images and labels are on this machine; otherwise what is missing and how to get
    it."""
    where = folder(path)
    if all((where / f"train-{kind}.gz").is_file() for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")):
        return None
    return (
        f"Fashion-MNIST is not in {where}: install it (Debian and Ubuntu: apt install "
        f"dataset-fashion-mnist), or put train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz of "
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


@lru_cache(maxsize=2)
def _cached(file: Path, _changed: int, _size: int) -> NDArray[np.uint8]:
    return read_idx(file)


def draw(rng: np.random.Generator, *, per_class: int | None = 150, path: str | None = None) -> Samples:
    """Training images as rows of 784 standardised pixels, ten classes.

    per_class: images of each class, 1 to 6000 (None: all 6000). path: the folder of the .gz files.
    Raises InputError when the files are absent; nothing is ever downloaded.
    """
    where = folder(path)
    reason = absence(path)
    if reason is not None:
        raise InputError(reason)
    labels = _read_once(where / "train-labels-idx1-ubyte.gz").astype(np.int64)
    images = _read_once(where / "train-images-idx3-ubyte.gz")
    if images.ndim != 3 or len(images) != len(labels):
        raise InputError(
            f"{where} holds images of shape {images.shape} and {len(labels)} labels; required is one label "
            "an image"
        )
    chosen = balanced_subset(rng, labels, per_class, "fashion-mnist")
    pixels = images[chosen].reshape(len(chosen), -1)
    return Samples(standardise(pixels), labels[chosen], 10, "Fashion-MNIST (Xiao, Rasul & Vollgraf 2017)")


DATASET = Dataset(
    title="Fashion-MNIST, 28 x 28 pixels",
    draw=draw,
    variants={"fashion-mnist": {}},
    tiny={"per_class": 12},
)
