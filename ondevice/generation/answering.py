"""From a request to an answer: what was found, what stood in the prompt, what the model said."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from ondevice.config import Sampling
from ondevice.generation.label_prior import prior_of
from ondevice.generation.llama.reading import Reading
from ondevice.generation.persona_suffix import MakeSuffix, PersonaSuffix
from ondevice.generation.prompts.chat import Message
from ondevice.generation.prompts.days import require_zone
from ondevice.generation.prompts.general import is_general
from ondevice.generation.prompts.instructions import asks_to_write
from ondevice.generation.prompts.prompt import PromptForm, build_prompt
from ondevice.generation.prompts.queries import queries_for
from ondevice.generation.prompts.refusal import refuses
from ondevice.generation.prompts.texts import labels_of, stops_of
from ondevice.records import ON_UNSUPPORTED, Completion, Hit, OnUnsupported, Selection

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ondevice.bundle.specs import SupportSpec
    from ondevice.generation.grammar import Grammar, JsonSchema
    from ondevice.generation.llama.desk import Check
    from ondevice.generation.llama.engine import Engine
    from ondevice.generation.llama.stream import Generated, Generation
    from ondevice.generation.prompts.citations import Cited

Search: TypeAlias = Callable[[Sequence[str]], list[Hit]]
"""Finds the items that suit one query, or several together, best first."""

Nearest: TypeAlias = Callable[[Sequence[str]], "float | None"]
"""Returns the cosine of the item nearest to any of the queries; ``None`` where the search compares no vectors."""

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
    label_prior: Mapping[str, float] | None = None
    cancel: Callable[[], bool] | None = None
    earlier: tuple[Message, ...] = field(default=(), repr=False)
    summary: str = field(default="", repr=False)
    summary_ids: tuple[str, ...] = field(default=(), repr=False)
    """The items that the summary was made from."""
    system: str = field(default="", repr=False)
    now: datetime | None = None
    """When it is asked; ``None`` means when its prompt is built."""
    on_unsupported: OnUnsupported | None = None
    """What becomes of an answer that is not supported. ``None`` checks what can be checked: an answer from numbered
    notes is then as with ``say``."""
    persona: bool | None = None
    """Whether the model reads rows of the user; ``None`` where there is a persona that knows the task."""

    def __post_init__(self) -> None:
        """Refuse combinations that have no meaning.

        Raises:
            TypeError: If ``stop`` or ``labels`` is a single text, or holds anything but texts; a prior holds no
                numbers; or ``now`` is no time.
            ValueError: If ``max_tokens`` is below 1, labels are mixed with a grammar, there are none or two are the
                same, a prior lacks one of them or holds what no logarithm of a probability is, a text is empty, an
                earlier turn is a system message, ``now`` has no time zone, or an answer is to be checked that cannot
                be.
        """
        if self.now is not None:
            require_zone(self.now)
        if any(turn.role == "system" for turn in self.earlier):
            raise ValueError("earlier turns are the user's and the assistant's: give a system prompt as system=")
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens must be at least 1, not {self.max_tokens}")
        if self.labels is not None and self.grammar is not None:
            raise ValueError("give labels or a grammar, not both")
        if self.on_unsupported not in (None, *ON_UNSUPPORTED):
            raise ValueError(f"on_unsupported is one of {', '.join(ON_UNSUPPORTED)}, not {self.on_unsupported!r}")
        if self.on_unsupported not in (None, "answer") and not self.is_free_text:
            raise ValueError(
                f"on_unsupported={self.on_unsupported!r} checks free text: leave out labels, json_schema and grammar"
            )
        object.__setattr__(self, "stop", stops_of(self.stop))
        if self.labels is not None:
            object.__setattr__(self, "labels", labels_of(self.labels))
        if self.label_prior is not None:
            if self.labels is None:
                raise ValueError("label_prior says what labels are worth anyway: give it with labels")
            object.__setattr__(self, "label_prior", prior_of(self.label_prior, self.labels))

    @property
    def is_free_text(self) -> bool:
        """Whether the answer is a text of no given form, so that it may name its sources."""
        return self.grammar is None and self.labels is None

    @property
    def is_question(self) -> bool:
        """Whether a model's reader is to answer it from notes: nothing is to be written, or given a form."""
        return self.is_free_text and not asks_to_write(self.text)

    @property
    def may_be_general(self) -> bool:
        """Whether what no item says may be answered from what the model knows."""
        wants_notes = bool(self.summary) or self.on_unsupported not in (None, "answer")
        return self.task == "chat" and self.is_question and not wants_notes


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
    shown: tuple[str, ...] = field(default=(), repr=False)
    """What of their texts stands in the prompt: of a long one, some passages."""
    reading: Reading | None = None
    """How the model reads numbered notes and answers in free text, naming its sources; ``None`` where it does not."""
    persona: PersonaSuffix | None = field(default=None, repr=False)
    """What the model reads behind the prompt that tells of the user."""
    alone: Prepared | None = field(default=None, repr=False)
    """The same question without notes, where it seems to be about none of them: it is tried first."""

    @property
    def is_cited(self) -> bool:
        """Whether the answer names its sources by number."""
        return self.reading is not None

    @property
    def has_notes(self) -> bool:
        """Whether anything stands in the prompt that an answer can rest on."""
        return bool(self.numbered) or self.has_summary

    @property
    def reads(self) -> bool:
        """Whether the model's reader is to answer, whatever comes into use meanwhile."""
        return self.reading is not None and self.reading.by_reader

    @property
    def suffix(self) -> NDArray[np.float32] | None:
        """The rows that the model reads behind the prompt, float32[n, embedding size]; ``None`` where there are none.

        They are made of more items than stand in the prompt: who reads them looks whether all of these are there.
        """
        return None if self.persona is None else self.persona.rows

    @property
    def support(self) -> SupportSpec | None:
        """How far the answer may be relied on; ``None`` where that was not measured, or it is not cited."""
        return None if self.reading is None else self.reading.support

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Every item that has a part in the prompt, by way of a summary too; once one is gone it may not be read."""
        of_summary = self.request.summary_ids if self.has_summary else ()
        return tuple(dict.fromkeys((*(hit.item.id for hit in self.sources), *of_summary)))

    def completion(self, generation: Generation | Generated, text: str) -> Completion:
        """Return the finished answer, from what the model wrote: its marks taken out, and what it says looked up."""
        cited = self._cited(text) if self.is_cited else None
        support = None if cited is None else self._support(cited, generation.log_likelihood)
        return Completion(
            text=text if cited is None else cited.text,
            sources=self.sources,
            retriever=self.request.retriever,
            task=self.request.task,
            finish_reason=generation.finish_reason,
            n_prompt_tokens=generation.n_prompt_tokens,
            n_reused_tokens=generation.n_reused_tokens,
            n_tokens=generation.n_tokens,
            timings_ms=self.times(generation.timings_ms),
            has_summary=self.has_summary,
            has_persona=self.persona is not None,
            selection=self.selection,
            citations=() if cited is None else cited.citations,
            support=support,
            is_supported=None if cited is None or support is None else self._is_supported(cited, support),
        )

    def _support(self, cited: Cited, log_likelihood: float | None) -> float:
        """Return the support of an answer; one that says that the notes do not say it rests on none.

        Where there were no notes, it is how sure the model was of its words: the geometric mean of their probabilities.
        """
        if log_likelihood is not None and not self.has_notes and not refuses(cited.text):
            return math.exp(min(0.0, log_likelihood))
        if self.support is None or log_likelihood is None or refuses(cited.text):
            return cited.support
        return self.support.of(log_likelihood, cited.support)

    def _is_supported(self, cited: Cited, support: float) -> bool:
        """Say whether all stands where it says, with enough support; a refusal needs none, and no notes give none."""
        if refuses(cited.text):
            return cited.is_borne_out
        is_enough = self.support is None or support >= self.support.least
        return is_enough and cited.is_borne_out and self.has_notes

    def _cited(self, text: str) -> Cited:
        from ondevice.generation.prompts.citations import cite

        request, items = self.request, {hit.item.id: hit.item for hit in self.sources}
        turns = (turn.content for turn in request.earlier if turn.role == "user")
        said = (request.text, *turns, request.system, request.summary if self.has_summary else "")
        now = request.now or datetime.now().astimezone()
        pairs = zip(self.numbered, self.shown, strict=True)
        return cite(text, [replace(items[item_id], text=shown) for item_id, shown in pairs], said=said, now=now)

    def times(self, engine_ms: Mapping[str, float]) -> Mapping[str, float]:
        """Return all parts' times and the total so far."""
        return {**self.timings_ms, **engine_ms, "total": (time.perf_counter() - self.started) * 1000}


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
        and is_general(queries, [hit.item.text for hit in hits], nearest(queries))
    )
    found = time.perf_counter()
    n_suffix = 0 if suffix is None else len(suffix.rows)
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
    )
    names_sources = form == "numbered" and request.task == "chat"
    is_cited = names_sources and request.is_free_text
    reading = Reading(by_reader=wears_reader and built.is_numbered, support=engine.support)
    if request.on_unsupported is None:
        is_checked = is_cited and built.is_numbered
        request = replace(request, on_unsupported="say" if is_checked else "answer")
    if not request.is_question and engine.wears_reader and request.task == "chat" and request.is_free_text:
        request = replace(request, on_unsupported="answer")  # what is to be written is not looked up, as by default
    if request.on_unsupported != "answer" and not names_sources:
        raise ValueError(
            f"on_unsupported={request.on_unsupported!r} needs a language model that reads numbered notes, "
            "and the task 'chat'"
        )
    prompt = engine.render([*built.messages[:-1], *earlier, built.messages[-1]])
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
        numbered=tuple(hits[index].item.id for index in built.order) if built.is_numbered else (),
        shown=built.shown if built.is_numbered else (),
        reading=reading if is_cited else None,
        persona=suffix,
        alone=_alone(request, engine, started, found - made) if is_asked_alone else None,
    )


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


def choose(prepared: Prepared, engine: Engine, labels: Sequence[str], check: Check | None = None) -> Completion:
    """Answer with the best of the labels, unless ``check`` raises when the prompt is about to be read."""
    prior = prepared.request.label_prior
    choice = engine.choose(prepared.prompt, labels, check=check, prior=prior, suffix=prepared.suffix)
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
        has_persona=prepared.persona is not None,
        selection=prepared.selection,
        label_scores=choice.scores,
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
