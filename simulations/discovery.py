# SPDX-License-Identifier: MIT
"""One file, one object: the discovery shared by losses, solvers, networks, datasets and sweeps.

A package of extensions holds one file per thing, and every such file defines one object under an agreed name
(`LOSS`, `SOLVER`, `NETWORK`, `DATASET`, `SWEEP`). Adding a thing is adding a file: there is no list to edit.
File names that begin with an underscore are helpers, and so are those named in `helpers`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection
from functools import cache
from typing import Any


@cache
def discover(package: str, attribute: str, helpers: tuple[str, ...] = ()) -> dict[str, Any]:
    """Every extension object of a package, by its module's file name.

    `package` is a dotted name, `attribute` the object that each file must define. A file that lacks it raises
    ImportError: a forgotten object must stop the collection loudly, never disappear from it.
    """
    found: dict[str, Any] = {}
    for module_name in module_names(package, helpers):
        module = importlib.import_module(f"{package}.{module_name}")
        if not hasattr(module, attribute):
            raise ImportError(
                f"{package}.{module_name} defines no {attribute}: every file of {package} holds one "
                f"extension under that name (helper files begin with an underscore)"
            )
        found[module_name] = getattr(module, attribute)
    return found


def module_names(package: str, helpers: Collection[str] = ()) -> list[str]:
    """The extension files of a package, sorted, without importing them."""
    paths = importlib.import_module(package).__path__
    names = (info.name for info in pkgutil.iter_modules(paths))
    return sorted(name for name in names if not name.startswith("_") and name not in helpers)


def by_name(kind: str, objects: Collection[Any], name: str) -> Any:
    """The object called `name`; otherwise an InputError that names the nearest known one."""
    from simulations.errors import unknown

    known = {entry.name: entry for entry in objects}
    if name not in known:
        raise unknown(kind, name, sorted(known))
    return known[name]
