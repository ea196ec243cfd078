# SPDX-License-Identifier: MIT
"""From a proved formula to numbers: bounds and hypotheses as vectorised functions of measured values.

Formulas are SymPy expressions in the symbols of ``VALUES`` and in the functions of ``theory.scalars`` (phi,
phi_inverse, psi_inverse, ...), which are accurate in float64 where the elementary expressions are not.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import sympy
from sympy import Expr, Function, Rational, Symbol
from sympy.core.function import AppliedUndef
from sympy.simplify.cse_main import tree_cse

VALUES = {
    "C": "number of classes",
    "L": "class-balanced mean cross-entropy",
    "eps": "loss gap, L - phi(T)",
    "alpha": "feature norm sqrt(E||h||^2)",
    "alpha_centred": "norm of centred features, sqrt(E||h - mu_G||^2)",
    "beta": "centred weight norm sqrt((1/C) sum ||w_c - wbar||^2)",
    "weight_frobenius": "||W||_F",
    "weight_decay": "weight decay lambda",
    "L_reg": "L + (lambda/2)(alpha^2 + ||W||_F^2)",
    "eps_reg": "L_reg - psi(q*)",
    "bias_norm": "sqrt of the mean of (b_c - bbar)^2; 0 without bias",
    "mean_norm": "||mu_G|| / alpha",
    "delta": "fraction of classes left out",
    "p": "wrong-class mass of a smoothed label",
    "t": "margin of a sample",
    "T": "margin scale C alpha beta/(C - 1)",
    "kl": "mean KL(P_q || softmax z), at the theorem's q",
    "misalignment": "mean ||h/alpha - w~/beta||^2",
    "spring": "mean ||h - sqrt(C) w~||^2",
    "weight_mean_norm": "||wbar||",
    "gamma": "batch-norm scale of one coordinate",
    "gamma_norm": "||gamma||",
    "variance": "batch variance of one coordinate",
    "eta": "variance epsilon of the batch norm",
    "samples_per_class": "number of samples in each class",
    "row_norm": "norm of every row of the classifier",
    "max_cosine": "largest cosine between two rows of the classifier",
    "angle_distance": "mean over pairs of classes of |cos + 1/(C-1)|",
    "common_point": "norm of the point that both sides of a Radon partition have as weighted mean",
    "code_margin": "one-vs-rest margin of unit vectors: least distance of one to the hull of the others",
    "dot_regression_loss": "mean of (<w_c, h> - r rho)^2/(2 r rho), r the row norm, rho the radius",
    "layers": "number L of weight matrices after the unconstrained features",
    "flow_time": "time of a gradient flow",
    "balance": "norm of H H^T - W^T W at time 0",
    "loss_nc1": "squared loss within classes of the least-squares classifier, with its penalty",
    "loss_nc23": "squared loss of the least-squares classifier at the class means",
    "loss_off_path": "excess of a classifier's squared loss over the least-squares classifier's",
    "interpolation_error": "sqrt of the mean squared distance of outputs from targets",
    "balance_error": "largest eigenvalue of V V^T - W^T W, V the layer before W",
    "least_singular_value": "least non-zero singular value of W",
    "largest_singular_value": "largest singular value of W",
    "input_norm": "sqrt of the mean squared norm of the input of the layer before the last",
    "tags": "number of labels of each sample",
    "temperature": "factor tau > 0 of the logits of unit vectors",
    "radius": "largest norm of a sample's logits or features",
    "share": "sqrt(1 - nu_c) of the classes in question",
    "cosine": "cosine between a sample and its classifier row",
    "relative_norm": "norms of a sample and of its classifier row multiplied, relative to alpha beta",
    "flipped": "fraction of samples of each class with norm 0 and the wrong direction",
    "imbalance_ratio": "samples of a majority class over those of a minority class",
    "minority_share": "fraction of the classes that are minority classes",
    "total_samples": "number N of samples of all classes together",
    "class_samples": "number n_c of samples of one class, or of each minority class",
    "bias_decay": "decay lambda_b of the bias: half of it times ||b||^2",
    "singular_ratio": "singular value of the logits relative to sqrt(samples per class)",
    "smoothing": "label smoothing: mass of the target on the wrong classes together",
    "L_smoothed": "smoothed cross-entropy + (lambda/2)(||gamma||^2 + ||W||_F^2)",
    "L_square": "mean ||z - e_c||^2/2 + (lambda/2)(||gamma||^2 + ||W||_F^2)",
    "squared_misfit": "mean ||z - (1-mu) e_c||^2, mu = lambda sqrt(C); with a bias, of centred z and e_c",
    "mean_logit_misfit": "mean (zbar - 1/C)^2 of the mean logit zbar",
    "raw_spring": "mean ||h - sqrt(C) w_c||^2, rows not centred",
    "scaled_spring": "mean ||sqrt(C N lambda_H) h - sqrt(C lambda) w~||^2",
    "feature_decay": "feature decay lambda_H: half of it times the sum of ||h||^2 over all samples",
    "L_free": "L + (lambda/2) ||W||_F^2 + (lambda_H/2) sum ||h||^2",
    "focal_gamma": "exponent of the focal loss (1 - e^-CE)^gamma CE",
    "tau": "margin at which equal margins would give the loss",
    "label_entropy": "sum_c pi_c H(p_c), mean entropy of the targets p_c over class shares pi_c",
    "dimension": "dimension of the feature space",
    "penalty_excess": "(lambda/2)(E||h||^2 + ||W||_F^2) - sum_c pi_c <e_c - p_c, W mu_c>",
    "mean_radius": "r, sqrt((1/C) sum ||mu_c - mu_G||^2)",
    "within": "within-class scatter E||h - mu_c||^2, of one class or of all",
    "norm_spread": "population deviation of the C norms relative to their mean (nc2.equinorm_means)",
    "least_norm": "least of the C norms relative to their mean",
    "products_rms": "root mean square over pairs of <v, v'> + ||v||^2/(C-1), in units of the mean norm",
    "class_distance": "distance between two class means",
    "exponent": "error exponent of a linear code: least -sigma^2 log P(error) as sigma -> 0",
    "relative_excess": "eps_reg/m_reg, the regularised loss gap relative to the least value",
    "weight_spectral": "||W~||_op^2/beta^2, largest squared singular value of the centred rows",
    "strong_convexity": "constant m of strong convexity of a function",
    "intra_cosine": "intra-class cosine of one class, over all pairs of its samples",
    "class_spread": "nu_c = E||h - mu_c||^2/E||h||^2 of one class",
    "opposition": "largest of minus the relative deviations of the rows' Gram matrix from equal angles",
    "norm_multiplier": "multiplier kappa of the budget R of the logits' nuclear norm ||diag(sqrt v) Z||_*",
    "norm_budget": "nuclear norm R of weighted logits, or its budget: sqrt(C E_W E_H) if layer-peeled",
    "means_spectral": "largest squared singular value of the class means, relative to alpha^2",
}
SCALARS = (
    "phi",
    "q",
    "phi_inverse",
    "psi",
    "psi_inverse",
    "optimal_q",
    "optimal_T",
    "least_regularized_loss",
)
phi, q, phi_inverse, psi, psi_inverse, optimal_q, optimal_T, least_regularized_loss = map(Function, SCALARS)
LINES = ("best_class_line", "best_sample_line", "best_decay_line")
best_class_line, best_sample_line, best_decay_line = map(Function, LINES)


def value(name: str) -> Symbol:
    """The symbol of a measured value.  Raises ``KeyError`` for a name that is not in ``VALUES``."""
    VALUES[name]
    return Symbol(name, real=True)


def lost_margin(loss: Expr, scale: Expr, classes: Expr) -> Expr:
    """1 - phi^{-1}(L)/T as a number: at least 0, and what an error of 1e-15 L in the loss takes from it more.

    Bounds go with its root: near collapse it is all rounding, and a bound must not be below what is measured.
    """
    lost = 1 - phi_inverse(loss, classes) / scale
    return (lost + sympy.Abs(lost, evaluate=False)) / 2 + loss / (10**15 * scale * q(scale, classes))


# Measured values that cannot be negative; delta is a fraction besides.
NONNEGATIVE = frozenset(VALUES) - {"C", "t", "cosine", "max_cosine", "penalty_excess"}


class HypothesisError(ValueError):
    """A hypothesis of the theorem is not met, or a value it needs was not given."""


@dataclass(frozen=True)
class Condition:
    """An executable hypothesis ``lhs <= rhs`` (or <) in measured values, with its words."""

    text: str
    lhs: Expr
    rhs: Expr
    strict: bool = False

    @cached_property
    def inputs(self) -> frozenset[str]:
        """Names of the values the test needs."""
        return frozenset(names(self.lhs) + names(self.rhs))


@dataclass(frozen=True)
class Formula:
    """A theorem's number: ``bound``, an expression in the symbols of ``theory.evaluation.VALUES``.

    ``conditions`` are the hypotheses under which it means something, as executable tests.
    """

    bound: Expr
    conditions: tuple[Condition, ...] = ()

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Names of the values that ``evaluate`` needs."""
        return tuple(sorted({*names(self.bound), *(n for a in self.conditions for n in a.inputs)}))


@dataclass(frozen=True, init=False)
class Measurable(Formula):
    """A formula that bounds something measured on a network.

    ``quantity`` is a measured quantity's dotted name, ``direction`` "<=" or ">="; ``delta`` is None for
    averages or "1/C" where the bound speaks of every class.
    """

    quantity: str = ""
    direction: str = "<="
    delta: str | None = None

    def __init__(
        self,
        quantity: str,
        direction: str,
        bound: Expr,
        conditions: tuple[Condition, ...] = (),
        delta: str | None = None,
    ) -> None:
        super().__init__(bound, conditions)
        for name, value in (("quantity", quantity), ("direction", direction), ("delta", delta)):
            object.__setattr__(self, name, value)


_C, _T = value("C"), value("C") * value("alpha") * value("beta") / (value("C") - 1)
NORMS_POSITIVE = (
    Condition("feature norm alpha > 0", sympy.Integer(0), value("alpha"), strict=True),
    Condition("weight norm beta > 0", sympy.Integer(0), value("beta"), strict=True),
)
MEAN_RADIUS_POSITIVE = Condition("r > 0", sympy.Integer(0), value("mean_radius"), strict=True)
LOSS_BELOW_LOG_C = Condition("L <= log C", value("L"), sympy.log(_C))
LOSS_POSSIBLE = Condition(
    "phi(T) <= L, up to rounding (no configuration with these norms has less)",
    phi(_T, _C),
    value("L") * (1 + Rational(1, 10**6)),
)
REGULARIZED_LOSS_POSSIBLE = Condition(
    "m_reg <= L_reg, up to rounding (no configuration has less)",
    least_regularized_loss(value("weight_decay"), _C),
    value("L_reg") * (1 + Rational(1, 10**6)),
)
NO_BIAS = Condition(
    "the classifier has no bias (equal biases are as good as none)", value("bias_norm"), Rational(0)
)
CENTRED = Condition(
    "the features have global mean zero, ||mu_G|| <= 1e-6 alpha (bias-free batch norm gives this)",
    value("mean_norm"),
    Rational(1, 10**6),
)
DECAY_BELOW_THRESHOLD = Condition(
    "lambda < 1/sqrt(C)", value("weight_decay"), 1 / sympy.sqrt(_C), strict=True
)
DECAY_POSITIVE = Condition("lambda > 0", sympy.Integer(0), value("weight_decay"), strict=True)
T_ABOVE_THRESHOLD = Condition(
    "T >= T_{5/2}(C), that is phi(T) + (5/2) T q(T) <= log C",
    phi(_T, _C) + Rational(5, 2) * _T * q(_T, _C),
    sympy.log(_C),
)
T_ABOVE_T3 = Condition(
    "T >= T_3(C), that is phi(T) + 3 T q(T) <= log C",
    phi(_T, _C) + 3 * _T * q(_T, _C),
    sympy.log(_C),
)
T_ABOVE_T3_2 = Condition(
    "T >= T_{3/2}(C), that is phi(T) + (3/2) T q(T) <= log C",
    phi(_T, _C) + Rational(3, 2) * _T * q(_T, _C),
    sympy.log(_C),
)
T_CENTRED = _C * value("alpha_centred") * value("beta") / (_C - 1)
CENTRED_GAP, CENTRED_PRICE = value("L") - phi(T_CENTRED, _C), T_CENTRED * q(T_CENTRED, _C)
CENTRED_EXCESS = CENTRED_GAP / CENTRED_PRICE  # (L - phi(T'))/(T' q(T'))
CENTRED_NORMS_POSITIVE = (
    Condition("centred feature norm > 0", sympy.Integer(0), value("alpha_centred"), strict=True),
    NORMS_POSITIVE[1],
)
CENTRED_LOSS_POSSIBLE = Condition(
    "phi(T') <= L, up to rounding, T' = T with the norm of centred features (no configuration has less)",
    phi(T_CENTRED, _C),
    value("L") * (1 + Rational(1, 10**6)),
)
HALF_LOSS_ABOVE = Condition(
    "T' >= T_b(C), that is phi(T') + (5/2) T' q(T') <= phi(T'/2), T' = T with the norm of centred features",
    phi(T_CENTRED, _C) + Rational(5, 2) * T_CENTRED * q(T_CENTRED, _C),
    phi(T_CENTRED / 2, _C),
)
LOSS_STRICTLY_BELOW_LOG_C = Condition("L < log C", value("L"), sympy.log(_C), strict=True)
DELTA_POSITIVE = Condition("delta > 0", sympy.Integer(0), value("delta"), strict=True)
_TS, _QS = optimal_T(value("weight_decay"), _C), optimal_q(value("weight_decay"), _C)
DECAY_BELOW_5_2 = Condition(
    "lambda <= lambda_{5/2}(C), that is phi(T*) + (5/2) T* q* <= log C",
    phi(_TS, _C) + Rational(5, 2) * _TS * _QS,
    sympy.log(_C),
)
DECAY_BELOW_3 = Condition(
    "lambda <= lambda_3(C), that is phi(T*) + 3 T* q* <= log C",
    phi(_TS, _C) + 3 * _TS * _QS,
    sympy.log(_C),
)
DECAY_NOT_TINY = Condition(
    "lambda <= sqrt(C)/(C - 1 + e^{1/C}), that is T* >= 1/C",
    1 / _C,
    optimal_T(value("weight_decay"), _C),
)
DECAY_BELOW_3_2 = Condition(
    "lambda <= lambda_{3/2}(C), that is phi(T*) + (3/2) T* q* <= log C",
    phi(_TS, _C) + Rational(3, 2) * _TS * _QS,
    sympy.log(_C),
)


@lru_cache(maxsize=1000)
def compiled(expression: Expr) -> tuple[tuple[str, ...], Any]:
    """The expression as a NumPy function of the values it mentions, in the order of the returned names."""
    from theory import contact_lines, scalars

    library = {name: getattr(scalars, name) for name in SCALARS}
    library |= {name: getattr(contact_lines, name) for name in LINES}
    return names(expression), function(expression, [library, "numpy"])


def function(expression: Expr, modules: list[Any]) -> Any:
    """The expression as a function of the values that ``names`` lists; subexpressions are computed once.

    ``modules`` is as in ``sympy.lambdify``, which sees the short parts only, not the long expression.
    """
    replaced, reduced, symbols = _parts(expression)
    return sympy.lambdify(symbols, reduced, modules=modules, cse=lambda _: (replaced, reduced))


def names(expression: Expr) -> tuple[str, ...]:
    """Names of the values that the expression mentions, sorted."""
    return tuple(s.name for s in _parts(expression)[2])


@lru_cache(maxsize=1000)
def _parts(expression: Expr) -> tuple[list[tuple[Symbol, Expr]], Expr, tuple[Symbol, ...]]:
    """Subexpressions that occur more than once, each named; the rest; and the symbols of it all, sorted."""
    replaced, (reduced,) = tree_cse([expression], sympy.numbered_symbols("shared"), order="none")
    mentioned = reduced.free_symbols.union(*(part.free_symbols for _, part in replaced))
    symbols = mentioned - {name for name, _ in replaced}
    return replaced, reduced, tuple(sorted(symbols, key=lambda s: s.name))


def number(expression: Expr, values: Mapping[str, Any]) -> Any:
    """``expression`` at ``values`` (scalars or arrays)."""
    needed, compute = compiled(expression)
    return compute(*(values[name] for name in needed))


def _number(name: str, given: Any) -> Any:
    import numpy as np

    try:
        return np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise TypeError(f"{name} = {given!r} is not a number or an array of numbers") from None


def _missing(inputs: set[str], values: Mapping[str, Any]) -> list[str]:
    return sorted(n for n in inputs if values.get(n) is None)


def _problems(formula: Formula, values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Unmet conditions as (words, first offending index or None)."""
    import numpy as np

    problems: list[tuple[str, Any]] = []
    missing = _missing(set(formula.inputs), values)
    if missing:
        return [(f"{n} ({VALUES[n]}) is not given", None) for n in missing]
    for n in formula.inputs:
        array = _number(n, values[n])
        if not np.all(np.isfinite(array)):
            problems.append((f"{n} = {values[n]} is not finite", None))
    if problems:
        return problems
    if "C" in formula.inputs and not np.all(np.asarray(values["C"]) >= 2):
        return [(f"C = {values['C']}: at least two classes are needed", None)]
    arrays = {n: np.asarray(values[n], dtype=float) for n in formula.inputs}
    shape = np.broadcast_shapes(*(a.shape for a in arrays.values()))
    for condition in formula.conditions:
        if problems and (condition.lhs - condition.rhs).atoms(AppliedUndef):
            continue  # the formula may not be defined where an earlier hypothesis fails
        try:
            with np.errstate(all="ignore"):
                left, right = number(condition.lhs, arrays), number(condition.rhs, arrays)
        except ValueError as error:  # outside the domain of phi^{-1} or psi^{-1}, as when the loss underflows
            problems.append((f"{condition.text}, which cannot be evaluated: {error}", None))
            continue
        met = left < right if condition.strict else left <= right  # not met where a side is not a number
        bad = np.broadcast_to(np.logical_not(met), shape)
        if bad.any():
            where = np.unravel_index(int(np.argmax(bad)), shape) if shape else ()
            found = {n: float(np.broadcast_to(arrays[n], shape)[where]) for n in sorted(condition.inputs)}
            shown = ", ".join(f"{n} = {x:.6g}" for n, x in found.items())
            problems.append((f"{condition.text}, but {shown}", where or None))
    for n, array in arrays.items():
        if any(f"{n} = " in text for text, _ in problems):
            continue
        if n in NONNEGATIVE and np.any(array < 0):
            problems.append((f"{n} = {values[n]} is negative, and it cannot be: {VALUES[n]}", None))
        elif n == "delta" and np.any(array > 1):
            problems.append((f"delta = {values[n]} is more than 1: {VALUES[n]}", None))
    return problems


def unmet(formula: Formula, values: Mapping[str, Any]) -> list[str]:
    """Words for every hypothesis that ``values`` do not meet."""
    return [text for text, _ in _problems(formula, values)]


def evaluate(name: str, formula: Formula, values: Mapping[str, Any]) -> Any:
    """The bound.  Raises ``HypothesisError`` naming the first violated hypothesis."""
    strange = sorted(set(values) - set(VALUES))
    if strange:
        near = difflib.get_close_matches(strange[0], VALUES, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(VALUES)}"
        raise TypeError(f"{name}.evaluate: no value is called {strange[0]!r}{hint}")
    problems = _problems(formula, values)
    if problems:
        text, where = problems[0]
        place = f" (at index {tuple(int(x) for x in where)})" if where else ""
        raise HypothesisError(f"{name}.evaluate: hypothesis not met: {text}{place}")
    import numpy as np

    needed = {n: np.asarray(values[n], dtype=float) for n in formula.inputs}
    with np.errstate(all="ignore"):
        result = np.asarray(number(formula.bound, needed), dtype=float)
    if not np.all(np.isfinite(result)):
        shown = ", ".join(f"{n} = {values[n]}" for n in formula.inputs)
        raise HypothesisError(f"{name}.evaluate: the bound is beyond float64 at {shown} (q(T) underflows)")
    shape = np.broadcast_shapes(*(a.shape for a in needed.values()))
    return float(result) if shape == () else np.broadcast_to(result, shape)
