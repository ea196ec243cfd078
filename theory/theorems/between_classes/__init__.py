# SPDX-License-Identifier: MIT
"""NC2: the Gram matrices of classifier and class means."""
