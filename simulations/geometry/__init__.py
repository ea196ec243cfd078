# SPDX-License-Identifier: MIT
"""Optimal and worst-case geometries: certified minima, closed forms, and the adversary that attacks bounds.

Names are loaded on first use, so importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "BalancedOptimum": "closed_forms",
    "ConicSolution": "programs.nuclear_norm",
    "NotConverged": "solution",
    "ProvedBound": "rigorous",
    "ProvedInterval": "rigorous",
    "Solution": "solution",
    "ExchangeableSolution": "exchangeable",
    "Model": "models",
    "Tightness": "attack.tightness_curve",
    "WorstCase": "attack.worst_case",
    "balanced_optimum": "closed_forms",
    "collapse_ratio": "models.layer_peeled",
    "collapse_beaten_at_every_decay": "models._deep_structures",
    "decay_path": "weight_decay_path",
    "deep_collapse_threshold": "models.deep_relu_squared_error",
    "deep_linear_competitors": "models._deep_structures",
    "graph_cost_ratio": "models._deep_graphs",
    "certify_solution": "rigorous",
    "rigorous_lower_bound": "rigorous",
    "rigorous_upper_bound": "rigorous",
    "dual_value": "duals",
    "minority_collapse_threshold": "closed_forms",
    "phase_diagram": "phases",
    "relu_vanishing_threshold": "models.relu_features",
    "simplex_etf": "closed_forms",
    "solve": "unconstrained_features",
    "solve_conic": "programs.nuclear_norm",
    "solve_exchangeable": "exchangeable",
    "solve_layer_peeled_sdp": "programs.layer_peeled",
    "solve_max_margin_sdp": "programs.max_margin",
    "solve_model": "models",
    "step_spectrum": "models.max_margin",
    "structure_crossovers": "models._deep_structures",
    "tightness": "attack.tightness_curve",
    "tightness_table": "attack.table",
    "worst_case": "attack.worst_case",
    "zero_threshold": "closed_forms",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_HOMES)
