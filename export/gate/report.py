"""What was tried, written down: a table to read, the same as JSON, and quality drawn against speed and against size."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from export.gate.bounds import Bounds
from export.gate.cpu import cpu_class
from export.gate.plots import Plot, Point, draw
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


def report(folder: Path, rows: Sequence[Row], title: str, *, bounds: Bounds | None = None) -> None:
    """Write ``results.json``, ``report.md`` and the plots (PNG and SVG) into a folder, which may exist.

    A plot is drawn where two rows or more have both of its numbers; the report says which are drawn.

    Args:
        folder: Where to; files of the same names are replaced.
        rows: One for each thing tried, all with the same columns: ``recipe`` names it, ``fault`` says why it may not
            be used (``None`` where it may), and the others are numbers.
        title: What was converted.
        bounds: Drawn as lines, and written down.

    Raises:
        StorageError: If the folder cannot be written.
    """
    if not rows or any(row.keys() != rows[0].keys() or NAME not in row for row in rows):
        raise ValueError(f"there must be rows, all with the same columns and {NAME!r} among them")
    limits = bounds or Bounds()
    plots = {
        name: plot
        for name, axes in (("quality-speed", _SPEED), ("quality-size", _SIZE))
        if (plot := _plot(rows, axes, title, limits)) is not None
    }
    document = {"format": FORMAT, "title": title, "cpu": cpu_class(), "bounds": limits.given(), "rows": list(rows)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "results.json", (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode())
        _write(folder / "report.md", _markdown(rows, title, limits, list(plots)).encode())
        for name, plot in plots.items():
            for kind, data in draw(plot).items():
                _write(folder / f"{name}.{kind}", data)
    except OSError as error:
        raise StorageError(f"the report {folder.name!r} cannot be written: {error.strerror}") from None


def _plot(rows: Sequence[Row], axes: Sequence[_Axis], title: str, bounds: Bounds) -> Plot | None:
    quality, other = _first(rows, _QUALITY), _first(rows, axes)
    if quality is None or other is None:
        return None
    points = []
    for row in rows:
        x, y = row[other.column], row[quality.column]
        if isinstance(x, int | float) and isinstance(y, int | float):
            holds = row.get(FAULT) is None
            points.append(Point(name=str(row[NAME]), x=x * other.factor, y=y * quality.factor, is_within=holds))
    if len(points) < 2:
        return None
    given = bounds.given()
    return Plot(
        title=title,
        subtitle=f"{len(points)} of {len(rows)} drawn, measured on {cpu_class()}",
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


def _markdown(rows: Sequence[Row], title: str, bounds: Bounds, plots: Sequence[str]) -> str:
    columns = list(rows[0])
    lines = [f"# {title}", "", f"Measured on {cpu_class()}.", ""]
    if bounds.given():
        lines += ["Bounds: " + ", ".join(f"`{name}` {value:g}" for name, value in bounds.given().items()) + ".", ""]
    lines.append("| " + " | ".join(columns) + " |")
    lines.append("|" + "|".join("---" if column in (NAME, FAULT) else "---:" for column in columns) + "|")
    lines += ["| " + " | ".join(_cell(column, row[column]) for column in columns) + " |" for row in rows]
    for name in plots:
        lines += ["", f"![{name}]({name}.png)"]
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
