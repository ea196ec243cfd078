# SPDX-License-Identifier: MIT
"""Solve the unconstrained-features model with a certificate of global optimality.

minimise (1/n) sum loss(W h) + (weight_decay/2) ||W||_F^2 + (feature_decay/2) sum over samples ||h||^2

Exit status: 0 when the solution is certified (optimal, or trivial where zero is optimal), 1 when it is not
(not-converged, or uncertified for a small feature_dim), 2 for bad input.
"""

from __future__ import annotations

import argparse
import json
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `simulations.solve`, under the same names."""
    parser.add_argument("--loss", default="cross-entropy", help="a loss with a solver (default: %(default)s)")
    parser.add_argument("--solver", help="by name, where several solvers handle the loss")
    parser.add_argument("--counts", required=True, help="samples in each class, e.g. 500,500,50")
    parser.add_argument("--weight-decay", required=True, type=float, help="decay of the classifier, > 0")
    parser.add_argument(
        "--feature-decay", required=True, type=float, help="decay of every feature vector, > 0"
    )
    parser.add_argument("--feature-dim", type=int, help="width of the features (default: number of classes)")
    parser.add_argument(
        "--tolerance", type=float, default=1e-9, help="accepted gap, relative to min(1, value)"
    )
    parser.add_argument("--max-iterations", type=int, default=20_000, help="budget (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    """Print the solution; 0 only if its optimality is certified."""
    from simulations.geometry import solve

    solution = solve(
        loss=args.loss,
        solver=args.solver,
        counts=_counts(args.counts),
        weight_decay=args.weight_decay,
        feature_decay=args.feature_decay,
        feature_dim=args.feature_dim,
        tolerance=args.tolerance,
        max_iterations=args.max_iterations,
    )
    if args.json:
        record = {
            "value": solution.objective,
            "gap": solution.gap,
            "status": solution.status,
            "seconds": solution.seconds,
            "logits": solution.logits.tolist(),
        }
        print(json.dumps(record))
    else:
        _print_text(solution)
    if not solution.certified:
        print(f"not certified: status {solution.status}, gap {solution.gap:.3g}", file=sys.stderr)
    return 0 if solution.certified else 1


def _counts(text: str) -> list[int]:
    from simulations.errors import InputError

    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(
            f"solve: received --counts {text!r}; whole numbers separated by commas are required, for example "
            "--counts 500,500,50"
        ) from None


def _print_text(solution) -> None:  # type: ignore[no-untyped-def]
    print(f"status   {solution.status}")
    print(f"value    {solution.objective:.12g}")
    print(f"gap      {solution.gap:.3g}")
    print(f"seconds  {solution.seconds:.3g}")
    print("logits (row c: the mean of class c)")
    shown = solution.logits[:12, :12]
    for row in shown:
        print("  " + " ".join(f"{entry:9.4f}" for entry in row))
    if len(solution.logits) > len(shown):
        print(f"  ... the first 12 of {len(solution.logits)} classes; --json gives all")
