"""LaMP in one call: every task of a plan, and the report of what each cell is worth."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from ondevice.evaluation.answers import AnswerStore
from ondevice.evaluation.comparisons import Comparison, comparisons_of
from ondevice.evaluation.conditions import Condition
from ondevice.evaluation.control_sizes import ControlSize, control_size
from ondevice.evaluation.disjoint import DisjointFigures, disjoint_figures
from ondevice.evaluation.gains import TaskGain, mean_gains, task_gains
from ondevice.evaluation.histories import own_history
from ondevice.evaluation.label_priors import LabelPrior
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.learned import LearnedStore
from ondevice.evaluation.learning_costs import LearningCost, learning_costs
from ondevice.evaluation.likelihoods import Agreement, agreements_of
from ondevice.evaluation.plan import LampPlan, RunConfig
from ondevice.evaluation.report import Report
from ondevice.evaluation.runner import Runner
from ondevice.evaluation.scores import lead_scores, likelihood_scores
from ondevice.evaluation.standings import TaskStanding, standings_of
from ondevice.evaluation.statistics.findings import find
from ondevice.evaluation.statistics.user_means import TaskScores
from ondevice.evaluation.table import CellOutcome, Row, SizeBin, rows_of, size_bins
from ondevice.generation.llama.cores import physical_cores
from ondevice.signals import Progress

"""Called with the questions done in the whole run, and their number."""
OnTask = Callable[[str, int], None]
"""Called with a task's name and its number of questions when all of them are done."""


class RunsSplits(Protocol):
    """Whatever answers a split: the runner of this process, or one that spreads the users over machines."""

    def run(
        self, split: LampSplit, conditions: Sequence[Condition], *, on_progress: Callable[[int, int], None] | None
    ) -> list[CellOutcome]:
        """Answer every question of the split under every condition."""


def evaluate_lamp(
    plan: LampPlan,
    config: RunConfig,
    *,
    answers: Path | None = None,
    on_progress: Progress | None = None,
    on_task: OnTask | None = None,
) -> Report:
    """Measure the plan's cells in this process.

    Args:
        plan: What to measure.
        config: With which models.
        answers: A file of answers, so that a run that is stopped goes on where it was, or ``None``.
        on_progress: Told how far the whole run is.
        on_task: Told of each task that is done.

    Raises:
        NotFoundError: If data or models are missing.
        InputError: If a file has the wrong form; it names the file and the record.
        ValueError: If a strategy or a k is not possible.
    """
    config.check(plan.strategies)
    splits = plan.splits()
    if plan.learns and config.adapter is not None:
        raise ValueError(
            f"strategies that train adapters cannot be measured with the adapter {config.adapter!r} in use"
        )
    with AnswerStore(answers) as store, Runner(config, store, LearnedStore.beside(answers)) as runner:
        return report_of(plan, config, splits, runner, on_progress=on_progress, on_task=on_task)


def report_of(
    plan: LampPlan,
    config: RunConfig,
    splits: Sequence[LampSplit],
    runner: RunsSplits,
    *,
    on_progress: Progress | None = None,
    on_task: OnTask | None = None,
) -> Report:
    """Run every split and gather the tables."""
    places = [plan.disjoint_places(split) for split in splits]  # a wrong file shows now, not after an hour
    started = time.perf_counter()
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
    priors: list[LabelPrior] = []
    guarded = n_before = 0
    total = sum(len(split.questions) for split in splits)
    for split, apart in zip(splits, places, strict=True):
        conditions = plan.conditions(split)
        outcomes = runner.run(split, conditions, on_progress=_onward(n_before, total, on_progress))
        n_before += len(split.questions)
        if on_task is not None:
            on_task(split.name, len(split.questions))
        histories = [own_history(split, place) for place in range(len(split.questions))]
        guarded += sum(history.n_guarded for history in histories)
        rows += rows_of(split, outcomes)
        bins += size_bins(split, outcomes, [len(history.drafts) for history in histories])
        gains += task_gains(split, outcomes)
        comparisons += comparisons_of(split, outcomes)
        learning += learning_costs(split.name, outcomes)
        standings += standings_of(split, outcomes)
        scored.append((lead_scores(split, outcomes), likelihood_scores(split, outcomes)))
        if any(condition.history == "other" for condition in conditions):
            controls.append(control_size(split))
        disjoint.append(disjoint_figures(split, outcomes, apart))
        agreements += agreements_of(split, outcomes)
        measured = {k: prior for outcome in outcomes for k, prior in outcome.priors.items()}
        priors += [measured[k] for k in sorted(measured)]
    about: dict[str, Any] = {
        "model": config.generator,
        "encoder": config.encoder,
        **({} if config.selector is None else {"selector": config.selector}),
        "split": plan.split,
        "questions a task": "all" if plan.limit is None else f"at most {plan.limit}",
        "questions a user": "all" if plan.per_user is None else f"at most {plan.per_user}",
        "labels' priors": "none" if plan.prior is None else f"measured on other users of the split {plan.prior}",
        "longest answer, tokens": config.max_tokens,
        "longest prompt, tokens": config.prompt_tokens or "as the model's bundle says, else the context",
        "threads": config.threads or physical_cores(),
        "items left out because they give the answer away": guarded,
        "seconds in all": round(time.perf_counter() - started, 1),
    }
    if plan.learns:
        items = "all" if config.lesson_items is None else f"the newest, at most {config.lesson_items}"
        used = "all" if config.every_adapter else "those that made their held-out items likelier"
        about |= {
            "items learned from": items,
            "adapters used": used,
            "held-out items": "learned too in the end" if config.refit else "only judge",
            "training": _described(config),
            "recipe": _recipe(config),
        }
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
        priors=priors,
    )


def _described(config: RunConfig) -> str:
    training = config.training
    return (
        f"at most {training.epochs} epochs of {training.batch_tokens}-token steps at {training.learning_rate:g}, "
        f"computed in {training.precision}"
    )


def _recipe(config: RunConfig) -> str:
    recipe = config.recipe
    blocks = "all blocks" if recipe.blocks is None else f"{len(recipe.blocks)} blocks"
    return f"rank {recipe.rank} on {', '.join(recipe.projections)} of {blocks}"


def _onward(n_before: int, total: int, on_progress: Progress | None) -> Progress | None:
    return None if on_progress is None else lambda done, _: on_progress(n_before + done, total)
