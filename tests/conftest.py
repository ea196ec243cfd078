# SPDX-License-Identifier: MIT
"""Shared by all tests: the same examples on every run, and one thread a process."""

import os
import signal
import threading

os.environ.setdefault("OMP_NUM_THREADS", "1")
# A shell's background jobs ignore interrupts, and so would the sweeps that tests interrupt.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

from hypothesis import HealthCheck, settings

# Derandomised: a failure in CI is the same failure everywhere. No deadline: machines differ.
settings.register_profile(
    "reproducible",
    derandomize=True,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("reproducible")

# Files of few and long tests come first, so that no process is left alone with one at the end.
LONG = ("test_readme.py", "test_notebooks.py", "test_figure_contract.py", "test_theorem_contracts.py")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))
