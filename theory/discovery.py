# SPDX-License-Identifier: MIT
"""Which theorem files there are, in which order theorems come, and why some cannot take part.

Nothing here imports a theorem, or SymPy: a ledger whose verdicts are all known is printed from this alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol, TypeVar

PACKAGE = "theory.theorems"
HOME = Path(__file__).parent / "theorems"


@dataclass(frozen=True)
class Refusal:
    """A theorem file that takes no part in the library.

    Attributes:
        file: the file, as it is shown to readers.
        name: the theorem's name as far as it could be read, or None.
        step: where in the file it went wrong ("line 12, in prove"), or "" if that has no line.
        reason: what was found and what is required.
    """

    file: str
    name: str | None
    step: str
    reason: str

    def __str__(self) -> str:
        place = f", {self.step}" if self.step else ""
        return f"{self.file}{place}: {self.reason}"

    def to_dict(self) -> dict[str, str | None]:
        """The refusal as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class TheoremFile:
    """A file below ``theory/theorems/``: its module, its path, and its name for readers."""

    module: str
    path: Path
    shown: str


def roots() -> list[Path]:
    """The folders that are searched: ``theory/theorems/``, and what was added to the package's path."""
    import theory.theorems as package

    return [Path(folder) for folder in package.__path__]


def theorem_files() -> list[TheoremFile]:
    """Every Python file below the roots but ``__init__.py``, by module name in alphabetical order.

    Hidden files and folders are left out.  A file is shown as ``theory/theorems/...``, in a root that was
    added later by its full path.
    """
    found: dict[str, TheoremFile] = {}
    for root in roots():
        for path in root.rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            if path.name == "__init__.py" or any(part.startswith((".", "__pycache__")) for part in parts):
                continue
            module = ".".join((PACKAGE, *parts))
            shown = "/".join(("theory", "theorems", *parts)) + ".py" if root == HOME else str(path)
            found.setdefault(module, TheoremFile(module, path, shown))
    return [found[module] for module in sorted(found)]


def path_of(shown: str) -> Path:
    """The path of a theorem file, from the name that readers see."""
    parts = Path(shown).parts
    return HOME.joinpath(*parts[2:]) if parts[:2] == ("theory", "theorems") else Path(shown)


def claimed_name(path: Path) -> str | None:
    """The ``name="..."`` that a theorem file gives its entry, read without running it; None if unclear."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    match = re.search(r"\bEntry\(\s*(?:name\s*=\s*)?[\"']([^\"'\n]+)[\"']", text)
    return match[1] if match else None


def sibling_imports(path: Path) -> list[str]:
    """Other theorem files that a theorem file imports, which it may not: their changes would go unseen."""
    found = []
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.startswith(f"{PACKAGE}.")]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            inside = node.level > 0 or base == PACKAGE or base.startswith(f"{PACKAGE}.")
            found += ["." * node.level + base] if inside else []
            if base == "theory" and any(alias.name == "theorems" for alias in node.names):
                found.append(PACKAGE)
    return found


class Named(Protocol):
    """What the order depends on."""

    @property
    def name(self) -> str: ...
    @property
    def uses(self) -> tuple[str, ...]: ...


N = TypeVar("N", bound=Named)


def arrange(
    entries: Mapping[str, N], refused: Mapping[str, str] | None = None
) -> tuple[dict[str, N], dict[str, str]]:
    """Put theorems in the order of their ``uses``, and say why some cannot be placed.

    Args:
        entries: name -> theorem, in the order in which they were found.
        refused: name -> reason of the theorems that were found and refused before.

    Returns:
        (name -> theorem, each after the ones it uses; name -> reason, for theorems on or behind a circle, or
        that use something refused or unknown).
    """
    refused = dict(refused or {})
    result: dict[str, N] = {}
    reasons: dict[str, str] = {}

    def visit(name: str, path: tuple[str, ...]) -> str | None:
        """Why ``name`` cannot be placed, or None."""
        if name in path:
            circle = path[path.index(name) :]
            words = f"theorems use each other in a circle: {' -> '.join((*circle, name))}"
            reasons.update((other, words) for other in circle if other not in reasons)
            return words
        if name in reasons:
            return reasons[name]
        if name in result:
            return None
        if name in refused and name not in entries:
            return f"was refused: {refused[name]}"
        if name not in entries:
            return "does not exist"
        for other in entries[name].uses:
            why = visit(other, (*path, name))
            if why is not None and name not in reasons:
                link = "which" if why.startswith(("was refused", "does not")) else "which was refused:"
                reasons[name] = f"uses {other!r}, {link} {why}"
        if name in reasons:
            return reasons[name]
        result[name] = entries[name]
        return None

    for name in entries:
        visit(name, ())
    return result, reasons


def closure(name: str, entries: Mapping[str, N]) -> list[N]:
    """The theorem and everything that it builds on, each once; ``entries`` must be free of circles."""
    found: dict[str, N] = {}

    def visit(one: str) -> None:
        if one not in found:
            found[one] = entries[one]
            for other in entries[one].uses:
                visit(other)

    visit(name)
    return list(found.values())


def in_order(names: Iterable[str], entries: Mapping[str, N]) -> list[N]:
    """The chosen theorems in the order of ``entries``, each once."""
    chosen = set(names)
    return [entry for name, entry in entries.items() if name in chosen]
