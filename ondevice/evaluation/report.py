"""A run as a document for programs, and as Markdown tables for readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from ondevice.evaluation.comparisons import Comparison
from ondevice.evaluation.conditions import DECODINGS
from ondevice.evaluation.control_sizes import ControlSize, control_size_lines
from ondevice.evaluation.disjoint import DisjointFigures, disjoint_lines
from ondevice.evaluation.findings_table import findings_lines
from ondevice.evaluation.gains import MeanGain
from ondevice.evaluation.interval_words import (
    METHOD_WORDS,
    IntervalMethod,
    interval_words,
    p_words,
    with_honest_intervals,
)
from ondevice.evaluation.label_priors import LabelPrior, prior_lines
from ondevice.evaluation.learning_costs import LearningCost, learning_lines
from ondevice.evaluation.likelihoods import Agreement, agreement_lines
from ondevice.evaluation.metrics import LEAD_METRICS
from ondevice.evaluation.persona_figures import PersonaFigures, persona_lines
from ondevice.evaluation.standings import TaskStanding
from ondevice.evaluation.statistics.findings import Findings
from ondevice.evaluation.table import ADAPTERS, Row, SizeBin, adapter_words, further_columns

if TYPE_CHECKING:
    from ondevice.evaluation.fold_answers import FoldAnswers


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All that a run measured.

    Args:
        about: What was run: model, data, settings, machine; plain values.
        rows: The table.
        bins: The lead metric by profile size.
        gains: What each cell is worth over all tasks.
        comparisons: Pairs of cells, tested; exploratory.
        learning: What strategies that learn took before the questions.
        standings: How often each way of retrieving was best.
        findings: The comparisons that the run is judged by.
        intervals: How the intervals of rows, gains and comparisons were made.
        controls: How large another user's histories are beside the own ones.
        disjoint: The lead figures over the questions that share no item with the train split.
        priors: What labels are worth anyway, which was taken off their scores.
        agreements: Whether likelihood and score rank alike.
        personas: What personas are made of and take, and how alike those of different users are.
        answers: Where a fold was asked, what its users were answered; no part of the document.
    """

    about: Mapping[str, Any]
    rows: Sequence[Row]
    bins: Sequence[SizeBin]
    gains: Sequence[MeanGain] = ()
    comparisons: Sequence[Comparison] = ()
    learning: Sequence[LearningCost] = ()
    standings: Sequence[TaskStanding] = ()
    findings: Findings = field(default_factory=Findings)
    intervals: IntervalMethod = "t"
    controls: Sequence[ControlSize] = ()
    disjoint: Sequence[DisjointFigures] = ()
    priors: Sequence[LabelPrior] = ()
    agreements: Sequence[Agreement] = ()
    personas: Sequence[PersonaFigures] = ()
    answers: FoldAnswers | None = None

    def document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "about": dict(self.about),
            "intervals": self.intervals,
            **self.findings.document(),
            "rows": [asdict(row) for row in self.rows],
            "mean_gain": [asdict(gain) for gain in self.gains],
            "comparisons": [asdict(each) for each in self.comparisons],
            "by_profile_size": [asdict(each) for each in self.bins],
            "learning": [asdict(each) for each in self.learning],
            "standings": [asdict(each) for each in self.standings],
            "control_histories": [asdict(each) for each in self.controls],
            "item_disjoint": [asdict(each) for each in self.disjoint],
            "label_priors": [asdict(each) for each in self.priors],
            "agreements": [asdict(each) for each in self.agreements],
            "personas": [asdict(each) for each in self.personas],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the report that :meth:`document` told.

        What an older one lacks is empty. Its intervals stay as they were made, by drawing users anew.
        """
        return cls(
            about=document["about"],
            rows=[Row(**with_honest_intervals(each)) for each in document["rows"]],
            bins=[SizeBin(**each) for each in document["by_profile_size"]],
            gains=[MeanGain(**with_honest_intervals(each)) for each in document["mean_gain"]],
            comparisons=[Comparison(**with_honest_intervals(each)) for each in document["comparisons"]],
            learning=[LearningCost(**each) for each in document.get("learning", ())],
            standings=[TaskStanding(**each) for each in document.get("standings", ())],
            findings=Findings.from_document(document),
            intervals=document.get("intervals", "bootstrap"),
            controls=[ControlSize(**each) for each in document.get("control_histories", ())],
            disjoint=[DisjointFigures.from_document(each) for each in document.get("item_disjoint", ())],
            priors=[LabelPrior(**each) for each in document.get("label_priors", ())],
            agreements=[Agreement(**each) for each in document.get("agreements", ())],
            personas=[PersonaFigures(**each) for each in document.get("personas", ())],
        )


def markdown_of(report: Report) -> str:
    """Return the tables: the mean gain over the tasks, each task with its controls, and where the time goes."""
    lines = ["# LaMP", "", *(f"- {name}: {value}" for name, value in report.about.items()), ""]
    lines += findings_lines(report.findings)
    lines += _gain_lines(report.gains, report.intervals, _adapters(report.rows))
    for task in dict.fromkeys(row.task for row in report.rows):
        lines += _task_lines(task, [row for row in report.rows if row.task == task], report.intervals)
        lines += _control_lines([each for each in report.comparisons if each.task == task])
    lines += disjoint_lines(report.disjoint, report.rows)
    lines += control_size_lines(report.controls)
    lines += agreement_lines(report.agreements)
    lines += prior_lines(report.priors)
    lines += _standing_lines(report.standings)
    lines += learning_lines(report.learning)
    lines += persona_lines(report.personas)
    lines += _time_lines(report.rows)
    return "\n".join(lines).rstrip() + "\n"


def _adapters(rows: Sequence[Row]) -> dict[tuple[str, int, str], Counter[str]]:
    """Return how many adapters each strategy that learns used and trained, over the tasks; decodings share them."""
    by_cell: dict[tuple[str, int, str], dict[str, Counter[str]]] = {}
    for row in (row for row in rows if row.adapters):
        by_cell.setdefault((row.strategy, row.k, row.history), {})[row.task] = Counter(row.adapters)
    return {cell: sum(by_task.values(), Counter()) for cell, by_task in by_cell.items()}


def _gain_lines(
    gains: Sequence[MeanGain], method: IntervalMethod, adapters: Mapping[tuple[str, int, str], Mapping[str, int]]
) -> list[str]:
    if not gains:
        return []
    words = (
        "Users vary in both scores of a gain together. Exploratory."
        if method == "t"
        else "The score without personalization is taken for known, so they are too narrow. Exploratory."
    )
    lines = [
        "## Mean relative gain over the same model without personalization",
        "",
        f"Lead metric of each task, in its good direction, averaged over the tasks; {METHOD_WORDS[method]}. {words}",
        "",
        f"| strategy | k | history | free | tasks | labels | tasks |{f' {ADAPTERS} |' if adapters else ''}",
        f"|---|---|---|---|---|---|---|{'---|' if adapters else ''}",
    ]
    cells = {(gain.strategy, gain.k, gain.history, gain.decoding): gain for gain in gains}
    for strategy, k, history in dict.fromkeys((gain.strategy, gain.k, gain.history) for gain in gains):
        shown = [_mean(cells.get((strategy, k, history, decoding))) for decoding in DECODINGS]
        learned = f" {adapter_words(adapters.get((strategy, k, history), {}))} |" if adapters else ""
        lines.append(f"| {strategy} | {k} | {history} | {' | '.join(shown)} |{learned}")
    return [*lines, ""]


def _mean(gain: MeanGain | None) -> str:
    if gain is None:
        return " | "
    has_interval = gain.low is not None and gain.high is not None
    interval = f"{gain.low:+.1%} to {gain.high:+.1%}" if has_interval else "no interval"
    return f"{gain.gain:+.1%} ({interval}) | {gain.n_tasks}"


def _control_lines(comparisons: Sequence[Comparison]) -> list[str]:
    asked = [each for each in comparisons if each.question == "control"]
    if not asked:
        return []
    lines = [
        "Does it have to be the user's own history? The lead metric's change for the better against each control. "
        "Exploratory; Holm's adjustment is for the task's pairs.",
        "",
        "| own | control | decoding | better by | interval | p | p (Holm) |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in asked:
        lines.append(
            f"| {each.first} | {each.second} | {each.decoding} | {each.better_by:+.3f} "
            f"| {interval_words(each.low, each.high, n_users=each.n_users, form='+.3f')} "
            f"| {p_words(each.p)} | {p_words(each.p_holm)} |"
        )
    return [*lines, ""]


def _task_lines(task: str, rows: Sequence[Row], method: IntervalMethod) -> list[str]:
    n, n_users = rows[0].n, rows[0].n_users
    further = further_columns(rows)  # runs of earlier releases have none
    lines = [
        f"## {task}",
        "",
        f"{n} questions of {n_users} {'user' if n_users == 1 else 'users'}; {METHOD_WORDS[method]}. Exploratory.",
        "",
        f"| strategy | decoding | metric | value | interval | gain | {' | '.join([*further, 's / question'])} |",
        f"|---|---|---|---|---|---|{'---|' * (len(further) + 1)}",
    ]
    for row in rows:
        seconds = "" if row.seconds_per_question is None else f"{row.seconds_per_question:.2f}"
        lead = f"**{row.metric}**" if row.metric in LEAD_METRICS else row.metric
        lines.append(
            f"| {row.label} | {row.decoding} | {lead} | {row.value:.3f} "
            f"| {interval_words(row.low, row.high, n_users=row.n_users)} | {_percent(row.gain)} "
            f"| {' | '.join([*(row.further[name] for name in further), seconds])} |"
        )
    return [*lines, ""]


def _standing_lines(standings: Sequence[TaskStanding]) -> list[str]:
    largest = max((each.k for each in standings), default=0)
    shown = [each for each in standings if each.k == largest]
    if not shown:
        return []
    lines = [
        f"## Which way of retrieving is best, question by question, with {largest} items",
        "",
        "Best: no other did better (a selector's success rate). Alone: it did better than all others.",
        "",
        "| task | decoding | strategy | best | alone | chose |",
        "|---|---|---|---|---|---|",
    ]
    for each in shown:
        chose = ", ".join(f"{name} {n}" for name, n in each.choices.items())
        alone = "" if each.choices else f"{each.alone:.0%}"
        lines.append(f"| {each.task} | {each.decoding} | {each.strategy} | {each.best:.0%} | {alone} | {chose} |")
    return [*lines, ""]


def _time_lines(rows: Sequence[Row]) -> list[str]:
    timed = [row for row in rows if row.parts_ms and row.metric in LEAD_METRICS and row.history == "own"]
    largest = max((row.k for row in timed), default=0)
    shown = [row for row in timed if row.k in (0, largest)]
    if not shown:
        return []
    parts = list(shown[0].parts_ms)
    lines = [
        "## Where a question's time goes",
        "",
        "Milliseconds in the mean; `store` makes the profile, once for all of a question's cells.",
        "",
        f"| task | strategy | decoding | {' | '.join(parts)} |",
        f"|---|---|---|{'---|' * len(parts)}",
    ]
    for row in shown:
        times = " | ".join(f"{row.parts_ms[part]:.1f}" for part in parts)
        lines.append(f"| {row.task} | {row.label} | {row.decoding} | {times} |")
    return [*lines, ""]


def _percent(gain: float | None) -> str:
    return "" if gain is None else f"{gain:+.1%}"
