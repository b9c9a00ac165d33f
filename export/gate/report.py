"""What was tried, written down: a table to read, the same as JSON, and quality drawn against speed and against size."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from export.gate.bounds import Bounds
from export.gate.cpu import cpu_class
from export.gate.plots import Plot, PlotPoint, draw
from ondevice.errors import StorageError

FORMAT = 1
NAME = "recipe"
FAULT = "fault"

Row = Mapping[str, str | float | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Axis:
    """A column that can be drawn: its heading, how its numbers look, and the bound that holds for it."""

    column: str
    label: str
    form: str = "{:.4f}"
    bound: str | None = None
    factor: float = 1.0


# The first column that is there is drawn.
_QUALITY = (
    _Axis(column="ndcg@10_drop", label="ndcg@10 lost, %", bound="ndcg_drop_max", factor=100),
    _Axis(column="perplexity_rise", label="perplexity risen, %", bound="perplexity_rise_max", factor=100),
    _Axis(column="agreement", label="agreement with the original", bound="agreement_min"),
    _Axis(
        column="ndcg@10_to_reference", label="ndcg@10, the original's ranking as truth", bound="ndcg_to_reference_min"
    ),
    _Axis(column="cosine", label="mean cosine to the original", bound="cosine_mean_min"),
)
_SPEED = (
    _Axis(
        column="speed_ratio", label="times as fast as the original, same run", form="{:.2f}", bound="speed_ratio_min"
    ),
    _Axis(column="texts_per_s", label="texts a second", form="{:.0f}"),
    _Axis(column="pairs_per_s", label="pairs a second", form="{:.0f}"),
    _Axis(column="read_ratio", label="prompt read, times as fast as the original", form="{:.2f}"),
    _Axis(column="read_tokens_per_s", label="prompt tokens read a second", form="{:.0f}"),
)
_SIZE = (_Axis(column="MB", label="size of the model file, MB", form="{:.1f}"),)
_FORMS = {axis.column: axis.form for axis in (*_QUALITY, *_SPEED, *_SIZE)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Trials:
    """What was tried.

    Args:
        title: What was converted.
        rows: One for each thing tried, all with the same columns: ``recipe`` names it, ``fault`` says why it may not
            be used (``None`` where it may), and the others are numbers.
        bounds: What was asked of each.
        cpu: The class of the processor that measured.
    """

    title: str
    rows: Sequence[Row]
    bounds: Bounds = field(default_factory=Bounds)
    cpu: str = field(default_factory=cpu_class)

    def __post_init__(self) -> None:
        """Refuse rows that make no table."""
        if not self.rows or any(row.keys() != self.rows[0].keys() or NAME not in row for row in self.rows):
            raise ValueError(f"there must be rows, all with the same columns and {NAME!r} among them")

    def document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "format": FORMAT,
            "title": self.title,
            "cpu": self.cpu,
            "bounds": self.bounds.given(),
            "rows": [dict(row) for row in self.rows],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the trials that :meth:`document` told."""
        return cls(
            title=document["title"],
            rows=document["rows"],
            bounds=Bounds(**document["bounds"]),
            cpu=document["cpu"],
        )


def report(folder: Path, rows: Sequence[Row], title: str, *, bounds: Bounds | None = None) -> None:
    """Write ``results.json``, ``report.md`` and the plots (PNG and SVG) into a folder, which may exist.

    A plot is drawn where two rows or more have both of its numbers; the report says which are drawn.

    Args:
        folder: Where to; files of the same names are replaced.
        rows: As :class:`Trials` has them.
        title: What was converted.
        bounds: Drawn as lines, and written down.

    Raises:
        StorageError: If the folder cannot be written.
    """
    trials = Trials(title=title, rows=rows, bounds=bounds or Bounds())
    plots = plots_of(trials)
    text = markdown_of(trials) + "".join(f"\n![{name}]({name}.png)\n" for name in plots)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "results.json", (json.dumps(trials.document(), indent=2, ensure_ascii=False) + "\n").encode())
        _write(folder / "report.md", text.encode())
        write_plots(folder, plots)
    except OSError as error:
        raise StorageError(f"the report {folder.name!r} cannot be written: {error.strerror}") from None


def plots_of(trials: Trials) -> dict[str, Plot]:
    """Return the plots by name: quality against speed and against size, where two rows or more have both numbers."""
    found = {name: _plot(trials, axes) for name, axes in (("quality-speed", _SPEED), ("quality-size", _SIZE))}
    return {name: plot for name, plot in found.items() if plot is not None}


def write_plots(folder: Path, plots: Mapping[str, Plot]) -> list[Path]:
    """Write each plot as PNG and as SVG into a folder that exists, and return the paths."""
    written = []
    for name, plot in plots.items():
        for kind, data in draw(plot).items():
            written.append(folder / f"{name}.{kind}")
            _write(written[-1], data)
    return written


def _plot(trials: Trials, axes: Sequence[_Axis]) -> Plot | None:
    quality, other = _first(trials.rows, _QUALITY), _first(trials.rows, axes)
    if quality is None or other is None:
        return None
    points = []
    for row in trials.rows:
        x, y = row[other.column], row[quality.column]
        if isinstance(x, int | float) and isinstance(y, int | float):
            holds = row.get(FAULT) is None
            points.append(PlotPoint(name=str(row[NAME]), x=x * other.factor, y=y * quality.factor, is_within=holds))
    if len(points) < 2:
        return None
    given = trials.bounds.given()
    return Plot(
        title=trials.title,
        subtitle=f"{len(points)} of {len(trials.rows)} drawn, measured on {trials.cpu}",
        x_label=other.label,
        y_label=quality.label,
        points=tuple(points),
        x_bound=_scaled(given.get(other.bound or ""), other),
        y_bound=_scaled(given.get(quality.bound or ""), quality),
        is_low_y_good=(quality.bound or "").endswith("_max"),
        is_low_x_good=other in _SIZE,
    )


def _scaled(bound: float | None, axis: _Axis) -> float | None:
    return None if bound is None else bound * axis.factor


def _first(rows: Sequence[Row], axes: Sequence[_Axis]) -> _Axis | None:
    for axis in axes:
        if sum(isinstance(row.get(axis.column), int | float) for row in rows) >= 2:
            return axis
    return None


def markdown_of(trials: Trials) -> str:
    """Return the table, and what it was held to."""
    columns, given = list(trials.rows[0]), trials.bounds.given()
    lines = [f"# {trials.title}", "", f"Measured on {trials.cpu}.", ""]
    if given:
        lines += ["Bounds: " + ", ".join(f"`{name}` {value:g}" for name, value in given.items()) + ".", ""]
    lines.append("| " + " | ".join(columns) + " |")
    lines.append("|" + "|".join("---" if column in (NAME, FAULT) else "---:" for column in columns) + "|")
    lines += ["| " + " | ".join(_cell(column, row[column]) for column in columns) + " |" for row in trials.rows]
    return "\n".join(lines) + "\n"


def _cell(column: str, value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("|", "\\|").replace("\n", " ")
    return _FORMS.get(column, "{:.6g}").format(value)


def _write(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
