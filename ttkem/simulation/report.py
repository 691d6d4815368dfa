"""Results as tables for a terminal, as CSV and as JSON. Nothing here prints or touches a file.

The text formats are deterministic: the same seeds give the same bytes, whatever the number of
processes. Both say which version of this package made them.

CSV: a first line ``# ttkem VERSION simulation records``, then one row a record with the columns

=============================  ===================================================================
``setting``                    ``administrators``, ``uniform`` or ``zipf``
``scheme``                     ``TKEM``, ``TKEM_commit`` or ``TTKEM``
``scale``                      ``i``, for a tree that grows from ``2**(i-1)`` leaves to ``2**i``
``seed``                       what the stream was drawn with
``users``                      everyone who was ever a member, administrators included
``administrators``             how many there are; 0 outside that setting
``operations``                 operations of the stream
``encryptions``                all after the start
``administrator_encryptions``  those by administrators
=============================  ===================================================================

JSON: an object with ``format`` (``"ttkem-simulation"``), ``schema`` (1), ``version``,
``interrupted``, ``records`` (objects with the columns above), ``crossings`` (the fields of
:class:`~ttkem.simulation.summary.Crossing`, ``at_top`` being the ratio minus 1 with its interval)
and ``commit_against_plain`` (``TKEM_commit`` against ``TKEM`` by setting and scale).
"""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import fields
from typing import TYPE_CHECKING

import ttkem
from ttkem.errors import LocalError, RemoteError
from ttkem.simulation.runner import Record, Results, Scheme
from ttkem.simulation.summary import compare, crossings, estimate, measure_of
from ttkem.simulation.workloads import Setting

if TYPE_CHECKING:
    from rich.table import Table

    from ttkem.simulation.summary import Comparison, Crossing, Estimate

__all__ = ["averages_table", "comparison_table", "crossings_table", "from_csv", "to_csv", "to_json"]

_COLUMNS = tuple(field.name for field in fields(Record))
SCHEMA = 1


def to_csv(results: Results) -> str:
    """Return all records as CSV, which :func:`from_csv` reads."""
    out = io.StringIO()
    out.write(f"# ttkem {ttkem.__version__} simulation records\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows([getattr(record, name) for name in _COLUMNS] for record in results.records)
    return out.getvalue()


def from_csv(text: str) -> Results:
    """Read records from CSV; raise a :class:`~ttkem.errors.RemoteError` at the first bad line."""
    lines = text.splitlines()
    records = []
    header = True
    for number, line in enumerate(lines, start=1):
        if line.startswith("#") or not line:
            continue
        row = line.split(",")
        if header:
            if tuple(row) != _COLUMNS:
                raise RemoteError(f"line {number}: the header must read {','.join(_COLUMNS)}")
            header = False
            continue
        if len(row) != len(_COLUMNS):
            raise RemoteError(f"line {number}: {len(_COLUMNS)} fields are needed, not {len(row)}")
        try:
            records.append(Record(Setting(row[0]), Scheme(row[1]), *map(int, row[2:])))
        except ValueError as error:
            raise RemoteError(f"line {number}: {error}") from None
    if header:
        raise RemoteError("line 1: cannot read records: the file has no header")
    return Results(tuple(records))


def to_json(results: Results) -> str:
    """Return records, crossings and the comparison of the blanking schemes, as JSON."""
    document = {
        "format": "ttkem-simulation",
        "schema": SCHEMA,
        "version": ttkem.__version__,
        "interrupted": results.interrupted,
        "records": [
            {name: getattr(record, name) for name in _COLUMNS} for record in results.records
        ],
        "crossings": [_crossing(c) for c in crossings(results)],
        "commit_against_plain": [
            {
                "setting": c.setting,
                "scale": c.scale,
                "excess": _interval(c.excess),
                "verdict": c.verdict,
            }
            for c in compare(results, Scheme.TKEM_COMMIT, Scheme.TKEM)
        ],
    }
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def averages_table(results: Results, setting: Setting, per: str = "user") -> Table:
    """Return a table of mean encryptions per member, with 95 % confidence intervals.

    ``per`` chooses the members: ``user`` (all), ``administrator`` or ``other``.
    """
    from rich.table import Table  # noqa: PLC0415 - heavy, imported where used

    measure = measure_of(per)
    if setting not in results.settings:
        raise LocalError(f"cannot make a table: there are no records of the setting {setting}")
    table = Table(title=f"{setting}: encryptions per {per}")
    table.add_column("2^i", justify="right")
    table.add_column("seeds", justify="right")
    for scheme in results.schemes:
        table.add_column(scheme.value, justify="right")
    for scale in results.scales(setting):
        cells = []
        seeds = 0
        for scheme in results.schemes:
            values = [measure(r) for r in results.select(setting, scheme, scale)]
            cells.append(_figure(estimate(values)) if values else "")
            seeds = max(seeds, len(values))
        table.add_row(f"2^{scale}", str(seeds), *cells)
    return table


def crossings_table(found: tuple[Crossing, ...]) -> Table:
    """Return a table of the scales at which TTKEM falls below each blanking scheme for good."""
    from rich.table import Table  # noqa: PLC0415 - heavy, imported where used

    table = Table(title="TTKEM against blanking TreeKEM")
    for name in ("setting", "against", "crosses at 2^i, i =", "95 % interval", "at the top"):
        table.add_column(name)
    for c in found:
        where = c.verdict if c.position is None else f"{c.position:.2f}"
        interval = "" if c.low is None else f"{c.low:.2f} to {c.high:.2f}"
        top = f"{100 * c.at_top.excess.mean:+.0f} % at 2^{c.at_top.scale}"
        table.add_row(c.setting.value, c.baseline.value, where, interval, top)
    return table


def comparison_table(compared: tuple[Comparison, ...]) -> Table:
    """Return a table that compares two schemes at each scale.

    The verdict is ``undecided`` where the confidence interval contains 0.
    """
    from rich.table import Table  # noqa: PLC0415 - heavy, imported where used

    title = f"{compared[0].scheme} against {compared[0].baseline}" if compared else "no comparison"
    table = Table(title=title)
    for name in ("setting", "2^i", "excess", "95 % interval", "verdict"):
        table.add_column(name)
    for c in compared:
        table.add_row(
            c.setting.value,
            f"2^{c.scale}",
            f"{100 * c.excess.mean:+.1f} %",
            _percent(c.excess),
            c.verdict,
        )
    return table


def _percent(value: Estimate) -> str:
    if value.seeds == 1:
        return "one seed: none"
    return f"{100 * value.low:+.1f} % to {100 * value.high:+.1f} %"


def _figure(value: Estimate) -> str:
    if value.seeds == 1:
        return f"{value.mean:.1f}"
    return f"{value.mean:.1f} ± {value.mean - value.low:.1f}"


def _interval(value: Estimate) -> dict[str, float | int | None]:
    finite = math.isfinite(value.low)
    return {
        "mean": value.mean,
        "low": value.low if finite else None,
        "high": value.high if finite else None,
        "seeds": value.seeds,
    }


def _crossing(c: Crossing) -> dict[str, object]:
    return {
        "setting": c.setting,
        "baseline": c.baseline,
        "lower_scale": c.lower_scale,
        "upper_scale": c.upper_scale,
        "position": c.position,
        "low": c.low,
        "high": c.high,
        "found": c.found,
        "top_scale": c.at_top.scale,
        "at_top": _interval(c.at_top.excess),
    }
