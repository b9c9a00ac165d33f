"""LaMP question files: one user's history, gathered from the questions that carry it.

Source: Salemi et al. 2023, arXiv:2304.11406 (record form and tasks).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ondevice.errors import InputError, NotFoundError
from ondevice.importers.drafting import MAX_TEXT_CHARS, RecordPlace, check_str, make_draft, type_name
from ondevice.importers.found import Found, Reading, ReadOptions
from ondevice.importers.json_items import first_entry
from ondevice.importers.opening import read_json
from ondevice.importers.source import Source
from ondevice.records import Draft
from ondevice.safety.printable import one_line

N_NAMED_USERS = 5
_NAMED_CHARS = 40
DATE_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d", "%Y-%m", "%Y")


_SCORE = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Task:
    kind: str
    wording: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class LampQuestion:
    """One question of a LaMP file: who asks what, with which history.

    Args:
        id: The question's id.
        user: The ``user_id``; where there is none, the question's id.
        request: The file's ``input``.
        profile: The history's entries as the file has them.
        time: The question's own ``date``, where it has one.
    """

    id: str
    user: str
    request: str
    profile: tuple[Mapping[str, object], ...]
    place: RecordPlace
    time: datetime | None = None

    @property
    def task(self) -> str:
        """The task of the prompt builder, such as ``LaMP_2N``, told from the question's wording."""
        return "LaMP" + _task_of(self.place, self.request).kind.removeprefix("lamp").upper()

    def history(self) -> Iterator[Draft]:
        """Yield the entries as drafts, in the file's order.

        Raises:
            InputError: If an entry lacks the task's long field or holds a value that cannot be stored; it names
                the entry.
        """
        task = _task_of(self.place, self.request)
        return (
            _draft(self.place.within(f"entry {number} of the profile"), task, self.user, entry)
            for number, entry in enumerate(self.profile, start=1)
        )


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Lamp:
    """LaMP question files: one user's history, as :func:`read_lamp` has it.

    Args:
        user: Whose; without one the file must be of one user alone.
        question: Take the history of this question alone.
    """

    name: str = "lamp"
    title: str = "LaMP question files"
    user: str | None = None
    question: str | None = None

    def fits(self, source: Source) -> bool:
        """Say whether the first value of the file's array is a question with a history."""
        return "profile" in first_entry(source) and "input" in first_entry(source)

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield a thing for each entry of the history; raises as :func:`read_lamp`."""
        user = self.user or _only_user(source.path)
        for number, draft in enumerate(read_lamp(source.path, user=user, question=self.question), start=1):
            yield Found(draft=draft, place=f"{source.name}, entry {number}")


def _only_user(path: Path) -> str:
    users = {each.user for each in read_lamp_questions(path)}
    if len(users) > 1:
        raise InputError(
            f"{one_line(path.name)} holds the histories of {len(users)} users", hint="say whose: --user ID"
        )
    return users.pop()


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
    questions = read_lamp_questions(path)
    own = [each for each in questions if each.user == user]
    if not own:
        users = list(dict.fromkeys(each.user for each in questions))
        named = ", ".join(one_line(each[:_NAMED_CHARS]) for each in users[:N_NAMED_USERS])
        raise NotFoundError(
            f"{one_line(path.name)} has no user of that id among its {len(users)}", hint=f"for example: {named}"
        )
    if question is not None:
        own = [each for each in own if each.id == question]
        if not own:
            raise NotFoundError(f"{one_line(path.name)} has no question of that id by that user")
    seen: set[object] = set()
    for each in own:
        for draft in each.history():
            if draft.metadata["lamp_id"] not in seen:
                seen.add(draft.metadata["lamp_id"])
                yield draft


def read_lamp_questions(path: Path) -> list[LampQuestion]:
    """Read all questions of a LaMP file, plain or gzipped, in its order.

    Raises:
        NotFoundError: If there is no such file.
        InputError: If the file is no list of LaMP questions, or one has the wording of no task; it names the question.
    """
    return [_checked(path, number, each) for number, each in enumerate(_list(path), start=1)]


def _list(path: Path) -> list[object]:
    value = read_json(path)
    if isinstance(value, dict) and "golds" in value:
        raise InputError(f"{one_line(path.name)} holds LaMP outputs, not questions", hint="give the file of questions")
    if not isinstance(value, list):
        raise InputError(f"{one_line(path.name)} must be a list of LaMP questions, not {type_name(value)}")
    if not value:
        raise InputError(f"{one_line(path.name)} holds no question")
    return value


def _checked(path: Path, number: int, value: object) -> LampQuestion:
    place = RecordPlace(path.name, f"question {number}")
    if not isinstance(value, dict):
        place.refuse(f"it must be an object, not {type_name(value)}")
    for name in ("id", "input", "profile"):
        if name not in value:
            place.refuse(f"the field {name!r} is missing")
    profile = value["profile"]
    if not isinstance(profile, list) or not all(isinstance(entry, dict) and "id" in entry for entry in profile):
        place.refuse("the field 'profile' must be a list of objects with an 'id'")
    request = check_str(place, value["input"], "input", MAX_TEXT_CHARS)
    _task_of(place, request)
    name = str(value["id"])
    user = name if value.get("user_id") is None else str(value["user_id"])
    time = _date(place, value.get("date"))
    return LampQuestion(id=name, user=user, request=request, profile=tuple(profile), place=place, time=time)


def _task_of(place: RecordPlace, wording: str) -> _Task:
    for task in _TASKS:
        if task.wording in wording:
            return task
    place.refuse("the field 'input' has the wording of none of LaMP's tasks")


def _draft(place: RecordPlace, task: _Task, user: str, entry: Mapping[str, object]) -> Draft:
    if task.text not in entry:
        place.refuse(f"the field {task.text!r} is missing")
    fields = {name: value for name, value in entry.items() if name not in ("id", "date", task.text)}
    score = fields.get("score")
    if isinstance(score, str) and _SCORE.fullmatch(score.strip()):
        fields["score"] = int(score)
    return make_draft(
        place,
        text=entry[task.text],
        kind=task.kind,
        time=_date(place, entry.get("date")),
        fields=fields,
        metadata={"lamp_id": str(entry["id"]), "user": user},
    )


def _date(place: RecordPlace, value: object) -> datetime | None:
    if value is None or value == "":
        return None
    for pattern in DATE_FORMATS:
        try:
            return datetime.strptime(str(value), pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    place.refuse("the field 'date' must be a date such as 2013-07-02, or a year")
