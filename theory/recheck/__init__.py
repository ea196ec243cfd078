# SPDX-License-Identifier: MIT
"""``python -m theory.recheck``: every stored certificate, verified a second time and independently.

The certificates of ``theory/certificates/stored`` were found, and are used in proofs, by ball arithmetic
(FLINT).  This checker shares no code with that: it parses the stated inequality with SymPy, walks the tree of
boxes in exact rational arithmetic, and proves every leaf by the interval arithmetic of mpmath.  It imports
nothing else of this project, and believes of a file only what it says is claimed.

The format is described in ``theory/certificates/store.py`` and ``cover.py``: halve a side (a digit), go to
the face of least value (f), and leaves by value (v), by face and mean-value form (g), by the derivatives at a
contact (A, B, ...).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mpmath import iv

from theory.recheck.enclosures import Refused
from theory.recheck.inequality import Claim

__all__ = ["STORED", "Refused", "verify"]

PRECISION = 72
STORED = Path(__file__).parents[1] / "certificates" / "stored"


def verify(data: Mapping[str, Any]) -> int:
    """The number of leaves of a certificate, each proved here.  Raises Refused."""
    before, iv.prec = iv.prec, PRECISION
    try:
        claim = Claim(data)
        return _walk(claim, "".join(data["tree"]), int(data["leaves"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise Refused(f"not a certificate: {error!r}") from None
    finally:
        iv.prec = before


def _walk(claim: Claim, tree: str, announced: int) -> int:
    _require_tree(tree, len(claim.box), announced)
    waiting, leaves = [claim.box], 0
    for place, token in enumerate(tree):
        box = waiting.pop()
        if token in "0123456789":
            side = int(token)
            low, high = box[side]
            middle = (low + high) / 2
            waiting.append((*box[:side], (middle, high), *box[side + 1 :]))
            waiting.append((*box[:side], (low, middle), *box[side + 1 :]))
        elif token == "f":
            waiting.append(claim.least_face(box))
        elif claim.leaf(token, box):
            leaves += 1
        else:
            where = ", ".join(f"{s} in [{a}, {b}]" for s, (a, b) in zip(claim.symbols, box, strict=True))
            raise Refused(f"node {place}, {token!r}: not proved on {where}")
    return leaves


def _require_tree(tree: str, sides: int, announced: int) -> None:
    """The nodes are one tree that covers the whole box, with the announced number of leaves."""
    waiting, leaves = 1, 0
    for place, token in enumerate(tree):
        if not waiting:
            raise Refused(f"the boxes are covered after {place} of {len(tree)} nodes")
        if token in "0123456789":
            if int(token) >= sides:
                raise Refused(f"node {place}: there is no side {token}")
            waiting += 1
        elif token != "f":
            waiting, leaves = waiting - 1, leaves + 1
    if waiting:
        raise Refused(f"{waiting} boxes are not covered")
    if leaves != announced:
        raise Refused(f"{leaves} leaves, and {announced} are announced")
