"""Two runs in one report: each asked one fold of the users, with a model that has learned from none of them.

Users are the units of every interval and test, and each is in one run. So what the two runs answered is one table, as
if a single run had asked everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from ondevice.errors import InputError
from ondevice.evaluation.fold_answers import SECONDS, FoldAnswers, TaskAnswers, data_key
from ondevice.evaluation.folds import FOLDS, PARTS, disjoint_across, in_fold, read_folds
from ondevice.evaluation.history_questions import with_history_questions
from ondevice.evaluation.report import Report
from ondevice.evaluation.table import CellOutcome
from ondevice.evaluation.task_outcomes import TaskOutcomes, n_guarded, priors_of, report_from


def report_of_both(first: Path, second: Path, data: Path) -> Report:
    """Put the answers of two runs together and gather the tables anew.

    Args:
        first: The report's folder of a run that asked one fold.
        second: That of the run that asked the other.
        data: The data set's folder.

    Raises:
        NotFoundError: If a folder or a file is missing.
        InputError: If the runs differ in anything but the fold and the model, or asked other questions than the data
            has.
    """
    runs = sorted((FoldAnswers.read(folder) for folder in (first, second)), key=lambda run: run.fold)
    one, other = runs
    _check(one, other)
    from_history = int(one.settings["from-history"])
    tasks = [_joined(data, from_history, *pair) for pair in zip(one.tasks, other.tasks, strict=True)]
    return report_from(tasks, _about(one, other, n_guarded(tasks)))


def _check(one: FoldAnswers, other: FoldAnswers) -> None:
    if (one.fold, other.fold) != FOLDS:
        raise InputError(f"both runs asked fold {one.fold}", hint="name a run of either fold")
    for name in sorted(one.settings.keys() | other.settings.keys()):
        if one.settings.get(name) != other.settings.get(name):
            raise InputError(
                f"the runs differ in their {name}: {_shown(one, name)} and {_shown(other, name)}",
                hint="run one of them again: two runs in one table differ in the fold and the model alone",
            )
    if one.has_learned != other.has_learned:
        learned, unlearned = (one, other) if one.has_learned else (other, one)
        raise InputError(
            f"the model {learned.model!r} has learned from a fold, the model {unlearned.model!r} from none",
            hint="ask both folds with models that learned alike",
        )
    told = [[(task.name, [_kept(cell) for cell in task.cells]) for task in run.tasks] for run in (one, other)]
    if told[0] != told[1]:
        raise InputError("the runs differ in their tasks or cells", hint="run one of them again with the same --tasks")


def _kept(cell: CellOutcome) -> tuple[object, ...]:
    """Return what a cell asked, and what it has for each question beside the answer."""
    return cell.condition, *map(bool, (cell.seconds, cell.learned, cell.choices, cell.likelihoods, cell.personas))


def _shown(run: FoldAnswers, name: str) -> str:
    return str(run.settings.get(name))[:60]


def _joined(data: Path, from_history: int, one: TaskAnswers, other: TaskAnswers) -> TaskOutcomes:
    """Return one task's answers of both runs, in the order of all users' questions."""
    users = read_folds(data / one.name)
    everyone = with_history_questions(users, from_history)
    if {one.data, other.data} != {data_key(everyone)}:
        raise InputError(
            f"the runs asked other questions of {one.name!r} than the data have",
            hint="name the same folder with --data",
        )
    places = {question.id: place for place, question in enumerate(everyone.questions)}
    for fold, task in zip(FOLDS, (one, other), strict=True):
        inside = {question.id for question in in_fold(everyone, fold).questions}
        if not inside.issuperset(task.ids):
            raise InputError(
                f"the run of fold {fold} holds answers to questions of {task.name!r} that are not of that fold",
                hint="its fold.json is not as the run wrote it: run it again",
            )
    asked = [places[name] for name in (*one.ids, *other.ids)]
    order = sorted(range(len(asked)), key=asked.__getitem__)
    split = everyone.at(sorted(asked))
    return TaskOutcomes(
        split=split,
        cells=[_both(*cells, order) for cells in zip(one.cells, other.cells, strict=True)],
        disjoint=disjoint_across(split, users),
        priors=[
            replace(prior, task=f"{prior.task}, fold {fold}")
            for fold, task in zip(FOLDS, (one, other), strict=True)
            for prior in priors_of(task.cells)
        ],
    )


def _both(one: CellOutcome, other: CellOutcome, order: Sequence[int]) -> CellOutcome:
    """Return one cell's answers to all questions; what it has one of for each question comes into that order."""
    changes: dict[str, Any] = {}
    for each in fields(CellOutcome):
        value = getattr(one, each.name)
        if isinstance(value, Sequence):
            both = [*value, *getattr(other, each.name)]
            changes[each.name] = [both[place] for place in order] if len(both) == len(order) else both
    shares = [len(cell.answers) / len(order) for cell in (one, other)]
    parts = {name: shares[0] * one.parts_ms.get(name, 0) + shares[1] * ms for name, ms in other.parts_ms.items()}
    return replace(one, **changes, parts_ms=parts, priors={})


def _about(one: FoldAnswers, other: FoldAnswers, guarded: int) -> Mapping[str, Any]:
    """Return what was run: what both say, and where they differ what each says."""
    guards = {name: guarded for name in one.about if name.startswith("items left out")}
    about: dict[str, Any] = {}
    for name, value in one.about.items():
        about[name] = value if value == other.about.get(name) else f"{value} and {other.about.get(name)}"
    about |= {"model": f"{one.model} (asked fold 1) and {other.model} (asked fold 2)", **guards}
    about |= {"split": f"{'+'.join(PARTS)}, both folds", SECONDS: round(one.about[SECONDS] + other.about[SECONDS], 1)}
    return about
