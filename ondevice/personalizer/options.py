"""What may be said with a request, stated once for ``generate``, ``prepare`` and ``stream``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from ondevice.arguments import require_known
from ondevice.config import Sampling
from ondevice.generation.request import MAX_THINKING_TOKENS, Request, grammar_of
from ondevice.records import SELECTOR_MODES, Filter, OnUnsupported, SelectorMode
from ondevice.signals import Signal

if TYPE_CHECKING:
    from ondevice.generation.grammar import Grammar, JsonSchema
    from ondevice.generation.prompts.chat import Message
    from ondevice.learned.summaries import Summaries
    from ondevice.retrieval.searcher import Searcher

MAX_TOKENS = 256


class AnswerOptions(TypedDict, total=False):
    """The options of ``generate``, ``prepare`` and ``stream``; each may be left out.

    Attributes:
        task: ``chat``, which is the default, or one of LaMP's tasks (``LaMP_1`` … ``LaMP_7``), which bring their own
            prompt.
        retriever: How items are found; ``none`` answers without any.
        selector: Let the profile's selector choose the retriever: ``rspg-pre`` by the prompts, ``rspg-post`` by answers
            from several of them where the prompts do not settle it, which cannot stream.
        k: Items to look for; those that do not fit the model's context are left out. By default the profile's number,
            or with a selector the one it was trained with.
        filter: Which items count.
        max_tokens: Longest answer; 256 by default.
        sampling: How tokens are chosen; greedy by default.
        stop: Texts that end the answer.
        json_schema: The answer is a JSON document of this schema, which may be given as a pydantic model class.
        grammar: The answer follows this grammar (GBNF).
        labels: The answer is the likeliest of these; nothing is generated, so that nothing can be streamed.
        label_prior: What each label is worth whatever is asked, ln p (nats), which is taken off its score:
            :meth:`ondevice.Personalizer.label_prior` measures it.
        system: What the model is told to be, in ``chat`` alone; items stand behind it.
        now: When it is asked, in the zone in which days begin; by default now, where the device is. A model that reads
            numbered notes is told this day, and how far from it each of them lies.
        earlier: The turns of a conversation so far, oldest first, of which the latest stay in the prompt while they
            fill at most half of it.
        summary: Put the user's summary for this task before the items; it must have been made.
        persona: Let the model read the rows of the user behind the prompt, which the profile's persona makes from the
            vectors of all items that the filter lets pass. True asks for it, false leaves it out; by default it is used
            where the profile has one that knows the task.
        on_unsupported: What becomes of an answer with names, numbers, times or dates that stand neither in the items
            that it names nor in the request: ``answer`` gives it, and its citations say which; ``say`` and ``empty``
            ask the model once more, and where that is no better the answer is ``Your notes do not say.`` or an empty
            text. A stream then gives nothing before the answer is checked. These two need a model that reads numbered
            notes; one whose reader does answers a request to write something unchecked. By default a whole answer from
            such notes is checked as with ``say``; a stream is not held back. With ``say`` and ``empty`` given, a
            question about none of the notes is answered from them alone too.
        thinking: Let a model that can think aloud before it answers do so; otherwise it is told not to. Its thoughts
            are in the completion's ``thinking``. It goes with free text alone.
        max_thinking_tokens: Longest thoughts, 1024 by default; then they are ended, and the answer begins. Thoughts are
            no part of ``max_tokens``.
        cancel: Signal before each token; true ends the answer.
    """

    task: str
    retriever: str | None
    selector: SelectorMode | None
    k: int | None
    filter: Filter | None
    max_tokens: int
    sampling: Sampling | None
    stop: Sequence[str]
    json_schema: JsonSchema | None
    grammar: Grammar | str | None
    labels: Sequence[str] | None
    label_prior: Mapping[str, float] | None
    system: str
    now: datetime | None
    earlier: Sequence[Message]
    summary: bool
    persona: bool | None
    on_unsupported: OnUnsupported | None
    thinking: bool
    max_thinking_tokens: int
    cancel: Signal | None


def check_options(options: AnswerOptions) -> None:
    """Refuse a misspelt option, and ways of choosing a retriever that contradict each other.

    Raises:
        TypeError: If there is no such option, or ``persona`` or ``thinking`` is no bool.
        ValueError: If the selector is unknown, or a retriever is named beside it.
    """
    require_known(options, AnswerOptions, "a request has no option")
    mode, retriever, persona = options.get("selector"), options.get("retriever"), options.get("persona")
    if persona is not None and not isinstance(persona, bool):
        raise TypeError(f"persona is True, False or None, not {type(persona).__name__}: me.persona.use() names one")
    if not isinstance(options.get("thinking", False), bool):
        raise TypeError(f"thinking is True or False, not {type(options['thinking']).__name__}")
    if mode is None:
        return
    if mode not in SELECTOR_MODES:
        raise ValueError(f"the selector {mode!r} is unknown: choose one of {', '.join(SELECTOR_MODES)}")
    if retriever is not None:
        raise ValueError("give a retriever or a selector, not both: the selector chooses the retriever")


def request_of(text: str, options: AnswerOptions, searcher: Searcher, summaries: Summaries) -> Request:
    """Return what is asked for, with the defaults of the profile.

    Raises:
        TypeError, ValueError: If an option is unknown, options contradict each other, or ``now`` has no time zone.
        NotFoundError: If a summary is wanted and there is none.
    """
    check_options(options)
    task = options.get("task", "chat")
    summary = summaries.get(task) if options.get("summary", False) else None
    return Request(
        text=text,
        task=task,
        retriever=searcher.retriever_name(options.get("retriever")),
        max_tokens=options.get("max_tokens", MAX_TOKENS),
        sampling=options.get("sampling") or Sampling(),
        stop=options.get("stop", ()),
        grammar=grammar_of(options.get("json_schema"), options.get("grammar")),
        labels=options.get("labels"),
        label_prior=options.get("label_prior"),
        cancel=options.get("cancel"),
        earlier=tuple(options.get("earlier", ())),
        system=options.get("system", ""),
        now=options.get("now"),
        on_unsupported=options.get("on_unsupported"),
        persona=options.get("persona"),
        thinking=options.get("thinking", False),
        max_thinking_tokens=options.get("max_thinking_tokens", MAX_THINKING_TOKENS),
        summary="" if summary is None else summary.text,
        summary_ids=() if summary is None else summary.item_ids,
    )
