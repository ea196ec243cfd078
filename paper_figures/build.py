# SPDX-License-Identifier: MIT
"""From a figure's data to its files: PDF, PNG and a sidecar that says where every number came from."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paper_figures import animation, content, style
from paper_figures.context import Context
from paper_figures.figure import Data, Figure

FORMATS = ("pdf", "png")


def formats(figure: Figure) -> tuple[str, ...]:
    """The file types of a figure's pictures."""
    return FORMATS if figure.animation is None else (*FORMATS, "gif")


@dataclass(frozen=True)
class Built:
    """A finished figure: its files and what the report says about it."""

    figure: Figure
    caption: str
    paths: dict[str, Path]
    sidecar: dict[str, Any]
    redrawn: bool


def build(figure: Figure, context: Context, output: Path, verdicts: Mapping[str, Mapping[str, Any]]) -> Built:
    """Draw `figure` into `output` unless the files there already show the same data with the same code.

    Parameters
    ----------
    figure
        The figure to draw.
    context
        Where its data come from.
    output
        Folder of the files ``<name>.pdf``, ``<name>.png``, ``<name>.json``; made if absent.
    verdicts
        Rows by theorem name; the figure's theorems must be among them.
    """
    data = figure.data(context)
    # Sorted, as the sidecar is: what is read back and what is new must print alike.
    ledger = {name: verdicts[name]["verdict"] for name in sorted(figure.theorems)}
    records = _used(figure, context, data)
    description = {
        "name": figure.name,
        "title": figure.title,
        "caption": figure.full_caption(data, ledger),
        "source": figure.source,
        "preset": context.preset,
        "theorems": ledger,
        "records": records,
        "data": content.finite(data),
        "versions": content.versions("matplotlib", "numpy"),
    }
    description["content_key"] = content.key(description, _drawing_code(figure))
    paths = {kind: output / f"{figure.name}.{kind}" for kind in (*formats(figure), "json")}
    previous = content.read_json(paths["json"])
    if previous and _is_current(previous, description["content_key"], paths):
        return Built(figure, description["caption"], paths, previous, redrawn=False)
    drawn = picture(figure, data)
    for kind in formats(figure):
        content.write(paths[kind], drawn[kind])
    sidecar = {**description, "files": {kind: _digest(drawn[kind]) for kind in formats(figure)}}
    # The sidecar goes last: while it is absent or old, the figure counts as not built.
    content.write(paths["json"], json.dumps(sidecar, indent=1, sort_keys=True, allow_nan=False) + "\n")
    return Built(figure, description["caption"], paths, sidecar, redrawn=True)


def _used(figure: Figure, context: Context, data: Data) -> list[dict[str, str]]:
    """Sweep and key of each record that entered `data`, frozen ones after the others."""
    every = [
        {"sweep": sweep, "key": record.key}
        for sweep in (*figure.sweeps, *figure.original)
        if context.trained(sweep)
        for record in context.records(sweep)
    ]
    every += [
        {"sweep": f"frozen/{name}", "key": record.key}
        for name in figure.frozen
        for record in context.frozen(name)
    ]
    if "records" not in data:
        return every
    used = set(data["records"])
    if unknown := used - {row["key"] for row in every}:
        raise ValueError(
            f"figure {figure.name!r} names records of none of its sweeps and frozen files: {unknown}"
        )
    return [row for row in every if row["key"] in used]


def picture(figure: Figure, data: Data, kinds: Sequence[str] | None = None) -> dict[str, bytes]:
    """The bytes of `figure` drawn from `data`, by file type: `kinds`, default all of :func:`formats`.

    The same data give the same bytes.
    """
    files = {}
    width, height = figure.size(data)
    with style.applied(width=width, height=height):
        canvas = figure.render(data)
        canvas.draw_without_rendering()  # lays the panels out, once for all file types
        canvas.set_layout_engine("none")
        for kind in kinds or formats(figure):
            if kind == "gif":
                files[kind] = animation.gif(figure, data)
                continue
            stream = io.BytesIO()
            canvas.savefig(stream, format=kind, metadata=style.METADATA[kind])
            files[kind] = stream.getvalue()
    return files


def _drawing_code(figure: Figure) -> str:
    own = figure.draw.__module__.replace(".", "/") + ".py"
    shared = content.code("paper_figures", without=("fig_*.py", "output"))
    return content.key(shared, content.code(own) if (content.ROOT / own).is_file() else own)


def _is_current(previous: Mapping[str, Any], key: str, paths: Mapping[str, Path]) -> bool:
    if previous.get("content_key") != key:
        return False
    return all(
        path.is_file() and _digest(path.read_bytes()) == previous.get("files", {}).get(kind)
        for kind, path in paths.items()
        if kind != "json"
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
