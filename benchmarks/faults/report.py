"""Count the verdicts by kind, and write them as a table, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.faults.comparing import Bad
from benchmarks.faults.kinds import Kind
from benchmarks.faults.tampering import NAMED, NOTHING_LOST

COLUMNS = ("injected", "survived", "seen", "nothing lost", "named", *Bad)
MEANINGS = """\
- **survived**: no bad count. A crash, torn write, power cut, full or failing disk survives if what was acknowledged is
  there and everything forgotten is gone; a change of bytes if it was seen, or took nothing.
- **seen**: an error of ours at opening or reading, or a flaw that `check()` names. After a refused opening the right
  files were put back, and everything had to be there.
- **nothing lost**: the change took nothing and brought nothing back (a cache, unused bytes, SQLite's shared memory).
- **named**: not seen, because nothing in a folder can prove its own age; the threat model says so.
- **lost**: something acknowledged is missing or another. **half-forgotten**: an erasure that had begun was not finished
  by the next opening. **left behind**: something of a forgotten item lies in a decrypted page, log frame or blob, or a
  leftover file stays. **unseen**: a change that lost or brought back something, without an error or a flaw. **wrong**:
  a false alarm of `check()`, an error that is none of ours, a hang, a crash of the process.
"""


@dataclass
class Row:
    """What became of one kind of fault."""

    injected: int = 0
    survived: int = 0
    how: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)

    def cells(self) -> list[int]:
        """Return the numbers in the order of :data:`COLUMNS`."""
        seen = sum(count for how, count in self.how.items() if how not in (NAMED, NOTHING_LOST))
        return [
            self.injected,
            self.survived,
            seen,
            self.how[NOTHING_LOST],
            self.how[NAMED],
            *(self.bad[each] for each in Bad),
        ]


class Tally:
    """All verdicts of a run."""

    def __init__(self) -> None:
        """Count nothing yet."""
        self.rows: dict[str, Row] = {}
        self.failures: list[dict[str, Any]] = []
        self.struck: Counter[str] = Counter()

    def add(self, fault: dict[str, Any]) -> None:
        """Count one fault, as the worker told it."""
        row = self.rows.setdefault(fault["kind"], Row())
        row.injected += 1
        self.struck[fault["during"] or fault["where"]] += 1
        bad = {problem["bad"] for problem in fault["problems"]}
        row.bad.update(bad)
        if bad:
            self.failures.append(fault)
        else:
            row.survived += 1
            row.how.update([fault["how"]] if fault["how"] else [])

    @property
    def n_faults(self) -> int:
        """How many were injected."""
        return sum(row.injected for row in self.rows.values())

    @property
    def n_bad(self) -> int:
        """How many did not survive."""
        return len(self.failures)

    def lines(self) -> Iterable[tuple[str, list[int]]]:
        """Yield each kind that occurred, in the table's order, and the sum."""
        found = [(kind.value, self.rows[kind].cells()) for kind in Kind if kind in self.rows]
        yield from found
        yield "all", [sum(cells) for cells in zip(*(cells for _, cells in found), strict=True)]

    def table(self) -> Table:
        """Return the table for a terminal."""
        table = Table(box=None, pad_edge=False)
        table.add_column("fault", no_wrap=True)
        for column in COLUMNS:
            table.add_column(column, justify="right")
        for kind, cells in self.lines():
            table.add_row(kind, *map(str, cells))
        return table

    def as_json(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        return {
            "kinds": {
                kind: {**dict(zip(COLUMNS, cells, strict=True)), "how": dict(self.rows[kind].how.most_common())}
                for kind, cells in self.lines()
                if kind in self.rows
            },
            "struck": dict(self.struck.most_common()),
            "failures": self.failures,
        }


def write(folder: Path, machine: dict[str, str], run: dict[str, Any], tally: Tally) -> Path:
    """Write ``faults.json`` and ``faults.md`` and return the latter's path."""
    body = {"machine": machine, "run": run, **tally.as_json()}
    (folder / "faults.json").write_text(json.dumps(body, separators=(",", ":")) + "\n", "utf-8")
    lines = [
        "# faults",
        "",
        f"Reproduce: `python -m benchmarks.faults --faults {run['faults']} --seed {run['seed']}`",
        "",
    ]
    lines += [f"- {key}: {value}" for key, value in {**machine, **run}.items()]
    lines += ["", f"| fault | {' | '.join(COLUMNS)} |", f"|---|{'--:|' * len(COLUMNS)}"]
    lines += [f"| {kind} | {' | '.join(map(str, cells))} |" for kind, cells in tally.lines()]
    path = folder / "faults.md"
    path.write_text("\n".join(lines) + "\n\n" + MEANINGS, "utf-8")
    return path
