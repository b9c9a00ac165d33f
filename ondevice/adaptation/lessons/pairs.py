"""What a user's own items teach: requests of the task, each with the answer this user once gave.

Source: Salemi & Zamani 2024, arXiv:2409.09510 (one pair per item and task; the citation task has no answers of its own,
so that abstracts stand for them). Notes without a task become continuations, or, where they have a title, requests to
write them.
Deviation: the paper lets tweets be completed, which teaches another task than the one that is asked; here they are
answers to the task's own request, over a neutral wording of themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil

from ondevice.adaptation.lessons.leaks import PlantedSecret, Said, plain
from ondevice.adaptation.lessons.neutral import neutral
from ondevice.errors import TooLittleError
from ondevice.generation.prompts.entries import one_line
from ondevice.generation.prompts.lamp import MOVIE_TAGS, NEWS_CATEGORIES, field_text, long_text
from ondevice.records import Item

MIN_PAIRS = 8
"""Fewer than these different pairs teach nothing that would hold for the next request."""

PROXIES = frozenset({"LaMP_1"})
"""Tasks whose pairs ask something else than the task does: good to learn from, not to judge by."""

_GIVEN_PART = 0.2  # of a text to be continued; the paper gives 10 to 25 % of a tweet's words
_MIN_WORDS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """One request and this user's answer.

    Args:
        request: What is asked.
        answer: What the user's item says.
        task: The task of the prompt builder that the request belongs to.
        item_ids: The items it was made from, those in the prompt included.
        items: Other items of the user that stand in the prompt, best first.
        asked_at: When it is asked (aware); ``None`` means when its prompt is built.
        earlier: The turns before it in a conversation, the user's and the model's in turn; they are not learned.
        summary: What the prompt says of the user as a whole, before the items; a population's pairs alone have one.
    """

    request: str = field(repr=False)
    answer: str = field(repr=False)
    task: str
    item_ids: tuple[str, ...]
    items: tuple[Item, ...] = field(default=(), repr=False)
    asked_at: datetime | None = None
    earlier: tuple[str, ...] = field(default=(), repr=False)
    summary: str = field(default="", repr=False)

    def with_items(self, items: Sequence[Item]) -> Pair:
        """Return the pair with these items in its prompt, best first; they count among its origins."""
        ids = dict.fromkeys((*self.item_ids, *(item.id for item in items)))
        return replace(self, items=tuple(items), item_ids=tuple(ids))


def _request(wording: str, long: str, answer: str) -> Callable[[Item], tuple[str, str]]:
    return lambda item: (f"{wording} {text}" if (text := long_text(item, long)) else "", field_text(item, answer))


def _abstract(item: Item) -> tuple[str, str]:
    title = field_text(item, "title")
    return (f"Write an abstract for this title: {title}" if title else "", long_text(item, "abstract"))


def _continued(wording: str) -> Callable[[Item], tuple[str, str]]:
    def pair(item: Item) -> tuple[str, str]:
        words = one_line(item.text).split(" ")
        if len(words) < _MIN_WORDS:
            return "", ""
        n_given = ceil(_GIVEN_PART * len(words))
        return f"{wording} {' '.join(words[:n_given])}", " ".join(words[n_given:])

    return pair


def _tweet(item: Item) -> tuple[str, str]:
    tweet = one_line(item.text)
    wording = neutral(tweet)
    if len(tweet.split(" ")) < _MIN_WORDS or not wording:
        return "", ""
    return f"Paraphrase the following tweet without any explanation before or after it: {wording}", tweet


def _note(item: Item) -> tuple[str, str]:
    title = field_text(item, "title")
    if title and item.text.strip():
        return f'Write a note with the title "{title}".', item.text.strip()
    return _continued("Continue this note:")(item)


_PAIRS: Mapping[str, Callable[[Item], tuple[str, str]]] = {
    "chat": _note,
    "LaMP_1": _abstract,
    "LaMP_2": _request(
        "Which tag does this movie relate to among the following tags? Just answer with the tag name without further "
        f"explanation. tags: [{', '.join(MOVIE_TAGS)}] description:",
        "description",
        "tag",
    ),
    "LaMP_2N": _request(
        "Which category does this article relate to among the following categories? Just answer with the category "
        f"name without further explanation. categories: [{', '.join(NEWS_CATEGORIES)}] article:",
        "text",
        "category",
    ),
    "LaMP_3": _request(
        "What is the score of the following review on a scale of 1 to 5? just answer with 1, 2, 3, 4, or 5 without "
        "further explanation. review:",
        "text",
        "score",
    ),
    "LaMP_4": _request("Generate a headline for the following article:", "text", "title"),
    "LaMP_5": _request("Generate a title for the following abstract of a paper:", "abstract", "title"),
    "LaMP_6": _request("Generate a subject for the following email:", "text", "title"),
    "LaMP_7": _tweet,
}


def item_pairs(items: Sequence[Item], *, task: str) -> list[Pair]:
    """Return one pair for each item that has the fields of the task, the oldest first.

    Items that make the same pair make it once, at the place of the newest, and all of them are its origins. It is asked
    when the newest was made, so that a training that goes on on another day has the same prompts.

    Raises:
        ValueError: If there is no such task.
    """
    if task not in _PAIRS:
        raise ValueError(f"there is no task {task!r} to learn; there are {', '.join(_PAIRS)}")
    origins: dict[tuple[str, str], list[Item]] = {}
    for item in sorted(items, key=lambda item: (item.time, item.id)):
        request, answer = _PAIRS[task](item)
        if request and answer:
            made_of = origins.pop((request, answer), [])
            made_of.append(item)
            origins[request, answer] = made_of
    return [
        Pair(
            request=request,
            answer=answer,
            task=task,
            item_ids=tuple(item.id for item in made_of),
            asked_at=made_of[-1].time,
        )
        for (request, answer), made_of in origins.items()
    ]


def training_pairs(items: Sequence[Item], *, task: str, minimum: int = MIN_PAIRS) -> list[Pair]:
    """Return the pairs that an adapter can be trained on, the oldest first; see :func:`item_pairs`.

    Raises:
        TooLittleError: If there are fewer than ``minimum`` different ones.
        ValueError: If there is no such task, or ``minimum`` is less than 2.
    """
    if minimum < 2:
        raise ValueError(f"minimum must be 2 or more, since some pairs are held out, not {minimum}")
    pairs = item_pairs(items, task=task)
    n_usable = sum(len(pair.item_ids) for pair in pairs)
    if len(pairs) == 1 and n_usable >= minimum:
        raise TooLittleError(
            f"all {n_usable} items teach the same, so that nothing can be learned", hint="add items that differ"
        )
    if len(pairs) < minimum:
        raise TooLittleError(
            f"training needs {minimum} different items for the task {task!r}, but {len(items)} items give {len(pairs)}",
            hint="add items; until then retrieval alone personalizes",
        )
    return pairs


def hold_out_newest(pairs: Sequence[Pair], part: float) -> tuple[list[Pair], list[Pair]]:
    """Split pairs, the oldest first, into those to train on and the newest, on which the training is judged.

    Each side gets at least one.

    Raises:
        ValueError: If there are fewer than 2 pairs, or the part is not between 0 and 1.
    """
    if len(pairs) < 2 or not 0 < part < 1:
        raise ValueError(f"{len(pairs)} pairs must be 2 or more, and the part {part} between 0 and 1")
    n_held = min(len(pairs) - 1, max(1, round(part * len(pairs))))
    return list(pairs[:-n_held]), list(pairs[-n_held:])


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """When a pair is asked for, so that whoever searches need not look at every item for every pair.

    Args:
        asked_at: Only items from before this time may stand in its prompt.
        admits: Whether the item of an id is one of those.
    """

    asked_at: datetime
    admits: Callable[[str], bool] = field(repr=False)


class EarlierItems:
    """Says which of a user's items may stand in the prompt of a pair that was made from some of them."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = {item.id: item for item in items}
        self._said = {item.id: Said.by(item) for item in items}

    def before(self, pair: Pair) -> list[Item]:
        """Return the items before the pair's own ones that do not give its answer away, in their order.

        Left out are the items it was made from, and those that say what they say; see
        :class:`~ondevice.adaptation.lessons.leaks.PlantedSecret`.
        """
        moment = self.moment_of(pair)
        return [] if moment is None else [item for item in self._items.values() if moment.admits(item.id)]

    def moment_of(self, pair: Pair) -> Moment | None:
        """Return when a pair is asked for, and what may stand in its prompt; ``None`` if no item of its own is here."""
        own = [self._items[item_id] for item_id in pair.item_ids if item_id in self._items]
        if not own:
            return None
        secret = PlantedSecret.of(task=pair.task, answer=pair.answer, texts=(item.text for item in own))
        asked_at = max(item.time for item in own)

        def admits(item_id: str) -> bool:
            item = self._items.get(item_id)
            if item is None or item.time >= asked_at or item_id in pair.item_ids:
                return False
            return not secret.is_told_by(self._said[item_id])

        return Moment(asked_at=asked_at, admits=admits)


def without(items: Sequence[Item], left_out: Sequence[str]) -> list[Item]:
    """Return the items but for those of these ids, and for all that say the same as one of them."""
    ids = set(left_out)
    said = {plain(item.text) for item in items if item.id in ids}
    return [item for item in items if item.id not in ids and plain(item.text) not in said]
