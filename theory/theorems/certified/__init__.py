# SPDX-License-Identifier: MIT
"""The inequalities between numbers on which the bounds rest: thresholds, tangents and parabolas.

Some are proved for all values by the rules; where the last step is a box, its certificate is stored in
``theory/certificates/stored`` and ``python -m theory.recheck`` verifies it again with other arithmetic.
"""
