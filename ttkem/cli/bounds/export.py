"""Write the bounds as a CSV file and as figures.

The CSV file has a first line ``# ttkem VERSION security bounds``, then a row for each number of
members, number of operations and bound, with the columns of :data:`COLUMNS`. The numbers of members
are the powers of two of the figure. ``guarantee`` is 1 if an upper bound on the loss is known and
bits are left: then ``security_bits`` are guaranteed. Otherwise it is 0: at most ``security_bits``
are left.
"""

from __future__ import annotations

import csv
import io
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import ttkem
from ttkem.bounds import BOUNDS
from ttkem.cli.files import draw_figure
from ttkem.simulation import plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ttkem.cli.bounds.question import Question

__all__ = ["COLUMNS", "csv_text", "figures"]

COLUMNS = (
    "suite",
    "members",
    "operations",
    "bound",
    "encryption_bits",
    "loss_bits",
    "security_bits",
    "guarantee",
)
DRAWN_MEMBERS = tuple(1 << height for height in range(1, 16))
DRAWN_OPERATIONS = (1 << 10, 1 << 20, 1 << 30, 1 << 40)
STYLES = {
    "rom": ("#009e73", "^", "-"),
    "standard": ("#d55e00", "s", "--"),
    "before": ("#0072b2", "o", "-."),
}


def csv_text(question: Question) -> str:
    """Return the CSV file."""
    out = io.StringIO()
    out.write(f"# ttkem {ttkem.__version__} security bounds\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for operations, bound, members in product(DRAWN_OPERATIONS, BOUNDS, DRAWN_MEMBERS):
        left = question.guarantee(bound, members, operations)
        bits = (left.encryption, f"{left.loss:.3f}", f"{left.bits:.3f}", int(left.holds))
        writer.writerow((question.suite, members, operations, bound.name, *bits))
    return out.getvalue()


def figures(question: Question) -> tuple[dict[str, bytes | str], str]:
    """Return the figures; or none, and why none can be drawn."""

    def panels(figure: Figure) -> None:
        row = figure.subplots(1, len(DRAWN_OPERATIONS), sharey=True)
        for panel, operations in zip(row, DRAWN_OPERATIONS, strict=True):
            _panel(panel, question, operations)
        row[0].set_ylabel(f"bits left of {question.encryption}")
        row[-1].legend(loc="upper right", frameon=False)

    width = 1 + 3.2 * len(DRAWN_OPERATIONS)
    return draw_figure("bounds", partial(plot.save, panels, width=width, height=4.2))


def _panel(panel: Axes, question: Question, operations: int) -> None:
    for bound in BOUNDS:
        color, marker, line = STYLES[bound.name]
        panel.plot(
            DRAWN_MEMBERS,
            [question.guarantee(bound, members, operations).bits for members in DRAWN_MEMBERS],
            color=color,
            marker=marker,
            markersize=4,
            linestyle=line,
            label=bound.formula,
        )
    panel.set_xscale("log", base=2)
    panel.set_title(f"Q = 2^{operations.bit_length() - 1}")
    panel.set_xlabel("members")
    panel.grid(visible=True, which="major", color="#dddddd", linewidth=0.6)
