# SPDX-License-Identifier: MIT
"""The README is true: its commands run, its table is fresh, its links exist, its recipes work."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import theory
from theory.ledger import Row
from theory.render import tables

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LIST = (ROOT / "docs" / "theorems.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
RUN, SHOWN = ("bash", "python", "console"), ("text",)


@dataclass(frozen=True)
class Block:
    language: str
    text: str

    @property
    def commands(self):
        """Shell commands, one a line; lines that begin with $ where output is shown too."""
        lines = self.text.replace("\\\n", " ").splitlines()
        if self.language == "console":
            lines = [line[2:] for line in lines if line.startswith("$ ")]
        return [line for line in lines if line.strip() and not line.startswith("#")]

    @property
    def file(self):
        """The path in the first line's comment, where the block is a whole file."""
        match = re.match(r"# (\S+/\S+\.py)\n", self.text)
        return match and match[1]


def blocks():
    for indent, language, text in FENCE.findall(README):
        yield Block(language, re.sub(f"^{indent}", "", text, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the working tree, so that commands write nothing into the repository."""
    folder = tmp_path_factory.mktemp("readme") / "toolkit"
    folder.mkdir()
    for name in ("theory", "simulations", "paper_figures", "benchmarks", "frozen"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "output"))
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def run(copy):
    """Run a command in the copy with this interpreter; fails with its output unless it succeeds."""
    tools = str(Path(sys.executable).parent)
    environment = os.environ | {
        "PATH": tools + os.pathsep + os.environ["PATH"],
        "PYTHONPATH": str(copy),
        "OMP_NUM_THREADS": "1",
    }

    def command(arguments):
        done = subprocess.run(
            arguments, cwd=copy, env=environment, capture_output=True, text=True, timeout=400, check=False
        )
        assert done.returncode == 0, f"{arguments} exits with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    return command


def test_the_copy_is_what_runs(run, copy):
    where = run([sys.executable, "-c", "import theory, simulations; print(theory.__file__)"])
    assert Path(where.strip()).is_relative_to(copy)


def test_every_block_has_a_known_language():
    languages = {block.language for block in blocks()}
    assert {"bash", "python"} <= languages <= {*RUN, *SHOWN}


def test_every_command_runs(run, copy):
    """In the order of the README, each command as a reader would type it; make's own as described below."""
    for block in blocks():
        if block.language == "python" and block.file is None:
            run([sys.executable, "-c", block.text])
        elif block.language in ("bash", "console"):
            for command in block.commands:
                if command.startswith("make "):
                    run_make(run, command)
                else:
                    run(["bash", "-c", command])
    assert (copy / "net.npz").exists()


def run_make(run, command):
    """The target exists, and what it runs of this project answers; installing and long work are left out."""
    planned = run(["bash", "-c", command.replace("make ", "make -n ", 1)])
    modules = set(re.findall(r"-m (theory|benchmarks|paper_figures|pytest)\b", planned))
    assert modules, f"{command} runs nothing of this project: {planned}"
    for module in modules:
        run([sys.executable, "-m", module, "--help"])
    if "theory" in modules:
        run([sys.executable, "-m", "theory", "cross-entropy-identity"])


def listed_verdicts():
    """Theorem name -> verdict in docs/theorems.md.  That they are true is a contract of every theorem."""
    rows = [line.split(" | ") for line in LIST.splitlines() if line.startswith("| `")]
    return {row[0].strip("| `"): row[2] for row in rows}


def test_list_of_all_theorems_is_fresh():
    verdicts = listed_verdicts()
    rows = [
        Row(e.name, e.kind, verdicts.get(e.name, "?"), "", 0, 0.0, e.source, True, file=e.file)
        for e in theory.theorems().values()
    ]
    assert tables(theory.theorems().values(), rows) == LIST, "python -m theory --table > docs/theorems.md"


def test_table_of_theorems_is_fresh():
    shown = re.search(r"<!-- theorems:begin (.*?) -->\n(.*?)\n<!-- theorems:end -->", README, re.DOTALL)
    assert shown is not None
    rows = [line for line in shown[2].splitlines() if line.startswith("| `")]
    listed = {
        line for line in LIST.splitlines() if any(line.startswith(f"| `{n}` |") for n in shown[1].split())
    }
    assert len(rows) == len(shown[1].split())
    assert set(rows) == listed, (
        "replace what is between the theorems markers by the output of: python -m theory --table NAME ..., "
        "with the names in the first marker"
    )


def test_example_of_output_is_what_the_command_prints(run, copy):
    """The excerpt's theorems, quantities and verdicts, in order. (Its last digits depend on the machine.)"""
    excerpt = next(b.text for b in blocks() if b.text.startswith("Guarantees"))
    printed = run([sys.executable, "-m", "simulations", "measure", "net.npz"])
    printed = printed[printed.index("Guarantees") :]
    assert [words(line) for line in printed.splitlines()] == [words(line) for line in excerpt.splitlines()]


def words(line):
    return [word for word in line.split() if not re.fullmatch(r"[-\d.e(),;=]+", word)]


def test_whole_files_of_the_recipes_work(run, copy):
    """A block that begins with a path is one file; adding it is enough."""
    files = {block.file: block.text for block in blocks() if block.file}
    assert any(path.startswith("theory/theorems/") for path in files)
    for path, text in files.items():
        assert not (ROOT / path).exists()
        (copy / path).write_text(text)
        try:
            name = Path(path).stem.replace("_", "-")
            assert "PROVED" in run([sys.executable, "-m", "theory", name])
        finally:
            (copy / path).unlink()


ONE_FILE = {
    "simulations/losses/doubled.py": """
from simulations.losses.cross_entropy import CrossEntropy
class Doubled(CrossEntropy):
    name = "doubled"
    def torch_form(self, torch, *, logits, labels):
        return 2 * super().torch_form(torch, logits=logits, labels=labels)
LOSS = Doubled()
""",
    "simulations/networks/twin.py": """
from simulations.networks.mlp import MLP
class Twin(MLP):
    name = "twin"
NETWORK = Twin()
""",
    "simulations/datasets/coin.py": """
import numpy as np
from simulations.datasets import Dataset, Samples
def draw(rng, *, points=40):
    labels = np.arange(points) % 2
    return Samples((labels[:, None] + rng.normal(size=(points, 3))).astype(np.float32), labels, 2, "coin")
DATASET = Dataset(title="coin", draw=draw, variants={"coin": {}})
""",
    "simulations/commands/greet.py": '''
"""Say hello."""
def add_arguments(parser): pass
def run(args): return 0
''',
    "paper_figures/fig_line.py": """
from paper_figures.figure import Figure
def data(context): return {"x": [0, 1]}
def draw(axes, data): axes[0, 0].plot(data["x"])
FIGURE = Figure(
    name="line", title="A line", caption="A line.", source="this test", cost="none", data=data, draw=draw
)
""",
}


def test_one_file_is_enough(run, copy):
    """Recipes 2 to 5: the smallest file that the README describes is found and used."""
    for path, text in ONE_FILE.items():
        assert path.split("/")[1] in README or path.startswith("paper_figures/fig_")
        (copy / path).write_text(text)
    try:
        names = ["--dataset", "coin", "--network", "twin", "--loss", "doubled"]
        sizes = ["--epochs", "2", "--width", "4", "--batch-size", "8"]
        run([sys.executable, "-m", "simulations", "train", *names, *sizes])
        run([sys.executable, "-m", "simulations", "greet"])
        assert "A line" in run([sys.executable, "-m", "paper_figures", "--list"])
    finally:
        for path in ONE_FILE:
            (copy / path).unlink()


def test_links_and_pictures_exist():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    local = [link for link in links if not link.startswith("http")]
    for link in local:
        assert (ROOT / link).is_file(), f"the README links to {link}, which does not exist"
    pictures = [link for link in local if link.endswith(".png")]
    assert len(pictures) == 3
    for picture in pictures:
        assert (ROOT / picture).stat().st_size < 200_000


def test_names_in_the_readme_exist():
    """Files, folders and modules that the prose names in backticks."""
    for name in re.findall(r"`((?:theory|simulations|paper_figures|notebooks|docs)/[\w./]*)`", README):
        if name != "paper_figures/output/":
            assert (ROOT / name).exists(), f"the README names {name}, which does not exist"
    for module in re.findall(r"python -m (\w+)", README):
        assert (ROOT / module / "__main__.py").is_file()
    for target in re.findall(r"`make (\w+)", README):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md"])
def test_no_paths_of_a_machine(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(?:home|root|tmp|work|Users|mnt)/", text)
