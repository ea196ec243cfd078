# SPDX-License-Identifier: MIT
"""Discovery: the ``THEOREM`` of every file below ``theory/theorems/``, premises first."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from theory.checker import Row, check
from theory.entry import Entry


class UnknownTheorem(KeyError):
    """No theorem has this name; the message gives the nearest."""

    def __str__(self) -> str:
        return str(self.args[0])


@lru_cache
def theorems() -> Mapping[str, Entry]:
    """The registry: name -> entry, each after the ones it uses.

    Raises:
        ImportError: a theorem file without ``THEOREM``, two with one name, an unknown or circular ``uses``.
    """
    import theory.theorems as package

    found: dict[str, Entry] = {}
    for module in _modules(package.__path__, package.__name__):
        file = f"{module.replace('.', '/')}.py"
        entry = getattr(importlib.import_module(module), "THEOREM", None)
        if not isinstance(entry, Entry):
            raise ImportError(f"{file} has no THEOREM of type Entry")
        if entry.name in found:
            raise ImportError(f"{file}: the name {entry.name!r} is taken")
        found[entry.name] = entry
    return MappingProxyType(ordered(found))


def _modules(path: Iterable[str], prefix: str) -> list[str]:
    """The modules below a package, folder by folder, in alphabetical order."""
    return sorted(m.name for m in pkgutil.walk_packages(path, f"{prefix}.") if not m.ispkg)


def ordered(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Topological order by ``uses``.  Raises ``ImportError`` for an unknown name or a cycle."""
    result: dict[str, Entry] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ImportError(f"theorems use each other in a circle: {' -> '.join((*path, name))}")
        if name not in entries:
            raise ImportError(f"theorem {path[-1]!r} uses {name!r}, which does not exist")
        if name in result:
            return
        for other in entries[name].uses:
            visit(other, (*path, name))
        result[name] = entries[name]

    for name in entries:
        visit(name, ())
    return result


def get(name: str) -> Entry:
    """The theorem called ``name``.  Raises :class:`UnknownTheorem` with the nearest name."""
    registry = theorems()
    if name not in registry:
        near = difflib.get_close_matches(name, registry, n=1, cutoff=0.0)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise UnknownTheorem(f"no theorem is called {name!r}{hint} (python -m theory --list shows all)")
    return registry[name]


def verify(names: Iterable[str] | None = None) -> list[Row]:
    """Check the named theorems (default: all) and return the ledger, one row each."""
    entries = theorems().values() if names is None else [get(name) for name in names]
    return [check(entry) for entry in entries]
