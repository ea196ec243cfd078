# SPDX-License-Identifier: MIT
"""NC1 and NC3: within-class variability and self-duality, from loss and norms or from decay alone."""
