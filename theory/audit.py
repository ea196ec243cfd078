# SPDX-License-Identifier: MIT
"""The exponent audit: how a bound depends on the loss gap, as published, as proved here, and as measured.

``python -m theory.audit [--json]``.  Each row names a dependence, the exponent of Pan & Cao 2023 (theorems
2.1 and 2.2), the exponent of our theorem, and the exponent measured on configurations that attain the worst
case: explicit classifiers and features (``theory.extremal``) whose loss, norms and cosines are computed with
60 digits, at two values of the variable far apart.  No fit to data: the slope between two exact points.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NoReturn

import mpmath as mp

DIGITS = 60
SMALL = ("1e-6", "1e-9")  # where slopes in the gap are taken


@dataclass(frozen=True)
class Row:
    """One dependence of a bound.

    Attributes:
        statement: what is bounded, and in which variable the exponent is taken.
        published, ours: exponents as text, with the numbers in ``published_value`` (None where the
            published constant is unknown) and ``ours_value``.
        measured: slope of the logarithm on the extremal configurations.
        better: "larger" or "smaller", which exponent gives the better bound.
        theorem: registered name of our theorem.
        how: the configurations, in words.
    """

    statement: str
    published: str
    ours: str
    measured: float
    published_value: float | None
    ours_value: float
    better: str
    theorem: str
    how: str


def slope(quantity: Callable[[Any], tuple[Any, Any]], *at: Any) -> float:
    """Slope of log y against log x through the first and last of the points quantity(parameter) = (x, y)."""
    with mp.workdps(DIGITS):
        points = [quantity(mp.mpf(a)) for a in at]
        (x1, y1), (x2, y2) = points[0], points[-1]
        return float(mp.log(y2 / y1) / mp.log(x2 / x1))


def _within_classes() -> list[Row]:
    from theory.extremal import scattered

    def intra_gap(noise: Any) -> tuple[Any, Any]:
        found = scattered(classes=4, margin=4, noise=noise, noisy=4)
        return found.gap, 1 - found.intra[0]

    def intra_share(noisy: Any) -> tuple[Any, Any]:
        """The gap is kept: the noise of k classes is chosen for it."""
        count = int(noisy)
        gap = mp.mpf(10) ** -14
        noise = mp.sqrt(gap / count)
        for _ in range(4):  # the gap is proportional to noise^2 up to a relative error of its own order
            noise *= mp.sqrt(gap / scattered(classes=16, margin=6, noise=noise, noisy=count).gap)
        found = scattered(classes=16, margin=6, noise=noise, noisy=count)
        return mp.mpf(count) / 16, 1 - found.intra[0]

    def intra_margin(margin: Any) -> tuple[Any, Any]:
        found = scattered(classes=4, margin=margin, noise=mp.mpf(10) ** -20, noisy=4)
        return mp.exp(found.margin), found.margin * (1 - found.intra[0]) / found.gap

    noise = "simplex with noise orthogonal to the classifier"
    return [
        Row(
            "1 - intra_c against the loss gap eps",
            "1/2",
            "1",
            slope(intra_gap, *SMALL),
            0.5,
            1.0,
            "larger",
            "intra-class-cosine-per-class",
            f"{noise}, C = 4, T = 4",
        ),
        Row(
            "1 - intra_c against 1/delta, the share of classes left out",
            "1/2",
            "1",
            -slope(intra_share, 1, 8),
            0.5,
            1.0,
            "larger",
            "intra-class-cosine-per-class",
            f"{noise} in 1 and in 8 of 16 classes, the same gap",
        ),
        Row(
            "T (1 - intra_c)/eps against e^T, T = C alpha beta/(C-1)",
            "O(C)",
            "1",
            slope(intra_margin, 30, 40),
            None,
            1.0,
            "smaller",
            "intra-class-cosine-per-class",
            f"{noise}, C = 4, T = 30 and 40; on the published route the exponent is C",
        ),
    ]


def _between_classes() -> list[Row]:
    from theory.extremal import circulant, equiangular

    def inter_gap(step: Any) -> tuple[Any, Any]:
        found = equiangular(classes=4, margin=4, step=step, features=True)
        return found.gap, found.inter_max + mp.mpf(1) / 3

    def weights_gap(step: Any) -> tuple[Any, Any]:
        found = equiangular(classes=4, margin=4, step=step, features=False)
        return found.gap, found.weights_rms

    def inter_share(distances: Any) -> tuple[Any, Any]:
        share = mp.mpf(int(distances)) / 6
        gap = mp.mpf(10) ** -16
        step = mp.sqrt(gap)
        for _ in range(4):
            step *= mp.sqrt(gap / circulant(13, 6, step, int(distances)).gap)
        found = circulant(13, 6, step, int(distances))
        return share / (1 - share), found.inter_max + mp.mpf(1) / 12

    turned = "simplex turned along pairs of classes at equal norms, the cheapest direction"
    return [
        Row(
            "inter + 1/(C-1) against the loss gap eps",
            "1/6",
            "1/2",
            slope(inter_gap, *SMALL),
            1 / 6,
            0.5,
            "larger",
            "inter-class-cosine",
            f"features: {turned}, C = 4, T = 4",
        ),
        Row(
            "inter + 1/(C-1) against (1-delta)/delta, the share of pairs left out",
            "1/6",
            "1/2",
            -slope(inter_share, 1, 4),
            1 / 6,
            0.5,
            "larger",
            "pan-cao-2.1-inter",
            "features: 1/6 and 4/6 of the pairs of 13 classes turned, the same gap",
        ),
        Row(
            "rms of cos(w_c, w_j) + 1/(C-1) against the loss gap eps",
            "none",
            "1/2",
            slope(weights_gap, *SMALL),
            None,
            0.5,
            "larger",
            "equiangular-weights-rms",
            f"classifier: {turned}, C = 4, T = 4",
        ),
    ]


def _weight_decay() -> list[Row]:
    from theory.extremal import decayed

    def gap(share: Any) -> tuple[Any, Any]:
        found = decayed(classes=4, decay=mp.mpf("1e-2"), short=share)
        return found.gap, 1 - found.intra[0]

    def decay(value: Any) -> tuple[Any, Any]:
        found = decayed(classes=4, decay=value, short=mp.mpf(10) ** -15)
        best = mp.log(2 / value - 3)
        return value, best * (1 - found.intra[0]) / found.gap

    def excess(share: Any) -> tuple[Any, Any]:
        found = decayed(classes=4, decay=mp.mpf("1e-2"), short=share)
        return found.gap / found.least, 1 - found.intra[0]

    how = "simplex with orthogonal noise at the norms that the decay prefers, C = 4"
    name = "intra-class-cosine-weight-decay-per-class"
    return [
        Row(
            "1 - intra_c against the regularised loss gap eps",
            "1/2",
            "1",
            slope(gap, "1e-12", "1e-18"),
            0.5,
            1.0,
            "larger",
            name,
            f"{how}, lambda = 1/100",
        ),
        Row(
            "T* (1 - intra_c)/eps against 1/lambda",
            "O(C)",
            "1",
            -slope(decay, "1e-12", "1e-16"),
            None,
            1.0,
            "smaller",
            name,
            f"{how}, lambda = 1e-12 and 1e-16",
        ),
        Row(
            "1 - intra_c against the relative excess eps/m_reg",
            "1/2",
            "1",
            slope(excess, "1e-12", "1e-18"),
            0.5,
            1.0,
            "larger",
            "intra-class-cosine-relative-excess",
            f"{how}, lambda = 1/100; the factor tends to 2 as lambda goes to 0",
        ),
    ]


def rows() -> list[Row]:
    """Every row of the audit, measured now (about a second)."""
    return [*_within_classes(), *_between_classes(), *_weight_decay()]


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help shows the usage)\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Print the audit as a table, or with ``--json`` as one object {"rows": [...]}; returns 0."""
    parser = _Parser(prog="python -m theory.audit", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    args = parser.parse_args(argv)
    found = rows()
    if args.json:
        print(json.dumps({"rows": [asdict(row) for row in found]}, indent=1))
        return 0
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Exponent audit: Pan & Cao 2023, this library, and the attained worst case")
    for heading in ("dependence", "published", "ours", "measured", "theorem", "worst case"):
        table.add_column(heading, justify="right" if heading == "measured" else "left", overflow="fold")
    for row in found:
        table.add_row(row.statement, row.published, row.ours, f"{row.measured:.4f}", row.theorem, row.how)
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
