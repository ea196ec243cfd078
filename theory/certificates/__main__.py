# SPDX-License-Identifier: MIT
"""``python -m theory.certificates NAME ...``: find and store the boxes that the proofs of theorems need.

Each certificate is written only after it passed the check here; ``python -m theory.recheck`` verifies all of
them again, with other interval arithmetic and no code in common.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Store the certificates of the named theorems; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m theory.certificates", description=__doc__)
    parser.add_argument("names", nargs="+", metavar="NAME", help="theorems whose proofs use the rule box")
    args = parser.parse_args(argv)
    from theory.certificates import store
    from theory.certificates.cover import check_cover, find_cover
    from theory.registry import UnknownTheorem, get

    try:
        entries = [get(name) for name in args.names]
    except UnknownTheorem as error:
        print(f"python -m theory.certificates: {error}", file=sys.stderr)
        return 2
    for entry in entries:
        del store.asked[:]
        if entry.prove is not None:
            entry.prove()
        if entry.neighbour_of is not None:
            entry.neighbour_of().prove()
        claims = list({str(store.described(claim)): claim for claim in store.asked}.values())
        if not claims:
            print(f"{entry.name}: no step of its proof is certified on a box", file=sys.stderr)
            continue
        path = store.FOLDER / f"{entry.name}.json"
        started = time.perf_counter()
        trees = [find_cover(claim) for claim in claims]
        middle = time.perf_counter()
        leaves = [check_cover(claim, tree) for claim, tree in zip(claims, trees, strict=True)]
        store.write(list(zip(claims, trees, leaves, strict=True)), path)
        seconds = f"found in {middle - started:.2f} s, checked in {time.perf_counter() - middle:.2f} s"
        size = path.stat().st_size
        print(f"{path.name}: {len(claims)} certificates, {sum(leaves)} boxes, {size} bytes, {seconds}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
