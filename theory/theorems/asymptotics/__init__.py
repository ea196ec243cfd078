# SPDX-License-Identifier: MIT
"""Leading orders in loss gap, fraction of classes, weight decay and number of classes, with remainders.

Coefficients come from SymPy and are recomputed by the kernel (rule "taylor"); a remainder is an inequality on
a stated box, certified by interval arithmetic (rule "box") with the boxes stored.
"""
