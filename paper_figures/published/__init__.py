# SPDX-License-Identifier: MIT
"""Numbers that others published, as they printed them; each file says whose they are in its first lines."""

from __future__ import annotations

import csv
from pathlib import Path


def table(name: str) -> list[dict[str, str]]:
    """The rows of ``<name>.csv`` in this folder, as the texts that were printed, by column name."""
    lines = (Path(__file__).parent / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def half_unit(printed: str) -> float:
    """Half a unit of the last digit printed: how far the true number may be from a rounded one."""
    decimals = len(printed.partition(".")[2])
    return 0.5 * 10.0**-decimals
