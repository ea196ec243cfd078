# SPDX-License-Identifier: MIT
"""How every theorem of a proof was made: rule, premises and arguments, so that the proof can be replayed.

The kernel keeps premises and conclusions, not arguments.  A recorder stands between proof scripts and
``kernel.apply``: while it listens, the name ``apply`` in ``theory.proving``, ``theory.lemmas`` and the
theorem files is a function that calls the kernel and notes what it was given.  The kernel and its rules are
untouched, and every theorem is made by the kernel itself.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any

from theory import kernel
from theory.entry import Entry
from theory.kernel import Theorem

SCRIPTS = ("theory.proving", "theory.lemmas", "theory.theorems")


@dataclass(frozen=True)
class Call:
    """One application of a rule: ``kernel.apply(rule, *premises, label=label, **arguments)``."""

    rule: str
    premises: tuple[Theorem, ...]
    arguments: Mapping[str, Any]
    label: str

    def theorems(self) -> list[Theorem]:
        """Premises, and theorems among the arguments (``facts``)."""
        return [*self.premises, *(t for a in self.arguments.values() for t in _theorems_in(a))]

    def again(self, change: Mapping[int, Theorem]) -> Theorem:
        """The same step with the theorems whose ``id`` is a key of ``change`` replaced.

        Raises ``KernelError`` where the step does not follow from the replacements.
        """
        premises = [change.get(id(p), p) for p in self.premises]
        arguments = {name: _replaced(a, change) for name, a in self.arguments.items()}
        return kernel.apply(self.rule, *premises, label=self.label, **arguments)


def _theorems_in(thing: Any) -> Iterator[Theorem]:
    if isinstance(thing, Theorem):
        yield thing
    elif isinstance(thing, tuple | list):
        for item in thing:
            yield from _theorems_in(item)


def _replaced(thing: Any, change: Mapping[int, Theorem]) -> Any:
    if isinstance(thing, Theorem):
        return change.get(id(thing), thing)
    if isinstance(thing, tuple | list):
        return [_replaced(item, change) for item in thing]
    return thing


@dataclass
class Recorder:
    """The calls that made the theorems it heard of; one recorder can listen many times.

    ``kept`` keeps these theorems alive, so that their ``id`` stays theirs; ``replayed`` are steps made again.
    """

    calls: dict[int, Call] = field(default_factory=dict)
    kept: list[Theorem] = field(default_factory=list)
    replayed: dict[tuple[Any, ...], Theorem | str] = field(default_factory=dict)

    def call(self, theorem: Theorem) -> Call | None:
        """How ``theorem`` was made, or None if it was made before the recorder listened."""
        return self.calls.get(id(theorem))

    def apply(self, rule: str, *premises: Theorem, label: str = "", **arguments: Any) -> Theorem:
        """``kernel.apply``, and a note of the call."""
        made = kernel.apply(rule, *premises, label=label, **arguments)
        self.calls[id(made)] = Call(rule, premises, arguments, label)
        self.kept.append(made)
        return made

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear every rule that a proof script applies inside the block."""
        before = [(m, m.apply) for m in _scripts() if getattr(m, "apply", None) is kernel.apply]
        for module, _ in before:
            module.apply = self.apply  # type: ignore[attr-defined]
        try:
            yield
        finally:
            for module, original in before:
                module.apply = original  # type: ignore[attr-defined]

    def prove(self, entry: Entry) -> Theorem:
        """The entry's theorem, proved again with the recorder listening.

        Lemmas that were proved before are taken as they are; call :func:`forget` first to hear those too.
        """
        if entry.prove is None:
            raise ValueError(f"{entry.name} has no proof to record")
        if hasattr(entry.prove, "cache_clear"):
            entry.prove.cache_clear()
        with self.listening():
            return entry.prove()


def _scripts() -> list[ModuleType]:
    """The modules of proof scripts that are loaded; lemmas are loaded all, so that none is missed."""
    import theory.lemmas as lemmas

    for module in pkgutil.iter_modules(lemmas.__path__, "theory.lemmas."):
        import_module(module.name)
    return [
        module
        for name, module in list(sys.modules.items())
        if module is not None and any(name == s or name.startswith(f"{s}.") for s in SCRIPTS)
    ]


def forget() -> None:
    """Drop every remembered proof: the caches of lemmas and the theorems of the registry."""
    from theory.registry import theorems

    for entry in theorems().values():
        entry.__dict__.pop("theorem", None)
    for module in _scripts():
        for thing in list(vars(module).values()):
            if hasattr(thing, "cache_clear") and str(getattr(thing, "__module__", "")).startswith(SCRIPTS):
                thing.cache_clear()


def nodes(theorem: Theorem) -> list[Theorem]:
    """Every theorem of the proof, premises before conclusions: the steps 1, 2, ... of ``kernel.proof``."""
    seen: dict[int, Theorem] = {}

    def visit(node: Theorem) -> None:
        if id(node) not in seen:
            for premise in node.premises:
                visit(premise)
            seen[id(node)] = node

    visit(theorem)
    return list(seen.values())
