# SPDX-License-Identifier: MIT
"""Pan & Cao (2023), vision experiments: cosines against weight decay in VGG and ResNet."""

from __future__ import annotations

from typing import Any

from paper_figures import cosine_grid, style
from paper_figures.cosine_grid import Column, Row
from paper_figures.figure import Data, Figure

FROZEN = "vision-cpu"
SWEEP = "vision"
DATASETS = {
    "digits": "digits",
    "fashion-mnist": "Fashion-MNIST",
    "mnist-padded": "MNIST",
    "cifar10": "CIFAR-10",
    "cifar100": "CIFAR-100",
    "imagenet32": "ImageNet32",
}
NETWORKS = {("vgg", 11): "VGG-11", ("vgg", 19): "VGG-19", ("resnet", 18): "ResNet-18"}


def data(context: Any) -> Data:
    """Panels by data set (rows) and network (columns); series by last layer and cosine."""
    from simulations import sweeps

    source = cosine_grid.cpu_or_paper(context, SWEEP, ", which needs the data and a GPU")
    datasets = dict.fromkeys(config["dataset"] for config in sweeps.get(SWEEP).configs(source.preset))
    rows = [
        Row(f"{DATASETS[name]}: cosine", wanted={"dataset": name}, words=DATASETS[name]) for name in datasets
    ]
    columns = [
        Column(title, {"network": network, "depth": depth}) for (network, depth), title in NETWORKS.items()
    ]
    return cosine_grid.data(source, rows, columns, SWEEP)


FIGURE = Figure(
    name="pan-cao-vision",
    title="Neural collapse against weight decay in VGG and ResNet",
    caption=(
        "Cosines of centred last-layer features within a class and between classes after training, against "
        "weight decay, in three convolutional networks with batch norm (bias-free before the classifier) "
        "and without any. Lines with markers: mean over classes (pairs of classes), averaged over seeds, "
        "with bars of one standard error where there are several; thin lines, with the tint between: the "
        "worst class (pair). Hollow: a run ended below 99.9 % training accuracy. Dotted: the values at exact "
        "collapse. At CPU scale the networks have an eighth of the channels and see a few hundred images; "
        "layout, optimiser, schedule and range of decays are the published ones."
    ),
    source="Pan & Cao 2023, arXiv:2309.04644, vision experiments (2 x 3 figure)",
    cost=(
        "nothing is trained: frozen records, those of vision-cpu; --preset paper trains 399 networks and "
        "needs a GPU"
    ),
    frozen=(FROZEN,),
    original=(SWEEP,),
    data=data,
    draw=cosine_grid.draw,
    grid=cosine_grid.grid,
    width=style.PAGE_WIDTH,
    height=cosine_grid.height,
)
