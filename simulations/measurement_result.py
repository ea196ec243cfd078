# SPDX-License-Identifier: MIT
"""What `measure` returns: values and guarantees, as attributes, plain dictionaries, a text table and HTML."""

import html
from collections.abc import Iterator, Mapping
from typing import Any

from simulations import metrics


class Section(dict):
    """A group of values, such as ``nc1``, readable as ``m.nc1.cdnv`` or ``m.nc1["cdnv"]``."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"no value {name!r} here; there are: {', '.join(self)}") from None


class Measurement:
    """Measured values with what the theory guarantees about them.

    Every value is an attribute under its name (``m.loss_gap``, ``m.nc1.cdnv``) and an item under its dotted
    name (``m["nc1.cdnv"]``); None means undefined for these data (0/0). ``guarantees`` is a list of rows
    {theorem, quantity, direction, measured, bound, delta, holds, unmet}. str() is a plain-text table.
    """

    def __init__(self, values: Mapping[str, Any], guarantees: list[dict]) -> None:
        self.values = dict(values)
        self.guarantees = guarantees

    def to_dict(self) -> dict[str, Any]:
        """Nested plain dictionaries of Python numbers, ready for JSON."""
        return {**nest(self.values, dict), "guarantees": [dict(row) for row in self.guarantees]}

    def __getitem__(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        raise metrics_unknown(name, self.values)

    def __getattr__(self, name: str) -> Any:
        nested = nest(self.__dict__.get("values", {}), Section)
        if name in nested:
            return nested[name]
        raise AttributeError(f"a Measurement has no value {name!r}; it has: {', '.join(nested)}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *nest(self.values, dict)})

    def rows(self) -> Iterator[tuple[str, str, float | None, float | None]]:
        """(family title, name, value, value at exact collapse) of every quantity, in table order."""
        for family in metrics.families().values():
            for quantity in family.quantities:
                collapse = quantity.collapse_value(self.values["num_classes"])
                yield family.title, quantity.name, self.values[quantity.name], collapse

    def __str__(self) -> str:
        return self.table()

    def _metric_lines(self) -> list[str]:
        head = self.values
        lines = [
            f"{head['num_classes']} classes, {head['num_samples']} samples "
            f"({head['samples_per_class_min']} to {head['samples_per_class_max']} a class), "
            f"{head['feature_dim']} features"
        ]
        title = None
        for family, name, value, collapse in self.rows():
            if "regularized_loss" in name and head["weight_decay"] is None:
                continue
            if family != title:
                title = family
                lines += ["", f"{title:<40} {'measured':>12} {'at collapse':>12}"]
            at = "" if collapse is None else format_number(collapse)
            lines.append(f"  {name:<38} {format_number(value):>12} {at:>12}".rstrip())
        return lines

    __repr__ = __str__

    def table(self, *, every: bool = False) -> str:
        """What str() gives, or with ``every`` all guarantees and not just the tightest for each quantity."""
        return "\n".join([*self._metric_lines(), "", *self._guarantee_lines(every)])

    def _guarantee_lines(self, every: bool) -> list[str]:
        if not self.guarantees:
            return ["Guarantees: none registered"]
        chosen = self.guarantees if every else tightest(self.guarantees)
        width = max(len(row["theorem"]) for row in chosen)
        lines = [f"{'Guarantees':<{width}}  {'measured':>12}    {'bound':>12}  holds  quantity"]
        for row in chosen:
            numbers = (
                f"{format_number(row['measured']):>12} {row['direction']} {format_number(row['bound']):>12}"
            )
            holds = {True: "yes", False: "NO", None: "-"}[row["holds"]]
            said = self._remark(row)
            why = f"  ({said})" if said else ""
            lines.append(f"{row['theorem']:<{width}}  {numbers}  {holds:<5}  {row['quantity']}{why}")
        if len(chosen) < len(self.guarantees):
            unmet = sum(row["holds"] is None for row in self.guarantees)
            lines.append(
                f"The tightest of {len(self.guarantees)} guarantees for each quantity ({unmet} with an unmet "
                "hypothesis); table(every=True), or measure --all, shows every one."
            )
        return lines

    def _remark(self, row: Mapping[str, Any]) -> str:
        """Which hypothesis is not met, or that the bound says nothing."""
        if row["unmet"]:
            return f"not met: {'; '.join(row['unmet'])}"
        from simulations.trivial_bounds import judged, remark

        return remark(judged(row, self.values["num_classes"]))

    def _repr_html_(self) -> str:
        cells, title = [], None
        for family, name, value, collapse in self.rows():
            if family != title:
                title = family
                cells.append(_html_row("th", [title, "measured", "at collapse"]))
            at = "" if collapse is None else format_number(collapse)
            cells.append(_html_row("td", [name, format_number(value), at]))
        rows = [_html_row("th", ["guarantee", "quantity", "measured", "", "bound", "holds", "remark"])]
        for row in self.guarantees:
            numbers = [format_number(row["measured"]), row["direction"], format_number(row["bound"])]
            holds = {True: "yes", False: "NO", None: ""}[row["holds"]]
            rows.append(
                _html_row("td", [row["theorem"], row["quantity"], *numbers, holds, self._remark(row)])
            )
        return f"<table>{''.join(cells)}</table><table>{''.join(rows)}</table>"


def tightest(rows: list[dict]) -> list[dict]:
    """For each quantity and direction the applicable row with the sharpest bound, else one that is not met;
    and every row that is violated. In the order in which the quantities come up."""
    best: dict[tuple[str, str], dict] = {}
    for row in rows:
        key = row["quantity"], row["direction"]
        kept = best.get(key)
        if kept is None or (kept["bound"] is None and row["bound"] is not None):
            best[key] = row
        elif row["bound"] is not None and kept["bound"] is not None:
            sharper = (
                row["bound"] < kept["bound"] if row["direction"] == "<=" else row["bound"] > kept["bound"]
            )
            best[key] = row if sharper else kept
    chosen = list(best.values())
    return chosen + [row for row in rows if row["holds"] is False and row not in chosen]


def _html_row(tag: str, cells: list[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def format_number(value: float | None) -> str:
    """Five significant digits; a dash for an undefined value."""
    return "-" if value is None else f"{value:.5g}"


def nest(values: Mapping[str, Any], group: type) -> dict[str, Any]:
    """{"nc1.cdnv": x} to {"nc1": group(cdnv=x)}."""
    result: dict[str, Any] = {}
    for name, value in values.items():
        head, _, tail = name.partition(".")
        if tail:
            result.setdefault(head, group())[tail] = value
        else:
            result[head] = value
    return result


def metrics_unknown(name: str, values: Mapping[str, Any]) -> KeyError:
    """The error for a dotted name that does not exist, naming the nearest."""
    from simulations.errors import unknown

    return KeyError(str(unknown("quantity", name, values)))
