# SPDX-License-Identifier: MIT
"""The theorems, one a file, each with one ``THEOREM``; ``theory.registry`` finds them.

``theory.theorems`` is this package and, when called, the registry: ``theory.theorems()``.
"""

import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any


class _CallablePackage(ModuleType):
    def __call__(self) -> Mapping[str, Any]:
        """The registry: name -> theorem, premises first."""
        from theory.registry import theorems

        return theorems()


sys.modules[__name__].__class__ = _CallablePackage
