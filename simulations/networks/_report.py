# SPDX-License-Identifier: MIT
"""From what an inspection found to rows: which hypothesis is met, why, and which theorems need it.

Conditions that speak of the classifier alone (its bias, its size, its weights) are taken from the registered
theorems and evaluated, so that a new theorem appears here by itself. What only a batch norm can give - mean
zero and E||h||^2 = ||gamma||^2 - is read from the layers. Hypotheses on losses and decays are no matter of
the module; `simulations.certify` checks them on data.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulations.networks._inspection import Hypotheses

LINEAR_HEAD = "the module's output is W h + b of a linear layer"
DIRECT_NORM = "what the classifier multiplies is the output of a batch norm"
NORM_WITHOUT_BIAS = "the last-layer batch norm has no bias"
TRAINABLE_SCALE = "the last-layer batch norm has a trainable scale gamma"
DATA_STATISTICS = "in evaluation the last-layer batch norm uses mean and variance of the data"
POSITIVE_EPSILON = "the last-layer batch norm has a variance epsilon > 0"
NO_BATCH_NORM = "no batch norm anywhere in the network"

# The statements about a batch norm itself; further ones are found by the values that they are made of.
_BATCH_NORM_THEOREMS = ("batch-norm-feature-norm", "pan-cao-2.2-inter", "pan-cao-2.2-intra")


def rows(found: Hypotheses) -> list[dict[str, Any]]:
    """Rows {hypothesis, met, why, theorems}: those that fail first, then the undecided (met None)."""
    import theory

    registry = theory.theorems()
    table = [_linear_head(found, registry)]
    if found.head_weight is not None:
        table += _conditions(found, registry)
    table += _batch_norm(found, registry)
    order = {False: 0, None: 1, True: 2}
    return sorted(table, key=lambda row: (order[row["met"]], -len(row["theorems"])))


def text(table: list[dict[str, Any]]) -> str:
    """The rows as plain text, two lines each."""
    words = {True: "yes", False: "NO", None: "open"}
    lines = []
    for row in table:
        lines.append(f"{words[row['met']]:<5} {row['hypothesis']}  ({len(row['theorems'])} theorems need it)")
        lines.append(f"      {row['why']}")
    return "\n".join(lines)


def _row(hypothesis: str, met: bool | None, why: str, theorems: list[str]) -> dict[str, Any]:
    return {"hypothesis": hypothesis, "met": met, "why": why, "theorems": theorems}


def _linear_head(found: Hypotheses, registry: Any) -> dict[str, Any]:
    needed = [entry.name for entry in registry.values() if entry.measurable is not None]
    if found.head_weight is None:
        return _row(LINEAR_HEAD, False, "; ".join(found.notes), needed)
    classes, dimension = found.head_weight.shape
    name = f" of {found.head_name}" if found.head_name else ""
    return _row(LINEAR_HEAD, True, f"the weight{name} takes {dimension} features to {classes} logits", needed)


def _head_values(found: Hypotheses) -> dict[str, float]:
    """The values of `theory.evaluation.VALUES` that the classifier alone determines; without storage, its
    sizes."""
    weight = found.head_weight
    assert weight is not None
    values = {"C": float(weight.shape[0]), "dimension": float(weight.shape[1]), "bias_norm": 0.0}
    if found.head_bias is not None:
        bias = found.head_bias.detach().double()
        values["bias_norm"] = math.nan if bias.device.type == "meta" else float(bias.std(correction=0))
    if weight.device.type == "meta":
        return values
    w = weight.detach().double()
    values["weight_frobenius"] = float(w.norm())
    values["beta"] = float((w - w.mean(dim=0)).norm() / w.shape[0] ** 0.5)
    return values


def _conditions(found: Hypotheses, registry: Any) -> list[dict[str, Any]]:
    """The registered conditions that the classifier decides."""
    from theory.evaluation import number

    values = _head_values(found)
    table: dict[str, dict[str, Any]] = {}
    for entry in registry.values():
        for condition in entry.hypotheses:
            if not condition.inputs or not condition.inputs <= values.keys():
                continue
            if condition.text not in table:
                left, right = number(condition.lhs, values), number(condition.rhs, values)
                met = bool(left < right if condition.strict else left <= right)
                why = ", ".join(f"{name} = {values[name]:.6g}" for name in sorted(condition.inputs))
                if condition.inputs == {"bias_norm"}:
                    met, why = _head_bias(found, met, why)
                table[condition.text] = _row(condition.text, met, why, [])
            table[condition.text]["theorems"].append(entry.name)
    return list(table.values())


def _head_bias(found: Hypotheses, met: bool, why: str) -> tuple[bool, str]:
    """A bias that can be trained is a bias, even while its entries are equal."""
    if found.head_bias is None:
        return True, "the classifier has no bias"
    name = f"{found.head_name}.bias" if found.head_name else "the classifier's bias"
    if not met:
        return False, f"{name} exists, {why}"
    if found.head_bias.requires_grad:
        return False, f"{name} exists and is trainable (its entries are equal at present)"
    return True, f"{name} exists, but its entries are equal and frozen"


def _batch_norm(found: Hypotheses, registry: Any) -> list[dict[str, Any]]:
    """Rows on the batch norm before the classifier, on what follows from it, and on batch norms elsewhere."""
    needed = _batch_norm_theorems(registry)
    name = found.norm_name or "a batch norm"
    direct = found.last_layer_batch_norm != "none"
    absent = "there is no last-layer batch norm"
    table = [_row(DIRECT_NORM, direct, _where(found, name), needed)]
    if direct:
        free, why = _norm_bias(found, name)
        table.append(_row(NORM_WITHOUT_BIAS, free, why, needed))
        table.append(_row(TRAINABLE_SCALE, *_scale(found, name), needed))
        table.append(_row(DATA_STATISTICS, *_statistics(found, name), needed))
        eps = found.eps or 0.0
        shown = f"{name}: epsilon = {eps:g}; the feature norm falls short of ||gamma|| by it"
        if eps <= 0:
            shown = f"{name}: epsilon = {eps:g}; a constant feature would be divided by zero"
        table.append(_row(POSITIVE_EPSILON, eps > 0, shown, ["batch-norm-feature-norm"]))
    else:
        for hypothesis in (NORM_WITHOUT_BIAS, TRAINABLE_SCALE, DATA_STATISTICS):
            table.append(_row(hypothesis, False, absent, needed))
    table += _centred(found, registry)
    count = len(found.batch_norms)
    runs = f"{count} batch norms run: {', '.join(found.batch_norms[:3])}{', ...' if count > 3 else ''}"
    table.append(_row(NO_BATCH_NORM, count == 0, runs if count else "no batch norm runs", []))
    return table


def _batch_norm_theorems(registry: Any) -> list[str]:
    """The statements about a batch norm, and all whose values are defined with its scale gamma."""
    from theory.evaluation import VALUES

    made_of = {name for name, meaning in VALUES.items() if "||gamma||" in meaning}
    names = {name for name in _BATCH_NORM_THEOREMS if name in registry}
    for entry in registry.values():
        number = entry.measurable or entry.formula
        if number is not None and made_of & set(number.inputs):
            names.add(entry.name)
    return sorted(names)


def _where(found: Hypotheses, name: str) -> str:
    made = [function for function in found.features_from if function != "batch_norm"]
    if found.last_layer_batch_norm != "none":
        if any("dropout" in function for function in made):
            return f"{name} feeds the classifier in evaluation; in training, dropout stands between them"
        return f"{name} feeds the classifier"
    if found.head_weight is None:
        return "there is no classifier to feed"
    source = f"it is the result of {made[-1]}" if made else "it is the module's own input"
    if not found.batch_norms:
        return f"{source}, and no batch norm runs"
    return f"{source}; batch norms run only elsewhere, the last one is {found.batch_norms[-1]}"


def _norm_bias(found: Hypotheses, name: str) -> tuple[bool, str]:
    if found.norm_bias is None:
        return True, f"{name} has no bias"
    if found.norm_bias.device.type == "meta" or bool(found.norm_bias.detach().any()):
        return False, f"{name}.bias exists, and features have this mean"
    if found.norm_bias.requires_grad:
        return False, f"{name}.bias exists and is trainable (it is zero at present)"
    return True, f"{name}.bias exists, but is zero and frozen"


def _scale(found: Hypotheses, name: str) -> tuple[bool, str]:
    if found.gamma is None:
        return False, f"{name} has no scale: ||gamma|| = sqrt(d) = {found.gamma_norm:.6g} for ever"
    if not found.gamma.requires_grad:
        return False, f"{name}.weight is frozen at ||gamma|| = {found.gamma_norm:.6g}"
    return True, f"{name}.weight is trainable, ||gamma|| = {found.gamma_norm:.6g}"


def _statistics(found: Hypotheses, name: str) -> tuple[bool | None, str]:
    if found.running_statistics:
        return None, (
            f"{name} keeps running statistics: exact after one pass over the data that recomputes them "
            "(certify(..., exact_batch_norm=True)), moving averages otherwise"
        )
    return (
        None,
        f"{name} keeps no running statistics: those of each batch, exact if one batch is all the data",
    )


def _centred(found: Hypotheses, registry: Any) -> list[dict[str, Any]]:
    """The registered condition that features have mean zero."""
    table: dict[str, dict[str, Any]] = {}
    for entry in registry.values():
        for condition in entry.hypotheses:
            if condition.inputs == {"mean_norm"} and "mean zero" in condition.text:
                table.setdefault(condition.text, _row(condition.text, *_mean_zero(found), []))
                table[condition.text]["theorems"].append(entry.name)
    return list(table.values())


def _mean_zero(found: Hypotheses) -> tuple[bool | None, str]:
    if found.last_layer_batch_norm == "none":
        return None, "no batch norm makes it so; only a measurement can tell"
    if not _norm_bias(found, "")[0]:
        return False, "the mean of the features is the batch norm's bias"
    return None, "the bias-free batch norm makes it so as soon as its statistics are those of the data"
