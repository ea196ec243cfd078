# SPDX-License-Identifier: MIT
"""Certify a network: from a torch module and its data to guarantees with proved numbers.

    certify          the guarantees about a module on a data set (certifying.py)
    Certificate      what it returns: text, JSON, one HTML page (certificate.py, page.py)

recording.py runs the network once and keeps what its last layer saw; enclosures.py measures that in ball
arithmetic; rigorous.py holds every theorem against it; checkpoints.py and sources.py read what the command
``python -m simulations certify`` is given.
"""

from simulations.certification.certificate import Certificate
from simulations.certification.certifying import certify

__all__ = ["Certificate", "certify"]
