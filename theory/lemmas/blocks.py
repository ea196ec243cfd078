# SPDX-License-Identifier: MIT
"""Configurations near the simplex along one block of deformations, and their exact loss.

One sample a class, W~ = A and class means B with the eigenvectors of a symmetric C x C matrix S with zero
row sums and trace 0: on an eigenspace of eigenvalue s, A has singular value sqrt(T (1 + g s)) and B
sqrt(T (1 + k s)).  Then A A^T = T (I - J/C + g S), both have the norms of the simplex, and the logits B A^T
singular values T sqrt((1 + g s)(1 + k s)).  The rows' Gram matrix sees g alone: k may make the loss small.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Rational, exp, log, sqrt

from theory.definitions import phi
from theory.symbols import C, T, real

step = real("step_g", "g", "size of a deformation of the rows' Gram matrix")


def singular(eigenvalue: Any, ratio: Any) -> Expr:
    """T sqrt((1 + g s)(1 + k s)) with k = ``ratio`` g."""
    return T * sqrt(1 + step * eigenvalue) * sqrt(1 + ratio * step * eigenvalue)


def four_classes(ratio: Any) -> Expr:
    """Loss above phi(T), S = +1 at (0,1), (2,3) and -1 at (0,2), (1,3): eigenvalues 2 and -2.

    Each of the four classes has logits m, -m, -p beside the C - 4 others and p above its own at the simplex.
    """
    up, down = singular(2, ratio) - T, singular(-2, ratio) - T
    p, m = (up + down) / 4, (up - down) / 4
    return 4 / C * (log(1 + exp(-T - p) * (exp(m) + exp(-m) + exp(-p) + C - 4)) - phi(T))


def one_norm(ratio: Any) -> Expr:
    """Loss above phi(T), one row longer: eigenvalue C - 2 on its direction and -1 on the C - 2 others."""
    own, rest = singular(C - 2, ratio), singular(-1, ratio)
    others = log(1 + exp(-rest) * (C - 2) + exp(-rest - (own - rest) / (C - 1)))
    return (phi(own) + (C - 1) * others) / C - phi(T)


def one_pair(ratio: Any, classes: Any) -> Expr:
    """Loss above phi(T), one pair of rows turned, ``classes`` = C >= 4: S_01 = (C-2)(C-3).

    S_0j = S_1j = -(C-3), S_jk = 2 for the others: eigenvalues C (C-3), -(C-2)(C-3) and -2.
    """
    n = classes
    sum_, apart, rest = (singular(x, ratio) for x in (n * (n - 3), -(n - 2) * (n - 3), -2))
    pair = log(1 + exp(-apart) + (n - 2) * exp(-(sum_ + apart) * Rational(1, 2)))
    others = log(1 + (n - 3) * exp(-rest) + 2 * exp(-rest - (sum_ - rest) / (n - 2)))
    simplex = log(1 + (n - 1) * exp(-T))
    return (2 * pair + (n - 2) * others) / n - simplex
