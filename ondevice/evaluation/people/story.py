"""One story of a person: its notes, perhaps a later change, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ondevice.evaluation.people.family import Asking, Ending, Family
from ondevice.evaluation.people.follow_ups import follow_up
from ondevice.evaluation.people.scene import Scene, Wordings
from ondevice.evaluation.people.statement import Statement
from ondevice.evaluation.people.turns import around, told
from ondevice.evaluation.people.values import Value
from ondevice.generation.prompts.refusal import REFUSAL

NEVER_SAID = "never said"
NEVER_TOLD, TOLD_BY_ANOTHER = "never told", "told by another"
"""The categories of what is asked of a story whose notes do not say it, or whose turns do not, or say it of another."""

_NEWEST = "newest"
"""The category of what a later note has changed or ended."""
_TRIES = 50
_GLIMPSES = 0.35
"""The part of the unchanged stories that are told by less than their own notes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question and what its answer must hold; ``rests_on`` and ``outdated`` are indices into the statements.

    ``follow_up`` asks the same behind another question about the same story; it is empty where no wording can. Where
    the statements do not say what is asked for, the question rests on none. ``listed`` has what each of the statements
    that it rests on adds to a list, where the answer is one.
    """

    text: str = field(repr=False)
    follow_up: str = field(repr=False)
    answer: str = field(repr=False)
    category: str
    required: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    forbidden: tuple[str, ...] = field(default=(), repr=False)
    rests_on: tuple[int, ...] = ()
    outdated: tuple[int, ...] = ()
    listed: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """What happened, in statements, what can be asked of it, and what is asked of it in vain."""

    family: str
    statements: tuple[Statement, ...]
    questions: tuple[Question, ...]
    unsaid: tuple[Question, ...]


def tell(scene: Scene, family: Family, *, changes: bool) -> Story | None:
    """Return a story of a family, or ``None`` where this person has had all its topics."""
    topic = scene.take(family.topics)
    if topic is None:
        return None
    glimpse = None if changes or not scene.chance(_GLIMPSES) else family.glimpse
    notes = family.notes if glimpse is None else (glimpse.notes,)
    times = sorted(scene.past(150) for _ in notes)
    values: dict[str, Value] = {"topic": Value.of(topic)}
    if family.told_by:
        talker, listener = scene.random.sample(scene.cast, 2)
        values |= {"talker": Value.of(talker), "listener": Value.of(listener)}
    scene.at, scene.is_one_note = times[-1], len(times) == 1
    for name, slot in family.slots.items():
        values[name] = slot(scene, values)
    statements = [Statement(text=scene.say(note, values), at=at) for note, at in zip(notes, times, strict=True)]
    untold = [family.unsaid]
    if glimpse is not None:
        known = [asking for asking in family.askings if set(asking.needs) <= set(glimpse.tells)]
        questions = [_answered(scene, family, asking, values, (0,)) for asking in known]
        untold += [asking.questions for asking in family.askings if asking not in known]
    elif changes and family.ending is not None and scene.chance(0.3):
        at = _later(scene, times[-1])
        statements.append(Statement(text=scene.say(family.ending.notes, values), at=at))
        questions = [_ended(scene, family, family.ending, len(times), asking, values) for asking in family.askings]
    elif changes and family.changes is not None:
        before = dict(values)
        scene.at, scene.is_one_note = _later(scene, times[-1]), True
        for name in family.changed:
            values[name] = _other(scene, family, name, values)
        statements.append(Statement(text=scene.say(family.changes, values), at=scene.at))
        questions = [_changed(scene, family, asking, before, values) for asking in family.askings]
    else:
        questions = [_answered(scene, family, asking, values, asking.rests_on) for asking in family.askings]
    unsaid = [_untold(scene, family, wordings, values) for wordings in untold]
    if family.told_by:
        statements = [*told(statements, family.told_by, values), *around(scene, family, statements[-1], values)]
        questions = [replace(each, category=f"told {each.category}") for each in questions]
        unsaid = [replace(each, category=NEVER_TOLD) for each in unsaid] + _of_the_other(scene, family, values)
    return Story(family=family.name, statements=tuple(statements), questions=tuple(questions), unsaid=tuple(unsaid))


def _question(
    scene: Scene,
    family: Family,
    wordings: Wordings,
    values: Mapping[str, Value],
    answers: Wordings | str,
    *,
    category: str,
    required: tuple[tuple[str, ...], ...] = (),
    rests_on: tuple[int, ...] = (),
    outdated: tuple[int, ...] = (),
) -> Question:
    """Word a question, in another wording the same as a follow-up, and its answer, of which a text is the only one."""
    template = scene.random.choice(wordings.of(scene.split))
    behind = follow_up(template, scene.random, is_person=family.topics_are_people)
    text, behind = scene.say(wordings, values), scene.fill(behind, values)
    answer = answers if isinstance(answers, str) else scene.random.choice(answers.of(scene.split))
    return Question(
        text=text,
        follow_up=behind,
        answer=scene.fill(answer, values, plainly=True),
        category=category,
        required=required,
        rests_on=rests_on,
        outdated=outdated,
    )


def _untold(scene: Scene, family: Family, wordings: Wordings, values: Mapping[str, Value]) -> Question:
    return _question(scene, family, wordings, values, REFUSAL, category=NEVER_SAID)


def _of_the_other(scene: Scene, family: Family, values: Mapping[str, Value]) -> list[Question]:
    """Ask in vain of one what the other has told: only who is named in the notes tells the two apart."""
    swapped = {**values, "talker": values["listener"], "listener": values["talker"]}
    asked = [asking.questions for asking in family.askings if len(set(family.told_by)) == 1]
    if not asked:
        return []
    return [replace(_untold(scene, family, scene.random.choice(asked), swapped), category=TOLD_BY_ANOTHER)]


def _answered(
    scene: Scene, family: Family, asking: Asking, values: Mapping[str, Value], rests_on: tuple[int, ...]
) -> Question:
    required = tuple(group for name in asking.needs for group in values[name].groups)
    question = _question(
        scene,
        family,
        asking.questions,
        values,
        asking.answers,
        category=asking.category,
        required=required,
        rests_on=rests_on,
    )
    return replace(question, listed=tuple(values[name].said for name in asking.listed))


def _changed(
    scene: Scene, family: Family, asking: Asking, before: Mapping[str, Value], values: Mapping[str, Value]
) -> Question:
    new = [name for name in asking.needs if name in family.changed]
    if not new:
        return _answered(scene, family, asking, values, asking.rests_on)
    is_partly_old = len(new) < len(asking.needs) or len(asking.rests_on) > 1
    rests_on = (*asking.rests_on, len(family.notes)) if is_partly_old else (len(family.notes),)
    required = {text for name in asking.needs for group in values[name].groups for text in group}
    old = {text for name in new for group in before[name].groups for text in group} - required
    forbidden = tuple(sorted(text for text in old if not any(text in kept for kept in required)))
    outdated = () if is_partly_old else asking.rests_on
    question = _answered(scene, family, asking, values, rests_on)
    return replace(question, category=_NEWEST, forbidden=forbidden, outdated=outdated)


def _ended(
    scene: Scene, family: Family, ending: Ending, place: int, asking: Asking, values: Mapping[str, Value]
) -> Question:
    return _question(
        scene,
        family,
        asking.questions,
        values,
        ending.answer,
        category=_NEWEST,
        required=(ending.required,),
        rests_on=(place,),
        outdated=asking.rests_on,
    )


def _other(scene: Scene, family: Family, name: str, values: Mapping[str, Value]) -> Value:
    """Draw another value; the same one where there seems to be no other, as the note's own day on one day."""
    for _ in range(_TRIES):
        value = family.slots[name](scene, values)
        if value.said != values[name].said:
            break
    return value


def _later(scene: Scene, than: datetime) -> datetime:
    room = (scene.now - than) / timedelta(minutes=1)
    return than + timedelta(minutes=max(1, int(room * (0.1 + 0.8 * scene.random.random()))))
