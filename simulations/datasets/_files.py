# SPDX-License-Identifier: MIT
"""Image files on disk through torchvision's dataset classes, and what to say when they are not there.

The folder is the argument `root`, else the environment variable NC_DATA, else `data` in the working folder;
inside it torchvision's own layout. Nothing is downloaded unless `download=True` is passed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulations.datasets import Images
from simulations.errors import InputError

VARIABLE = "NC_DATA"
DEFAULT_ROOT = "data"


def data_root(root: str | None = None) -> Path:
    """Where data sets are looked for: the argument, else $NC_DATA, else ./data."""
    return Path(root or os.environ.get(VARIABLE) or DEFAULT_ROOT)


@dataclass(frozen=True)
class TorchvisionImages:
    """A data set that torchvision reads.

    name: ours, for messages. class_name: torchvision's. folder, files: what must lie under the data root.
    split: "train" or "split", the keyword that torchvision's class takes. num_classes, image_shape, source:
    as in `Images`. arrange: torchvision's object -> (images (n, *image_shape) of bytes, labels (n,)).
    prepare_class: what to do with torchvision's class before it is used.
    """

    name: str
    class_name: str
    folder: str
    files: tuple[str, ...]
    split: str
    num_classes: int
    image_shape: tuple[int, int, int]
    source: str
    arrange: Callable[[Any], tuple[Any, Any]]
    prepare_class: Callable[[Any], Any] = lambda found: found

    def absence(self, root: str | None = None) -> str | None:
        """None where all files are there; otherwise which are missing, where they are looked for, and how to
        get them."""
        where = data_root(root) / self.folder
        missing = [file for file in self.files if not (where / file).is_file()]
        if not missing:
            return None
        return (
            f"{self.name}: missing {', '.join(missing)} in {where} (the root is the option root, else the "
            f"environment variable {VARIABLE}, else ./{DEFAULT_ROOT}); get them with "
            f"torchvision.datasets.{self.class_name}({str(data_root(root))!r}, download=True), or load "
            f"{self.name!r} once with the option download = true; nothing is downloaded by itself"
        )

    def images(self, *, root: str | None = None, download: bool = False) -> Images:
        """The training images, with the official test images behind `test`.

        Raises InputError when files are missing or damaged, or when an asked download fails.
        """
        if download:
            self._download(root)
        reason = self.absence(root)
        if reason is not None:
            raise InputError(reason)
        return self._images(root, True)

    def _images(self, root: str | None, train: bool) -> Images:
        where = data_root(root)
        states = tuple((where / self.folder / file).stat() for file in self.files)
        identity = tuple((state.st_mtime_ns, state.st_size) for state in states)
        pixels, labels = _read(self, str(where.resolve()), train, identity)
        return Images(
            lambda indices: np.ascontiguousarray(pixels[indices]),
            labels,
            self.num_classes,
            self.image_shape,
            self.source,
            (lambda: self._images(root, False)) if train else None,
        )

    def _class(self) -> Any:
        import torchvision.datasets

        return self.prepare_class(getattr(torchvision.datasets, self.class_name))

    def _arguments(self, train: bool) -> dict[str, Any]:
        return {"train": train} if self.split == "train" else {"split": "train" if train else "test"}

    def _download(self, root: str | None) -> None:
        try:
            for train in (True, False):
                self._class()(str(data_root(root)), download=True, **self._arguments(train))
        except (RuntimeError, OSError, ValueError, EOFError) as error:
            raise InputError(
                f"{self.name}: the download that was asked for failed ({error}); check the network, or put "
                f"{', '.join(self.files)} into {data_root(root) / self.folder} by hand"
            ) from error

    def read(self, root: str, train: bool) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Pixels (n, *image_shape) and labels (n,) of the training or test files; InputError for damaged
        ones."""
        try:
            found = self._class()(root, download=False, **self._arguments(train))
            pixels, labels = self.arrange(found)
            pixels, labels = np.asarray(pixels), np.asarray(labels).astype(np.int64)
        except Exception as error:  # damaged files make the decoders raise nearly anything
            raise InputError(
                f"{self.name}: {self._damaged(root)} cannot be read ({type(error).__name__}: {error}); the "
                "files are damaged, cut short or not the published ones: delete them and get them again"
            ) from error
        if pixels.dtype != np.uint8 or pixels.shape[1:] != self.image_shape or len(pixels) != len(labels):
            raise InputError(
                f"{self.name}: {Path(root) / self.folder} holds {pixels.dtype} images of shape "
                f"{pixels.shape} and {len(labels)} labels; required are bytes of shape (n, "
                f"{str(self.image_shape)[1:-1]}) and a label an image: the files are not the published ones"
            )
        return pixels, labels

    def _damaged(self, root: str) -> str:
        """The files whose checksum is not torchvision's, or the folder where torchvision states none."""
        from torchvision.datasets.utils import check_integrity

        found = self._class()
        stated = [*getattr(found, "train_list", []), *getattr(found, "test_list", [])]
        stated += [entry[1:] for entry in getattr(found, "split_list", {}).values()]
        where = Path(root) / self.folder
        known = [(file, md5) for file, md5 in stated if file in self.files]
        wrong = [file for file, md5 in known if not check_integrity(str(where / file), md5)]
        return f"{', '.join(wrong)} in {where}" if wrong else f"what lies in {where}"


@lru_cache(maxsize=2)
def _read(
    images: TorchvisionImages, root: str, train: bool, _identity: tuple[tuple[int, int], ...]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """`read`, kept for the next run of the same process while the files stay as they are."""
    return images.read(root, train)
