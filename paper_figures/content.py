# SPDX-License-Identifier: MIT
"""Content keys (what a result depends on, in one hash) and files that are never half-written."""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def plain(value: Any) -> Any:
    """`value` with NumPy arrays, tuples and paths turned into what JSON knows; numbers unchanged."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, Path):
        return str(value)
    return value


def finite(value: Any) -> Any:
    """Like :func:`plain`, with NaN and infinities as null: strict JSON has no word for them."""
    value = plain(value)
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def key(*parts: Any) -> str:
    """Hexadecimal SHA-256 of `parts`, which must be made of what :func:`plain` and JSON understand."""
    text = json.dumps(plain(parts), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def code(*places: str, without: Iterable[str] = ()) -> str:
    """Hash of the source of every Python file below `places` (files or folders of the project).

    `without` names folders or file-name patterns that do not enter, for example ``"commands"`` or
    ``"fig_*.py"``.
    """
    digest = hashlib.sha256()
    for place in places:
        base = ROOT / place
        for path in sorted(base.rglob("*.py")) if base.is_dir() else [base]:
            relative = path.relative_to(ROOT)
            if any(relative.match(pattern) or pattern in relative.parts for pattern in without):
                continue
            digest.update(f"{relative.as_posix()}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def versions(*packages: str) -> dict[str, str]:
    """Installed versions of `packages`, by distribution name."""
    return {package: metadata.version(package) for package in packages}


def write(path: Path, content: bytes | str) -> None:
    """Write `content` to `path` in one step: a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content.encode() if isinstance(content, str) else content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_json(path: Path) -> Any:
    """The JSON value in `path`, or None if there is no such file or it is not complete."""
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def dumps(value: Any) -> str:
    """JSON text ``{"value": ...}``, floats exact (the shortest form that reads back the same)."""
    return json.dumps({"value": plain(value)})
