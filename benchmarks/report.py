"""Write rows where they can be read (Markdown) and compared (JSON)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Row

RESULTS = Path(__file__).parent / "results"


def write(name: str, machine: dict[str, str], rows: Sequence[Row], *, folder: Path = RESULTS) -> Path:
    """Write ``name.json`` and ``name.md`` and return the latter's path."""
    folder.mkdir(parents=True, exist_ok=True)
    body = {"machine": machine, "rows": [row.as_json() for row in rows]}
    (folder / f"{name}.json").write_text(json.dumps(body, indent=1) + "\n", "utf-8")
    path = folder / f"{name}.md"
    path.write_text(_markdown(name, machine, rows), "utf-8")
    return path


def _markdown(name: str, machine: dict[str, str], rows: Sequence[Row]) -> str:
    lines = [f"# {name}", "", f"Reproduce: `python -m benchmarks {name}`", ""]
    lines += [f"- {key}: {value}" for key, value in machine.items()]
    lines += [
        "",
        "| case | condition | median | 10th to 90th | n | aim | |",
        "|---|---|--:|--:|--:|--:|---|",
    ]
    for row in rows:
        aim = "" if row.aim is None else f"{'≥' if row.aim_is_minimum else '≤'} {row.aim:g}"
        spread = f"{row.low:.3g} … {row.high:.3g}"
        cells = (row.case, row.condition, f"{row.median:.3g} {row.unit}", spread, str(row.n), aim, row.verdict)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
