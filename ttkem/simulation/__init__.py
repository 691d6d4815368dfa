"""The costs of group key agreement: KPWK21's simulations, without any cryptography.

Fast symbolic models of the protocols count ciphertexts (:class:`TaintedCosts`,
:class:`BlankingCosts`); :func:`make_workload` draws the paper's streams and :func:`trace_workload`
makes one from recorded activity; :func:`run_scales` runs every scheme at every scale, and the other
functions summarise the results. Sources: KPWK21 sections on Lemma 1 and the simulations,
specification T3, T4 and T7. Design decisions of this project are marked as such.
"""

from ttkem.simulation.blanking_costs import BlankingCosts, Rekeying
from ttkem.simulation.plot import draw
from ttkem.simulation.report import (
    averages_table,
    comparison_table,
    crossings_table,
    from_csv,
    to_csv,
    to_json,
)
from ttkem.simulation.runner import (
    CostEngine,
    Job,
    Record,
    Results,
    Scheme,
    default_seeds,
    new_engine,
    run_scales,
    run_workload,
)
from ttkem.simulation.summary import (
    Comparison,
    Crossing,
    Estimate,
    compare,
    crossings,
    estimate,
)
from ttkem.simulation.tainted_costs import Refresh, TaintedCosts
from ttkem.simulation.trace_replay import (
    Disagreement,
    Replay,
    replay,
    replay_for_real,
    replay_protocol,
)
from ttkem.simulation.trace_report import (
    draw_replays,
    replays_table,
    replays_to_csv,
    replays_to_json,
)
from ttkem.simulation.traces import (
    Activity,
    TraceWorkload,
    demo_trace,
    make_demo_trace,
    parse_trace,
    trace_workload,
)
from ttkem.simulation.workloads import Action, Setting, Step, Workload, make_workload

__all__ = [
    "Action",
    "Activity",
    "BlankingCosts",
    "Comparison",
    "CostEngine",
    "Crossing",
    "Disagreement",
    "Estimate",
    "Job",
    "Record",
    "Refresh",
    "Rekeying",
    "Replay",
    "Results",
    "Scheme",
    "Setting",
    "Step",
    "TaintedCosts",
    "TraceWorkload",
    "Workload",
    "averages_table",
    "compare",
    "comparison_table",
    "crossings",
    "crossings_table",
    "default_seeds",
    "demo_trace",
    "draw",
    "draw_replays",
    "estimate",
    "from_csv",
    "make_demo_trace",
    "make_workload",
    "new_engine",
    "parse_trace",
    "replay",
    "replay_for_real",
    "replay_protocol",
    "replays_table",
    "replays_to_csv",
    "replays_to_json",
    "run_scales",
    "run_workload",
    "to_csv",
    "to_json",
    "trace_workload",
]
