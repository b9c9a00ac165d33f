"""How every picture of a run looks: a grid of panels, one palette, SVG that repeats byte for byte."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLORS = (
    "#444444",
    "#1b6ca8",
    "#e07a1f",
    "#3a8f5c",
    "#a8434f",
    "#6b5ca5",
    "#b09020",
    "#2aa5a0",
    "#7a4b2a",
    "#c2569b",
    "#111111",
)
GREY = "#8a8a8a"
MARKS = ("o", "s", "D", "^", "v", "P")

_WIDTH = 9.5
_STYLE = {
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "svg.hashsalt": "ondevice",
    "svg.fonttype": "none",
}


def require_plots() -> None:
    """Make sure that figures can be drawn.

    Raises:
        ImportError: If matplotlib is not installed; it names the install command.
    """
    try:
        import matplotlib  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise ImportError("the plots need matplotlib; run: pip install 'ondevice-sdk[evaluate]'") from error


@contextmanager
def figure(*, rows: int, columns: int, height: float) -> Iterator[tuple[Figure, list[Axes]]]:
    """Give a figure with ``rows`` times ``columns`` panels, each ``height`` inches high, row by row.

    Raises:
        ImportError: If matplotlib is not installed; it names the install command.
    """
    require_plots()
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        made = Figure(figsize=(_WIDTH, height * max(1, rows)), layout="constrained")
        yield made, [made.add_subplot(max(1, rows), columns, place + 1) for place in range(max(1, rows) * columns)]


def legend(drawing: Figure, colors: Mapping[str, str], marks: Mapping[str, str]) -> None:
    """Name the colours and the marks once for all panels."""
    from matplotlib.lines import Line2D

    named = [Line2D([], [], color=color, marker="o", markersize=4, label=name) for name, color in colors.items()]
    named += [
        Line2D([], [], color=GREY, marker=mark, markersize=4, linestyle="none", label=name)
        for name, mark in marks.items()
    ]
    drawing.legend(handles=named, loc="outside upper left", ncols=8, frameon=False, fontsize=8)


def svg(drawing: Figure) -> str:
    """Return the figure as an ``<svg>`` element."""
    buffer = io.StringIO()
    drawing.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
