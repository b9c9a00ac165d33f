"""LaMP in one call: which tasks, which cells, and the report of what each is worth."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ondevice.evaluation.answers import AnswerStore
from ondevice.evaluation.comparisons import Comparison, comparisons_of
from ondevice.evaluation.conditions import DECODINGS, STRATEGIES, Condition, Decoding, conditions_for
from ondevice.evaluation.gains import TaskGain, mean_gains, task_gains
from ondevice.evaluation.histories import own_history
from ondevice.evaluation.lamp_data import LampSplit, lamp_tasks, read_lamp_split
from ondevice.evaluation.report import Report
from ondevice.evaluation.runner import RunConfig, Runner
from ondevice.evaluation.table import Outcome, Row, SizeBin, rows_of, size_bins
from ondevice.generation.prompts import labels_for

OnTask = Callable[[str, int, int], None]
"""Called with a task's name, its questions done, and their number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LampPlan:
    """What to measure.

    Args:
        data: A folder with one folder for each task.
        split: The files' prefix.
        tasks: Names of folders; none means all that hold the split.
        strategies: Names of strategies; ``none`` is always measured.
        ks: Numbers of items.
        decodings: How answers are decoded; tasks without labels are decoded freely.
        control: The strategy that is also run with another user's history and with shuffled labels.
        limit: Questions a task; ``None`` takes all.
    """

    data: Path
    split: str = "dev"
    tasks: Sequence[str] = ()
    strategies: Sequence[str] = tuple(STRATEGIES)
    ks: Sequence[int] = (1, 2, 4)
    decodings: Sequence[Decoding] = DECODINGS
    control: str | None = "bm25"
    limit: int | None = None

    def splits(self) -> list[LampSplit]:
        """Read the tasks' files.

        Raises:
            NotFoundError: If a folder or a file is missing.
            InputError: If a file has the wrong form.
        """
        names = self.tasks or lamp_tasks(self.data, self.split)
        return [read_lamp_split(self.data / name, self.split).first(self.limit) for name in names]

    def conditions(self, split: LampSplit) -> list[Condition]:
        """Return one task's cells.

        A task with free text is decoded freely whatever was asked for, and a single user has no other to borrow a
        history from.
        """
        decodings = self.decodings if labels_for(split.task) is not None else ("free",)
        cells = conditions_for(
            split.task, strategies=self.strategies, ks=self.ks, decodings=decodings, control=self.control
        )
        is_alone = len({question.user for question in split.questions}) == 1
        return [cell for cell in cells if not (is_alone and cell.history == "other")]


class RunsSplits(Protocol):
    """Whatever answers a split: the runner of this process, or one that spreads the users over machines."""

    def run(
        self, split: LampSplit, conditions: Sequence[Condition], *, on_progress: Callable[[int, int], None] | None
    ) -> list[Outcome]:
        """Answer every question of the split under every condition."""


def evaluate_lamp(
    plan: LampPlan, config: RunConfig, *, answers: Path | None = None, on_task: OnTask | None = None
) -> Report:
    """Measure the plan's cells in this process.

    Args:
        plan: What to measure.
        config: With which models.
        answers: A file of answers, so that a run that is stopped goes on where it was, or ``None``.
        on_task: Told how far each task is.

    Raises:
        NotFoundError: If data or models are missing.
        InputError: If a file has the wrong form; it names the file and the record.
        ValueError: If a strategy or a k is not possible.
    """
    splits = plan.splits()
    for split in splits:
        plan.conditions(split)  # a wrong name shows now, not after an hour
    with AnswerStore(answers) as store, Runner(config, store) as runner:
        return report_of(plan, config, splits, runner, on_task=on_task)


def report_of(
    plan: LampPlan,
    config: RunConfig,
    splits: Sequence[LampSplit],
    runner: RunsSplits,
    *,
    on_task: OnTask | None = None,
) -> Report:
    """Run every split and gather the tables."""
    started = time.perf_counter()
    rows: list[Row] = []
    bins: list[SizeBin] = []
    gains: list[TaskGain] = []
    comparisons: list[Comparison] = []
    guarded = 0
    for split in splits:
        outcomes = runner.run(split, plan.conditions(split), on_progress=_named(split.name, on_task))
        histories = [own_history(split, place) for place in range(len(split.questions))]
        guarded += sum(history.n_guarded for history in histories)
        rows += rows_of(split, outcomes)
        bins += size_bins(split, outcomes, [len(history.drafts) for history in histories])
        gains += task_gains(split, outcomes)
        comparisons += comparisons_of(split, outcomes)
    about = {
        "model": config.generator,
        "encoder": config.encoder,
        "split": plan.split,
        "questions a task": "all" if plan.limit is None else f"at most {plan.limit}",
        "longest answer, tokens": config.max_tokens,
        "items left out because they give the answer away": guarded,
        "seconds in all": round(time.perf_counter() - started, 1),
    }
    return Report(about=about, rows=rows, bins=bins, gains=mean_gains(gains), comparisons=comparisons)


def _named(name: str, on_task: OnTask | None) -> Callable[[int, int], None] | None:
    return None if on_task is None else lambda done, total: on_task(name, done, total)
