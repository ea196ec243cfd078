# SPDX-License-Identifier: MIT
"""Pan & Cao's vision experiment: VGG and ResNet x last-layer batch norm x weight decay x seed.

Pan & Cao 2023 (arXiv:2309.04644) train VGG-11, VGG-19 and ResNet-18 on images of 32x32 pixels. The
preset "paper" is that grid and needs data that are not on every machine, and a GPU. The preset "cpu" keeps
the architectures, the optimizer, the schedule and the range of decays, with an eighth of the channels and a
few hundred images, at a learning rate with which such small networks reach the terminal phase.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulations.configuration import Config
from simulations.sweeps import _pan_cao
from simulations.sweeps._definition import Sweep, grid

DECAYS = (2e-4, 1e-3, 5e-3, 1e-2)
BATCH_NORMS = ("scale-only", "none")


def _small(
    dataset: str, networks: Iterable[tuple[str, int]], *, per_class: int, **settings: Any
) -> list[Config]:
    """Narrow networks on few images; a subset of the images that all runs share."""
    fixed: dict[str, Any] = {
        "dataset": dataset,
        "dataset_options": {"per_class": per_class},
        "dataset_seed": 0,
        "width": 8,
        "learning_rate": 3e-3,
        "epochs": 100,
        "batch_size": 64,
        "measurements": 8,
    }
    return _networks(networks, {**fixed, **settings})


def _networks(networks: Iterable[tuple[str, int]], settings: dict[str, Any]) -> list[Config]:
    fixed = dict(settings)
    axes = {
        "batch_norm": fixed.pop("batch_norms", BATCH_NORMS),
        "weight_decay": fixed.pop("decays", DECAYS),
        "seed": range(fixed.pop("seeds", 2)),
    }
    return [run for network, depth in networks for run in grid(axes, network=network, depth=depth, **fixed)]


def quick() -> list[Config]:
    """VGG-11 on handwritten digits at three decays, one seed."""
    return _small("digits", [("vgg", 11)], per_class=60, decays=(2e-4, 1e-3, 1e-2), seeds=1)


def cpu() -> list[Config]:
    """Three networks on 600 digits, two on 250 images of Fashion-MNIST: about 25 minutes of one core."""
    return [
        *_small("digits", [("vgg", 11), ("vgg", 19), ("resnet", 18)], per_class=60),
        *_small("fashion-mnist", [("vgg", 11), ("resnet", 18)], per_class=25),
    ]


def paper() -> list[Config]:
    """The published networks, data, decays, learning rate and epochs; ImageNet32 with batch norm only."""
    networks = [("vgg", 11), ("vgg", 19), ("resnet", 18)]
    fixed: dict[str, Any] = {
        "width": 64,
        "learning_rate": 1e-4,
        "epochs": 300,
        "measurements": 12,
        "decays": _pan_cao.DECAYS,
    }
    runs = [
        run
        for dataset in ("mnist-padded", "cifar10", "cifar100")
        for run in _networks(networks, {**fixed, "dataset": dataset, "seeds": 3})
    ]
    large = {**fixed, "dataset": "imagenet32", "batch_norms": ("scale-only",), "seeds": 1}
    return runs + _networks(networks, large)


def tiny() -> list[Config]:
    """Two very narrow VGG-11 on 120 digits."""
    return _small(
        "digits",
        [("vgg", 11)],
        per_class=12,
        decays=(1e-3,),
        seeds=1,
        width=4,
        epochs=10,
        batch_size=24,
        measurements=2,
    )


SWEEP = Sweep(
    name="vision",
    title="Pan & Cao's vision experiment",
    presets={"quick": quick, "cpu": cpu, "paper": paper, "tiny": tiny},
)
