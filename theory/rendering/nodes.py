# SPDX-License-Identifier: MIT
"""What a reader knows by name: sums, inner products, means over the wrong classes, losses, class means.

Each node stands for an expression of the statement language, which ``unfold`` gives back.  A vector is kept
as its coordinate ``k``: the inner product of u and v is ``Dot(u(k), v(k), k)``.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Symbol, exp, log

from theory.expressions import Mean, index, sort_of
from theory.losses.cross_entropy import phi, phi_inverse, psi, q
from theory.symbols import C, d, h, w

_HIDDEN_CLASS, _HIDDEN_SAMPLE = index("c@m"), index("i@m")


class Node(Expr):
    """An expression under the name that readers know it by."""

    is_commutative = True
    is_real = True

    def __new__(cls, *args: Any) -> Node:
        return super().__new__(cls, *args)  # type: ignore[no-any-return]

    def unfold(self) -> Expr:
        """The expression it stands for."""
        raise TypeError(f"{type(self).__name__} must say what it stands for: define unfold")


class Binder(Node):
    """A node that binds the index ``index_``, its last argument."""

    @property
    def indices(self) -> tuple[Symbol, ...]:
        return (self.args[-1],)

    @property
    def free_symbols(self) -> set[Symbol]:
        inside = set().union(*(a.free_symbols for a in self.args[:-1]))
        return inside - set(self.indices)


class Dot(Binder):
    """``Dot(u, v, k)``: the inner product; with u = v, the squared norm."""

    def unfold(self) -> Expr:
        u, v, k = self.args
        return d * Mean(u * v, k)


class Total(Binder):
    """``Total(body, j)``: the sum over all classes, or over all coordinates."""

    def unfold(self) -> Expr:
        body, j = self.args
        return (C if sort_of(j) == "class" else d) * Mean(body, j)


class OthersTotal(Binder):
    """``OthersTotal(body, c, j)``: the sum over the classes j other than c."""

    def unfold(self) -> Expr:
        body, c, j = self.args
        return C * Mean(body, j) - body.xreplace({j: c})


class OthersMean(Binder):
    """``OthersMean(body, c, j)``: the mean over the classes j other than c."""

    def unfold(self) -> Expr:
        return OthersTotal(*self.args).unfold() / (C - 1)


class CrossEntropy(Binder):
    """``CrossEntropy(c, logit, j)``: log sum_j e^logit_j - logit_c."""

    def unfold(self) -> Expr:
        c, body, j = self.args
        return log(C * Mean(exp(body), j)) - body.xreplace({j: c})


class Divergence(Binder):
    """``Divergence(p, c, logit, j)``: KL(P_p || softmax), P_p = 1-p on class c and p/(C-1) on each other."""

    def unfold(self) -> Expr:
        p, c, body, j = self.args
        total = log(C * Mean(exp(body.xreplace({j: _HIDDEN_CLASS})), _HIDDEN_CLASS))
        wrong = OthersMean(log(p / (C - 1)) - body + total, c, j).unfold()
        return (1 - p) * (log(1 - p) - body.xreplace({j: c}) + total) + p * wrong


class Phi(Node):
    """phi(t) = log(1 + (C-1) e^-t)."""

    def unfold(self) -> Expr:
        return phi(self.args[0])


class PhiInverse(Node):
    """The inverse of phi: log((C-1)/(e^level - 1))."""

    def unfold(self) -> Expr:
        return phi_inverse(self.args[0])


class Q(Node):
    """q(t) = (C-1)/(C-1 + e^t)."""

    def unfold(self) -> Expr:
        return q(self.args[0])


class Psi(Node):
    """psi(p) = -p log p - (1-p) log(1-p) + p log(C-1)."""

    def unfold(self) -> Expr:
        return psi(self.args[0])


class ClassMean(Node):
    """``ClassMean(c, k)``: mu_c."""

    def unfold(self) -> Expr:
        c, k = self.args
        return Mean(h(c, _HIDDEN_SAMPLE, k), _HIDDEN_SAMPLE)


class GlobalMean(Node):
    """``GlobalMean(k)``: mu_G."""

    def unfold(self) -> Expr:
        (k,) = self.args
        return Mean(h(_HIDDEN_CLASS, _HIDDEN_SAMPLE, k), _HIDDEN_CLASS, _HIDDEN_SAMPLE)


class RowMean(Node):
    """``RowMean(k)``: mean of the rows of the classifier."""

    def unfold(self) -> Expr:
        (k,) = self.args
        return Mean(w(_HIDDEN_CLASS, k), _HIDDEN_CLASS)


class CentredRow(Node):
    """``CentredRow(c, k)``: w_c less the mean of the rows."""

    def unfold(self) -> Expr:
        c, k = self.args
        return w(c, k) - RowMean(k).unfold()


def unfold(expr: Expr) -> Expr:
    """The expression of the statement language that a folded one stands for."""
    if not expr.args:
        return expr
    inside = expr.func(*(unfold(a) for a in expr.args))
    return inside.unfold() if isinstance(inside, Node) else inside
