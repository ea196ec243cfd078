# SPDX-License-Identifier: MIT
"""Pan & Cao (2023), synthetic experiments: cosines against weight decay, with and without batch norm."""

from __future__ import annotations

from typing import Any

from paper_figures import cosine_grid, kept, style
from paper_figures.cosine_grid import Column, Row
from paper_figures.figure import Data, Figure

TEACHERS = {"conic-hull": "conic-hull teacher", "mlp3": "3-layer MLP teacher"}
SWEEP = "synthetic"
ROWS = (
    Row("cosine, mean", {"intra": "intra_class_cosine.mean", "inter": "inter_class_cosine.mean"}),
    Row(
        "cosine, worst class",
        {"intra": "intra_class_cosine.min", "inter": "inter_class_cosine.max"},
        words=None,
    ),
)
COLUMNS = tuple(
    Column(f"{words},\n{depth}-layer network", {"dataset": teacher, "depth": depth})
    for teacher, words in TEACHERS.items()
    for depth in (4, 6)
)


def data(context: Any) -> Data:
    """Panels by statistic (rows), teacher and depth (columns); series by last layer and cosine.

    At the preset "quick" the frozen records of the published grid, if there are any; else this build's runs.
    """
    records = context.frozen(SWEEP) if context.preset == "quick" else []
    source = cosine_grid.trained(context, SWEEP) if not records else _published(records)
    return cosine_grid.data(source, ROWS, COLUMNS, SWEEP)


def _published(records: list[Any]) -> cosine_grid.Source:
    mark = kept.mark(records, kept.grid_size(SWEEP, "paper"))
    about = kept.note(SWEEP, records, sweep=SWEEP, preset="paper")
    return cosine_grid.Source(records, "paper", "published scale", mark, about)


FIGURE = Figure(
    name="pan-cao-synthetic",
    title="Neural collapse against weight decay on synthetic teachers",
    caption=(
        "Cosines of centred last-layer features within a class and between classes after training, "
        "against weight decay, with batch norm after the last ReLU and without. Top: mean over classes "
        "(pairs of classes). Bottom: the worst class (pair). Markers are means over seeds, bars one "
        "standard error where there are several. Dotted lines: the values at exact collapse."
    ),
    source="Pan & Cao 2023, arXiv:2309.04644, synthetic experiments (2 x 4 figure)",
    cost=(
        "nothing where frozen records of the published grid are kept; else 64 short training runs, 2 minutes "
        "of processor time; with --preset paper, 168 runs of minutes each"
    ),
    sweeps=(SWEEP,),
    frozen=(SWEEP,),
    data=data,
    draw=cosine_grid.draw,
    grid=cosine_grid.grid,
    width=style.PAGE_WIDTH,
    height=cosine_grid.height,
)
