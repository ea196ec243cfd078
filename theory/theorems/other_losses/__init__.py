# SPDX-License-Identifier: MIT
"""Label smoothing, squared error, focal loss, classifier bias, class imbalance."""
