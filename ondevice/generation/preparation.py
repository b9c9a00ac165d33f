"""From a request to its prompt: what was found for it, what fits, and how the answer is to be checked."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from ondevice.generation.llama.reading import Reading
from ondevice.generation.persona_suffix import MakeSuffix
from ondevice.generation.prepared import Prepared
from ondevice.generation.prompts.chat import Message
from ondevice.generation.prompts.fitting import Prompt
from ondevice.generation.prompts.general import is_far, names_no_note
from ondevice.generation.prompts.prompt import PromptForm, build_prompt
from ondevice.generation.prompts.queries import queries_for
from ondevice.generation.request import Request
from ondevice.records import Hit

if TYPE_CHECKING:
    from ondevice.generation.llama.engine import Engine

Search: TypeAlias = Callable[[Sequence[str]], list[Hit]]
"""Finds the items that suit one query, or several together, best first."""

Nearest: TypeAlias = Callable[[Sequence[str]], "float | None"]
"""Returns how near the nearest item is to any of the queries, 1 the nearest; ``None`` where no vectors are compared."""

TURN_FRAME_TOKENS = 8
"""What a chat template adds to one earlier turn: role, markers, line ends."""


def prepare(
    request: Request,
    search: Search,
    engine: Engine,
    *,
    form: PromptForm | None = None,
    nearest: Nearest | None = None,
    persona: MakeSuffix | None = None,
) -> Prepared:
    """Look up the request, in a conversation with what it follows, and build the prompt that fits the model's context.

    Items stand in it in the form given, or else in the one that the model, or its reader, has learned to read. A
    question that seems to be about none of them is prepared without them too, where ``nearest`` can tell that, and
    unless nothing but what the items say may be answered. ``persona`` makes the rows that are read behind the prompt,
    which leaves room for them.

    Raises:
        ContextOverflowError: If the request alone does not fit beside ``max_tokens``.
        ValueError: If the answer is to be checked, and the model does not name its sources.
    """
    started = time.perf_counter()
    request = replace(request, now=request.now or datetime.now().astimezone())
    suffix = None if persona is None else persona()
    made = time.perf_counter()
    queries = queries_for(request.task, request.text, request.earlier)
    hits = search(queries)
    wears_reader = form is None and request.is_question and engine.wears_reader
    form = form or ("numbered" if wears_reader else engine.prompt_form)
    is_asked_alone = (
        nearest is not None
        and suffix is None
        and form == "numbered"
        and request.may_be_general
        and names_no_note(queries, [hit.item.text for hit in hits])
        and is_far(nearest(queries))
    )
    found = time.perf_counter()
    built, earlier = _built(request, hits, engine, form, n_suffix=0 if suffix is None else len(suffix.rows))
    names_sources = form == "numbered" and request.task == "chat"
    is_cited = names_sources and request.is_free_text
    reading = Reading(by_reader=wears_reader and built.is_numbered, support=engine.support)
    request = _settled(request, engine, is_checked=is_cited and built.is_numbered, can_be_checked=names_sources)
    prompt = engine.render([*built.messages[:-1], *earlier, built.messages[-1]], thinking=request.thinking)
    return Prepared(
        request=request,
        prompt=prompt,
        sources=tuple(replace(hits[index], rank=rank) for rank, index in enumerate(built.used, 1)),
        started=started,
        timings_ms={
            **({} if suffix is None else {"persona": (made - started) * 1000}),
            "retrieve": (found - made) * 1000,
            "prompt": (time.perf_counter() - found) * 1000,
        },
        has_summary=built.has_summary,
        shortened=tuple(hits[index].item.id for index in built.shortened),
        numbered=tuple(hits[index].item.id for index in built.order) if built.is_numbered else (),
        shown=built.shown if built.is_numbered else (),
        reading=reading if is_cited else None,
        persona=suffix,
        alone=_alone(request, engine, started, found - made) if is_asked_alone else None,
    )


def _built(
    request: Request, hits: Sequence[Hit], engine: Engine, form: PromptForm, *, n_suffix: int
) -> tuple[Prompt, list[Message]]:
    """Build the prompt, and return it with the earlier turns that fit; these take half of the room at most."""
    budget, learned = engine.content_budget(_answer_tokens(request, engine), n_suffix=n_suffix), engine.learned_budget()
    build = partial(
        build_prompt,
        request.text,
        task=request.task,
        count_tokens=engine.count_tokens,
        system=request.system,
        form=form,
        now=request.now,
    )
    room = budget // 2
    if request.earlier and learned is not None:
        alone = build((), budget_tokens=budget).messages
        room = min(room, learned // 2, learned - sum(engine.count_tokens(message.content) for message in alone))
    earlier = fitting_turns(request.earlier, room, engine.count_tokens)
    taken = sum(_turn_tokens(turn, engine.count_tokens) for turn in earlier)
    built = build(
        [hit.item for hit in hits],
        budget_tokens=budget - taken,
        learned_tokens=None if learned is None else learned - taken,
        summary=request.summary,
        passages={hit.item.id: hit.passage for hit in hits if hit.passage is not None},
    )
    return built, earlier


def _settled(request: Request, engine: Engine, *, is_checked: bool, can_be_checked: bool) -> Request:
    """Say what becomes of an answer that is not supported.

    Args:
        request: As it was asked.
        engine: The language model.
        is_checked: Whether it is checked where the request leaves that open.
        can_be_checked: Whether the answer names its sources.
    """
    wanted = request.on_unsupported or ("say" if is_checked else "answer")
    if not request.is_question and engine.wears_reader and request.task == "chat" and request.is_free_text:
        wanted = "answer"  # what is to be written is not looked up, as by default
    if wanted != "answer" and not can_be_checked:
        raise ValueError(
            f"on_unsupported={wanted!r} needs a language model that reads numbered notes, and the task 'chat'"
        )
    return replace(request, on_unsupported=wanted)


def _alone(request: Request, engine: Engine, started: float, search_s: float) -> Prepared:
    """Prepare a request without notes; the search that found none took its time too."""
    alone = prepare(replace(request, on_unsupported="answer"), lambda _: [], engine)
    return replace(alone, started=started, timings_ms={**alone.timings_ms, "retrieve": search_s * 1000})


def fitting_turns(turns: Sequence[Message], budget_tokens: int, count_tokens: Callable[[str], int]) -> list[Message]:
    """Return the latest turns of a conversation that fit, beginning with the user's; older ones are left out."""
    kept: list[Message] = []
    for turn in reversed(turns):
        budget_tokens -= _turn_tokens(turn, count_tokens)
        if budget_tokens < 0:
            break
        kept.insert(0, turn)
    while kept and kept[0].role != "user":
        kept.pop(0)
    return kept


def _answer_tokens(request: Request, engine: Engine) -> int:
    """Return the tokens to keep free: for the longest answer, with its thoughts, or all the labels, side by side."""
    if request.labels is None:
        thoughts = min(request.max_thinking_tokens, engine.context_tokens // 4) if request.thinking else 0
        return request.max_tokens + thoughts
    return sum(engine.count_tokens(label) for label in request.labels)


def _turn_tokens(turn: Message, count_tokens: Callable[[str], int]) -> int:
    return count_tokens(turn.content) + TURN_FRAME_TOKENS
