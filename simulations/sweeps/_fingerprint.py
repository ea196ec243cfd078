# SPDX-License-Identifier: MIT
"""What a key states about code and libraries, compared between a driver and its workers.

A worker on another machine may have another version; one on this machine may have been started after a file
was edited. The record of its run would bear the key of code that did not make it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulations.sweeps._runs import BATCHED
from simulations.sweeps.store import code_files, versions

Fingerprint = dict[str, str]


def fingerprint(configs: Sequence[Mapping[str, Any]]) -> Fingerprint:
    """What the keys of these runs state about code and libraries, by file or library."""
    execution = BATCHED if len(configs) > 1 else None
    files = {name: digest for config in configs for name, digest in code_files(config, execution)}
    return versions() | files


def differences(theirs: Fingerprint, ours: Fingerprint) -> str:
    """In words what differs, the empty string if nothing does."""
    found = [name for name in sorted(ours | theirs) if theirs.get(name) != ours.get(name)]
    files = [name for name in found if name.endswith(".py")]
    parts = [f"{name} {theirs.get(name)} (here {ours.get(name)})" for name in found if name not in files]
    if files:
        more = f" and {len(files) - 3} more files" if len(files) > 3 else ""
        parts.append(f"other code in {', '.join(files[:3])}{more}")
    return ", ".join(parts)
