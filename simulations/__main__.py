# SPDX-License-Identifier: MIT
"""``python -m simulations COMMAND ...``: every file of simulations/commands is one command.

Only the command that is asked for is imported; the list of commands is read from the files' first lines,
so that ``--help`` answers at once. Exit status: 0 success, 1 a violated guarantee, 2 bad usage or bad input.
"""

import argparse
import ast
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from simulations.errors import BoundViolation, InputError, unknown

COMMANDS = Path(__file__).parent / "commands"
PROGRAM = "python -m simulations"


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line, like every other message of the commands."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} ({self.prog} --help shows the usage)")


def commands() -> dict[str, str]:
    """Name of each command and the first line of its file's docstring; nothing is imported."""
    files = sorted(path for path in COMMANDS.glob("*.py") if not path.name.startswith("_"))
    return {path.stem.replace("_", "-"): _first_line(path) for path in files}


def _first_line(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    return text.splitlines()[0] if text else ""


def usage() -> str:
    """The text of ``--help``."""
    known = commands()
    width = max(map(len, known), default=0)
    rows = [f"  {name:<{width}}  {summary}" for name, summary in known.items()]
    return "\n".join([f"usage: {PROGRAM} COMMAND [--help] ...", "", "commands:", *rows])


def dispatch(argv: list[str]) -> int:
    """Run one command. Raises InputError for bad usage and BoundViolation for a violated guarantee."""
    if not argv:
        raise InputError(f"a command is needed: {', '.join(commands())} ({PROGRAM} --help describes them)")
    name, *rest = argv
    if name in ("-h", "--help"):
        print(usage())
        return 0
    if name not in commands():
        raise unknown("command", name, commands())
    module = import_module(f"simulations.commands.{name.replace('-', '_')}")
    parser = Parser(
        prog=f"{PROGRAM} {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    return int(module.run(parser.parse_args(rest)) or 0)


def main(argv: list[str] | None = None) -> int:
    """The exit status of ``python -m simulations`` with these arguments."""
    try:
        return dispatch(sys.argv[1:] if argv is None else list(argv))
    except InputError as error:
        status, message = 2, str(error)
    except BoundViolation as error:
        status, message = 1, str(error)
    except KeyboardInterrupt:
        status, message = 130, "interrupted"
    except BrokenPipeError:  # the reader of our output, such as head, has closed it
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - or Python complains while it flushes at exit
        return 1
    except SystemExit as request:  # argparse's --help
        return int(request.code or 0)
    print(f"{PROGRAM}: {' '.join(message.split())}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
