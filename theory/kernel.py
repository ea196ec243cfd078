# SPDX-License-Identifier: MIT
"""The trusted core: the only code that can make a :class:`Theorem` (in the LCF tradition).

A theorem is a sequent, hypotheses |- conclusion, whose free symbols range over their declared domains and
whose free atoms are arbitrary.  ``apply`` is the only way to make one: it looks the rule up in the fixed
list below, lets it compute a conclusion from genuine premises, and records the step.  Proof scripts,
theorem files and notebooks may be wrong in any way without making a false theorem; what must be believed is
this file, ``expressions.py``, ``symbols.py``, ``language.py``, ``averages.py``, ``normal_form.py``,
``calculus.py``, ``rules/`` and, for steps marked as certified, ``certificates/``.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from sympy import Expr
from sympy.core.function import UndefinedFunction

from theory.expressions import Claim, Exists, Expansion, Relation, is_index
from theory.language import NotAStatement, check_atom, check_claim, check_expression, check_symbol

RULES = (
    "assume",
    "algebra",
    "sign",
    "average",
    "instantiate",
    "cut",
    "cases",
    "congruence",
    "log_tangent",
    "log_product",
    "cauchy_schwarz",
    "s_curve",
    "convex",
    "indicator",
    "limit",
    "taylor",
    "constants",
    "ball",
    "box",
)


class KernelError(ValueError):
    """A step does not follow: the message names the rule, what was given and what it needs."""


@dataclass(frozen=True)
class Inference:
    """What a rule returns: a conclusion, the hypotheses it rests on, and how it was checked."""

    conclusion: Claim
    hypotheses: frozenset[Relation]
    evidence: str
    certified: bool = False


@dataclass(frozen=True)
class Step:
    """One line of a proof: its number, rule, premises (by number), conclusion and evidence."""

    number: int
    rule: str
    premises: tuple[int, ...]
    conclusion: Claim
    evidence: str
    label: str


class Theorem:
    """hypotheses |- conclusion.  Made by :func:`apply` only; immutable; cannot be copied or pickled."""

    __slots__ = ("certified", "conclusion", "evidence", "hypotheses", "label", "premises", "rule")
    hypotheses: frozenset[Relation]
    conclusion: Claim
    rule: str
    premises: tuple[Theorem, ...]
    evidence: str
    certified: bool
    label: str

    def __new__(cls, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("a Theorem is made by a rule: use theory.kernel.apply(rule, *premises, ...)")

    def __init_subclass__(cls, **kwargs: Any) -> NoReturn:
        raise TypeError("Theorem cannot be subclassed")

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"a Theorem is immutable: cannot set {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a Theorem is immutable: cannot delete {name}")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a Theorem cannot be copied or pickled: prove it again")

    @property
    def relation(self) -> Relation:
        """The conclusion, where it is a plain relation.  Raises ``KernelError`` for an existence claim."""
        if not isinstance(self.conclusion, Relation):
            raise KernelError(f"{self.conclusion} is not a plain relation")
        return self.conclusion

    def __str__(self) -> str:
        hyps = ", ".join(sorted(map(str, self.hypotheses)))
        return f"{hyps} |- {self.conclusion}" if hyps else f"|- {self.conclusion}"

    def __repr__(self) -> str:
        return f"<Theorem {self}>"

    def _repr_latex_(self) -> str:
        from theory.rendering.sequents import sequent_latex  # for display only

        shown = sequent_latex(sorted(self.hypotheses, key=str), self.conclusion, sign=r"\vdash")
        return rf"$\displaystyle {shown}$"


_genuine: dict[int, Theorem] = {}


def is_genuine(thing: Any) -> bool:
    """Whether ``thing`` is a theorem that a rule made in this process."""
    return _genuine.get(id(thing)) is thing


def apply(rule: str, *premises: Theorem, label: str = "", **arguments: Any) -> Theorem:
    """Apply one rule of inference.

    Args:
        rule: a name in :data:`RULES`.
        premises: theorems made by earlier calls.
        label: words for the reader of the proof; no logical content.
        arguments: what the rule's ``infer`` documents.

    Raises:
        KernelError: unknown rule, a premise that no rule made, an argument outside the statement language,
            or a step that does not follow.
    """
    if type(rule) is not str or rule not in RULES:
        raise KernelError(f"unknown rule {rule!r}; the rules are {', '.join(RULES)}")
    module = importlib.import_module(f"theory.rules.{rule}")
    try:
        for premise in premises:
            if not is_genuine(premise):
                raise KernelError(f"a premise was not made by a rule: {premise!r}")
        arguments = {name: _admitted(argument) for name, argument in arguments.items()}
        inference: Inference = module.infer(*premises, **arguments)
        check_claim(inference.conclusion)
        for hypothesis in inference.hypotheses:
            check_claim(hypothesis, hypothesis=True)
    except KernelError as error:
        raise KernelError(f"{rule}{f' ({label})' if label else ''}: {error}") from None
    except ValueError as error:
        raise KernelError(f"{rule}{f' ({label})' if label else ''}: {error}") from error
    used = tuple(_theorems_in((premises, arguments)))
    theorem: Theorem = object.__new__(Theorem)  # type: ignore[arg-type]
    for name, value in (
        ("hypotheses", inference.hypotheses),
        ("conclusion", inference.conclusion),
        ("rule", rule),
        ("premises", used),
        ("evidence", inference.evidence),
        ("certified", inference.certified or any(p.certified for p in used)),
        ("label", label),
    ):
        object.__setattr__(theorem, name, value)
    _genuine[id(theorem)] = theorem
    return theorem


def _admitted(thing: Any) -> Any:
    """A plain copy of an argument, with every theorem genuine and every expression in the language."""
    if isinstance(thing, Theorem):
        if not is_genuine(thing):
            raise KernelError(f"a premise was not made by a rule: {thing!r}")
    elif isinstance(thing, Relation):
        check_claim(thing, hypothesis=True)
    elif isinstance(thing, Exists | Expansion):
        check_claim(thing)
    elif isinstance(thing, Expr):
        if is_index(thing):
            check_symbol(thing)
        else:
            check_expression(thing)
    elif isinstance(thing, UndefinedFunction):
        check_atom(thing)
    elif isinstance(thing, tuple | list):
        return tuple(_admitted(item) for item in list(thing))
    elif isinstance(thing, Mapping):
        return {_admitted(key): _admitted(value) for key, value in list(thing.items())}
    elif thing is not None and type(thing) is not int:
        raise NotAStatement(f"{thing!r} of type {type(thing).__name__} is not an argument of a rule")
    return thing


def _theorems_in(thing: Any) -> Iterator[Theorem]:
    if isinstance(thing, Theorem):
        yield thing
    elif isinstance(thing, tuple | list):
        for item in thing:
            yield from _theorems_in(item)
    elif isinstance(thing, dict):
        yield from _theorems_in(list(thing.values()))


def proof(theorem: Theorem) -> list[Step]:
    """The proof as numbered steps, premises before conclusions, each theorem once."""
    numbers: dict[int, int] = {}
    steps: list[Step] = []

    def visit(node: Theorem) -> int:
        if id(node) not in numbers:
            before = tuple(visit(p) for p in node.premises)
            numbers[id(node)] = len(steps) + 1
            steps.append(Step(len(steps) + 1, node.rule, before, node.conclusion, node.evidence, node.label))
        return numbers[id(node)]

    visit(theorem)
    return steps


@dataclass(frozen=True)
class Obligation:
    """What a proof must end in: exactly this conclusion, from no more than these hypotheses."""

    conclusion: Claim
    hypotheses: frozenset[Relation] = field(default_factory=frozenset)

    def met_by(self, theorem: Theorem) -> bool:
        """Whether a genuine theorem states this and assumes nothing else."""
        return (
            is_genuine(theorem)
            and theorem.conclusion == self.conclusion
            and theorem.hypotheses <= self.hypotheses
        )
