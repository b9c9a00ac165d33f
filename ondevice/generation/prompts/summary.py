"""A short profile of the user for the prompt, made on the device from the user's own items.

After Richardson et al. 2023, arXiv:2310.20081 (profile-augmented generation). A summary is counted (which labels the
user picks, how the user writes), which is always true, or written by the local model, which may be wrong, and the more
so the smaller it is. Either names the items it was made from, so that it can go when one of them goes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

from ondevice.errors import GenerationError
from ondevice.generation.prompts.chat import Message
from ondevice.generation.prompts.entries import Entry, one_line
from ondevice.generation.prompts.fitting import Prompt, fit_prompt
from ondevice.generation.prompts.habits import describe_habits
from ondevice.generation.prompts.lamp import field_text
from ondevice.records import Item

if TYPE_CHECKING:
    from ondevice.generation.llama.engine import Engine


@dataclass(frozen=True, kw_only=True, slots=True)
class _Subject:
    """What a task's items are called, where the user's own words stand in them, and what a writer should describe."""

    noun: str
    words: str
    aspects: str
    labels: str | None = None


_SUBJECTS: Mapping[str, _Subject] = {
    "chat": _Subject(noun="notes", words="text", aspects="what this person likes and how they write"),
    "LaMP_1": _Subject(noun="papers", words="title", aspects="which topics this author works on"),
    "LaMP_2": _Subject(noun="movies", words="tag", aspects="which tags this person picks", labels="tags"),
    "LaMP_2N": _Subject(noun="articles", words="category", aspects="what this author writes on", labels="categories"),
    "LaMP_3": _Subject(noun="reviews", words="score", aspects="how strictly this person judges", labels="scores"),
    "LaMP_4": _Subject(noun="headlines", words="title", aspects="how this author writes headlines"),
    "LaMP_5": _Subject(noun="paper titles", words="title", aspects="how this author writes titles"),
    "LaMP_6": _Subject(noun="email subjects", words="title", aspects="how this person writes subjects"),
    "LaMP_7": _Subject(noun="tweets", words="text", aspects="how this person writes tweets"),
}
_SHOWN_LABELS = 5
_SYSTEM = "You write short profiles of people."
_FULL_STOPS = "\u3002\uff01\uff1f"  # of scripts that put no space behind them
_ENDS = ".!?" + _FULL_STOPS
_SENTENCE_END = re.compile(rf"(?<=[.!?])\s+|(?<=[{_FULL_STOPS}])")
_LIST_MARK = re.compile(r"^(?:[-*•#]+|\d{1,2}[.)])\s+")
_QUOTES = "\"'`*“”«»„ "


@dataclass(frozen=True, kw_only=True, slots=True)
class SummaryConfig:
    """How long a written summary gets, and from how much.

    Args:
        max_items: Items the model reads, at most.
        max_tokens: Tokens the model may write.
        max_characters: Characters that are kept of it.
    """

    max_items: int = 20
    max_tokens: int = 96
    max_characters: int = 400

    def __post_init__(self) -> None:
        """Refuse numbers with which nothing can be written.

        Raises:
            ValueError: Then.
        """
        if min(self.max_items, self.max_tokens, self.max_characters) < 1:
            raise ValueError(
                f"max_items {self.max_items}, max_tokens {self.max_tokens} and max_characters {self.max_characters} "
                "must be 1 or more"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileSummary:
    """What the prompt says about the user, and where it comes from.

    Args:
        text: One line, to be given to :func:`~ondevice.generation.prompts.prompt.build_prompt`.
        task: The task it was made for.
        item_ids: Every item that had a part in it.
        made_by: Whether it was counted or the model wrote it.
    """

    text: str = field(repr=False)
    task: str
    item_ids: tuple[str, ...]
    made_by: Literal["count", "model"]


def count_summary(items: Sequence[Item], *, task: str) -> ProfileSummary:
    """Say which labels the user picks most, or, where a task has none, how the user writes.

    Raises:
        GenerationError: If no item has what the task needs.
        ValueError: If there is no such task.
    """
    subject = _subject(task)
    words = {item.id: text for item in items if (text := _words(item, subject))}
    if not words:
        raise _nothing_to_describe(len(items))
    values = list(words.values())
    text = describe_habits(values, subject.noun) if subject.labels is None else _describe_labels(values, subject)
    return ProfileSummary(text=text, task=task, item_ids=tuple(words), made_by="count")


def write_summary(
    items: Sequence[Item],
    *,
    task: str,
    engine: Engine,
    config: SummaryConfig | None = None,
    cancel: Callable[[], bool] | None = None,
    check: Callable[[Sequence[str]], None] | None = None,
) -> ProfileSummary | None:
    """Let the model describe the user by ``items``, the most telling first; ``None`` if cancelled.

    The adapter in use, if any, shapes it. It is the same every time. ``check`` raises where one of the items of these
    ids is gone; it is asked when they are about to be read.

    Raises:
        ContextOverflowError: If the model's context has no room for the request.
        GenerationError: If there is nothing to describe, or the model writes nothing of use.
        ValueError: If there is no such task.
    """
    config = config or SummaryConfig()
    read = items[: config.max_items]
    prompt = summary_prompt(
        read,
        task=task,
        budget_tokens=engine.content_budget(config.max_tokens),
        count_tokens=engine.count_tokens,
        learned_tokens=engine.learned_budget(),
    )
    used = [read[index] for index in prompt.used]
    answer = engine.generate(
        engine.render(prompt.messages),
        max_tokens=config.max_tokens,
        cancel=cancel,
        check=None if check is None else partial(check, [item.id for item in used]),
    )
    if answer.finish_reason == "cancelled":
        return None
    text = parse_summary(
        answer.text,
        known=[part for item in used for part in (item.text, *map(str, item.fields.values()))],
        max_characters=config.max_characters,
        is_cut_off=answer.finish_reason == "length",
    )
    return ProfileSummary(text=text, task=task, item_ids=tuple(item.id for item in used), made_by="model")


def summary_prompt(
    items: Sequence[Item],
    *,
    task: str,
    budget_tokens: int,
    count_tokens: Callable[[str], int],
    learned_tokens: int | None = None,
) -> Prompt:
    """Build the messages that ask the model for a summary; ``used`` says which items stand in it.

    Raises:
        ContextOverflowError: If the request alone is over the budget.
        GenerationError: If no item fits, or there is none.
        ValueError: If there is no such task.
    """
    subject = _subject(task)

    def entry(item: Item) -> Entry | None:
        words = "" if subject.words == "text" else _words(item, subject)
        title = words or field_text(item, "title")
        text = one_line(item.text)
        return Entry(before=f"- {title}: " if title else "- ", long=text) if title or text else None

    def frame(texts: Sequence[str]) -> tuple[Message, ...]:
        notes = "\n".join((f"These are {subject.noun} of one person:", *texts))
        request = f"Write a profile of this person in two sentences: {subject.aspects}."
        return (Message(role="system", content=_SYSTEM), Message(role="user", content=f"{notes}\n\n{request}"))

    prompt = fit_prompt(
        items,
        entry=entry,
        frame=frame,
        budget_tokens=budget_tokens,
        count_tokens=count_tokens,
        learned_tokens=learned_tokens,
    )
    if not prompt.used:
        raise _nothing_to_describe(len(items))
    return prompt


def parse_summary(answer: str, *, known: Sequence[str], max_characters: int, is_cut_off: bool) -> str:
    """Return what is of use in the model's answer, as one line of whole sentences within ``max_characters``.

    Introductions, list marks, quotes, repeated sentences, and a last one that ``max_tokens`` cut off are dropped, and
    so is every sentence with a number or a name that stands nowhere in ``known``: the model made it up. A single
    sentence that is too long ends at a word.

    Raises:
        GenerationError: If nothing is left.
    """
    lines = (_LIST_MARK.sub("", one_line(line)) for line in answer.splitlines())
    text = " ".join(line for line in lines if line and not line.endswith(":")).strip(_QUOTES)
    found = [part for part in _SENTENCE_END.split(text) if part.strip(_QUOTES)]
    if is_cut_off and len(found) > 1 and found[-1][-1] not in _ENDS:
        found.pop()
    words = set(re.findall(r"\w+", " ".join(known).casefold()))
    sentences: dict[str, str] = {}
    for sentence in found:
        if _made_up(sentence) <= words:
            sentences.setdefault(sentence.casefold(), sentence)
    if not sentences:
        raise GenerationError(
            f"the model's summary of {len(answer)} characters says nothing of use",
            hint="count instead, use no summary, or a larger model",
        )
    return _shortened(list(sentences.values()), max_characters)


def _made_up(sentence: str) -> set[str]:
    """Return the words that must come from the items: numbers, and capitalized words within the sentence."""
    first, *rest = re.findall(r"\w+", sentence) or [""]
    return {word.casefold() for word in rest if word[0].isupper() and word != "I"} | {
        word for word in (first, *rest) if word[:1].isdigit()
    }


def _shortened(sentences: Sequence[str], length: int) -> str:
    kept = ""
    for sentence in sentences:
        longer = f"{kept} {sentence}".lstrip()
        if len(longer) > length:
            break
        kept = longer
    first = sentences[0]
    if kept or first[length].isspace():
        return kept or first[:length]
    return first[:length].rpartition(" ")[0] or first[:length]


def _describe_labels(labels: Sequence[str], subject: _Subject) -> str:
    common = sorted(Counter(labels).items(), key=lambda pair: (-pair[1], pair[0]))[:_SHOWN_LABELS]
    shown = ", ".join(f"{label} ({n} of {len(labels)})" for label, n in common)
    return f"The {subject.labels} this user picks most: {shown}."


def _words(item: Item, subject: _Subject) -> str:
    return one_line(item.text) if subject.words == "text" else field_text(item, subject.words)


def _subject(task: str) -> _Subject:
    if task not in _SUBJECTS:
        raise ValueError(f"there is no task {task!r}; there are {', '.join(_SUBJECTS)}")
    return _SUBJECTS[task]


def _nothing_to_describe(n_items: int) -> GenerationError:
    return GenerationError(
        f"none of {n_items} items can be summarized", hint="add items that have what the task needs, or use no summary"
    )
