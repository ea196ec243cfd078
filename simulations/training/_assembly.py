# SPDX-License-Identifier: MIT
"""What a configuration stands for: the samples, the network, the optimizer and the forward pass of a run."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from simulations import datasets, networks
from simulations.configuration import Config
from simulations.datasets import Samples
from simulations.errors import InputError
from simulations.training._parameters import freeze_gamma, parameter_groups


def load_samples(config: Config) -> Samples:
    """The samples of a run."""
    seed = config.seed if config.dataset_seed is None else config.dataset_seed
    return datasets.load(config.dataset, seed=seed, **config.dataset_options)


def build_network(
    config: Config, samples: Samples, *, device: torch.device, dtype: torch.dtype | None = None
) -> torch.nn.Module:
    """The untrained network of a run; image networks are told the shape of the images.

    Raises InputError for a network that does not fit into memory.
    """
    takes = inspect.signature(networks.get(config.network).build).parameters.get("num_inputs")
    shaped = samples.image_shape is not None and "Sequence" in str(takes)
    try:
        module = networks.build(
            config.network,
            num_inputs=samples.image_shape if shaped else samples.inputs.shape[1],
            num_classes=samples.num_classes,
            depth=config.depth,
            width=config.width,
            batch_norm=config.batch_norm,
            seed=config.seed,
            device=device,
            dtype=dtype,
            options=config.network_options,
        )
    except RuntimeError as error:
        if "memory" not in str(error):  # torch has a class of its own only for that of other devices
            raise
        raise InputError(
            f"depth = {config.depth}, width = {config.width}: network {config.network!r} does not fit into "
            f"the memory of device '{device}'; take a smaller one"
        ) from error
    if config.gamma_norm is not None:
        example = torch.from_numpy(samples.inputs[:2]).to(device=device, dtype=dtype)
        freeze_gamma(module, config.gamma_norm, example=example)
    return module


def optimizer(config: Config, module: torch.nn.Module, example: torch.Tensor) -> torch.optim.Optimizer:
    """The optimizer of a run; example: a small batch of its inputs, on the module's device."""
    groups = parameter_groups(
        module,
        weight_decay=config.weight_decay,
        decay_on=config.decay_on,
        decay_groups=config.decay_groups,
        example=example,
    )
    # The fused CPU and CUDA kernels make their step counters on the parameters' own device.
    fused = example.device.type in ("cpu", "cuda")
    if config.optimizer == "adam":
        return torch.optim.Adam(groups, lr=config.learning_rate, fused=fused)
    return torch.optim.SGD(groups, lr=config.learning_rate, momentum=config.momentum, fused=fused)


def forward_pass(
    config: Config, module: torch.nn.Module, device: torch.device
) -> tuple[Callable[[torch.Tensor], torch.Tensor], AbstractContextManager, Any]:
    """(the forward pass of training, the context it runs in, the loss scaler or None).

    Raises InputError where this machine or device cannot compile, or compute in that precision.
    """
    call: Callable[[torch.Tensor], torch.Tensor] = module
    if config.compile:
        try:
            call = torch.compile(module)
        except RuntimeError as error:
            raise InputError(f"compile = True: {next(iter(str(error).splitlines()), '')}") from error
    if config.precision == "full":
        return call, nullcontext(), None
    if device.type not in ("cpu", "cuda"):
        raise InputError(
            f"precision = {config.precision!r} on device {device.type!r}; mixed precision is for cpu and cuda"
        )
    if config.precision == "bfloat16" and device.type == "cuda" and not torch.cuda.is_bf16_supported():
        raise InputError("precision = 'bfloat16': this GPU computes none; take float16 or full")
    kind = {"bfloat16": torch.bfloat16, "float16": torch.float16}[config.precision]
    scaler = torch.amp.GradScaler(device.type) if config.precision == "float16" else None
    return call, torch.autocast(device.type, dtype=kind), scaler
