# SPDX-License-Identifier: MIT
"""The gallery page: every figure with its caption, and the small pictures that it and the README show."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

from paper_figures import content, discovery
from paper_figures.build import Built

#: Colours of a picture's palette: line art needs few, and the files are a third of the size.
COLOURS = 96
HEAD = """# Gallery

Every figure, as `python -m paper_figures --gallery` built it at the quick preset. Captions are generated:
their numbers come from the data in the JSON file that is written beside each figure, with the verdicts of the
theorems and the keys of the training runs. `python -m paper_figures NAME` builds one figure and only what it
needs.
"""


def write(folder: Path, built: Sequence[Built]) -> Path:
    """Write ``gallery.md`` and ``images/<name>.png`` into `folder`; return the page's path.

    A page that is there keeps its sections on this project's other figures: one can be renewed alone.
    """
    for item in built:
        content.write(folder / "images" / f"{item.figure.name}.png", small(item.paths["png"].read_bytes()))
        if "gif" in item.paths:
            content.write(folder / "images" / f"{item.figure.name}.gif", item.paths["gif"].read_bytes())
    path = folder / "gallery.md"
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    content.write(path, page(built, before))
    return path


def page(built: Sequence[Built], before: str = "") -> str:
    """The gallery as Markdown, with pictures under ``images/``; `before` is the page that is replaced."""
    fresh = {item.figure.name: _section(item) for item in built}
    kept = {name: text for name, text in _sections(before).items() if name in discovery.figures()}
    every = {**kept, **fresh}
    order = [*discovery.figures(), *every]
    return "\n".join([HEAD, *(every[name] for name in dict.fromkeys(order) if name in every)])


def _sections(page: str) -> dict[str, str]:
    """The sections of a gallery page by the name of their figure."""
    parts = [text for text in re.split(r"(?m)^(?=## )", page) if text.startswith("## ")]
    names = [re.search(r"\(images/([a-z0-9-]+)\.png\)", text) for text in parts]
    return {found[1]: text.rstrip("\n") + "\n" for found, text in zip(names, parts, strict=True) if found}


def _section(item: Built) -> str:
    figure = item.figure
    verdicts = [f"`{name}` {verdict}" for name, verdict in item.sidecar["theorems"].items()]
    lines = [
        f"## {figure.title}",
        "",
        f"![{figure.title}](images/{figure.name}.png)",
        "",
        f"*{item.caption.replace('*', chr(92) + '*')}*",
        "",
        f"- `python -m paper_figures {figure.name}`; {figure.cost}",
        f"- Source: {figure.source}",
    ]
    if "gif" in item.paths:
        lines.append(f"- In motion: [images/{figure.name}.gif](images/{figure.name}.gif)")
    if verdicts:
        lines.append(f"- Theorems: {', '.join(verdicts)}")
    if records := item.sidecar["records"]:
        sweeps = dict.fromkeys(row["sweep"] for row in records)
        lines.append(f"- Training runs: {len(records)}, of {', '.join(sweeps)}")
    return "\n".join([*lines, ""])


def small(png: bytes) -> bytes:
    """The picture `png` with a palette of few colours, the same bytes for the same picture."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    reduced = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    stream = io.BytesIO()
    reduced.save(stream, format="PNG", optimize=True)
    return stream.getvalue()
