"""A short profile of the user for the prompt, made on the device from the user's own items.

After Richardson et al. 2023, arXiv:2310.20081 (profile-augmented generation). Where a task's items carry labels, what
the user usually picks is counted, which no model does better; otherwise the local model describes how the user
writes. A summary names the items it was made from, so that it can go when one of them goes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ondevice.errors import GenerationError
from ondevice.generation.engine import Engine
from ondevice.generation.entries import one_line
from ondevice.generation.lamp import field_text
from ondevice.generation.prompts import TASKS, Prompt, build_prompt
from ondevice.records import Item

_COUNTED: Mapping[str, tuple[str, str]] = {
    "LaMP_2": ("tag", "The tags this user picks most"),
    "LaMP_2N": ("category", "The categories this user writes in most"),
    "LaMP_3": ("score", "The scores this user gives"),
}
"""The label of each task whose items have one, and how its counts are introduced."""

_SHOWN_LABELS = 5
_SUBJECTS: Mapping[str, str] = {
    "chat": "who the user is, what they like and how they write",
    "LaMP_1": "which topics this author writes papers about",
    "LaMP_4": "how this author writes headlines: their length, tone and favourite words",
    "LaMP_5": "how this author writes the titles of papers: their length, form and topics",
    "LaMP_6": "how this user writes the subjects of emails: their length, tone and form",
    "LaMP_7": "how this user writes tweets: their tone, spelling and favourite words",
}
_FULL_STOPS = "\u3002\uff01\uff1f"  # of scripts that put no space behind them
_ENDS = ".!?" + _FULL_STOPS
_SENTENCE_END = re.compile(rf"(?<=[.!?])\s+|(?<=[{_FULL_STOPS}])")
_LIST_MARK = re.compile(r"^(?:[-*•#]+|\d{1,2}[.)])\s+")
_QUOTES = "\"'`*“”«»„ "


@dataclass(frozen=True, kw_only=True, slots=True)
class SummaryConfig:
    """How long a summary gets, and from how much.

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
        text: One line, to be given to :func:`~ondevice.generation.prompts.build_prompt`.
        task: The task it was made for.
        item_ids: Every item that had a part in it.
        is_counted: Whether it was counted; otherwise the model wrote it, and may be wrong.
    """

    text: str = field(repr=False)
    task: str
    item_ids: tuple[str, ...]
    is_counted: bool


def summarize(
    items: Sequence[Item],
    *,
    task: str,
    engine: Engine,
    config: SummaryConfig | None = None,
    cancel: Callable[[], bool] | None = None,
) -> ProfileSummary | None:
    """Describe the user by ``items``, the most telling first; ``None`` if cancelled. It is the same every time.

    Raises:
        ContextOverflowError: If the model's context has no room for the request.
        GenerationError: If there is nothing to describe, or the model writes nothing of use.
        ValueError: If there is no such task.
    """
    if task not in TASKS:
        raise ValueError(f"there is no task {task!r}; there are {', '.join(TASKS)}")
    config = config or SummaryConfig()
    if task in _COUNTED:
        return _count_labels(items, task)
    prompt = summary_prompt(
        items[: config.max_items],
        task=task,
        budget_tokens=engine.content_budget(config.max_tokens),
        count_tokens=engine.count_tokens,
    )
    answer = engine.generate(engine.render(prompt.messages), max_tokens=config.max_tokens, cancel=cancel)
    if answer.finish_reason == "cancelled":
        return None
    text = parse_summary(answer.text, max_characters=config.max_characters, is_cut_off=answer.finish_reason == "length")
    return ProfileSummary(
        text=text, task=task, item_ids=tuple(items[index].id for index in prompt.used), is_counted=False
    )


def summary_prompt(
    items: Sequence[Item], *, task: str, budget_tokens: int, count_tokens: Callable[[str], int]
) -> Prompt:
    """Build the messages that ask the model for a summary; ``used`` says which items stand in it.

    Raises:
        ContextOverflowError: If the request alone is over the budget.
        GenerationError: If no item fits, or there is none.
        KeyError: If the task's summary is counted, not written.
    """
    request = f"Describe in two short sentences, from the notes above, {_SUBJECTS[task]}. Quote no note."
    prompt = build_prompt(request, items, task="chat", budget_tokens=budget_tokens, count_tokens=count_tokens)
    if not prompt.used:
        raise _nothing_to_describe(len(items))
    return prompt


def parse_summary(answer: str, *, max_characters: int, is_cut_off: bool) -> str:
    """Return what is of use in the model's answer, as one line of whole sentences within ``max_characters``.

    Introductions, list marks, quotes, repeated sentences, and a last one that ``max_tokens`` cut off are dropped; a
    single sentence that is too long ends at a word.

    Raises:
        GenerationError: If nothing is left.
    """
    lines = (_LIST_MARK.sub("", one_line(line)) for line in answer.splitlines())
    text = " ".join(line for line in lines if line and not line.endswith(":")).strip(_QUOTES)
    sentences: dict[str, str] = {}
    for sentence in _SENTENCE_END.split(text):
        if sentence.strip(_QUOTES):
            sentences.setdefault(sentence.casefold(), sentence)
    whole = list(sentences.values())
    if is_cut_off and len(whole) > 1 and whole[-1][-1] not in _ENDS:
        whole.pop()
    kept = ""
    for sentence in whole:
        longer = f"{kept} {sentence}".lstrip()
        if len(longer) > max_characters:
            break
        kept = longer
    if not whole:
        raise GenerationError(
            f"the model's summary of {len(answer)} characters says nothing", hint="use no summary, or another model"
        )
    return kept or _cut_at_word(whole[0], max_characters)


def _cut_at_word(text: str, length: int) -> str:
    if text[length].isspace():
        return text[:length]
    start, _, _ = text[:length].rpartition(" ")
    return start or text[:length]


def _count_labels(items: Sequence[Item], task: str) -> ProfileSummary:
    name, introduction = _COUNTED[task]
    labels = {item.id: label for item in items if (label := field_text(item, name))}
    if not labels:
        raise _nothing_to_describe(len(items))
    common = sorted(Counter(labels.values()).items(), key=lambda pair: (-pair[1], pair[0]))[:_SHOWN_LABELS]
    shown = ", ".join(f"{label} ({n} of {len(labels)})" for label, n in common)
    return ProfileSummary(text=f"{introduction}: {shown}.", task=task, item_ids=tuple(labels), is_counted=True)


def _nothing_to_describe(n_items: int) -> GenerationError:
    return GenerationError(
        f"none of {n_items} items can be summarized", hint="add items that have what the task needs, or use no summary"
    )
