# SPDX-License-Identifier: MIT
"""ImageNet at 32 x 32 pixels (Chrabaszcz, Loshchilov & Hutter 2017, arXiv:1707.08819), from files on disk.

Two layouts are read, under `imagenet32` of the data root: the published batches (train_data_batch_1, ...,
train_data_batch_10 and val_data, pickled or as .npz, labels 1..1000), or one folder of images a class
(train/<class>/*.png, val/<class>/*.png, classes in the order of their names). Only the images that are drawn
are kept in memory: 100 000 of them take 0.3 GB as bytes and 1.2 GB as float32.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulations.datasets import Dataset, Images
from simulations.datasets._files import DEFAULT_ROOT, VARIABLE, data_root
from simulations.errors import InputError

FOLDER = "imagenet32"
CLASSES = 1000
IMAGE_SHAPE = (3, 32, 32)
_SOURCE = "downsampled ImageNet, 32 x 32 (Chrabaszcz, Loshchilov & Hutter 2017, arXiv:1707.08819)"
_HOW = (
    "register at image-net.org, take 'Downsampled image data (32x32)' from its download page and unpack "
    "train_data_batch_1 ... train_data_batch_10 and val_data there, or make one folder of 32 x 32 images a "
    "class, train/<class>/*.png; the site asks for a registration, so no option downloads it"
)


def absence(root: str | None = None) -> str | None:
    """None where a training batch or a training folder is there; otherwise where it is looked for, and how to
    get it."""
    where = data_root(root) / FOLDER
    if _batches(where, "train_data_batch_*") or (where / "train").is_dir():
        return None
    return (
        f"imagenet32: neither train_data_batch_1 ... train_data_batch_10 nor a folder train is in {where} "
        f"(the root is the option root, else the environment variable {VARIABLE}, else ./{DEFAULT_ROOT}); "
        f"{_HOW}"
    )


def draw(
    rng: np.random.Generator, *, root: str | None = None, num_classes: int = CLASSES, download: bool = False
) -> Images:
    """The 1 281 167 training images, 732 to 1300 a class, and behind `test` the 50 000 validation images.

    root: the folder that holds imagenet32 (else $NC_DATA, else ./data). num_classes: how many classes the
    files hold (fewer for a part of ImageNet in folders). Raises InputError when files are absent or damaged,
    and for download: the site asks for a registration.
    """
    if download:
        raise InputError(f"imagenet32 cannot be downloaded by a program: {_HOW}")
    reason = absence(root)
    if reason is not None:
        raise InputError(reason)
    where = data_root(root) / FOLDER
    if batches := _batches(where, "train_data_batch_*"):
        return _from_batches(batches, where, num_classes)
    return _from_folders(where / "train", where / "val", num_classes)


def _batches(where: Path, pattern: str) -> list[Path]:
    """The published files of that name, pickled or .npz, in the order of their numbers."""
    found = {path.stem if path.suffix == ".npz" else path.name: path for path in where.glob(pattern)}
    return [found[name] for name in sorted(found, key=lambda name: (len(name), name))]


class _OnlyArrays(pickle.Unpickler):
    """Unpickles arrays and plain values, and refuses to call anything else: a pickle can run any program."""

    _ALLOWED = frozenset(
        (module, name)
        for core in ("numpy.core.multiarray", "numpy._core.multiarray")
        for module, name in (
            (core, "_reconstruct"),
            (core, "scalar"),
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
        )
    ) | {("_codecs", "encode"), ("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer")}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in self._ALLOWED:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which a file of images has no use for")


def _read_batch(file: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pixels (n, 3, 32, 32) and labels from 0. Raises InputError for a damaged or foreign file."""
    try:
        if file.suffix == ".npz":
            with np.load(file, allow_pickle=False) as arrays:
                pixels, labels = arrays["data"], arrays["labels"]
        else:
            with open(file, "rb") as stream:
                content = _OnlyArrays(stream, encoding="latin1").load()
            pixels, labels = content["data"], np.asarray(content["labels"])
        pixels = np.asarray(pixels).reshape(-1, *IMAGE_SHAPE)
        labels = np.asarray(labels).astype(np.int64).reshape(-1) - 1
    except Exception as error:  # a cut or foreign file makes the decoders raise nearly anything
        raise InputError(
            f"imagenet32: {file} cannot be read ({type(error).__name__}: {error}); it is damaged, cut short "
            "or not a published batch: get it again"
        ) from error
    if pixels.dtype != np.uint8 or len(pixels) != len(labels):
        raise InputError(
            f"imagenet32: {file} holds {len(pixels)} images of {pixels.dtype} and {len(labels)} labels; "
            "required are bytes and a label an image: get it again"
        )
    return pixels, labels


def _from_batches(files: list[Path], where: Path, num_classes: int, test: bool = False) -> Images:
    parts = [_read_batch(file)[1] for file in files]
    starts = np.cumsum([0, *map(len, parts)])

    def read(indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """A second pass through the files, keeping only the rows that were drawn."""
        result = np.empty((len(indices), *IMAGE_SHAPE), dtype=np.uint8)
        for file, start, stop in zip(files, starts[:-1], starts[1:], strict=True):
            here = (indices >= start) & (indices < stop)
            if here.any():
                result[here] = _read_batch(file)[0][indices[here] - start]
        return result

    def validation() -> Images:
        found = _batches(where, "val_data*")
        if not found:
            raise InputError(f"imagenet32: val_data is not in {where}; {_HOW}")
        return _from_batches(found[:1], where, num_classes, test=True)

    return Images(
        read, np.concatenate(parts), num_classes, IMAGE_SHAPE, _SOURCE, None if test else validation
    )


def _from_folders(train: Path, test: Path | None, num_classes: int) -> Images:
    from torchvision.datasets import ImageFolder

    try:
        found = ImageFolder(str(train))
    except (FileNotFoundError, RuntimeError) as error:
        raise InputError(f"imagenet32: {train} holds no folders of images, one a class ({error})") from error

    def read(indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        result = np.empty((len(indices), *IMAGE_SHAPE), dtype=np.uint8)
        for row, index in enumerate(indices):
            file, _ = found.samples[index]
            try:
                pixels = np.asarray(found.loader(file)).transpose(2, 0, 1)
            except (OSError, SyntaxError, ValueError) as error:
                raise InputError(
                    f"imagenet32: {file} is not a readable image ({error}); get it again"
                ) from error
            if pixels.shape != IMAGE_SHAPE:
                raise InputError(
                    f"imagenet32: {file} has shape {pixels.shape}; required is (3, 32, 32): images are not "
                    "resized here"
                )
            result[row] = pixels
        return result

    def validation() -> Images:
        assert test is not None
        return _from_folders(test, None, num_classes)

    labels = np.asarray(found.targets, dtype=np.int64)
    return Images(read, labels, num_classes, IMAGE_SHAPE, _SOURCE, None if test is None else validation)


DATASET = Dataset(
    title="ImageNet at 32 x 32 pixels; 100 images of each of 1000 classes (Pan & Cao 2023)",
    draw=draw,
    variants={"imagenet32": {"per_class": 100}, "imagenet32-raw": {"balanced": False}},
    tiny={"per_class": 1},
    absence=absence,
)
