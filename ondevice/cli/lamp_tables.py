"""LaMP's report on a terminal: the findings, and a table for each task."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from ondevice.evaluation.findings_table import findings_tables
from ondevice.evaluation.interval_words import interval_words
from ondevice.evaluation.report import Report
from ondevice.evaluation.table import Row, further_columns


def tables_of(measured: Report) -> list[Table]:
    """Return the report's tables."""
    tables = []
    for title, (head, *body) in findings_tables(measured.findings):
        table = Table(*head, title=title, title_justify="left", box=None, pad_edge=False)
        for cells in body:
            table.add_row(*cells)
        tables.append(table)
    for task in dict.fromkeys(row.task for row in measured.rows):
        rows = [row for row in measured.rows if row.task == task]
        further = further_columns(rows)
        heads = ("strategy", "decoding", "metric", "value", "95 %", "gain", *further, "s")
        table = Table(*heads, title=task, title_justify="left")
        for row in rows:
            table.add_row(*_cells(row, further))
        tables.append(table)
    return tables


def _cells(row: Row, further: Sequence[str]) -> list[str]:
    gain = "" if row.gain is None else f"{row.gain:+.1%}"
    seconds = "" if row.seconds_per_question is None else f"{row.seconds_per_question:.2f}"
    interval = interval_words(row.low, row.high, n_users=row.n_users)
    more = [row.further[name] for name in further]
    return [row.label, row.decoding, row.metric, f"{row.value:.3f}", interval, gain, *more, seconds]
