"""A run as a document for programs, and as Markdown tables for readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ondevice.evaluation.metrics import LEAD_METRICS
from ondevice.evaluation.table import Row, SizeBin, mean_gain

SIGNIFICANT = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All that a run measured.

    Args:
        about: What was run: model, data, settings, machine; plain values.
        rows: The table.
        bins: The lead metric by profile size.
    """

    about: Mapping[str, Any]
    rows: Sequence[Row]
    bins: Sequence[SizeBin]

    def document(self) -> dict[str, Any]:
        """Return the JSON form."""
        gains = [
            {"strategy": strategy, "k": k, "decoding": decoding, "history": history, "gain": gain}
            for (strategy, k, decoding, history), gain in mean_gain(self.rows).items()
        ]
        return {
            "about": dict(self.about),
            "rows": [asdict(row) for row in self.rows],
            "mean_gain": gains,
            "by_profile_size": [asdict(each) for each in self.bins],
        }


def markdown_of(report: Report) -> str:
    """Return the tables: the mean gain over the tasks, then each task with its lead metric and all others."""
    lines = ["# LaMP", "", *(f"- {name}: {value}" for name, value in report.about.items()), ""]
    lines += _gain_lines(report.rows)
    for task in dict.fromkeys(row.task for row in report.rows):
        lines += _task_lines(task, [row for row in report.rows if row.task == task])
    return "\n".join(lines).rstrip() + "\n"


def _gain_lines(rows: Sequence[Row]) -> list[str]:
    gains = mean_gain(rows)
    if not gains:
        return []
    lines = [
        "## Mean relative gain over the same model without personalization",
        "",
        "Lead metric of each task, in its good direction, averaged over the tasks.",
        "",
        "| strategy | k | history | free | labels |",
        "|---|---|---|---|---|",
    ]
    for strategy, k, history in dict.fromkeys((cell[0], cell[1], cell[3]) for cell in gains):
        shown = [_percent(gains.get((strategy, k, decoding, history))) for decoding in ("free", "labels")]
        lines.append(f"| {strategy} | {k} | {history} | {' | '.join(shown)} |")
    return [*lines, ""]


def _task_lines(task: str, rows: Sequence[Row]) -> list[str]:
    n, n_users = rows[0].n, rows[0].n_users
    lines = [
        f"## {task}",
        "",
        f"{n} questions of {n_users} users; 95 % intervals by resampling users; * is p < {SIGNIFICANT} against none.",
        "",
        "| strategy | decoding | metric | value | interval | gain | s / question |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        star = "*" if row.p is not None and row.p < SIGNIFICANT else ""
        seconds = "" if row.seconds_per_question is None else f"{row.seconds_per_question:.2f}"
        lead = f"**{row.metric}**" if row.metric in LEAD_METRICS else row.metric
        lines.append(
            f"| {row.label} | {row.decoding} | {lead} | {row.value:.3f}{star} | {row.low:.3f} to {row.high:.3f} "
            f"| {_percent(row.gain)} | {seconds} |"
        )
    return [*lines, ""]


def _percent(gain: float | None) -> str:
    return "" if gain is None else f"{gain:+.1%}"
