# SPDX-License-Identifier: MIT
"""The documents as files: LaTeX, BibTeX and HTML, and the PDF where a TeX engine is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from theory.rendering.bibliography import bibtex
from theory.rendering.page import page
from theory.rendering.present import Library
from theory.rendering.tex import document

NAMES = ("theorems.tex", "references.bib", "theorems.html")
ENGINES = ("pdflatex", "lualatex", "xelatex")
LONGEST_RUN = 300


def write(library: Library, folder: Path, say: Callable[[str], None] = lambda _: None) -> list[Path]:
    """Write the documents into ``folder``, which is made if need be, and return their paths.

    The same library gives the same bytes, the PDF included.  Without a TeX engine, or where it fails, there
    is no PDF, and ``say`` is told why.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cited = {key for t in library.theorems for key in t.citations}
    texts = (document(library), bibtex(cited), page(library))
    paths = [folder / name for name in NAMES]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
        say(f"{path} ({len(text):,} characters)")
    target = folder / "theorems.pdf"
    target.unlink(missing_ok=True)
    problem = compile_pdf(folder, target)
    if problem:
        say(f"no PDF: {problem}; {paths[0]} is the document")
        return paths
    say(str(target))
    return [*paths, target]


def compile_pdf(folder: Path, target: Path) -> str:
    """Set ``theorems.tex`` in ``folder``; returns what went wrong, or ""."""
    engine = next((path for path in map(shutil.which, ENGINES) if path), None)
    if engine is None:
        return f"no TeX engine found ({', '.join(ENGINES)})"
    # no clock time in the PDF
    environment = os.environ | {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "TZ": "UTC"}
    run = [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "theorems.tex"]
    commands = [run]
    bibliography = shutil.which("bibtex")
    if bibliography and "\\cite{" in (folder / "theorems.tex").read_text(encoding="utf-8"):
        commands += [[bibliography, "theorems"], run]
    with tempfile.TemporaryDirectory() as place:
        for name in NAMES[:2]:
            shutil.copy(folder / name, place)
        for command in [*commands, run]:
            try:
                done = subprocess.run(
                    command, cwd=place, env=environment, capture_output=True, timeout=LONGEST_RUN, check=False
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                return f"{command[0]} did not finish: {error}"
            if done.returncode:
                words = done.stdout.decode(errors="replace").splitlines()
                told = next((line for line in words if line.startswith("!")), words[-1] if words else "")
                return f"{Path(command[0]).name} failed: {told}"
        shutil.copyfile(Path(place) / "theorems.pdf", target)
    return ""
