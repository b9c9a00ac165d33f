"""What an app asks for, before anything is looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ondevice.config import Sampling
from ondevice.generation.label_prior import prior_of
from ondevice.generation.prompts.chat import Message
from ondevice.generation.prompts.days import require_zone
from ondevice.generation.prompts.instructions import asks_to_write
from ondevice.generation.prompts.texts import labels_of, stops_of
from ondevice.records import ON_UNSUPPORTED, OnUnsupported

if TYPE_CHECKING:
    from ondevice.generation.grammar import Grammar, JsonSchema


MAX_THINKING_TOKENS = 1024
"""A small model that thinks longer has mostly lost its way."""


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
    thinking: bool = False
    """Whether a model that can is to think aloud before it answers."""
    max_thinking_tokens: int = MAX_THINKING_TOKENS

    def __post_init__(self) -> None:
        """Refuse combinations that have no meaning.

        Raises:
            TypeError: If ``stop`` or ``labels`` is a single text, or holds anything but texts; a prior holds no
                numbers; or ``now`` is no time.
            ValueError: If ``max_tokens`` or ``max_thinking_tokens`` is below 1, the model shall think before it
                chooses a label or follows a grammar, labels are mixed with a grammar, there are none or two are the
                same, a prior lacks one of them or holds what no logarithm of a probability is, a text is empty, an
                earlier turn is a system message, ``now`` has no time zone, or an answer is to be checked that cannot
                be.
        """
        if self.now is not None:
            require_zone(self.now)
        if any(turn.role == "system" for turn in self.earlier):
            raise ValueError("earlier turns are the user's and the assistant's: give a system prompt as system=")
        for name in ("max_tokens", "max_thinking_tokens"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.thinking and not self.is_free_text:
            raise ValueError("thinking=True goes with free text: leave out labels, json_schema and grammar")
        if self.labels is not None and self.grammar is not None:
            raise ValueError("give labels or a grammar, not both")
        if self.on_unsupported not in (None, *ON_UNSUPPORTED):
            raise ValueError(f"on_unsupported is one of {', '.join(ON_UNSUPPORTED)}, not {self.on_unsupported!r}")
        if self.on_unsupported not in (None, "answer") and not self.is_free_text:
            raise ValueError(
                f"on_unsupported={self.on_unsupported!r} checks free text: leave out labels, json_schema and grammar"
            )
        object.__setattr__(self, "stop", stops_of(self.stop))
        self._settle_labels()

    def _settle_labels(self) -> None:
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
