# SPDX-License-Identifier: MIT
"""`--help` of every command: options are explained, choices are listed, nothing heavy is loaded."""

import argparse
import subprocess
import sys
from importlib import import_module

import pytest

from simulations import datasets, losses, networks, sweeps
from simulations.__main__ import Parser, commands, main


def parser_of(command):
    made = Parser(prog=command)
    import_module(f"simulations.commands.{command.replace('-', '_')}").add_arguments(made)
    return made


def unexplained(parser):
    """Options and positional arguments without a sentence, those of actions included."""
    found = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            assert len(action._choices_actions) == len(action.choices), "an action that --help does not list"
            for name, inner in action.choices.items():
                assert inner.description, f"{name}: no description"
                found += [f"{name} {option}" for option in unexplained(inner)]
        elif not action.help or len(action.help) < 5:
            found.append(action.dest)
    return found


@pytest.mark.parametrize("command", commands())
def test_every_option_is_explained_and_every_command_says_its_exit_status(command, capsys):
    assert unexplained(parser_of(command)) == []
    assert main([command, "--help"]) == 0
    assert "exit status" in " ".join(capsys.readouterr().out.lower().split())


def test_train_lists_what_can_be_chosen():
    helps = {action.dest: action.help for action in parser_of("train")._actions}
    for option, known in (("dataset", datasets), ("network", networks), ("loss", losses)):
        listed = helps[option].rpartition(" (")[0].split(", ")
        assert sorted(listed) == sorted(known.names()), option


def test_sweep_lists_sweeps_and_presets():
    helps = {action.dest: action.help for action in parser_of("sweep")._actions}
    assert helps["name"].split(", ") == sweeps.names()
    listed = helps["preset"].partition(";")[0].split(", ")
    assert set(listed) == {preset for name in sweeps.names() for preset in sweeps.get(name).presets}


def test_defaults_in_brackets_are_the_defaults():
    """Of the two ways to train a perceptron: with a protocol and without."""
    from simulations.commands import _train_options

    parser = argparse.ArgumentParser()
    _train_options.declare(parser)
    helps = {action.dest: action.help for action in parser._actions}
    plain = _train_options.config(parser.parse_args([]))
    published = _train_options.config(parser.parse_args(["--protocol", "pan-cao-synthetic"]))
    assert f"({plain.depth}, with a protocol {published.depth})" in helps["depth"]
    assert f"({plain.width}, with a protocol {published.width})" in helps["width"]
    assert f"({plain.epochs} for mlp" in helps["epochs"]
    for name in ("batch_size", "measurements", "momentum", "optimizer"):
        assert f"({getattr(plain, name)}, or the protocol's)" in helps[name]
    for name in ("seed", "batch_norm", "dtype", "precision", "decay_on", "loss", "network", "dataset"):
        assert f"({getattr(plain, name)})" in helps[name]
    assert float(helps["weight_decay"].partition("(")[2].partition(",")[0]) == plain.weight_decay


def test_help_loads_no_torch():
    script = (
        "import sys\n"
        "from simulations.__main__ import commands, main\n"
        "for command in commands():\n"
        "    assert main([command, '--help']) == 0\n"
        "print([name for name in ('torch', 'cvxpy', 'sklearn') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
