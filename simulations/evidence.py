# SPDX-License-Identifier: MIT
"""Evidence of a violated bound, saved before anything else happens."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from simulations.metrics._arrays import to_numpy


def save_evidence(
    path: Path, *, values: Mapping[str, Any], rows: list[dict], arrays: Mapping[str, Any]
) -> None:
    """Write arrays, measured numbers and offending rows to one .npz: completely or not at all.

    values: numbers by dotted name; rows: stored as JSON text under ``violations``; arrays: NumPy arrays or
    torch tensors by name, None left out. The folder is created if needed.
    """
    numbers = {
        name: np.float64(value)
        for name, value in values.items()
        if isinstance(value, int | float) and name not in arrays
    }
    content = {name: to_numpy(array) for name, array in arrays.items() if array is not None}
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **content, **numbers, violations=np.array(json.dumps(rows)))  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
