"""A LaMP split: its questions with their histories, and the answers that are held to be right.

Both of LaMP's layouts of the outputs are read: ``{"task", "golds": [{id, output}]}`` and the older bare list.

Source: Salemi et al. 2023, arXiv:2304.11406.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ondevice.errors import InputError, NotFoundError
from ondevice.generation.prompts.prompt import labels_for
from ondevice.importers import LampQuestion, read_lamp_questions
from ondevice.importers.opening import read_json
from ondevice.safety.printable import one_line


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class LampSplit:
    """One task's questions and golds, in the file's order.

    Args:
        name: The folder's name, which tells variants of a task apart (``LaMP_5_loo``).
        task: The task of the prompt builder (``LaMP_5``).
        split: The files' prefix (``dev``).
        others: Questions of other users, that labels' priors are measured on; ``None`` takes labels as they are.
        folds: Each user's fold, 1 or 2, where the users are divided (:mod:`ondevice.evaluation.folds`).
    """

    name: str
    task: str
    split: str
    questions: tuple[LampQuestion, ...]
    golds: tuple[str, ...]
    others: LampSplit | None = None
    folds: Mapping[str, int] = field(default_factory=dict)

    def first(self, n_questions: int | None, *, per_user: int | None = None) -> LampSplit:
        """Return the split cut after ``n_questions``; the users keep the order in which they ask first.

        A cut takes users one after the other, each with all of their questions, or with the first ``per_user``.
        """
        places = [place for each in self._places_of_users() for place in each[:per_user]]
        return self if len(places[:n_questions]) == len(self.questions) else self.at(places[:n_questions])

    def in_turn(self, n_questions: int | None, *, per_user: int | None = None) -> LampSplit:
        """Return the split cut to ``n_questions``: one of each user before a second of any.

        How sure a figure is depends on the number of users, so few questions are those of many users. A user has
        ``per_user`` at most, and the questions of one stand together, as their answers share what is learned.
        """
        of_users = [each[:per_user] for each in self._places_of_users()]
        rounds = ((turn, number) for number, each in enumerate(of_users) for turn in range(len(each)))
        taken = sorted(rounds)[:n_questions]
        if len(taken) == len(self.questions):
            return self
        return self.at([of_users[number][turn] for number, turn in sorted((n, t) for t, n in taken)])

    def _places_of_users(self) -> list[list[int]]:
        """Return the places of each user's questions, the users in the order in which they ask first."""
        of_user: dict[str, list[int]] = {}
        for place, question in enumerate(self.questions):
            of_user.setdefault(question.user, []).append(place)
        return list(of_user.values())

    def at(self, places: Sequence[int]) -> LampSplit:
        """Return the questions at these places, in that order."""
        return replace(
            self,
            questions=tuple(self.questions[place] for place in places),
            golds=tuple(self.golds[place] for place in places),
        )


def lamp_tasks(data: Path, split: str) -> list[str]:
    """Return the names of the folders below ``data`` that hold that split, sorted.

    Raises:
        NotFoundError: If there is none.
    """
    names = sorted(path.name for path in _folders(data) if _find(path, f"{split}_questions") is not None)
    if not names:
        raise NotFoundError(
            f"{data.name!r} has no folder with {split}_questions.json", hint="name the files' prefix with --split"
        )
    return names


def has_lamp_split(folder: Path, split: str) -> bool:
    """Say whether a task's folder holds the questions and the outputs of that split."""
    return all(_find(folder, f"{split}_{part}") is not None for part in ("questions", "outputs"))


def read_lamp_split(folder: Path, split: str) -> LampSplit:
    """Read ``<split>_questions.json[.gz]`` and ``<split>_outputs.json[.gz]`` of one task's folder.

    Raises:
        NotFoundError: If a file is missing.
        InputError: If a file has the wrong form, questions of two tasks, two of one id, or a question without an
            answer or with one that is none of its task's labels; it names the file, the record and the field. Or if
            the folder has a name that no report can show.
    """
    if one_line(folder.name) != folder.name:
        raise InputError(
            f"the folder {one_line(folder.name)!r} has a name with characters that cannot be shown",
            hint="give it another name",
        )
    questions_path, outputs_path = (_require(folder, f"{split}_{part}") for part in ("questions", "outputs"))
    questions = read_lamp_questions(questions_path)
    golds = _read_golds(outputs_path)
    tasks = sorted({question.task for question in questions})
    if len(tasks) > 1:
        raise InputError(f"{questions_path.name} mixes questions of {' and '.join(tasks)}")
    labels, seen = labels_for(tasks[0]), set[str]()
    for number, question in enumerate(questions, start=1):  # what is wrong shows now, not after an hour
        if question.id in seen:
            question.place.refuse("its 'id' stands in the file twice")
        seen.add(question.id)
        if question.id not in golds:
            raise InputError(f"{outputs_path.name} has no output for question {number} of {questions_path.name}")
        if labels is not None and golds[question.id].strip() not in labels:
            told = f"the output for question {number} of {questions_path.name} is none of the labels"
            raise InputError(f"{outputs_path.name}: {told} of {tasks[0]}")
        for _ in question.history():
            pass
    return LampSplit(
        name=folder.name,
        task=tasks[0],
        split=split,
        questions=tuple(questions),
        golds=tuple(golds[question.id] for question in questions),
    )


def _read_golds(path: Path) -> dict[str, str]:
    value = read_json(path)
    records: Any = value.get("golds") if isinstance(value, Mapping) else value
    if not isinstance(records, list):
        raise InputError(f"{path.name} must be a list of LaMP outputs, or an object with a list 'golds'")
    golds: dict[str, str] = {}
    for number, record in enumerate(records, start=1):
        if not isinstance(record, Mapping) or "id" not in record or not isinstance(record.get("output"), str | int):
            raise InputError(f"{path.name}, output {number}: it must be an object with an 'id' and an 'output'")
        name = str(record["id"])
        if name in golds:
            raise InputError(f"{path.name}, output {number}: its 'id' stands in the file twice")
        golds[name] = str(record["output"])
    return golds


def _require(folder: Path, stem: str) -> Path:
    path = _find(folder, stem)
    if path is None:
        raise NotFoundError(f"{folder.name!r} has neither {stem}.json nor {stem}.json.gz")
    return path


def _find(folder: Path, stem: str) -> Path | None:
    return next((path for ending in (".json", ".json.gz") if (path := folder / f"{stem}{ending}").is_file()), None)


def _folders(data: Path) -> Iterator[Path]:
    if not data.is_dir():
        raise NotFoundError(f"there is no folder {data.name!r}")
    return (path for path in data.iterdir() if path.is_dir())
