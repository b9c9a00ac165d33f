"""Write a benchmark's rows where they can be read (Markdown) and compared (JSON)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.measure import Row
from benchmarks.study import RESULTS, read_study, write_study


def write(name: str, machine: Mapping[str, str], rows: Sequence[Row], *, folder: Path = RESULTS) -> Path:
    """Write ``name.json`` and ``name.md`` and return the latter's path."""
    write_study(folder / f"{name}.json", {"machine": machine, "rows": [row.as_json() for row in rows]})
    path = folder / f"{name}.md"
    path.write_text(markdown_of(folder / f"{name}.json"), "utf-8")
    return path


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a file that :func:`write` wrote."""
    return [Row.from_json(row) for row in read_study(path)["rows"]]


def markdown_of(path: Path) -> str:
    """Return the tables of a file that :func:`write` wrote."""
    lines = [f"# {path.stem}", "", f"Reproduce: `python -m benchmarks {path.stem}`", ""]
    lines += [f"- {key}: {value}" for key, value in read_study(path)["machine"].items()]
    lines += [
        "",
        "| case | condition | median | 10th to 90th | n | aim | |",
        "|---|---|--:|--:|--:|--:|---|",
    ]
    for row in read_rows(path):
        aim = "" if row.aim is None else f"{'≥' if row.aim_is_minimum else '≤'} {row.aim:g}"
        spread = f"{row.low:.3g} … {row.high:.3g}"
        cells = (row.case, row.condition, f"{row.median:.3g} {row.unit}", spread, str(row.n), aim, row.verdict)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
