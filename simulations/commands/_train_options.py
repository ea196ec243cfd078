# SPDX-License-Identifier: MIT
"""The options of the train command that are choices of the run, and the `Config` that they stand for."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulations import datasets
from simulations.configuration import DECAY_GROUPS, DECAYED, DTYPES, OPTIMIZERS, PRECISIONS, Config
from simulations.discovery import module_names
from simulations.errors import InputError
from simulations.training import protocols

if TYPE_CHECKING:
    from simulations.datasets import Samples

_MLP = {"depth": 3, "width": 128}
_MLP_TRAINING = {"learning_rate": 5e-3, "epochs": 120}
# Other networks: the depth that their file calls tiny, four times its width, and fewer epochs.
_WIDER = 4
_OTHER_TRAINING = {"learning_rate": 1e-3, "epochs": 30}
_BATCH_NORMS = ("none", "affine", "scale-only")


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare every option that is a choice of the run."""

    def add(name: str, **settings: Any) -> None:
        parser.add_argument(name, default=settings.pop("default", None), **settings)

    protocol = "or the protocol's"
    add("--protocol", metavar="NAME", help=f"settings of a paper: {', '.join(protocols.names())}")
    add(
        "--fraction",
        type=float,
        metavar="F",
        help="take this share of the protocol's epochs, same schedule (1)",
    )
    add("--dataset", metavar="NAME", help=f"{', '.join(datasets.names())} (digits)")
    add("--per-class", type=int, metavar="N", help="images of each class, for image data")
    add("--points", type=int, metavar="N", help="points in all, for synthetic data")
    add(
        "--test",
        nargs="?",
        const="true",
        metavar="SHARE",
        help="hold out this share of each class, or without SHARE take the official test set",
    )
    add("--dataset-option", action="append", metavar="K=V", help="further option of the data set; repeatable")
    add("--dataset-seed", type=int, metavar="N", help="seed of the data (that of the run)")
    add("--network", metavar="NAME", help=f"{', '.join(module_names('simulations.networks'))} (mlp)")
    add(
        "--depth",
        type=int,
        help="mlp: linear layers, classifier included (3, with a protocol 4); else the published depth",
    )
    add(
        "--width",
        type=int,
        help="mlp: hidden units of a layer (128, with a protocol 300); else channels of the first stage",
    )
    add("--network-option", action="append", metavar="K=V", help="further option of the network; repeatable")
    add("--batch-norm", choices=_BATCH_NORMS, help="before the classifier (scale-only)")
    add("--gamma-norm", type=float, metavar="X", help="hold the last batch norm's scale at this norm")
    kinds = ", ".join(name.replace("_", "-") for name in module_names("simulations.losses"))
    add("--loss", metavar="NAME", help=f"{kinds} (cross-entropy)")
    add("--loss-option", action="append", metavar="K=V", help="parameter of the loss; repeatable")
    add("--optimizer", choices=OPTIMIZERS, help=f"(adam, {protocol})")
    add("--learning-rate", type=float, metavar="X", help=f"(5e-3 for mlp, 1e-3 for others, {protocol})")
    add("--momentum", type=float, metavar="X", help=f"of sgd (0.9, {protocol})")
    add(
        "--milestones",
        metavar="F,F,...",
        help=f"the rate falls tenfold after these fractions of the epochs (0.25,0.5,0.75, {protocol})",
    )
    add("--weight-decay", type=float, metavar="L", help=f"coupled: L/2 ||.||^2 is added (5e-4, {protocol})")
    add("--decay-on", choices=DECAYED, help="what is decayed: all parameters, or the last layer's (all)")
    add("--decay-group", action="append", metavar="GROUP=X", help=f"own decay of {', '.join(DECAY_GROUPS)}")
    add("--epochs", type=int, metavar="N", help=f"(120 for mlp, 30 for others, {protocol})")
    add(
        "--batch-size",
        type=int,
        metavar="N",
        help=f"most samples of a batch, all of nearly equal size (128, {protocol})",
    )
    add("--measurements", type=int, metavar="N", help=f"about how many (12, {protocol})")
    add(
        "--robustness-samples",
        type=int,
        metavar="N",
        help="attack so many held-out samples by DeepFool at zero training error and at the end (0)",
    )
    add("--seed", type=int, metavar="N", help="of weights, batches and, unless given apart, data (0)")
    add("--dtype", choices=DTYPES, help="of training (float32); measuring is in float64")
    add("--precision", choices=PRECISIONS, help="of the forward pass (full)")
    add("--compile", action="store_true", help="train through torch.compile")


def config(args: argparse.Namespace) -> Config:
    """The run that the options stand for. Raises InputError for a choice that is out of range or unknown."""
    given = {
        name: value
        for name in Config.__dataclass_fields__
        if (value := getattr(args, name, None)) is not None and value is not False
    }
    given |= {
        "dataset_options": _dataset_options(args),
        "network_options": _pairs("--network-option", args.network_option),
        "loss_options": _pairs("--loss-option", args.loss_option),
        "decay_groups": _pairs("--decay-group", args.decay_group),
    }
    if args.milestones is not None:
        given["milestones"] = _fractions(args.milestones)
    sizes, training = _defaults(given.get("network", "mlp"))
    if args.protocol is None:
        if args.fraction is not None:
            raise InputError("--fraction is of a protocol's epochs: give --protocol NAME, or --epochs")
        return Config.from_dict({**sizes, **training, **given})
    protocol = protocols.get(args.protocol)
    shape = {} if given.get("network", "mlp") == "mlp" else sizes
    classes = _samples(given).num_classes if given.get("loss") == "squared-error" else None
    fraction = 1.0 if args.fraction is None else args.fraction
    return protocol.config(fraction=fraction, num_classes=classes, **{**shape, **given})


def _defaults(network: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """(depth and width, learning rate and epochs) for a network that is told nothing else."""
    if network == "mlp":
        return _MLP, _MLP_TRAINING
    from simulations import networks

    tiny = networks.get(network).tiny
    depth, width = tiny.get("depth", _MLP["depth"]), tiny.get("width")
    return {"depth": depth, "width": _MLP["width"] if width is None else _WIDER * width}, _OTHER_TRAINING


def _samples(given: dict[str, Any]) -> Samples:
    from simulations.training.loop import load_samples

    names = ("dataset", "dataset_options", "dataset_seed", "seed")
    return load_samples(Config(**{name: given[name] for name in names if name in given}))


def _dataset_options(args: argparse.Namespace) -> dict[str, Any]:
    options = _pairs("--dataset-option", args.dataset_option)
    options |= {
        name: getattr(args, name) for name in ("per_class", "points") if getattr(args, name) is not None
    }
    return options | ({} if args.test is None else {"test": _value(args.test)})


def _pairs(option: str, given: Sequence[str] | None) -> dict[str, Any]:
    """NAME=VALUE, where a value that reads as JSON (a number, true, a list) is one, and else a word."""
    found: dict[str, Any] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InputError(f"{option} {text!r}: required is NAME=VALUE")
        found[name.strip().replace("-", "_")] = _value(value)
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _fractions(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise InputError(
            f"--milestones {text!r}: required are numbers between 0 and 1, as 0.5,0.75"
        ) from None
