"""The paper's figure: encryptions per user against tree size, the settings side by side.

Needs matplotlib (the extra ``plot``), which is imported only when something is drawn. Nothing
global is changed, and no display is needed.
"""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

from agreement.wording import install_hint
from ttkem.errors import LocalError
from ttkem.simulation.runner import Scheme
from ttkem.simulation.summary import estimate, measure_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ttkem.simulation.runner import Results
    from ttkem.simulation.workloads import Setting

__all__ = ["OTHERS", "STYLES", "draw", "save"]

STYLES: dict[str, tuple[str, str, str]] = {
    Scheme.TKEM: ("#0072b2", "o", "-"),
    Scheme.TKEM_COMMIT: ("#d55e00", "s", "--"),
    Scheme.TTKEM: ("#009e73", "^", "-."),
}
OTHERS = (("#cc79a7", "D", ":"), ("#000000", "v", "-"), ("#e69f00", "o", "--"))
"""Colours, markers and lines for protocols that are not of the paper."""
_FORMATS = ("png", "svg")


def draw(results: Results, image_format: str, per: str = "user") -> bytes:
    """Return the figure as the bytes of a ``png`` or ``svg``; SVG bytes are deterministic.

    Both axes are logarithmic, bands are 95 % confidence intervals over seeds. ``per`` is ``user``,
    ``administrator`` or ``other``; settings without administrators are left out of the latter two.
    """
    measure_of(per)
    settings = [
        s
        for s in results.settings
        if per == "user" or any(r.administrators for r in results.records if r.setting is s)
    ]
    if not settings:
        raise LocalError(f"cannot draw a figure per {per}: no record has such a member")

    def panels(figure: Figure) -> None:
        row = figure.subplots(1, len(settings), sharey=True, squeeze=False)[0]
        for panel, setting in zip(row, settings, strict=True):
            _panel(panel, results, setting, per)
        row[0].set_ylabel(f"encryptions per {per}")
        row[0].legend(loc="upper left", frameon=False)

    return save(panels, image_format, width=1 + 4.4 * len(settings), height=4.6)


def save(
    panels: Callable[[Figure], None], image_format: str, *, width: float, height: float
) -> bytes:
    """Return the bytes of a ``png`` or ``svg`` of this size in inches, drawn by ``panels``."""
    if image_format not in _FORMATS:
        raise LocalError(
            f"cannot draw a figure of format {image_format!r}: choose {' or '.join(_FORMATS)}"
        )
    try:
        import matplotlib as mpl  # noqa: PLC0415 - an extra, imported where used
        from matplotlib.figure import Figure  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise LocalError(
            "cannot draw a figure: matplotlib is not installed; "
            + install_hint("matplotlib", "plot")
        ) from error
    out = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "ttkem", "font.size": 11}):
        figure = Figure(figsize=(width, height), layout="constrained")
        panels(figure)
        metadata = {"Date": None} if image_format == "svg" else {"Software": None}
        figure.savefig(out, format=image_format, dpi=150, metadata=metadata)
    return out.getvalue()


def _panel(panel: Axes, results: Results, setting: Setting, per: str) -> None:
    measure = measure_of(per)
    scales = results.scales(setting)
    for scheme in results.schemes:
        points = [
            (2**scale, estimate([measure(r) for r in records]))
            for scale in scales
            if (records := results.select(setting, scheme, scale))
        ]
        color, marker, line = STYLES[scheme]
        sizes = [size for size, _ in points]
        panel.plot(
            sizes,
            [e.mean for _, e in points],
            color=color,
            marker=marker,
            markersize=4,
            linestyle=line,
            label=scheme.value,
        )
        panel.fill_between(
            sizes,
            [e.low if math.isfinite(e.low) else e.mean for _, e in points],
            [e.high if math.isfinite(e.high) else e.mean for _, e in points],
            color=color,
            alpha=0.2,
            linewidth=0,
        )
    panel.set_xscale("log", base=2)
    panel.set_yscale("log", base=2)
    panel.set_xticks([2**scale for scale in scales])
    panel.yaxis.set_major_formatter("{x:g}")
    panel.set_title(setting.value)
    panel.set_xlabel("tree size (leaves)")
    panel.grid(visible=True, which="major", color="#dddddd", linewidth=0.6)
