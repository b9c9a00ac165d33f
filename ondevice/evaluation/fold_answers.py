"""What the users of one fold were answered, kept beside the report so that two folds can stand in one table.

The file holds what the model wrote about the data set; it belongs beside the data set, not on a user's device.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from ondevice import __version__
from ondevice.bundle import read_manifest
from ondevice.errors import InputError, NotFoundError
from ondevice.evaluation.conditions import STRATEGIES, Condition, strategy_of
from ondevice.evaluation.folds import FOLDS
from ondevice.evaluation.label_priors import LabelPrior
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.learned import KeptLearning
from ondevice.evaluation.learned_users import learned_folds
from ondevice.evaluation.ledger import content_key
from ondevice.evaluation.persona_likeness import AskedPersona
from ondevice.evaluation.plan import LampPlan, RunConfig
from ondevice.evaluation.table import CellOutcome
from ondevice.evaluation.task_outcomes import TaskOutcomes
from ondevice.generation.llama.cores import physical_cores
from ondevice.safety.regular_files import read_regular
from ondevice.safety.strict_json import read_record

FOLD_FILE = "fold.json"
MAX_FILE_BYTES = 1 << 30
SECONDS = "seconds in all"
"""What the report's words call what a run took."""
_FORMAT = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskAnswers:
    """One task's part.

    Args:
        name: The task's folder.
        data: The hash of all users' questions, answers, histories and folds.
        ids: The questions that were asked, in order.
        cells: What every cell answered.
    """

    name: str
    data: str
    ids: Sequence[str] = field(repr=False)
    cells: Sequence[CellOutcome] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse questions that stand there twice, and cells without an answer or a number for each.

        Raises:
            ValueError: Then.
        """
        n = len(self.ids)
        if len(set(self.ids)) < n:
            raise ValueError(f"a question of {self.name!r} stands there twice")
        for cell in self.cells:
            further = (cell.seconds, cell.learned, cell.choices, cell.likelihoods, cell.personas)
            if len(cell.answers) != n or any(len(each) not in (0, n) for each in further):
                raise ValueError(f"a cell of {self.name!r} has not one answer to each question")
            numbers = (*cell.seconds, *cell.likelihoods, *cell.parts_ms.values())
            are_texts = all(isinstance(each, str) for each in (*self.ids, *cell.answers, *cell.choices))
            if not are_texts or not all(isinstance(each, int | float) and math.isfinite(each) for each in numbers):
                raise ValueError(f"a cell of {self.name!r} holds other values than answers and numbers")


@dataclass(frozen=True, kw_only=True, slots=True)
class FoldAnswers:
    """One run's part.

    Args:
        fold: The fold that was asked.
        model: The language model's name, with those of the adapter it wears and of the persona.
        has_learned: Whether a bundle of these says from which fold it has learned.
        settings: All that shapes the answers but the fold and the model.
        about: What the report says of the run.
        tasks: What was asked and answered.
    """

    fold: int
    model: str
    has_learned: bool
    settings: Mapping[str, Any] = field(repr=False)
    about: Mapping[str, Any] = field(repr=False)
    tasks: Sequence[TaskAnswers]

    def __post_init__(self) -> None:
        """Refuse what is no fold, and a run that does not tell what two runs are put together by.

        Raises:
            ValueError: Then.
        """
        if type(self.fold) is not int or self.fold not in FOLDS:
            raise ValueError(f"there is no fold {self.fold}")
        if type(self.settings["from-history"]) is not int or not isinstance(self.about[SECONDS], int | float):
            raise ValueError("the run does not tell what it asked, or what it took")

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form, which :meth:`read` takes."""
        tasks = [
            {"name": task.name, "data": task.data, "ids": list(task.ids), "cells": [_cell_json(c) for c in task.cells]}
            for task in self.tasks
        ]
        parts = {name: getattr(self, name) for name in ("fold", "model", "has_learned", "settings", "about")}
        return {"format": _FORMAT, **parts, "tasks": tasks}

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what a run wrote into its report's folder.

        Raises:
            NotFoundError: If the folder holds no such file.
            InputError: If that is something else.
        """
        hint = "name the report's folder of `ondevice eval lamp --ask-fold N --report DIR`"
        try:
            value = json.loads(read_regular(folder / FOLD_FILE, limit_bytes=MAX_FILE_BYTES))
            if value.pop("format") != _FORMAT:
                raise ValueError
            tasks = [
                TaskAnswers(**{**task, "cells": [_cell_of(cell) for cell in task["cells"]]}) for task in value["tasks"]
            ]
            return cls(**{**value, "tasks": tasks})
        except OSError as error:
            raise NotFoundError(f"{folder.name!r} has no {FOLD_FILE}: {error.strerror}", hint=hint) from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise InputError(
                f"{FOLD_FILE} in {folder.name!r} is not what a run of this release wrote", hint=hint
            ) from None


def fold_answers_of(
    plan: LampPlan, config: RunConfig, tasks: Sequence[TaskOutcomes], about: Mapping[str, Any]
) -> FoldAnswers:
    """Return what a run that asked one fold has to keep.

    Raises:
        ValueError: If it asked none.
    """
    if plan.ask_fold is None:
        raise ValueError("a run that asked no fold keeps no answers of one")
    return FoldAnswers(
        fold=plan.ask_fold,
        model=" with ".join(filter(None, (config.generator, config.adapter, config.persona))),
        has_learned=bool(learned_folds(config)),
        settings=json.loads(json.dumps(_settings(plan, config))),
        about=dict(about),
        tasks=[
            TaskAnswers(
                name=task.split.name,
                data=data_key(plan.everyone(task.split.name)),
                ids=[question.id for question in task.split.questions],
                cells=task.cells,
            )
            for task in tasks
        ],
    )


def data_key(everyone: LampSplit) -> str:
    """Return the hash of a task's questions, answers, histories and folds."""
    asked = [
        [each.id, each.user, each.request, gold, None if each.time is None else each.time.isoformat(), each.profile]
        for each, gold in zip(everyone.questions, everyone.golds, strict=True)
    ]
    return content_key(asked=asked, folds=dict(everyone.folds))


def _settings(plan: LampPlan, config: RunConfig) -> dict[str, Any]:
    """Return all that must be the same for two folds to stand in one table, by what the command line calls it."""
    encoders = [name for name in plan.strategies if name not in STRATEGIES]
    if config.encoder is not None and any(strategy_of(name).needs_encoder for name in plan.strategies):
        encoders.insert(0, config.encoder)
    return {
        "release": __version__,
        "strategies": list(plan.strategies),
        "k": list(plan.ks),
        "decoding": list(plan.decodings),
        "control": list(plan.controls),
        "limit": plan.limit,
        "per-user": plan.per_user,
        "prior": plan.prior is not None,
        "from-history": plan.from_history,
        "encoder": [_id(config, name) for name in encoders],
        "selector": None if config.selector is None else _id(config, config.selector),
        "max-tokens": config.max_tokens,
        "context-tokens": config.context_tokens,
        "prompt-tokens": config.prompt_tokens,
        "threads": config.threads or physical_cores(),
        "recipe": config.recipe.to_json(),
        "training": config.training.to_json(),
        "lesson-items": config.lesson_items,
        "evaluations": config.evaluations,
        "every-adapter": config.every_adapter,
    }


def _id(config: RunConfig, name: str) -> str:
    return read_manifest(config.models / name).id


def _cell_json(cell: CellOutcome) -> dict[str, Any]:
    return {
        "condition": asdict(cell.condition),
        "answers": list(cell.answers),
        "seconds": list(cell.seconds),
        "parts_ms": dict(cell.parts_ms),
        "learned": [
            {name: value for name, value in asdict(each).items() if name != "adapter"} for each in cell.learned
        ],
        "choices": list(cell.choices),
        "likelihoods": list(cell.likelihoods),
        "personas": [asdict(each) for each in cell.personas],
        "priors": [asdict(prior) for prior in cell.priors.values()],
    }


def _cell_of(value: Mapping[str, Any]) -> CellOutcome:
    priors = [read_record(LabelPrior, {"persona": None, **prior}, "a prior", ValueError) for prior in value["priors"]]
    learned = [{**asdict(KeptLearning()), **each} for each in value["learned"]]
    personas = value.get("personas", ())
    return CellOutcome(
        **{
            **value,
            "condition": read_record(Condition, value["condition"], "a condition", ValueError),
            "learned": [read_record(KeptLearning, each, "what was learned", ValueError) for each in learned],
            "personas": [read_record(AskedPersona, each, "a persona", ValueError) for each in personas],
            "priors": {prior.frame: prior for prior in priors},
        }
    )
