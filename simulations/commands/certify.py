# SPDX-License-Identifier: MIT
"""Certify a trained network: which hypotheses it meets, what is guaranteed about it, with proved numbers.

CHECKPOINT is a state_dict saved with torch.save (plain, or under state_dict, model, model_state_dict, ...) or
as .safetensors, for the module that --module makes; or a full checkpoint of `simulations train`, which brings
its module, data set and weight decay along. Nothing in the file is executed.

    python -m simulations certify net.pt --module mine.networks:resnet --data mine.data:training_loader
    python -m simulations certify net.pt --module torchvision.models:resnet18 --module-arg num_classes=10 \\
        --data digits:per_class=50,pad_to=32 --weight-decay 5e-4 --html certificate.html

A guarantee that every network meets is marked: says nothing here.

Exit status: 0 with a certificate, 1 if a proved guarantee is violated, which is an error in the toolkit (the
last layer is then saved for a report), 2 for bad input.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulations.errors import InputError

if TYPE_CHECKING:
    import torch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    add = parser.add_argument
    add("checkpoint", metavar="CHECKPOINT", type=Path, help="weights of a trained network")
    add("--module", metavar="PKG.MOD:NAME", help="factory or class of the network (a torch.nn.Module)")
    add(
        "--module-arg", metavar="K=V", action="append", default=[], help="argument of the factory; repeatable"
    )
    add(
        "--data",
        metavar="SPEC",
        help="data set[:option=value,...], FILE.npz of inputs and labels, or PKG.MOD:NAME of a loader",
    )
    add(
        "--weight-decay",
        type=float,
        metavar="L",
        help="of the training, coupled: L/2 ||.||^2 (that of a full checkpoint)",
    )
    add("--feature-layer", metavar="NAME", help="submodule whose output the classifier multiplies")
    add("--head", metavar="NAME", help="the classifier itself, of a network with several")
    add(
        "--exact-batch-norm",
        action="store_true",
        help="batch norm before the classifier: take statistics of all the data",
    )
    add("--floating-point", action="store_true", help="floats instead of proved numbers (faster)")
    add("--batch-size", type=int, default=256, help="for data that are no loader (%(default)s)")
    add("--device", default="auto", help="cpu, cuda, mps, or auto: the first there is of cuda, mps, cpu")
    add("--json", action="store_true", help="one JSON object on standard output")
    add("--html", metavar="FILE", type=Path, help="write the certificate as one HTML page")
    add(
        "--save-to",
        metavar="DIR",
        type=Path,
        default=Path("violations"),
        help="where the evidence of a violated guarantee goes (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Print the certificate. Raises InputError (bad choices, files), BoundViolation (violated guarantee)."""
    if args.batch_size < 1:
        raise InputError(f"--batch-size {args.batch_size}; at least 1 is required")
    if args.html is not None and not args.html.parent.is_dir():
        raise InputError(f"--html {args.html}: the folder does not exist")
    from simulations.certification import certify
    from simulations.devices import choose

    device = choose(args.device)
    module, loader, decay = _subject(args)
    certificate = certify(
        module.to(device),
        loader,
        weight_decay=decay,
        feature_layer=args.feature_layer,
        head=args.head,
        exact_batch_norm=args.exact_batch_norm,
        rigorous=not args.floating_point,
        save_to=args.save_to,
    )
    if args.html is not None:
        try:
            args.html.write_text(certificate.html(), encoding="utf-8")
        except OSError as error:
            raise InputError(f"--html {args.html}: {error.strerror}") from error
    print(json.dumps(certificate.to_dict(), allow_nan=False) if args.json else certificate, flush=True)
    return 0


def _subject(args: argparse.Namespace) -> tuple[torch.nn.Module, Iterable[Any], float | None]:
    """The trained module, its data, and the weight decay."""
    from simulations.certification import checkpoints, sources

    content = checkpoints.read(args.checkpoint)
    if args.module is None and "config" in content and "state" in content:
        return _own(args)
    for name in ("module", "data"):
        if getattr(args, name) is None:
            raise InputError(
                f"--{name} is required: {args.checkpoint} is no full checkpoint of `simulations train`, "
                "which would say it"
            )
    arguments = sources.options(args.module_arg, what="--module-arg")
    module = sources.module(args.module, arguments)
    module = checkpoints.load(module, checkpoints.weights(content, args.checkpoint), args.checkpoint)
    loader = sources.loader(args.data, module, batch_size=args.batch_size)
    return module, loader, args.weight_decay


def _own(args: argparse.Namespace) -> tuple[torch.nn.Module, Iterable[Any], float | None]:
    """From one of our own checkpoints; --data and --weight-decay replace what it says."""
    import torch

    from simulations.certification import checkpoints, sources
    from simulations.configuration import Config
    from simulations.training import checkpoint
    from simulations.training._assembly import build_network, load_samples

    content = checkpoint.read(args.checkpoint)
    config = Config.from_dict(json.loads(content["config"]))
    samples = load_samples(config)
    module = build_network(config, samples, device=torch.device("cpu"))
    module = checkpoints.load(module, content["state"]["module"], args.checkpoint)
    if args.data is None:
        loader = sources.of_samples(samples, module, batch_size=args.batch_size)
    else:
        loader = sources.loader(args.data, module, batch_size=args.batch_size)
    return module, loader, config.weight_decay if args.weight_decay is None else args.weight_decay
