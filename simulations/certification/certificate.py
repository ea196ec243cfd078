# SPDX-License-Identifier: MIT
"""Certificate: what `certify` returns, as text, as plain dictionaries, as one HTML page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import TYPE_CHECKING, Any

from simulations.measurement import Measurement, format_number
from simulations.trivial_bounds import remark

if TYPE_CHECKING:
    from simulations.networks._inspection import Hypotheses

_BATCH_NORM = {
    "none": "not directly after a batch norm",
    "scale-only": "directly after a batch norm without bias",
    "affine": "directly after a batch norm with bias",
}


@dataclass(frozen=True, repr=False)
class Certificate:
    """What is guaranteed about one network on one data set; made by `certify`.

    measurement: every measured value (a `Measurement`). structure: what the module is, found by following a
    forward pass (see `simulations.networks.hypotheses`). guarantees: the rows that apply, tightest first
    within each quantity: {theorem, quantity, direction, measured, bound, slack, ratio, kind, verdict,
    arithmetic, interval, width, ...} as from `simulations.certification.rigorous`, with trivial and
    says_nothing as from `simulations.trivial_bounds`. lost: the rows that do not
    apply, with the reasons under ``unmet``. hypotheses: rows {hypothesis, met, found, theorems} over all
    theorems: first those that fail, with the value found and the theorems lost by it; then those that are
    met, with the theorems that need it. str() is a plain-text report, `html` a page.
    """

    measurement: Measurement
    structure: Hypotheses
    guarantees: list[dict]
    lost: list[dict]
    hypotheses: list[dict]

    def best(self, quantity: str, direction: str | None = None) -> dict | None:
        """The tightest guarantee on a measured quantity (dotted name), or None if there is none.

        direction: "<=" or ">=", needed only for a quantity that is bounded from both sides.
        """
        rows = (r for r in self.guarantees if r["quantity"] == quantity)
        return next((r for r in rows if direction in (None, r["direction"])), None)

    def to_dict(self) -> dict[str, Any]:
        """Nested plain dictionaries of Python numbers, ready for JSON."""
        found = self.structure
        structure = {
            "bias_free_head": found.bias_free_head,
            "head": found.head_name,
            "last_layer_batch_norm": found.last_layer_batch_norm,
            "gamma_norm": found.gamma_norm,
            "notes": list(found.notes),
        }
        tables = {"guarantees": self.guarantees, "lost": self.lost, "hypotheses": self.hypotheses}
        return {
            "measurement": self.measurement.to_dict(),
            "structure": structure,
            **{name: [dict(row) for row in rows] for name, rows in tables.items()},
        }

    @property
    def headline(self) -> list[str]:
        """Two or three sentences: the last layer, the data, the arithmetic."""
        m, found = self.measurement, self.structure
        bias = "without bias" if found.bias_free_head else "with bias"
        decay = "not given" if m.weight_decay is None else f"{m.weight_decay:g}"
        name = f" ({found.head_name})" if found.head_name else ""
        lines = [
            f"Last layer{name}: {m.feature_dim} features to {m.num_classes} classes, {bias}, "
            f"{_BATCH_NORM[found.last_layer_batch_norm]}",
            f"Data: {m.num_samples} samples, accuracy {m.accuracy:.4f}, loss {m.loss:.5g} (least for these "
            f"norms: {m.minimum_loss:.5g}), weight decay {decay}",
        ]
        return [*lines, self._arithmetic()]

    def _arithmetic(self) -> str:
        """How many guarantees hold, in which arithmetic, how wide the proved intervals are, what is empty."""
        verdicts = Counter("hold" if row["holds"] else row["verdict"] for row in self.guarantees)
        proved = [row for row in self.guarantees if row["arithmetic"] == "rigorous"]
        counted = ", ".join(f"{n} {verdict}" for verdict, n in verdicts.items()) or "none"
        line = f"Guarantees: {counted}; {len(proved)} of {len(self.guarantees)} in rigorous arithmetic"
        if proved:
            widest = max(max(row["width"], row["measured_width"]) for row in proved)
            line += f", intervals at most {widest:.1g} wide relative to their values"
        if empty := sum(row["says_nothing"] for row in self.guarantees):
            line += f"; {empty} say nothing here, as their bounds are no better than the trivial ones"
        return line

    def __str__(self) -> str:
        wide = max((len(row["hypothesis"]) for row in self.hypotheses), default=10)
        lines = [*self.headline, "", f"{'Hypotheses':<{wide + 2}}  met  theorems"]
        for row in self.hypotheses:
            met, what = ("yes", "need it") if row["met"] else ("NO", "lost by it")
            lines.append(f"  {row['hypothesis']:<{wide}}  {met:<3}  {len(row['theorems'])} {what}")
            if row["found"]:
                lines.append(f"      found: {row['found']}")
        width = max((len(row["theorem"]) for row in self.guarantees), default=10)
        head = f"{'measured':>10}    {'bound':>10} {'slack':>10}  arithmetic"
        lines += ["", f"{'Guarantees':<{width + 2}} {head}"]
        quantity = None
        for row in self.guarantees:
            if row["quantity"] != quantity:
                quantity = row["quantity"]
                lines.append(f" {quantity}{_interval(row)}")
            cells = shown(row)
            lines.append(
                f"  {row['theorem']:<{width}} {cells['measured']:>10} {row['direction']} "
                f"{cells['bound']:>10} {cells['slack']:>10}  {row['arithmetic']}"
                + ("" if row["holds"] else f"  {row['verdict'].upper()}")
            )
            if row["says_nothing"]:
                lines.append(f"      {remark(row)}")
        if self.lost:
            lines += ["", "No guarantee from"]
            lines += [f"  {row['theorem']}: {'; '.join(row['unmet'])}" for row in self.lost]
        return "\n".join(lines)

    __repr__ = __str__

    def html(self) -> str:
        """A page of its own: nothing is loaded from elsewhere; for screens of any width, and for paper."""
        from simulations.certification.page import page

        return page(self)

    def _repr_html_(self) -> str:
        from simulations.certification.page import fragment

        return fragment(self)


def _interval(row: dict[str, Any]) -> str:
    return "" if row["interval"] is None else "  in [{!r}, {!r}]".format(*row["interval"])


def shown(row: dict[str, Any]) -> dict[str, str]:
    """measured, bound and slack of a guarantee with five digits, bound and slack rounded to the safe side."""
    upper = row["direction"] == "<="
    rigorous = row["arithmetic"] == "rigorous"
    return {
        "measured": format_number(row["measured"]),
        "bound": _outward(row["bound"], up=upper) if rigorous else format_number(row["bound"]),
        "slack": _outward(row["slack"], up=False) if rigorous else format_number(row["slack"]),
    }


def _outward(value: float, *, up: bool) -> str:
    """Five significant digits, rounded up or down."""
    context = Context(prec=5, rounding=ROUND_CEILING if up else ROUND_FLOOR)
    return f"{float(context.plus(Decimal(value))):.5g}"
