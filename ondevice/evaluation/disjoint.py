"""The lead figures over the questions that are item-disjoint from the train split, beside those over all.

A task adapter, or an encoder, may have learned from the train split; where users are divided, from the other fold. A
figure that falls without the shared items was partly memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.metrics import metrics_for
from ondevice.evaluation.table import CellOutcome, Row, rows_of

TRAIN_SPLIT, OTHER_FOLD = "the train split", "the other fold"


@dataclass(frozen=True, kw_only=True, slots=True)
class DisjointFigures:
    """One task's figures without the questions that share an item with what may have been learned.

    Args:
        n: Questions of the task.
        n_disjoint: Those that share nothing; ``None`` if the data have no train split of the task.
        rows: The lead metric of every cell over them; none where they are all of the questions, or none at all.
        known: What may have been learned.
    """

    task: str
    n: int
    n_disjoint: int | None
    rows: Sequence[Row] = field(default=(), repr=False)
    known: str = TRAIN_SPLIT

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the figures of their JSON form."""
        return cls(**{**document, "rows": tuple(Row(**row) for row in document["rows"])})


def disjoint_figures(
    split: LampSplit, outcomes: Sequence[CellOutcome], places: Sequence[int] | None
) -> DisjointFigures:
    """Return the figures of one task over the questions at these places; ``None`` if it is not known which.

    Where the users are divided into folds, the questions are those that share nothing with the other fold.

    Raises:
        ValueError: If a decoding lacks its run without personalization.
    """
    n = len(split.questions)
    known = OTHER_FOLD if split.folds else TRAIN_SPLIT
    if places is None or len(places) in (0, n):
        return DisjointFigures(task=split.name, n=n, n_disjoint=None if places is None else len(places), known=known)
    lead = metrics_for(split.task)[0].name
    rows = rows_of(split.at(places), [_at(outcome, places) for outcome in outcomes])
    rows_of_lead = tuple(row for row in rows if row.metric == lead)
    return DisjointFigures(task=split.name, n=n, n_disjoint=len(places), rows=rows_of_lead, known=known)


def disjoint_lines(figures: Sequence[DisjointFigures], rows: Sequence[Row]) -> list[str]:
    """Return the figures as Markdown, beside those of the rows over all questions."""
    if not figures:
        return []
    known = figures[0].known
    lines = [
        f"## Without items of {known}",
        "",
        "A question is item-disjoint if neither its text nor its free answer stands in a question, an answer or a "
        f"history of {known}. The lead metric over all questions, and over these alone.",
        "",
        *(f"- {each.task}: {_counted(each)}" for each in figures),
        "",
    ]
    if not any(each.rows for each in figures):
        return lines
    lines += [
        "| task | strategy | decoding | metric | all | item-disjoint | gain, all | gain, item-disjoint |",
        "|---|---|---|---|---|---|---|---|",
    ]
    over_all = {_cell(row): row for row in rows}
    for row in (row for each in figures for row in each.rows):
        whole = over_all[_cell(row)]
        lines.append(
            f"| {row.task} | {row.label} | {row.decoding} | {row.metric} | {whole.value:.3f} | {row.value:.3f} "
            f"| {_percent(whole.gain)} | {_percent(row.gain)} |"
        )
    return [*lines, ""]


def _at(outcome: CellOutcome, places: Sequence[int]) -> CellOutcome:
    """Return what a cell answered to the questions at these places: all that it has one of for each question."""
    n = len(outcome.answers)
    changes: dict[str, Any] = {}
    for each in fields(outcome):
        value = getattr(outcome, each.name)
        if isinstance(value, Sequence) and len(value) == n:
            changes[each.name] = [value[place] for place in places]
    return replace(outcome, **changes)


def _counted(figures: DisjointFigures) -> str:
    if figures.n_disjoint is None:
        return f"not known of its {figures.n} questions, because the data have no train split of it"
    return f"{figures.n_disjoint} of {figures.n} questions"


def _cell(row: Row) -> tuple[object, ...]:
    return row.task, row.strategy, row.k, row.decoding, row.history, row.metric


def _percent(gain: float | None) -> str:
    return "" if gain is None else f"{gain:+.1%}"
