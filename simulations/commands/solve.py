# SPDX-License-Identifier: MIT
"""Solve the unconstrained-features model with a certificate of global optimality.

minimise (1/n) sum loss(W h + b) + (weight_decay/2) ||W||_F^2 + (feature_decay/2) sum over samples ||h||^2
         + (bias_decay/2) ||b||^2, the bias b only where --bias-decay is given, 0 for a free one

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
    parser.add_argument("--smoothing", type=float, help="of label-smoothing, in [0, 1) (default: 0.1)")
    parser.add_argument("--solver", help="by name, where several solvers handle the loss")
    parser.add_argument("--counts", required=True, help="samples in each class, e.g. 500,500,50")
    parser.add_argument("--weight-decay", required=True, type=float, help="decay of the classifier, > 0")
    parser.add_argument(
        "--feature-decay", required=True, type=float, help="decay of every feature vector, > 0"
    )
    parser.add_argument(
        "--bias-decay", type=float, help="a bias with this decay, 0 for a free one (default: no bias)"
    )
    parser.add_argument("--feature-dim", type=int, help="width of the features (default: number of classes)")
    parser.add_argument(
        "--tolerance", type=float, default=1e-9, help="accepted gap, relative to min(1, value)"
    )
    parser.add_argument("--max-iterations", type=int, default=20_000, help="budget (default: %(default)s)")
    parser.add_argument(
        "--prove", action="store_true", help="prove an interval around the minimum by ball arithmetic"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    """Print the solution; 0 only if its optimality is certified."""
    from simulations import losses
    from simulations.commands.model import plain
    from simulations.geometry import certify_solution, solve

    smoothing = {} if args.smoothing is None else {"smoothing": args.smoothing}
    problem = {
        "loss": losses.get(args.loss, **smoothing) if smoothing else args.loss,
        "counts": _counts(args.counts),
        "weight_decay": args.weight_decay,
        "feature_decay": args.feature_decay,
        "bias_decay": args.bias_decay,
    }
    solution = solve(
        **problem,
        solver=args.solver,
        feature_dim=args.feature_dim,
        tolerance=args.tolerance,
        max_iterations=args.max_iterations,
    )
    proved = certify_solution(solution, **problem) if args.prove else None
    if args.json:
        record = {
            "value": solution.objective,
            "gap": solution.gap,
            "status": solution.status,
            "seconds": solution.seconds,
            "logits": solution.logits,
            "bias": solution.bias,
            "certificate": solution.certificate,
            "closed_form": solution.closed_form,
            "certified_dimension": solution.details["certified_dimension"],
        }
        if proved is not None:
            record |= {"proved_low": proved.low, "proved_high": proved.high}
        print(json.dumps(plain(record), allow_nan=False))
    else:
        _print_text(solution)
        if proved is not None:
            print(f"proved   {proved.low!r} <= minimum <= {proved.high!r}")
    if not solution.certified:
        needed = f"; a feature_dim of {solution.details['certified_dimension']} can be certified"
        print(
            f"not certified: status {solution.status}, gap {solution.gap:.3g}"
            + (needed if solution.status == "uncertified" else ""),
            file=sys.stderr,
        )
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
    print(f"from     {solution.closed_form or solution.certificate}")
    if solution.bias is not None:
        shown = " ".join(f"{entry:9.4f}" for entry in solution.bias[:12])
        print(f"bias     {shown}{' ...' if len(solution.bias) > 12 else ''}")
    print("logits (row c: the mean of class c)")
    shown = solution.logits[:12, :12]
    for row in shown:
        print("  " + " ".join(f"{entry:9.4f}" for entry in row))
    if len(solution.logits) > len(shown):
        print(f"  ... the first 12 of {len(solution.logits)} classes; --json gives all")
