"""Invented people: a history of dated items, and requests of which each answer is known by construction.

They are for measuring whether a model answers from notes, and for teaching one to. Nothing is taken from anybody:
everything is drawn from this package's own words and wordings. The two splits share neither names, nor topics, nor
wordings of notes and questions, so that what was learned by heart is of no use with held-out people.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from ondevice.evaluation.people import names
from ondevice.evaluation.people.carriers import carry, small_talk
from ondevice.evaluation.people.families import FAMILIES
from ondevice.evaluation.people.family import Family
from ondevice.evaluation.people.scene import Scene, Split
from ondevice.evaluation.people.story import Question, Story, tell
from ondevice.evaluation.people.talks import TALKS
from ondevice.evaluation.people.typing import mistyped
from ondevice.generation.prompts.refusal import REFUSAL
from ondevice.records import Draft

N_STORIES = 26
N_WITHHELD = 6
N_IDLE = 4
N_ANSWERABLE, N_UNANSWERABLE = 17, 7
N_FORGOTTEN = 3
N_FRIENDS = 2
_CHANGES = 0.35
_MISTYPED = 0.08
_CONVERSATIONS, _ANSWERED = 0.6, 0.7
"""The part of the stories of which is asked on, and the part of those where it is meant to be answered."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotesRequest:
    """A question to a person's notes, and what an answer must hold.

    Args:
        text: The question.
        answer: A right answer, one sentence; the refusal where the notes hold none.
        category: What reading it takes: ``fact``, ``newest``, ``two notes``, … or why there is no answer.
        required: Of each group the answer must hold one text.
        forbidden: What it must not hold: outdated values.
        evidence: The ids of the items it follows from; empty where it is not answerable.
        outdated: The ids of items that said otherwise before.
        listed: Where the answer is a list, what each item of the evidence adds to it; empty where it is none.
        after: The question and the answer that stand before it in a conversation, without which it does not say what
            it is about; empty where it stands alone.
    """

    text: str = field(repr=False)
    answer: str = field(repr=False)
    category: str
    required: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    forbidden: tuple[str, ...] = field(default=(), repr=False)
    evidence: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()
    listed: tuple[str, ...] = field(default=(), repr=False)
    after: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_answerable(self) -> bool:
        """Whether the notes hold the answer."""
        return bool(self.evidence)


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One invented person.

    Args:
        name: What they are called.
        now: When the requests are asked.
        drafts: Their items, with ids and times, the oldest first.
        requests: What they ask.
        forgotten: Items on which one answerable request each rests, to be forgotten and asked for again.
    """

    name: str
    now: datetime
    drafts: tuple[Draft, ...] = field(repr=False)
    requests: tuple[NotesRequest, ...] = field(repr=False)
    forgotten: tuple[str, ...] = ()


def make_people(n: int, *, split: Split, seed: int = 0, talks: int = 0, thorough: bool = False) -> Iterator[Person]:
    """Yield ``n`` people; the same arguments always yield the same."""
    for number in range(n):
        yield make_person(seed * 1_000_003 + number, split=split, talks=talks, thorough=thorough)


def make_person(seed: int, *, split: Split, talks: int = 0, thorough: bool = False) -> Person:
    """Invent one person.

    Args:
        seed: The same seed gives the same person.
        split: The half of all words and wordings that is drawn from.
        talks: So many of the stories are told in talks with two friends, and asked of who told them by name. Without
            talks a person has notes, mails and messages alone.
        thorough: Ask everything that their stories answer and leave open, for learning, instead of a sample.

    Raises:
        ValueError: If there are to be more talks than stories.
    """
    check_talks(talks)
    source = random.Random(f"{split} {seed}")  # noqa: S311 - nothing secret
    now = datetime(2025, 1, 1, 9, tzinfo=UTC) + timedelta(minutes=source.randint(0, 60 * 24 * 900))
    scene = Scene(random=source, split=split, now=now)
    name = f"{scene.pick(names.FIRST)} {scene.pick(names.LAST)}"
    friends = [friend for friend in scene.half(names.FIRST) if friend != name.split()[0]]
    scene.cast = (name.split()[0], *random.Random(f"friends of {name} {seed}").sample(friends, N_FRIENDS))  # noqa: S311 - nothing secret
    n_unheard = talks * N_WITHHELD // N_STORIES
    n_talks, n_unwritten = talks + n_unheard, N_WITHHELD - n_unheard
    noted = _stories(scene, FAMILIES, N_STORIES + N_WITHHELD - n_talks)
    heard = _stories(scene, TALKS, n_talks) if n_talks else []  # no die falls for what is not told
    withheld, told = [*noted[:n_unwritten], *heard[:n_unheard]], [*noted[n_unwritten:], *heard[n_unheard:]]
    drafts, requests = _written(scene, told, name)
    requests += [_never_noted(question) for story in withheld for question in story.questions]
    answerable = [request for request in requests if request.is_answerable]
    unanswerable = [request for request in requests if not request.is_answerable]
    if not thorough:
        answerable = source.sample(answerable, min(N_ANSWERABLE, len(answerable)))
        unanswerable = source.sample(unanswerable, min(N_UNANSWERABLE, len(unanswerable)))
    requests = [_typed(source, request) for request in (*answerable, *unanswerable)]
    source.shuffle(requests)
    return Person(
        name=name,
        now=now,
        drafts=tuple(sorted(drafts, key=lambda draft: (draft.time or now, draft.id or ""))),
        requests=tuple(requests),
        forgotten=_forgotten(requests),
    )


def check_talks(talks: int) -> None:
    """Refuse more stories told in talks than a person has.

    Raises:
        ValueError: If there are.
    """
    if not 0 <= talks <= N_STORIES:
        raise ValueError(f"talks must be 0 to {N_STORIES}, not {talks}")


def _stories(scene: Scene, among: Sequence[Family], n: int) -> list[Story]:
    """Tell stories of about half of the families, so that most have neighbours of their own kind."""
    families = scene.random.sample(among, len(among))
    n_used = max(1, len(among) // 2)
    stories: list[Story] = []
    while len(stories) < n and families:
        family = scene.random.choice(families[:n_used])
        story = tell(scene, family, changes=scene.chance(_CHANGES))
        if story is None:
            families.remove(family)  # its topics are used up; another takes its place
        else:
            stories.append(story)
    return stories


def _written(scene: Scene, stories: Sequence[Story], me: str) -> tuple[list[Draft], list[NotesRequest]]:
    drafts: list[Draft] = []
    requests: list[NotesRequest] = []
    for story in stories:
        ids = [f"n{len(drafts) + place:03}" for place in range(len(story.statements))]
        for statement, id in zip(story.statements, ids, strict=True):
            drafts.append(carry(scene, statement, me=me, id=id))
        asked = (*story.questions, *story.unsaid)
        requests += [_request(question, ids) for question in asked]
        requests += _conversation(scene, story, ids)
    for _ in range(N_IDLE):
        text = " ".join(small_talk(scene, 4)) or "Nothing new today."
        drafts.append(Draft(id=f"n{len(drafts):03}", text=text, kind="journal", time=scene.past(150)))
    return drafts, requests


def _request(question: Question, ids: Sequence[str], *, after: Question | None = None) -> NotesRequest:
    return NotesRequest(
        text=question.text if after is None else question.follow_up,
        answer=question.answer,
        category=question.category,
        required=question.required,
        forbidden=question.forbidden,
        evidence=tuple(ids[place] for place in question.rests_on),
        outdated=tuple(ids[place] for place in question.outdated),
        listed=question.listed,
        after=() if after is None else (after.text, after.answer),
    )


def _conversation(scene: Scene, story: Story, ids: Sequence[str]) -> list[NotesRequest]:
    """Return a question that follows another one about the same story, in some of the stories."""
    asked = story.questions if scene.chance(_ANSWERED) else story.unsaid
    followed = [
        (one, two)
        for one in story.questions
        for two in asked
        if one.required != two.required and two.follow_up and not _tells(one.answer, two)
    ]
    if not followed or not scene.chance(_CONVERSATIONS):
        return []
    first, second = scene.random.choice(followed)
    return [_request(second, ids, after=first)]


def _tells(text: str, question: Question) -> bool:
    """Whether a text says already what is asked for, or a part of it."""
    return any(value in text for group in question.required for value in group)


def _never_noted(question: Question) -> NotesRequest:
    return NotesRequest(text=question.text, answer=REFUSAL, category="never noted")


def _typed(source: random.Random, request: NotesRequest) -> NotesRequest:
    return replace(request, text=mistyped(request.text, source)) if source.random() < _MISTYPED else request


def _forgotten(requests: Sequence[NotesRequest]) -> tuple[str, ...]:
    alone = [request for request in requests if len(request.evidence) == 1 and not (request.outdated or request.after)]
    return tuple(dict.fromkeys(request.evidence[0] for request in alone))[:N_FORGOTTEN]
