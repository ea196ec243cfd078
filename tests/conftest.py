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
