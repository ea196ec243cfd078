# SPDX-License-Identifier: MIT
"""``python -m paper_figures``: instant help and list, one-line complaints, exit status 2 for bad usage."""

import json
import subprocess
import sys

import pytest

from paper_figures import __main__ as command


def _run(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "paper_figures", *arguments], capture_output=True, text=True, timeout=60
    )


def test_list_and_help_import_nothing_heavy():
    script = (
        "import sys, paper_figures.__main__ as m\n"
        "m.main(['--list'])\n"
        "heavy = {'torch', 'matplotlib', 'cvxpy', 'sklearn', 'scipy', 'sympy', 'torchmetrics'}\n"
        "heavy &= set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("option", ["--list", "--help"])
def test_list_and_help_answer(option):
    done = _run(option)
    assert done.returncode == 0
    assert done.stdout


def test_list_names_every_figure(capsys):
    assert command.main(["--list", "--json"]) == 0
    names = [figure["name"] for figure in json.loads(capsys.readouterr().out)["figures"]]
    assert "papyan-nc" in names
    assert command.main(["--list"]) == 0
    assert all(name in capsys.readouterr().out for name in names[:1])


def test_an_unknown_figure_exits_2_with_the_nearest_name(capsys):
    assert command.main(["tightnes"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "did you mean 'tightness'" in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--preset", "huge"], ["--workers", "0"], ["--nonsense"]])
def test_bad_usage_exits_2_with_one_line(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        command.main(arguments)
    assert stopped.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_output_that_is_a_file_exits_2(tmp_path, capsys):
    (tmp_path / "taken").write_text("")
    assert command.main(["tightness", "--preset", "tiny", "--output", str(tmp_path / "taken")]) == 2
    assert "not a folder" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--output", "--store"])
def test_a_folder_that_cannot_be_made_is_named_before_any_work(option, tmp_path, capsys, monkeypatch):
    from paper_figures import pipeline

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pipeline, "run", lambda *args, **kwargs: pytest.fail("the work was begun"))
    (tmp_path / "file").write_text("")
    folders = {"--output": "out", "--store": "store", option: str(tmp_path / "file" / "below")}
    assert command.main(["tightness", *(word for pair in folders.items() for word in pair)]) == 2
    complaint = capsys.readouterr().err
    assert f"{option} {tmp_path / 'file' / 'below'}: Not a directory" in complaint
    assert complaint.count("\n") == 1


def test_folders_that_can_be_written_are_made_and_left_empty(tmp_path, monkeypatch):
    from paper_figures import pipeline

    monkeypatch.setattr(pipeline, "run", lambda *args, **kwargs: 0)
    output, store = tmp_path / "a" / "out", tmp_path / "b" / "store"
    assert command.main(["tightness", "--output", str(output), "--store", str(store)]) == 0
    assert list(output.iterdir()) == list(store.iterdir()) == []


def test_a_folder_that_cannot_be_written_exits_2(tmp_path, capsys, monkeypatch):
    def refuse(**kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(command.tempfile, "TemporaryFile", refuse)
    assert command.main(["tightness", "--output", str(tmp_path), "--store", str(tmp_path)]) == 2
    assert f"--output {tmp_path}: Permission denied" in capsys.readouterr().err


def test_list_says_what_each_shows_needs_and_costs(capsys):
    assert command.main(["--list", "papyan-nc", "exponent-audit"]) == 0
    text = capsys.readouterr().out
    for words in ("shows", "source", "needs   sweeps terminal-phase", "theorems intra-class", "cost"):
        assert words in text
    assert max(map(len, text.splitlines())) <= 100


def test_one_figure_builds_only_what_it_needs(tmp_path, monkeypatch):
    """No sweep runs and no theorem is verified but its own; the gallery gets its picture and its caption."""
    from paper_figures import context, pipeline

    asked = []

    def verdicts(self, names=None):
        asked.append(names)
        row = {"verdict": "PROVED", "expected": True, "region": "", "uncovered": "", "steps": 1, "says": "s"}
        return {
            name: {**row, "name": name, "kind": "tight", "evidence": "e", "source": "s"} for name in names
        }

    monkeypatch.setattr(context.Context, "verdicts", verdicts)
    monkeypatch.setattr(pipeline, "_train", _no_training)
    places = {"--output": tmp_path / "out", "--store": tmp_path / "store", "--gallery": tmp_path / "docs"}
    arguments = [str(word) for pair in places.items() for word in pair]
    assert command.main(["solver-speed", "--preset", "quick", *arguments]) == 0
    assert asked == [[]]
    page = (tmp_path / "docs" / "gallery.md").read_text()
    assert "images/solver-speed.png" in page
    assert "Measured once on" in page
    assert (tmp_path / "docs" / "images" / "solver-speed.png").read_bytes().startswith(b"\x89PNG")


def _no_training(chosen, **options):
    assert not any(figure.sweeps for figure in chosen)
    return {}, {}


def test_the_gallery_in_the_repository_shows_every_figure():
    from paper_figures import content, discovery

    page = (content.ROOT / "docs" / "gallery.md").read_text()
    for name, figure in discovery.figures().items():
        assert f"(images/{name}.png)" in page, f"{name}: run python -m paper_figures --gallery"
        assert figure.title in page
        assert figure.cost in page
        assert (content.ROOT / "docs" / "images" / f"{name}.png").is_file()
