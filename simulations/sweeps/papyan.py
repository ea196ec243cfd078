# SPDX-License-Identifier: MIT
"""Papyan, Han & Donoho's experiment: VGG, ResNet and DenseNet into the terminal phase, with held-out samples.

Papyan, Han & Donoho 2020 (arXiv:2008.08186): SGD with momentum 0.9, decay 5e-4, learning rate x 0.1 at one
and two thirds of 350 epochs, no augmentation; collapse on the training set, NC4, test accuracy (Table 1: at
the first epoch of zero training error against the last) and DeepFool's robustness (Figure 8) on test samples.
Batch norm is in every network, before the classifier, too ("affine"); the classifier has no bias, which
theirs has.
"""

from __future__ import annotations

from typing import Any

from simulations.configuration import Config
from simulations.sweeps._definition import Sweep, grid

_SMALL: tuple[dict[str, Any], ...] = (
    {"network": "vgg", "depth": 11, "width": 8},
    {"network": "resnet", "depth": 18, "width": 8},
    {"network": "densenet", "depth": 40, "width": 4, "network_options": {"depth_multiplier": 0.25}},
)
# Networks of each data set in the publication; ImageNet is left out, which no loader here can read whole.
_PUBLISHED: dict[str, tuple[tuple[str, int], ...]] = {
    "mnist": (("vgg", 11), ("resnet", 18), ("densenet", 40)),
    "fashion-mnist": (("vgg", 11), ("resnet", 18), ("densenet", 250)),
    "svhn": (("vgg", 13), ("resnet", 34), ("densenet", 40)),
    "cifar10": (("vgg", 13), ("resnet", 18), ("densenet", 40)),
    "cifar100": (("vgg", 13), ("resnet", 50), ("densenet", 250)),
    "stl10": (("vgg", 13), ("resnet", 50), ("densenet", 201)),
}
_PER_CLASS = {"mnist": 5000, "fashion-mnist": 6000, "svhn": 4600}
_WIDTHS = {40: 12, 250: 24, 201: 32}


def _runs(
    network: dict[str, Any], dataset: str, options: dict[str, Any], *, seeds: int, **settings: Any
) -> list[Config]:
    protocol: dict[str, Any] = {
        "optimizer": "sgd",
        "momentum": 0.9,
        "weight_decay": 5e-4,
        "milestones": (1 / 3, 2 / 3),
        "batch_norm": "affine",
        "dataset": dataset,
        "dataset_options": options,
        "dataset_seed": 0,
    }
    return grid({"seed": range(seeds)}, **{**protocol, **network, **settings})


def quick() -> list[Config]:
    """VGG-11 on 500 digits, tested on 719 others, three seeds."""
    return _digits(_SMALL[:1])


def cpu() -> list[Config]:
    """The three architectures, narrow, on 500 digits and on 200 images of Fashion-MNIST, three seeds."""
    return [*_digits(_SMALL), *_fashion(_SMALL)]


def _digits(networks: tuple[dict[str, Any], ...], seeds: int = 3) -> list[Config]:
    settings: dict[str, Any] = {
        "learning_rate": 0.05,
        "epochs": 90,
        "batch_size": 64,
        "measurements": 6,
        "robustness_samples": 100,
    }
    options = {"per_class": 50, "test": 0.4}
    return [run for network in networks for run in _runs(network, "digits", options, seeds=seeds, **settings)]


def _fashion(networks: tuple[dict[str, Any], ...]) -> list[Config]:
    settings: dict[str, Any] = {
        "learning_rate": 0.05,
        "epochs": 60,
        "batch_size": 50,
        "measurements": 4,
        "robustness_samples": 30,
    }
    options = {"per_class": 20, "test": 0.01}
    return [
        run for network in networks for run in _runs(network, "fashion-mnist", options, seeds=3, **settings)
    ]


def paper() -> list[Config]:
    """Six of the seven published data sets with their three networks each, 350 epochs, one seed.

    The authors chose the learning rate of each cell by its final test error; here it is 0.0679 everywhere,
    that of their public notebook.
    """
    runs = []
    for dataset, networks in _PUBLISHED.items():
        options: dict[str, Any] = {"test": True}
        if dataset in _PER_CLASS:
            options["per_class"] = _PER_CLASS[dataset]
        for network, depth in networks:
            runs += _runs(
                {"network": network, "depth": depth, "width": _WIDTHS.get(depth, 64)},
                dataset,
                options,
                seeds=1,
                learning_rate=0.0679,
                epochs=350,
                measurements=50,
                robustness_samples=100,
            )
    return runs


def tiny() -> list[Config]:
    """A very narrow VGG-11 on 120 digits, two seeds, not attacked: the attack is an optional dependency."""
    return _runs(
        {"network": "vgg", "depth": 11, "width": 4},
        "digits",
        {"per_class": 12, "test": 0.2},
        seeds=2,
        learning_rate=0.05,
        epochs=10,
        batch_size=24,
        measurements=2,
    )


SWEEP = Sweep(
    name="papyan",
    title="Papyan, Han & Donoho's experiment",
    presets={"quick": quick, "cpu": cpu, "paper": paper, "tiny": tiny},
)
