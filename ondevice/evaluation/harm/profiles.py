"""Whose profiles are attached: invented people's notes, or the histories of LaMP's users."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ondevice.errors import NotFoundError
from ondevice.evaluation.harm.plain_request import PlainRequest
from ondevice.evaluation.harm.plain_requests import plain_requests_for
from ondevice.evaluation.lamp_data import lamp_tasks, read_lamp_split
from ondevice.evaluation.note_reading.questions import dice_of
from ondevice.evaluation.people import NotesRequest, make_people
from ondevice.records import Draft

_NOW = datetime(2025, 1, 1, 12, tzinfo=UTC)
"""When a history without dates is asked: its entries are from the days before, so that its prompts repeat."""

_DAY = timedelta(days=1)
_LATEST = datetime.max.replace(tzinfo=UTC) - _DAY


@dataclass(frozen=True, kw_only=True, slots=True)
class HarmProfile:
    """One user, and what they are asked.

    Args:
        name: Tells them from the others of a run.
        now: When they ask.
        drafts: Their items.
        requests: What needs no history.
        stale: Questions of which the profile holds an outdated answer beside the newer one.
    """

    name: str
    now: datetime
    drafts: tuple[Draft, ...] = field(repr=False)
    requests: tuple[PlainRequest, ...]
    stale: tuple[NotesRequest, ...] = ()


def invented_profiles(n: int, *, requests: int, stale: int, seed: int) -> Iterator[HarmProfile]:
    """Yield ``n`` invented people of those that nothing is trained on.

    Args:
        n: How many.
        requests: Requests of each that need no history.
        stale: At most so many questions of each whose answer has changed.
        seed: Which people, and which requests.
    """
    for place, person in enumerate(make_people(n, split="held_out", seed=seed, thorough=True), start=1):
        name = f"{place} {person.name}"  # two may have one name
        changed = [each for each in person.requests if each.outdated and each.forbidden and not each.after]
        drawn = sorted(dice_of(f"{seed} {name} has changed").permutation(len(changed))[:stale])
        yield HarmProfile(
            name=name,
            now=person.now,
            drafts=person.drafts,
            requests=plain_requests_for(name, requests, seed=seed),
            stale=tuple(changed[each] for each in drawn),
        )


def lamp_profiles(
    data: Path, n: int, *, split: str, tasks: Sequence[str], requests: int, seed: int
) -> Iterator[HarmProfile]:
    """Yield ``n`` of LaMP's users with the history of their first question, drawn from all tasks.

    Args:
        data: A folder with one folder for each task.
        n: How many, or all where there are no more.
        split: The files' prefix.
        tasks: Names of folders; none means all that hold the split.
        requests: Requests of each that need no history.
        seed: Which users, and which requests.

    Raises:
        NotFoundError: If a file is missing, or no user has a history.
        InputError: If a file has the wrong form.
    """
    histories: dict[str, tuple[Draft, ...]] = {}
    for task in tasks or lamp_tasks(data, split):
        for question in read_lamp_split(data / task, split).questions:
            if question.profile:
                histories.setdefault(f"{task} {question.user}", tuple(question.history()))
    if not histories:
        raise NotFoundError(f"no question in {data.name!r} has a history", hint="name other tasks or another split")
    names = list(histories)
    for place in dice_of(f"{seed} users").permutation(len(names))[:n]:
        drafts = _dated(histories[names[place]])
        now = max(_NOW, *(min(each.time, _LATEST) + _DAY for each in drafts if each.time is not None))
        yield HarmProfile(
            name=names[place],
            now=now,
            drafts=drafts,
            requests=plain_requests_for(names[place], requests, seed=seed),
        )


def _dated(drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """Give each entry without a date a day of its own, in the file's order."""
    days = range(len(drafts), 0, -1)
    return tuple(
        each if each.time is not None else replace(each, time=_NOW - timedelta(days=ago))
        for each, ago in zip(drafts, days, strict=True)
    )
