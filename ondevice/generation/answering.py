"""From a request to an answer: what was found, what stood in the prompt, what the model said."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ondevice.config import Sampling
from ondevice.generation.prompts.chat import Message
from ondevice.generation.prompts.days import require_zone
from ondevice.generation.prompts.prompt import build_prompt, query_for
from ondevice.generation.prompts.texts import labels_of, stops_of
from ondevice.records import Completion, Hit, Selection

if TYPE_CHECKING:
    from ondevice.generation.grammar import Grammar, JsonSchema
    from ondevice.generation.llama.desk import Check
    from ondevice.generation.llama.engine import Engine
    from ondevice.generation.llama.stream import Generated, Generation

TURN_FRAME_TOKENS = 8
"""What a chat template adds to one earlier turn: role, markers, line ends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What an app asks for, before anything is looked up."""

    text: str = field(repr=False)
    task: str
    retriever: str
    max_tokens: int
    sampling: Sampling
    stop: Sequence[str]
    grammar: Grammar | None = None
    labels: Sequence[str] | None = None
    cancel: Callable[[], bool] | None = None
    earlier: tuple[Message, ...] = field(default=(), repr=False)
    summary: str = field(default="", repr=False)
    summary_ids: tuple[str, ...] = field(default=(), repr=False)
    """The items that the summary was made from."""
    system: str = field(default="", repr=False)
    now: datetime | None = None
    """When it is asked; ``None`` means when its prompt is built."""

    def __post_init__(self) -> None:
        """Refuse combinations that have no meaning.

        Raises:
            TypeError: If ``stop`` or ``labels`` is a single text, or holds anything but texts; or ``now`` is no time.
            ValueError: If ``max_tokens`` is below 1, labels are mixed with a grammar, there are none or two are the
                same, a text is empty, an earlier turn is a system message, or ``now`` has no time zone.
        """
        if self.now is not None:
            require_zone(self.now)
        if any(turn.role == "system" for turn in self.earlier):
            raise ValueError("earlier turns are the user's and the assistant's: give a system prompt as system=")
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens must be at least 1, not {self.max_tokens}")
        if self.labels is not None and self.grammar is not None:
            raise ValueError("give labels or a grammar, not both")
        object.__setattr__(self, "stop", stops_of(self.stop))
        if self.labels is not None:
            object.__setattr__(self, "labels", labels_of(self.labels))


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A request with its prompt, ready for the model; times are in milliseconds.

    Where a selector chose the retriever, ``selection`` says why; ``rivals`` are the other candidates, where it is to
    judge the outputs of all of them before it chooses.
    """

    request: Request
    prompt: str = field(repr=False)
    sources: tuple[Hit, ...]
    started: float
    timings_ms: Mapping[str, float]
    has_summary: bool = False
    selection: Selection | None = None
    rivals: tuple[Prepared, ...] = field(default=(), repr=False)
    numbered: tuple[str, ...] = ()
    """The items' ids by their numbers in the prompt, the first is 1; empty where they have none."""

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Every item that has a part in the prompt, by way of a summary too; once one is gone it may not be read."""
        of_summary = self.request.summary_ids if self.has_summary else ()
        return tuple(dict.fromkeys((*(hit.item.id for hit in self.sources), *of_summary)))

    def completion(self, generation: Generation | Generated, text: str) -> Completion:
        """Return the finished answer."""
        return Completion(
            text=text,
            sources=self.sources,
            retriever=self.request.retriever,
            task=self.request.task,
            finish_reason=generation.finish_reason,
            n_prompt_tokens=generation.n_prompt_tokens,
            n_reused_tokens=generation.n_reused_tokens,
            n_tokens=generation.n_tokens,
            timings_ms=self.times(generation.timings_ms),
            has_summary=self.has_summary,
            selection=self.selection,
        )

    def times(self, engine_ms: Mapping[str, float]) -> Mapping[str, float]:
        """Return all parts' times and the total so far."""
        return {**self.timings_ms, **engine_ms, "total": (time.perf_counter() - self.started) * 1000}


def prepare(request: Request, search: Callable[[str], list[Hit]], engine: Engine) -> Prepared:
    """Look up the request's query and build the prompt that fits the model's context.

    Raises:
        ContextOverflowError: If the request alone does not fit beside ``max_tokens``.
    """
    started = time.perf_counter()
    hits = search(query_for(request.task, request.text))
    found = time.perf_counter()
    budget = engine.content_budget(_answer_tokens(request, engine))
    earlier = fitting_turns(request.earlier, budget // 2, engine.count_tokens)
    built = build_prompt(
        request.text,
        [hit.item for hit in hits],
        task=request.task,
        budget_tokens=budget - sum(_turn_tokens(turn, engine.count_tokens) for turn in earlier),
        count_tokens=engine.count_tokens,
        summary=request.summary,
        system=request.system,
        form=engine.prompt_form,
        now=request.now,
    )
    prompt = engine.render([*built.messages[:-1], *earlier, built.messages[-1]])
    return Prepared(
        request=request,
        prompt=prompt,
        sources=tuple(replace(hits[index], rank=rank) for rank, index in enumerate(built.used, 1)),
        started=started,
        timings_ms={"retrieve": (found - started) * 1000, "prompt": (time.perf_counter() - found) * 1000},
        has_summary=built.has_summary,
        numbered=tuple(hits[index].item.id for index in built.order) if built.is_numbered else (),
    )


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


def choose(prepared: Prepared, engine: Engine, labels: Sequence[str], check: Check | None = None) -> Completion:
    """Answer with the likeliest of the labels, unless ``check`` raises when the prompt is about to be read."""
    choice = engine.choose(prepared.prompt, labels, check=check)
    return Completion(
        text=choice.label,
        sources=prepared.sources,
        retriever=prepared.request.retriever,
        task=prepared.request.task,
        finish_reason="stop",
        n_prompt_tokens=choice.n_prompt_tokens,
        n_reused_tokens=choice.n_reused_tokens,
        n_tokens=0,
        timings_ms=prepared.times(choice.timings_ms),
        has_summary=prepared.has_summary,
        selection=prepared.selection,
    )


def grammar_of(json_schema: JsonSchema | None, grammar: Grammar | str | None) -> Grammar | None:
    """Return the grammar that the answer must follow, from a JSON schema, GBNF text or a ready grammar.

    Raises:
        TypeError: If one is of a type that is neither.
        ValueError: If both are given, or one cannot be followed.
    """
    if json_schema is None and grammar is None:
        return None
    if json_schema is not None and grammar is not None:
        raise ValueError("give json_schema or grammar, not both")
    from ondevice.generation.grammar import Grammar

    if json_schema is not None:
        return Grammar.from_json_schema(json_schema)
    return grammar if grammar is None or isinstance(grammar, Grammar) else Grammar.from_gbnf(grammar)


def _answer_tokens(request: Request, engine: Engine) -> int:
    """Return the tokens to keep free for the answer: its longest length, or all the labels, scored side by side."""
    if request.labels is None:
        return request.max_tokens
    return sum(engine.count_tokens(label) for label in request.labels)


def _turn_tokens(turn: Message, count_tokens: Callable[[str], int]) -> int:
    return count_tokens(turn.content) + TURN_FRAME_TOKENS
