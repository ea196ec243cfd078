# SPDX-License-Identifier: MIT
"""Rigorous numbers: decisions by ball arithmetic, certified inequalities on boxes, exact polynomial signs.

Nothing here is rounded in the wrong direction and nothing is sampled: an answer is either proved or withheld.
This is the only package that imports python-flint, and it does so inside functions, so importing it is cheap.

    evaluate, decide        one expression at one point (balls.py)
    certify_nonnegative     an inequality on a whole box (branch_and_bound.py), Contact points (contact.py)
    find_cover, check_cover   the boxes as a certificate (cover.py), kept in files (store.py, stored/)
    polynomial_sign, nonnegative_by_shift   exact signs of polynomials (sturm.py)
    spectral_norm_bound     of a matrix of balls, from above (spectral.py)
    enclose                 a theorem's bound at enclosed values (formulas.py, scalar_enclosures.py)
    dual_lower_bound, primal_upper_bound   both sides of the unconstrained-features model (duality.py)
"""

from theory.certificates.balls import decide, evaluate
from theory.certificates.branch_and_bound import certify_nonnegative
from theory.certificates.contact import Contact
from theory.certificates.cover import CoverFailure, Inequality, check_cover, find_cover
from theory.certificates.duality import DecayModel, dual_lower_bound, primal_upper_bound
from theory.certificates.formulas import Enclosed, ball_matrix, enclose, enclosed, working_precision
from theory.certificates.results import Certificate, Counterexample, Undecided
from theory.certificates.spectral import spectral_norm_bound
from theory.certificates.sturm import PolynomialSign, nonnegative_by_shift, polynomial_sign
from theory.certificates.tape import Undefined, UnsupportedExpression

__all__ = [
    "Certificate",
    "Contact",
    "Counterexample",
    "CoverFailure",
    "DecayModel",
    "Enclosed",
    "Inequality",
    "PolynomialSign",
    "Undecided",
    "Undefined",
    "UnsupportedExpression",
    "ball_matrix",
    "certify_nonnegative",
    "check_cover",
    "decide",
    "dual_lower_bound",
    "enclose",
    "enclosed",
    "evaluate",
    "find_cover",
    "nonnegative_by_shift",
    "polynomial_sign",
    "primal_upper_bound",
    "spectral_norm_bound",
    "working_precision",
]
