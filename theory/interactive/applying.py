# SPDX-License-Identifier: MIT
"""From what is written after ``by`` to one application of a rule of the kernel."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr, sympify

from theory import kernel, proving
from theory.averages import EXP, LOG, ROOT, abstract
from theory.expressions import Relation
from theory.kernel import KernelError, Theorem
from theory.normal_form import OutsideLanguage, normal, sign
from theory.rules.common import gap

if TYPE_CHECKING:
    from theory.interactive.step import Step

_NAMES = ("combine", "visible", "average", "instantiate", "cut", "cases", "log_tangent", "tangent")
SHORT: dict[str, Callable[..., Theorem]] = {
    **{name: getattr(proving, name) for name in (*_NAMES, "square_monotone")},
    "algebra": proving.combine,
    "sign": proving.visible,
}
COMBINATION = "algebra"


def apply(step: Step, how: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> Theorem:
    """The theorem that a rule makes of the arguments.

    Raises:
        KernelError: the step does not follow.
        ProofError: the rule, an argument or a premise is not what it must be.
    """
    if how is None:
        return _obvious(step) if not (arguments or options) else _combination(step, (), *arguments, **options)
    if isinstance(how, Mapping | list | tuple):
        return _combination(step, how, *arguments, **options)
    if _names_a_theorem(how):
        step.rule = "restate"
        return _premise(step, how)
    step.rule = how if isinstance(how, str) else getattr(how, "__name__", "")
    rule = _function(step, how)
    if rule is proving.combine:
        return _combination(step, *(arguments or ((),)), **options)
    wants_goal = "goal" in inspect.signature(rule).parameters
    return (
        _call(step, rule, (), options, goal=_claim(step))
        if wants_goal
        else _call(step, rule, arguments, options)
    )


def _names_a_theorem(how: Any) -> bool:
    if isinstance(how, str):
        return how not in SHORT and how not in kernel.RULES
    return isinstance(how, Theorem) or hasattr(how, "made")


def _function(step: Step, how: Any) -> Callable[..., Theorem]:
    """The rule as a function of premises and arguments."""
    if isinstance(how, str):
        return SHORT[how] if how in SHORT else _kernel_rule(how)
    if not callable(how):
        raise _error(step, f"after by comes a rule, premises or a step, not {how!r}")
    return how  # type: ignore[no-any-return]


def _kernel_rule(name: str) -> Callable[..., Theorem]:
    """A rule of the kernel, with the signature of its ``infer`` and a label."""

    def rule(*premises: Theorem, **arguments: Any) -> Theorem:
        return kernel.apply(name, *premises, **arguments)

    infer = inspect.signature(import_module(f"theory.rules.{name}").infer)
    label = inspect.Parameter("label", inspect.Parameter.KEYWORD_ONLY, default="")
    rule.__signature__ = infer.replace(parameters=[*infer.parameters.values(), label])  # type: ignore[attr-defined]
    return rule


def _call(
    step: Step, rule: Callable[..., Theorem], arguments: Sequence[Any], options: Any, **more: Any
) -> Theorem:
    arguments = [_resolved(step, a) for a in arguments]
    options = {**{key: _resolved(step, value) for key, value in options.items()}, **more}
    try:
        signature = inspect.signature(rule)
        if "label" in signature.parameters:
            options = {"label": step.label, **options}
        signature.bind(*arguments, **options)
    except TypeError as error:
        raise _error(step, f"{step.rule}({_shape(signature)}): {error}") from None
    made = rule(*arguments, **options)
    if not kernel.is_genuine(made):
        raise _error(step, f"{step.rule} returned {made!r}, which is not a theorem")
    return made


def _shape(signature: inspect.Signature) -> str:
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    return str(inspect.Signature(bare))[1:-1]


def _obvious(step: Step) -> Theorem:
    """What can be read off: a sign, or an identity."""
    step.rule = "sign"
    if _claim(step).op != "==":
        with suppress(KernelError):
            return _call(step, proving.visible, (), {}, goal=_claim(step))
    return _combination(step, ())


def _combination(step: Step, pairs: Any, *arguments: Any, **options: Any) -> Theorem:
    """The claim as a linear combination; where that fails, what is left over is kept with the step."""
    step.rule = COMBINATION
    goal, pairs = _claim(step), _resolved(step, pairs)
    if isinstance(pairs, Theorem):
        pairs = {pairs: 1}
    try:
        return _call(step, proving.combine, (goal, pairs, *arguments), options)
    except KernelError as error:
        if "left over" not in str(error):
            raise
        rest = step.left_over = left_over(goal, pairs, options.get("slack", 0))
        if rest is not None and goal.op != "==" and sign(rest) in ("+", "0+"):
            raise KernelError("what is left over is visibly nonnegative: give it as slack=") from None
        raise KernelError("the claim is not this combination of its premises") from None


def left_over(goal: Relation, pairs: Any, slack: Any) -> Expr | None:
    """gap(goal) - sum of coefficient x gap(premise) - slack, expanded; None if it has no normal form."""
    listed = pairs.items() if isinstance(pairs, Mapping) else pairs
    rest = gap(goal) - sympify(slack) - sum(a * gap(t.conclusion) for t, a in listed)
    try:
        generic, back = abstract(normal(rest))
    except OutsideLanguage:
        return None
    tidy = sympy.factor_terms(sympy.expand(sympy.cancel(generic)))
    return tidy.xreplace(back).replace(_is_opaque, _written_out)


def _is_opaque(expr: Expr) -> bool:
    return expr.func in (EXP, LOG, ROOT)


def _written_out(expr: Expr) -> Expr:
    """exp, log and powers in the place of the generators of the normal form."""
    write: dict[Any, Any] = {EXP: sympy.exp, LOG: sympy.log, ROOT: sympy.Pow}
    return write[expr.func](*expr.args)


def _claim(step: Step) -> Relation:
    if not isinstance(step.relation, Relation):
        raise _error(step, f"{step.rule} proves a claim, so state one: proof.claim(...).by(...)")
    return step.relation


def _premise(step: Step, thing: Any) -> Theorem:
    """The theorem of a step, of a registered name, or itself; noted among the premises of ``step``."""
    if isinstance(thing, str):
        try:
            made, name = proving.theorem(thing), thing
        except KeyError as error:
            rules = ", ".join(dict.fromkeys((*SHORT, *kernel.RULES)))
            raise _error(step, f"{thing!r} is neither a rule ({rules}) nor a theorem: {error}") from None
    elif isinstance(thing, Theorem):
        own = [str(s.number) for s in step.proof.steps if s.made is thing]
        made, name = thing, own[0] if own else thing.label or thing.rule
    else:
        if thing.made is None:
            raise _error(step, f"{thing.name} is {thing.verdict}, so nothing can be built on it")
        made, name = thing.made, str(thing.number) if thing.proof is step.proof else thing.name
    if not any(kept is made for kept, _ in step.used):
        step.used.append((made, name))
    return made


def _resolved(step: Step, thing: Any) -> Any:
    """``thing`` with theorems for the steps in it, and for registered names that are keys."""
    if isinstance(thing, Theorem) or hasattr(thing, "made"):
        return _premise(step, thing)
    if isinstance(thing, Mapping):
        named = {k: _premise(step, k) if isinstance(k, str) else _resolved(step, k) for k in thing}
        return {named[k]: _resolved(step, v) for k, v in thing.items()}
    if isinstance(thing, tuple | list):
        return tuple(_resolved(step, item) for item in thing)
    return thing


def plain(step: Step, message: str) -> str:
    """The kernel's message without the rule and the label, which the row shows anyway."""
    for lead in (f"{step.rule} ({step.label}): ", f"{step.rule}: "):
        message = message.removeprefix(lead)
    return message


def _error(step: Step, message: str) -> ValueError:
    from theory.interactive.step import ProofError

    return ProofError(f"{step.name}: {message}")
