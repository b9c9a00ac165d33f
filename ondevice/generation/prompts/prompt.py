"""From a request and the items found for it to the messages a model reads, within a budget of tokens.

The budget holds for the messages' contents as the model's own tokenizer counts them. Only an entry's long field is
ever shortened; labels, titles, scores and dates never. The same call always gives the same prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Literal, get_args

from ondevice.generation.prompts.chat import Message
from ondevice.generation.prompts.days import require_zone
from ondevice.generation.prompts.entries import Entry, one_line
from ondevice.generation.prompts.fitting import Prompt, fit_prompt
from ondevice.generation.prompts.lamp import LAMP_TASKS
from ondevice.generation.prompts.notes import note_entry, notes_messages, oldest_first
from ondevice.generation.prompts.passages import PLAIN_WORDS, extract_of
from ondevice.passages import Passage
from ondevice.records import Item

TASKS = ("chat", *LAMP_TASKS)
"""The tasks a prompt can be built for."""

PromptForm = Literal["plain", "numbered"]
"""How items stand in a prompt of the task ``chat``: as any model may read them, or as numbered notes for a model that
learned to answer from those and to name the ones it used."""

# Small models answer from notes in the system message far more often than from notes in the user's turn (tried on
# SmolLM2-135M).
_CHAT_SYSTEM = "You are a helpful assistant who knows the user through the notes below. Use them to answer."


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


def entry_for(task: str) -> Callable[[Item], Entry | None]:
    """Return what makes an item's entry in the prompt of a task; ``None`` where the item lacks a field of it.

    Raises:
        ValueError: If there is no such task.
    """
    _check_task(task)
    return _chat_entry if task == "chat" else LAMP_TASKS[task].entry


def build_prompt(
    request: str,
    items: Sequence[Item],
    *,
    task: str,
    budget_tokens: int,
    count_tokens: Callable[[str], int],
    summary: str = "",
    system: str = "",
    form: PromptForm = "plain",
    now: datetime | None = None,
    learned_tokens: int | None = None,
    passages: Mapping[str, Passage] | None = None,
) -> Prompt:
    """Build the messages for ``request`` with as much of ``items``, best first, as the budget lets in.

    Of a long item in ``chat``, the passages that were found and that fit the request stand there, not its beginning.
    An item that lacks a field of the task, or whose fixed part and first words do not fit, is left out; ``used`` says
    which stand in it. So is a summary that does not fit beside the request; ``has_summary`` says so.

    Args:
        request: What the user or the app asks; never shortened.
        items: History items, best first.
        task: One of :data:`TASKS`.
        budget_tokens: What the messages' contents may take together.
        count_tokens: Tokens of one content, as the model counts.
        summary: What is known of the user as a whole, never shortened; it stands before the items.
        system: What the model is told to be, in ``chat`` alone, in place of the built-in sentence; never shortened.
        form: How items stand in it, in ``chat`` alone; the other tasks have one form.
        now: When it is asked, in the zone in which days begin (aware); by default now, where this device is. The plain
            form does not say it.
        learned_tokens: What the contents shall take beside what is asked, where that is less than the budget: longer
            prompts than it learned to use serve a model badly. A request that is longer is asked alone.
        passages: The passages that the search found, by the items' ids, for ``chat`` alone.

    Raises:
        ContextOverflowError: If the request alone is over the budget.
        InputError: If a LaMP_1 request with items has no word "title" to put the user's titles behind.
        TypeError: If ``now`` is no ``datetime``.
        ValueError: If there is no such task, or it brings its own prompt and a system prompt is given too; if there
            is no such form; if ``now`` has no time zone.
    """
    _check_task(task)
    if form not in get_args(PromptForm):
        raise ValueError(f"there is no form {form!r} of a prompt; there are {', '.join(get_args(PromptForm))}")
    now = datetime.now().astimezone() if now is None else require_zone(now)
    if system and task != "chat":
        raise ValueError(f"the task {task!r} brings its own prompt: a system prompt goes with 'chat' alone")
    is_numbered = form == "numbered" and task == "chat"

    def frame(known: str, texts: Sequence[str]) -> tuple[Message, ...]:
        if is_numbered:
            return notes_messages(request, now=now, summary=known, system=system, texts=texts)
        return _messages(task, request, known, system, texts)

    known = one_line(summary)
    budget = budget_tokens if learned_tokens is None else min(budget_tokens, learned_tokens)
    if known and sum(count_tokens(message.content) for message in frame(known, ())) > budget:
        known = ""
    entry: Callable[[Item], Entry | None]
    if is_numbered:
        entry = partial(note_entry, request=request, now=now, passages=passages)
    elif task == "chat":
        entry = partial(_chat_entry, request=request, passages=passages)
    else:
        entry = entry_for(task)
    prompt = fit_prompt(
        items,
        entry=entry,
        frame=partial(frame, known),
        budget_tokens=budget_tokens,
        count_tokens=count_tokens,
        order=oldest_first(items) if is_numbered else None,
        learned_tokens=learned_tokens,
    )
    return replace(prompt, has_summary=bool(known), is_numbered=is_numbered and bool(prompt.used))


def _chat_entry(item: Item, *, request: str = "", passages: Mapping[str, Passage] | None = None) -> Entry | None:
    extract = extract_of(item, request, passages)
    title = item.fields.get("title")
    before = f"[{item.time:%Y-%m-%d}] " + (f"{one_line(str(title))}: " if title else "")
    return extract.entry(before, PLAIN_WORDS) if extract.whole else None


def _messages(task: str, request: str, summary: str, system: str, texts: Sequence[str]) -> tuple[Message, ...]:
    if task != "chat":
        content = LAMP_TASKS[task].join(texts, request)
        return (Message(role="user", content=f"{summary}\n\n{content}" if summary else content),)
    user = Message(role="user", content=request)
    if not texts and not summary:
        return (Message(role="system", content=system), user) if system else (user,)
    notes = (f"About the user: {summary}", *texts) if summary else texts
    return (Message(role="system", content="\n".join((system or _CHAT_SYSTEM, "", *notes))), user)


def _check_task(task: str) -> None:
    if task not in TASKS:
        raise ValueError(f"there is no task {task!r}; there are {', '.join(TASKS)}")
