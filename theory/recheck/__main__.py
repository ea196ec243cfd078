# SPDX-License-Identifier: MIT
"""The command line of the independent checker."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from theory.recheck import STORED, verify


def main(argv: Sequence[str] | None = None) -> int:
    """Verify stored certificates; exit status 1 if one is refused."""
    parser = argparse.ArgumentParser(
        prog="python -m theory.recheck",
        description="Verify the stored certificates with the interval arithmetic of mpmath.",
    )
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="certificates (default: all stored)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    args = parser.parse_args(argv)
    rows = [_row(path) for path in args.files or sorted(STORED.glob("*.json"))]
    if args.json:
        print(json.dumps({"files": rows}, indent=1))
    else:
        for row in rows:
            print(f"{row['verdict']:<9} {row['file']}: {row['evidence']} ({row['seconds']:.2f} s)")
    return 0 if all(row["verdict"] == "CONFIRMED" for row in rows) else 1


def _row(path: Path) -> dict[str, Any]:
    started, verdict = time.perf_counter(), "CONFIRMED"
    try:
        certificates = json.loads(path.read_text())["certificates"]
        boxes = sum(verify(data) for data in certificates)
        evidence = f"{len(certificates)} certificate(s), {boxes} boxes by mpmath intervals"
    except (OSError, ValueError, KeyError, TypeError) as error:
        verdict, evidence = "REFUSED", str(error)
    seconds = round(time.perf_counter() - started, 3)
    return {"file": path.stem, "verdict": verdict, "evidence": evidence, "seconds": seconds}


if __name__ == "__main__":
    sys.exit(main())
