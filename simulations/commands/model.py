# SPDX-License-Identifier: MIT
"""Solve a further model (layer-peeled, deep-linear, spheres, softmax-code, ...) by name.

python -m simulations model deep-linear counts=10,10,10,10 depth=2 weight_decay=1e-2 feature_decay=1e-3

Without a name, or with --list: the models, what each solves and its arguments. A value is a number, several
numbers joined by commas, or a word. Exit status: 0 when the optimum is certified, 1 when it is not, 2 for bad
input.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from collections.abc import Mapping
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The name of a model and its arguments as key=value."""
    parser.add_argument("name", nargs="?", help="a model (default: list them)")
    parser.add_argument("arguments", nargs="*", metavar="KEY=VALUE", help="arguments of the model")
    parser.add_argument("--list", action="store_true", help="list the models and their arguments")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    """Print the solution; 0 only if its optimality is certified."""
    from simulations.geometry.models import solve_model

    if args.list or args.name is None:
        return _list(args.json)
    solution = solve_model(args.name, **_arguments(args.arguments))
    record = {
        "value": solution.objective,
        "gap": solution.gap,
        "status": solution.status,
        "certificate": solution.certificate,
        "closed_form": solution.closed_form,
        "seconds": solution.seconds,
        "details": solution.details,
        "logits": solution.logits,
    }
    if args.json:
        print(json.dumps(plain(record), allow_nan=False))
    else:
        _print_text(record)
    if not solution.certified:
        print(f"not certified: status {solution.status}, gap {solution.gap:.3g}", file=sys.stderr)
    return 0 if solution.certified else 1


def _list(as_json: bool) -> int:
    from simulations.geometry.models import all_models

    rows = [
        {"name": model.name, "says": model.says, "arguments": list(inspect.signature(model.solve).parameters)}
        for model in sorted(all_models(), key=lambda model: model.name)
    ]
    if as_json:
        print(json.dumps(rows))
        return 0
    for row in rows:
        print(f"{row['name']}\n  {row['says']}\n  arguments: {', '.join(row['arguments'])}")
    return 0


def _arguments(texts: list[str]) -> dict[str, Any]:
    """The arguments by name; InputError for one given twice."""
    from simulations.errors import InputError

    found: dict[str, Any] = {}
    for key, value in map(_pair, texts):
        if key in found:
            raise InputError(f"model: received {key} twice, {found[key]!r} and {value!r}; give it once.")
        found[key] = value
    return found


def _pair(text: str) -> tuple[str, Any]:
    from simulations.errors import InputError

    key, equals, value = text.partition("=")
    if not (key and equals and value):
        raise InputError(f"model: received {text!r}; key=value is required, for example counts=10,10,10")
    return key.replace("-", "_"), _value(value)


def _value(text: str) -> Any:
    """A whole number, a number, a list of numbers, or the word itself."""
    parts: list[Any] = []
    for part in text.split(","):
        try:
            parts.append(int(part))
        except ValueError:
            try:
                parts.append(float(part))
            except ValueError:
                return text
    return parts if "," in text else parts[0]


def plain(value: Any) -> Any:
    """Arrays as lists and numbers that are not finite as None, all the way down."""
    import numpy as np

    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value if value is None or isinstance(value, str) else str(value)


def _print_text(record: Mapping[str, Any]) -> None:
    import numpy as np

    print(f"status   {record['status']}")
    print(f"value    {record['value']:.12g}")
    print(f"gap      {record['gap']:.3g}")
    print(f"seconds  {record['seconds']:.3g}")
    print(f"from     {record['closed_form'] or record['certificate']}")
    for name, value in record["details"].items():
        if np.ndim(value) == 0 and not isinstance(value, Mapping):
            shown = f"{value:.6g}" if isinstance(value, float | np.floating) else value
            print(f"  {name}: {shown}")
    print("--json gives the logits and every detail")
