# SPDX-License-Identifier: MIT
"""Which runs of a sweep can be had on this machine: data sets that are files are not on every one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulations.sweeps._runs import BATCHED, THREADED
from simulations.sweeps.store import Store, content_key

# Options by which a run says itself where its data are, or that they may be fetched.
_PLACES = {"root", "path", "download"}


@dataclass(frozen=True)
class Availability:
    """What stays of a grid: the runs whose data are here or whose records are stored, in the grid's order.

    absent: how many runs lack each data set that is not here; reasons: what its files are and how to get
    them.
    """

    stays: list[dict[str, Any]]
    absent: Mapping[str, int]
    reasons: Mapping[str, str]

    def __str__(self) -> str:
        """Which data sets are missing, what stays, and how to get the others."""
        count, total = len(self.stays), len(self.stays) + sum(self.absent.values())
        names = dict.fromkeys(config["dataset"] for config in self.stays)
        stays = f"{count} of {total} runs stay ({', '.join(names)})" if count else "no run stays"
        runs = (f"{name} ({number} run{'s' * (number > 1)})" for name, number in self.absent.items())
        lines = [f"{name}: {reason.removeprefix(f'{name}: ')}" for name, reason in self.reasons.items()]
        return "\n  ".join([f"no data on this machine for {', '.join(runs)}; {stays}", *lines])


def availability(configs: Sequence[dict[str, Any]], store: Store) -> Availability:
    """See `Availability`; nothing is loaded, and of the store only the names of files are read."""
    from simulations import datasets

    usual = [not _PLACES & config["dataset_options"].keys() for config in configs]
    named = {config["dataset"] for config, here in zip(configs, usual, strict=True) if here}
    reasons = {name: reason for name in sorted(named) if (reason := datasets.find(name)[0].absence())}
    lacks = [
        here and config["dataset"] in reasons and not _stored(config, store)
        for config, here in zip(configs, usual, strict=True)
    ]
    absent = Counter(config["dataset"] for config, lack in zip(configs, lacks, strict=True) if lack)
    return Availability(
        [config for config, lack in zip(configs, lacks, strict=True) if not lack],
        absent,
        {name: reasons[name] for name in absent},
    )


def _stored(config: Mapping[str, Any], store: Store) -> bool:
    return any(store.path(content_key(config, way)).is_file() for way in (None, BATCHED, THREADED))
