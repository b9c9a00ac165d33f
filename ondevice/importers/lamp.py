"""LaMP question files: one user's history, gathered from the questions that carry it.

Source: Salemi et al. 2023, arXiv:2304.11406 (record form and tasks).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ondevice.errors import InputError, NotFoundError
from ondevice.importers.drafting import Place, make_draft, type_name
from ondevice.importers.opening import read_json
from ondevice.records import Draft

N_NAMED_USERS = 5
DATE_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d", "%Y-%m", "%Y")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Task:
    kind: str
    wording: str
    text: str


_TASKS = (
    _Task(kind="lamp_1", wording="which reference is related", text="abstract"),
    _Task(kind="lamp_2", wording="Which tag does this movie relate to", text="description"),
    _Task(kind="lamp_2n", wording="Which category does this article relate to", text="text"),
    _Task(kind="lamp_3", wording="What is the score of the following review", text="text"),
    _Task(kind="lamp_4", wording="Generate a headline for the following article", text="text"),
    _Task(kind="lamp_5", wording="Generate a title for the following abstract", text="abstract"),
    _Task(kind="lamp_6", wording="Generate a subject for the following email", text="text"),
    _Task(kind="lamp_7", wording="Paraphrase the following tweet", text="text"),
)


def read_lamp(path: Path, *, user: str, question: str | None = None) -> Iterator[Draft]:
    """Yield the history of one user of a LaMP question file, plain or gzipped, each entry once.

    The kind is the task's (``lamp_6``), told from the questions' wording; the task's long field is the text
    (``description``, ``abstract`` or ``text``), what else an entry has are fields, a score as a number; the entry's
    and the user's ids stand in the metadata.

    Args:
        path: The file of questions, ``.json`` or ``.json.gz``.
        user: The ``user_id``; in files without one, the question's id.
        question: Take the profile of this question alone. In leave-one-out files the history of all questions
            holds the answer of each, so a fair answer needs the profile of its own question.

    Raises:
        NotFoundError: If there is no such file, user or question; it tells how many there are.
        InputError: If the file is no list of LaMP questions; it names the question.
    """
    questions = [_checked(path, number, each) for number, each in enumerate(_list(path), start=1)]
    own = [(place, each) for place, each in questions if _user_of(each) == user]
    if not own:
        users = list(dict.fromkeys(_user_of(each) for _, each in questions))
        named = ", ".join(users[:N_NAMED_USERS])
        raise NotFoundError(f"{path.name} has no user of that id among its {len(users)}", hint=f"for example: {named}")
    if question is not None:
        own = [(place, each) for place, each in own if str(each["id"]) == question]
        if not own:
            raise NotFoundError(f"{path.name} has no question of that id by that user")
    seen: set[str] = set()
    for place, each in own:
        task = _task_of(place, str(each["input"]))
        for entry in each["profile"]:  # type: ignore[attr-defined]
            name = str(entry["id"])
            if name not in seen:
                seen.add(name)
                yield _draft(place, task, user, entry)


def _list(path: Path) -> list[object]:
    value = read_json(path)
    if isinstance(value, dict) and "golds" in value:
        raise InputError(f"{path.name} holds LaMP outputs, not questions", hint="give the file of questions")
    if not isinstance(value, list) or not value:
        raise InputError(f"{path.name} must be a list of LaMP questions, not {type_name(value)}")
    return value


def _checked(path: Path, number: int, value: object) -> tuple[Place, Mapping[str, object]]:
    place = Place(path.name, f"question {number}")
    if not isinstance(value, dict):
        place.refuse(f"it must be an object, not {type_name(value)}")
    for name in ("id", "input", "profile"):
        if name not in value:
            place.refuse(f"the field {name!r} is missing")
    profile = value["profile"]
    if not isinstance(profile, list) or not all(isinstance(entry, dict) and "id" in entry for entry in profile):
        place.refuse("the field 'profile' must be a list of objects with an 'id'")
    return place, value


def _user_of(question: Mapping[str, object]) -> str:
    return str(question.get("user_id", question["id"]))


def _task_of(place: Place, wording: str) -> _Task:
    for task in _TASKS:
        if task.wording in wording:
            return task
    place.refuse("the field 'input' has the wording of none of LaMP's tasks")


def _draft(place: Place, task: _Task, user: str, entry: Mapping[str, object]) -> Draft:
    if task.text not in entry:
        place.refuse(f"an entry of the profile lacks the field {task.text!r}")
    fields = {name: value for name, value in entry.items() if name not in ("id", "date", task.text)}
    score = fields.get("score")
    if isinstance(score, str) and score.strip().isdecimal():
        fields["score"] = int(score)
    return make_draft(
        place,
        text=entry[task.text],
        kind=task.kind,
        time=_date(place, entry.get("date")),
        fields=fields,
        metadata={"lamp_id": str(entry["id"]), "user": user},
    )


def _date(place: Place, value: object) -> datetime | None:
    if value is None or value == "":
        return None
    for pattern in DATE_FORMATS:
        try:
            return datetime.strptime(str(value), pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    place.refuse("the field 'date' of an entry must be a date such as 2013-07-02, or a year")
