"""Conformance tests for a designer's own CGKA protocol (own design, specification T6 [D]).

Implement :class:`ttkem.cgka.CGKA` and :class:`ttkem.cgka.Member`, then::

    pytest --cgka my_module:MyProtocol

runs all suites and prints a conformance report. A single check can be carried out from Python:

>>> from ttkem.tainted import tainted_treekem
>>> from ttkem.testing import CHECKS, carry_out
>>> result = carry_out(CHECKS[1], tainted_treekem(), seed="1")
>>> result.check.name, result.status.value
('everybody updates', 'passed')
"""

from ttkem.testing.checks import Bench, Check, Result, Status, carry_out, check
from ttkem.testing.contracts import (
    CONTRACTS,
    Contract,
    Forward,
    Healing,
    contract_named,
    contract_of,
)
from ttkem.testing.features import SURFACE, Feature, lacking
from ttkem.testing.recorded_campaign import (
    Found,
    RecordedCampaign,
    RecordedReport,
    run_recorded_campaign,
)
from ttkem.testing.run import RULES, Failure, Run
from ttkem.testing.shrink import replay, shrink
from ttkem.testing.suites import CHECKS

__all__ = [
    "CHECKS",
    "CONTRACTS",
    "RULES",
    "SURFACE",
    "Bench",
    "Check",
    "Contract",
    "Failure",
    "Feature",
    "Forward",
    "Found",
    "Healing",
    "RecordedCampaign",
    "RecordedReport",
    "Result",
    "Run",
    "Status",
    "carry_out",
    "check",
    "contract_named",
    "contract_of",
    "lacking",
    "replay",
    "run_recorded_campaign",
    "shrink",
]
