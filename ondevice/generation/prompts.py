"""From a request and the items found for it to the messages a model reads, within a budget of tokens.

The budget holds for the messages' contents as the model's own tokenizer counts them. Every entry gets a fair share of
it: what short entries leave goes to the longer ones. Only an entry's long field is ever shortened, at a word's end
where there is one; labels, titles, scores and dates never. The same call always gives the same prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ondevice.errors import ContextOverflowError
from ondevice.generation.chat import Message
from ondevice.generation.entries import Entry, one_line
from ondevice.generation.lamp import LAMP_TASKS
from ondevice.records import Item

TASKS = ("chat", *LAMP_TASKS)
"""The tasks a prompt can be built for."""

# Small models answer from notes in the system message far more often than from notes in the user's turn (tried on
# SmolLM2-135M).
_CHAT_SYSTEM = "You are a helpful assistant who knows the user through the notes below. Use them to answer."


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """Messages ready for :meth:`Engine.render`.

    Args:
        messages: What the model reads.
        used: Which items stand in it, as rising indices into the items given.
        n_shortened: How many of them were cut.
        has_summary: Whether the user's summary stands in it.
    """

    messages: tuple[Message, ...]
    used: tuple[int, ...]
    n_shortened: int
    has_summary: bool = False


class _Placed(NamedTuple):
    place: int
    entry: Entry
    cuts: list[int]

    @property
    def full(self) -> str:
        return self.entry.text(self.cuts[-1])

    @property
    def least(self) -> str:
        return self.entry.text(self.cuts[0])


def labels_for(task: str) -> tuple[str, ...] | None:
    """Return the task's closed set of answers, or ``None`` where the answer is free text.

    Raises:
        ValueError: If there is no such task.
    """
    _check_task(task)
    return None if task == "chat" else LAMP_TASKS[task].labels


def query_for(task: str, request: str) -> str:
    """Return what to search for: the part of the request that tells it from others of its task.

    A LaMP request without the task's marker is searched as a whole.

    Raises:
        ValueError: If there is no such task.
    """
    _check_task(task)
    return request if task == "chat" else LAMP_TASKS[task].query(request)


def build_prompt(
    request: str,
    items: Sequence[Item],
    *,
    task: str,
    budget_tokens: int,
    count_tokens: Callable[[str], int],
    summary: str = "",
) -> Prompt:
    """Build the messages for ``request`` with as much of ``items``, best first, as the budget lets in.

    An item that lacks a field of the task, or whose fixed part and first words do not fit, is left out; ``used`` says
    which stand in it. So is a summary that does not fit beside the request; ``has_summary`` says so.

    Args:
        request: What the user or the app asks; never shortened.
        items: History items, best first.
        task: One of :data:`TASKS`.
        budget_tokens: What the messages' contents may take together.
        count_tokens: Tokens of one content, as the model counts.
        summary: What is known of the user as a whole, never shortened; it stands before the items.

    Raises:
        ContextOverflowError: If the request alone is over the budget.
        InputError: If a LaMP_1 request with items has no word "title" to put the user's titles behind.
        ValueError: If there is no such task.
    """
    _check_task(task)
    plain = _Measure(task, request, "", count_tokens)
    alone = plain.total(())
    if alone > budget_tokens:
        raise ContextOverflowError(
            f"the request has {alone} tokens, but the prompt may have {budget_tokens}",
            hint="shorten the request, ask for a shorter answer, or open the model with a longer context",
        )
    measure = _Measure(task, request, one_line(summary), count_tokens)
    if measure.total(()) > budget_tokens:
        measure = plain
    placed = _admit(_entries(task, items), measure, budget_tokens)
    texts = [entry.full for entry in placed]
    if measure.total(texts) > budget_tokens:
        texts = _shorten(placed, measure, budget_tokens)
    return Prompt(
        messages=_messages(task, request, measure.summary, texts),
        used=tuple(entry.place for entry in placed),
        n_shortened=sum(text != entry.full for text, entry in zip(texts, placed, strict=True)),
        has_summary=bool(measure.summary),
    )


class _Measure:
    """Counts whole messages, since tokens do not add up over the seams between their parts."""

    def __init__(self, task: str, request: str, summary: str, count_tokens: Callable[[str], int]) -> None:
        self._task, self._request, self.summary, self.count = task, request, summary, count_tokens
        self._request_tokens: dict[str, int] = {}

    def total(self, texts: Sequence[str]) -> int:
        return sum(map(self._count, _messages(self._task, self._request, self.summary, texts)))

    def _count(self, message: Message) -> int:
        if message.content != self._request:
            return self.count(message.content)
        if self._request not in self._request_tokens:
            self._request_tokens[self._request] = self.count(self._request)
        return self._request_tokens[self._request]


def _admit(entries: Sequence[_Placed], measure: _Measure, budget: int) -> list[_Placed]:
    """Keep the entries whose least form fits beside that of the better ones."""
    if measure.total([entry.full for entry in entries]) <= budget:
        return list(entries)
    kept: list[_Placed] = []
    for entry in entries:
        if measure.total([*(other.least for other in kept), entry.least]) <= budget:
            kept.append(entry)
    return kept


def _shorten(placed: Sequence[_Placed], measure: _Measure, budget: int) -> list[str]:
    """Let every entry grow from its least form by its fair share; what it does not use goes to the next."""
    texts = [entry.least for entry in placed]
    limit = measure.total(texts)
    wants = [max(0, measure.count(entry.full) - measure.count(entry.least)) for entry in placed]
    for i, share in enumerate(fair_shares(wants, budget - limit)):
        limit += share
        entry, low, high = placed[i], 0, len(placed[i].cuts) - 1
        while low < high:
            middle = (low + high + 1) // 2
            longer = entry.entry.text(entry.cuts[middle])
            if measure.total([*texts[:i], longer, *texts[i + 1 :]]) <= limit:
                texts[i], low = longer, middle
            else:
                high = middle - 1
    return texts


def fair_shares(wants: Sequence[int], total: int) -> list[int]:
    """Divide ``total`` so that nobody gets more than they want, and the rest goes to the others equally."""
    shares = [0] * len(wants)
    rest = total
    for taken, i in enumerate(sorted(range(len(wants)), key=wants.__getitem__)):
        shares[i] = min(wants[i], rest // (len(wants) - taken))
        rest -= shares[i]
    return shares


def _entries(task: str, items: Sequence[Item]) -> list[_Placed]:
    entry_of = _chat_entry if task == "chat" else LAMP_TASKS[task].entry
    entries = ((index, entry_of(item)) for index, item in enumerate(items))
    return [_Placed(index, entry, entry.cuts()) for index, entry in entries if entry is not None]


def _chat_entry(item: Item) -> Entry | None:
    text = one_line(item.text)
    title = item.fields.get("title")
    before = f"[{item.time:%Y-%m-%d}] " + (f"{one_line(str(title))}: " if title else "")
    return Entry(before=before, long=text) if text else None


def _messages(task: str, request: str, summary: str, texts: Sequence[str]) -> tuple[Message, ...]:
    if task != "chat":
        content = LAMP_TASKS[task].join(texts, request)
        return (Message(role="user", content=f"{summary}\n\n{content}" if summary else content),)
    user = Message(role="user", content=request)
    if not texts and not summary:
        return (user,)
    notes = (f"About the user: {summary}", *texts) if summary else texts
    return (Message(role="system", content="\n".join((_CHAT_SYSTEM, "", *notes))), user)


def _check_task(task: str) -> None:
    if task not in TASKS:
        raise ValueError(f"there is no task {task!r}; there are {', '.join(TASKS)}")
