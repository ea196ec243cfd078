# SPDX-License-Identifier: MIT
"""Papyan, Han & Donoho's measures, and their experiment by cells: one architecture on one data set, all
seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from paper_figures import kept, runs
from paper_figures.context import Context

SWEEP, PRESET = "papyan", "cpu"
#: Name of the records kept in the repository.
FROZEN = f"{SWEEP}-{PRESET}"
#: Number of a published figure -> its label, logarithmic or not, and what it draws of a measurement: (look,
#: dotted quantity). The standard deviation of Figure 2 divides by C - 1, as the authors' notebook does.
MEASURES: dict[int, tuple[str, bool, tuple[tuple[str, str], ...]]] = {
    2: (
        "std / mean\nof norms",
        False,
        (("class-means", "nc2.equinorm_means_unbiased"), ("classifier", "nc2.equinorm_weights_unbiased")),
    ),
    3: (
        "std of\ncosines",
        False,
        (("class-means", "nc2.equiangular_means"), ("classifier", "nc2.equiangular_weights")),
    ),
    4: (
        "mean of\n|cos + 1/(C−1)|",
        False,
        (("class-means", "nc2.max_angle_means"), ("classifier", "nc2.max_angle_weights")),
    ),
    5: ("self-duality\n‖W/‖W‖ − M/‖M‖‖²", False, (("measured", "nc3.self_duality"),)),
    6: ("Tr($\\Sigma_W\\Sigma_B^+$)/C", True, (("measured", "nc1.pinv_trace"),)),
}
#: Event of the row that a run measures at its first epoch without an error on the training set.
ZERO_ERROR = "zero-error"
#: Names as they are printed; of a network the depth follows.
NETWORKS = {"vgg": "VGG", "resnet": "ResNet", "densenet": "DenseNet"}
DATASETS = {
    "digits": "digits",
    "mnist": "MNIST",
    "fashion-mnist": "Fashion-MNIST",
    "svhn": "SVHN",
    "cifar10": "CIFAR-10",
    "cifar100": "CIFAR-100",
    "stl10": "STL-10",
}


@dataclass(frozen=True)
class Cell:
    """One architecture on one data set: its names in print, its records, and how many there should be."""

    dataset: str
    network: str
    records: list[Any]
    expected: int


def cells(context: Context) -> list[Cell]:
    """The cells of the grid, data set by data set, architectures in the publication's order.

    At the preset "paper" those of the runs that were trained, if any were; else those of the records kept in
    the repository. Cells without a run are there, with no records.
    """
    from simulations import sweeps

    found, preset = _records(context)
    grid: dict[tuple[str, str], int] = {}
    for config in sweeps.get(SWEEP).configs(preset):
        grid[_names(config)] = grid.get(_names(config), 0) + 1
    every = [
        Cell(*names, [record for record in found if _names(record.config) == names], expected)
        for names, expected in grid.items()
    ]
    order = [names[0] for names in grid]
    return sorted(every, key=lambda cell: order.index(cell.dataset))


def note(context: Context) -> str:
    """Where the runs come from, when and where they were made, which are missing, what makes those."""
    found, preset = _records(context)
    if preset != PRESET:
        return runs.describe(found)
    short = [cell for cell in cells(context) if len(cell.records) < cell.expected]
    text = kept.note(FROZEN, found, sweep=SWEEP, preset=PRESET)
    if found and short:
        listed = ", ".join(f"{cell.network} on {cell.dataset}" for cell in short)
        text += f" Missing or not complete: {listed}."
    return text


def value(row: Any, quantity: str) -> float | None:
    """The dotted `quantity` of a row of a history, such as "test.accuracy"; None where the row lacks it."""
    for part in quantity.split("."):
        row = row.get(part) if row is not None else None
    return None if row is None else float(row)


def at_zero_error(record: Any) -> dict[str, Any] | None:
    """The row measured at the first epoch without an error on the training set; None if there was none."""
    return next((row for row in record.history if row.get("event") == ZERO_ERROR), None)


def _records(context: Context) -> tuple[list[Any], str]:
    """The records to show, and the preset whose grid they belong to."""
    if context.trained(SWEEP):
        return context.records(SWEEP), context.preset
    return context.frozen(FROZEN), PRESET


def _names(config: Any) -> tuple[str, str]:
    """Data set and architecture of a run, as they are printed."""
    network = f"{NETWORKS.get(config['network'], config['network'])}-{config['depth']}"
    return DATASETS.get(config["dataset"], config["dataset"]), network
