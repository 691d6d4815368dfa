"""All suites in the order of the report."""

from __future__ import annotations

from ttkem.testing.directed import DIRECTED
from ttkem.testing.functional import CONSISTENCY, FUNCTIONAL
from ttkem.testing.machine import MACHINE
from ttkem.testing.malformed import MALFORMED
from ttkem.testing.sampled import SAMPLED
from ttkem.testing.secrecy import FORKS, FORWARD_SECRECY, HEALING

__all__ = ["CHECKS"]

CHECKS = (
    *FUNCTIONAL,
    *CONSISTENCY,
    *FORWARD_SECRECY,
    *HEALING,
    *SAMPLED,
    *DIRECTED,
    *FORKS,
    *MALFORMED,
    *MACHINE,
)
"""All checks."""
