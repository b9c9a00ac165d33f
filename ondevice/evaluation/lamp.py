"""LaMP in one call: every task of a plan, and the report of what each cell is worth."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from ondevice.evaluation.answers import AnswerStore
from ondevice.evaluation.conditions import Condition, strategy_of
from ondevice.evaluation.fold_answers import SECONDS, fold_answers_of
from ondevice.evaluation.folds import PARTS
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.learned import LearnedStore
from ondevice.evaluation.learned_users import check_unlearned, learned_folds
from ondevice.evaluation.personas import check_persona
from ondevice.evaluation.plan import LampPlan, RunConfig
from ondevice.evaluation.report import Report
from ondevice.evaluation.runner import Runner
from ondevice.evaluation.table import CellOutcome
from ondevice.evaluation.task_outcomes import TaskOutcomes, n_guarded, priors_of, report_from
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
    """Run every split and gather the tables.

    Raises:
        ModelMismatchError: If a model has learned from a user who is asked; or the persona does not know a task, or
            does not fit the other models.
    """
    check_persona(plan, splits, config)
    check_unlearned(plan.data, splits, learned_folds(config, plan.strategies))
    places = [plan.disjoint_places(split) for split in splits]  # a wrong file shows now, not after an hour
    started = time.perf_counter()
    tasks: list[TaskOutcomes] = []
    n_before = 0
    total = sum(len(split.questions) for split in splits)
    for split, apart in zip(splits, places, strict=True):
        cells = runner.run(split, plan.conditions(split), on_progress=_onward(n_before, total, on_progress))
        n_before += len(split.questions)
        if on_task is not None:
            on_task(split.name, len(split.questions))
        tasks.append(TaskOutcomes(split=split, cells=cells, disjoint=apart, priors=priors_of(cells)))
    about = _about(plan, config, n_guarded(tasks), time.perf_counter() - started)
    answers = None if plan.ask_fold is None else fold_answers_of(plan, config, tasks, about)
    return replace(report_from(tasks, about), answers=answers)


def _about(plan: LampPlan, config: RunConfig, guarded: int, seconds: float) -> dict[str, Any]:
    """Return what was run, in words."""
    about: dict[str, Any] = {
        "model": config.generator,
        "encoder": config.encoder,
        **({} if config.selector is None else {"selector": config.selector}),
        **({} if config.persona is None else {"persona": config.persona}),
        "split": plan.split if plan.ask_fold is None else f"{'+'.join(PARTS)}, fold {plan.ask_fold}",
        **({} if plan.ask_fold is None else {"learned from": _learned_from(config)}),
        **({} if not plan.from_history else {"questions from histories": f"the newest {plan.from_history} of a user"}),
        "questions a task": "all" if plan.limit is None else f"at most {plan.limit}",
        "questions a user": "all" if plan.per_user is None else f"at most {plan.per_user}",
        "labels' priors": _prior(plan),
        "longest answer, tokens": config.max_tokens,
        "longest prompt, tokens": config.prompt_tokens or "as the model's bundle says, else the context",
        "threads": config.threads or physical_cores(),
        "items left out because they give the answer away": guarded,
        SECONDS: round(seconds, 1),
    }
    if plan.learns:
        items = "all" if config.lesson_items is None else f"the newest, at most {config.lesson_items}"
        if any(strategy_of(name).learns == "best items" for name in plan.strategies):
            items += "; adapter-car: the best of every kind, as many"
        used = "all" if config.every_adapter else "those that made their held-out items likelier"
        about |= {
            "items learned from": items,
            "adapters used": used,
            "held-out items": "learned too in the end" if config.refit else "only judge",
            "training": _described(config),
            "recipe": _recipe(config),
        }
    return about


def _prior(plan: LampPlan) -> str:
    if plan.prior is None:
        return "none"
    return f"measured on other users of the {'split ' + plan.prior if plan.ask_fold is None else 'other fold'}"


def _learned_from(config: RunConfig) -> str:
    folds = sorted({each.fold for each in learned_folds(config).values()})
    return " and ".join(f"fold {fold}" for fold in folds) or "no fold, as its bundle tells"


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
