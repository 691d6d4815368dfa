"""Replays of a trace as a table, CSV, JSON and a figure. Nothing here prints or touches a file.

CSV: a first line ``# ttkem VERSION trace replay``, then one row a step of the stream with the
columns ``step``, ``time`` (Unix seconds), ``action``, ``author`` and ``target`` (user numbers),
``members`` (after the step), and the ciphertexts under each scheme.

JSON: an object with ``format`` (``"ttkem-replay"``), ``schema`` (1), ``version``, ``trace`` (its
name), ``steps`` and ``replays``: for each scheme its totals, and whether it was run for real.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from itertools import accumulate, cycle
from typing import TYPE_CHECKING

import ttkem
from ttkem.simulation.plot import OTHERS, STYLES, save

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from rich.table import Table

    from ttkem.simulation.trace_replay import Replay
    from ttkem.simulation.traces import TraceWorkload

__all__ = ["draw_replays", "replays_table", "replays_to_csv", "replays_to_json"]

SCHEMA = 1


def replays_table(replays: Sequence[Replay], title: str) -> Table:
    """Return a table with a column for each scheme; real replays have additional rows."""
    from rich.table import Table  # noqa: PLC0415 - heavy, imported where used

    rows: dict[str, list[str]] = {
        "operations": [f"{len(r.costs):,}" for r in replays],
        "users": [f"{r.users:,}" for r in replays],
        "largest group": [f"{max(r.members, default=0):,}" for r in replays],
        "encryptions": [f"{r.encryptions:,}" for r in replays],
        "  per user": [f"{r.per_user:.1f}" for r in replays],
        "  per operation": [f"{r.per_operation:.2f}" for r in replays],
    }
    if all(r.real for r in replays):
        rows |= {
            "epochs, all keys equal": [f"{len(r.costs) + 1:,}" for r in replays],
            "messages processed": [f"{r.processed:,}" for r in replays],
            "bytes of messages": [f"{r.message_bytes:,}" for r in replays],
        }
    table = Table("", *(r.scheme for r in replays), title=title)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, cells in rows.items():
        table.add_row(name, *cells)
    return table


def replays_to_csv(trace: TraceWorkload, replays: Sequence[Replay]) -> str:
    """Return as CSV the steps that all replays have done, each with its cost under each scheme."""
    out = io.StringIO()
    out.write(f"# ttkem {ttkem.__version__} trace replay\n")
    writer = csv.writer(out, lineterminator="\n")
    columns = ("step", "time", "action", "author", "target", "members")
    writer.writerow((*columns, *(r.scheme for r in replays)))
    done = min((len(r.costs) for r in replays), default=0)
    for number in range(done):
        step = trace.workload.steps[number]
        writer.writerow(
            (
                number,
                f"{trace.times[number]:.0f}",
                step.action.value,
                step.author,
                step.target,
                replays[0].members[number],
                *(r.costs[number] for r in replays),
            )
        )
    return out.getvalue()


def replays_to_json(trace: TraceWorkload, replays: Sequence[Replay], name: str) -> str:
    """Return the totals of each replay as JSON."""
    document = {
        "format": "ttkem-replay",
        "schema": SCHEMA,
        "version": ttkem.__version__,
        "trace": name,
        "steps": len(trace.workload.steps),
        "replays": [
            {
                "scheme": r.scheme,
                "users": r.users,
                "operations": len(r.costs),
                "largest_group": max(r.members, default=0),
                "encryptions": r.encryptions,
                "encryptions_per_user": r.per_user,
                "encryptions_per_operation": r.per_operation,
                "real": r.real,
                "processed": r.processed,
                "message_bytes": r.message_bytes,
                "interrupted": r.interrupted,
            }
            for r in replays
        ],
    }
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def draw_replays(trace: TraceWorkload, replays: Sequence[Replay], image_format: str) -> bytes:
    """Draw cumulative encryptions over time, above the size of the group, as ``png`` or ``svg``."""

    def panels(figure: Figure) -> None:
        _panels(figure, trace, replays)

    return save(panels, image_format, width=8.0, height=5.6)


def _panels(figure: Figure, trace: TraceWorkload, replays: Sequence[Replay]) -> None:
    costs, sizes = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    dates = [datetime.fromtimestamp(time, tz=UTC) for time in trace.times]
    others = cycle(OTHERS)
    for r in replays:
        color, _, line = STYLES.get(r.scheme, next(others))
        done = dates[: len(r.costs)]
        costs.plot(done, [*accumulate(r.costs)], color=color, linestyle=line, label=r.scheme)
    costs.set_ylabel("encryptions so far")
    costs.legend(loc="upper left", frameon=False)
    longest = max(replays, key=lambda r: len(r.members))
    sizes.step(dates[: len(longest.members)], longest.members, color="#555555", where="post")
    sizes.set_ylabel("members")
    sizes.set_ylim(bottom=0)
    for panel in (costs, sizes):
        panel.grid(visible=True, which="major", color="#dddddd", linewidth=0.6)
