"""From all that a run's cells answered, task by task, to its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ondevice.evaluation.comparisons import Comparison, comparisons_of
from ondevice.evaluation.control_sizes import ControlSize, control_size
from ondevice.evaluation.disjoint import DisjointFigures, disjoint_figures
from ondevice.evaluation.gains import TaskGain, mean_gains, task_gains
from ondevice.evaluation.histories import own_history
from ondevice.evaluation.label_priors import LabelPrior
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.learning_costs import LearningCost, learning_costs
from ondevice.evaluation.likelihoods import Agreement, agreements_of
from ondevice.evaluation.persona_figures import PersonaFigures, persona_figures
from ondevice.evaluation.report import Report
from ondevice.evaluation.scores import lead_scores, likelihood_scores
from ondevice.evaluation.standings import TaskStanding, standings_of
from ondevice.evaluation.statistics.findings import find
from ondevice.evaluation.statistics.user_means import TaskScores
from ondevice.evaluation.table import CellOutcome, Row, SizeBin, rows_of, size_bins


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskOutcomes:
    """What one task's cells answered.

    Args:
        split: The questions.
        cells: Every cell's answers, in the questions' order.
        disjoint: The places of the questions that share no item with what may have been learned; ``None`` if that is
            not known.
        priors: What the labels are worth anyway, where their scores are told less that.
    """

    split: LampSplit = field(repr=False)
    cells: Sequence[CellOutcome] = field(repr=False)
    disjoint: Sequence[int] | None = field(default=None, repr=False)
    priors: Sequence[LabelPrior] = ()


def priors_of(cells: Sequence[CellOutcome]) -> list[LabelPrior]:
    """Return what the labels were worth anyway in a run, by what stands in the prompt."""
    measured = {frame: prior for cell in cells for frame, prior in cell.priors.items()}
    return [
        measured[frame] for frame in sorted(measured, key=lambda each: (each.k, each.has_summary, each.persona or ""))
    ]


def n_guarded(tasks: Sequence[TaskOutcomes]) -> int:
    """Return how many entries were left out of histories because they give the answer away."""
    return sum(own_history(task.split, place).n_guarded for task in tasks for place in range(len(task.split.questions)))


def report_from(tasks: Sequence[TaskOutcomes], about: Mapping[str, Any]) -> Report:
    """Gather the tables.

    Raises:
        ValueError: If a decoding lacks its run without personalization.
    """
    rows: list[Row] = []
    bins: list[SizeBin] = []
    gains: list[TaskGain] = []
    comparisons: list[Comparison] = []
    learning: list[LearningCost] = []
    standings: list[TaskStanding] = []
    scored: list[tuple[TaskScores, TaskScores | None]] = []
    controls: list[ControlSize] = []
    disjoint: list[DisjointFigures] = []
    agreements: list[Agreement] = []
    personas: list[PersonaFigures] = []
    for task in tasks:
        split, cells = task.split, task.cells
        sizes = [len(own_history(split, place).drafts) for place in range(len(split.questions))]
        rows += rows_of(split, cells)
        bins += size_bins(split, cells, sizes)
        gains += task_gains(split, cells)
        comparisons += comparisons_of(split, cells)
        learning += learning_costs(split.name, cells)
        standings += standings_of(split, cells)
        scored.append((lead_scores(split, cells), likelihood_scores(split, cells)))
        if any(cell.condition.history == "other" for cell in cells):
            controls.append(control_size(split))
        disjoint.append(disjoint_figures(split, cells, task.disjoint))
        agreements += agreements_of(split, cells)
        personas += persona_figures(split, cells)
    return Report(
        about=about,
        rows=rows,
        bins=bins,
        gains=mean_gains(gains),
        comparisons=comparisons,
        learning=learning,
        standings=standings,
        findings=find([lead for lead, _ in scored], [each for _, each in scored if each is not None]),
        controls=controls,
        disjoint=disjoint,
        agreements=agreements,
        personas=personas,
        priors=[prior for task in tasks for prior in task.priors],
    )
