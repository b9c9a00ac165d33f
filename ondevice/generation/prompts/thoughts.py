"""Thoughts: what a model writes for itself before it answers, between two tags, told apart from the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

TAGS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "[THINK]": "[/THINK]",
}
"""How thoughts begin and end, as models that are published write them."""

_State = Literal["open", "thinking", "answering"]


class Thought(str):
    """A piece of what a model thinks before it answers."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamEvent:
    """A piece of what a model writes: of its thoughts, or of its answer."""

    kind: Literal["thinking", "answer"]
    text: str = field(repr=False)


def opened(prompt: str) -> str | None:
    """Return the tag with which a prompt makes the model think, where it ends with one."""
    end = prompt.rstrip()
    return next((tag for tag in TAGS if end.endswith(tag)), None)


def closed(prompt: str) -> str:
    """Return a prompt behind which the model answers at once: thoughts that it has begun are ended, empty."""
    tag = opened(prompt)
    return prompt if tag is None else f"{prompt.rstrip()}\n\n{TAGS[tag]}\n\n"


@dataclass(kw_only=True)
class ThoughtSplitter:
    """Parts a text that arrives in pieces into thoughts and answer.

    Thoughts stand at the beginning alone, and may begin again where they have ended: a tag further on belongs to the
    answer. A piece that may be the beginning of a tag is held until it is decided.

    Args:
        tag: The tag that the prompt ends with, if it does: the text then begins inside.
    """

    tag: str | None = None
    thoughts: list[str] = field(default_factory=list, repr=False)
    _held: str = field(default="", repr=False)
    _state: _State = "open"
    _has_thought: bool = False

    def __post_init__(self) -> None:
        """Begin inside, where the prompt does."""
        if self.tag is not None:
            self._state, self._has_thought = "thinking", True

    @property
    def is_thinking(self) -> bool:
        """Whether thoughts have begun and not ended."""
        return self._state == "thinking"

    @property
    def is_between(self) -> bool:
        """Whether thoughts have ended and nothing of the answer has come yet."""
        return self._state == "open" and self._has_thought and not self._held

    @property
    def is_undecided(self) -> bool:
        """Whether what came last may be the beginning of a tag."""
        return self._state == "open" and bool(self._held)

    @property
    def end_tag(self) -> str:
        """The tag that ends the thoughts that have begun."""
        return TAGS[self.tag or "<think>"]

    def push(self, text: str) -> tuple[str, str]:
        """Add a piece, and return what is now sure to be thought, and what is sure to be answer."""
        self._held += text
        thought, answer = "", ""
        while True:
            before = (self._state, self._held)
            if self._state == "answering":
                answer, self._held = answer + self._held, ""
            elif self._state == "thinking":
                thought += self._think()
            else:
                answer += self._decide()
            if (self._state, self._held) == before:
                break
        if thought:
            self.thoughts.append(thought)
        return thought, answer

    def finish(self) -> tuple[str, str]:
        """Return what was held, now that no more comes: the beginning of a tag is none, and belongs to where it is."""
        held, self._held = self._held, ""
        if self._state == "thinking":
            self.thoughts.append(held)
            return held, ""
        return "", held

    def _think(self) -> str:
        end = self.end_tag
        place = self._held.find(end)
        if place >= 0:
            thought, self._held = self._held[:place], self._held[place + len(end) :]
            self._state = "open"
            self.tag = None
            return thought
        sure = len(self._held) - _overlap(self._held, end)
        thought, self._held = self._held[:sure], self._held[sure:]
        return thought

    def _decide(self) -> str:
        """Return white space before the answer, which no tag begins with; behind thoughts it is theirs."""
        rest = self._held.lstrip()
        space, self._held = self._held[: len(self._held) - len(rest)], rest
        is_theirs = self._has_thought
        tag = next((tag for tag in TAGS if rest.startswith(tag)), None)
        if tag is not None:
            self._state, self.tag, self._held, self._has_thought = "thinking", tag, rest[len(tag) :], True
        elif rest and not any(tag.startswith(rest) for tag in TAGS):
            self._state = "answering"
        return "" if is_theirs else space


def _overlap(text: str, tag: str) -> int:
    """Return how many of the last characters may be the beginning of the tag."""
    return next((length for length in range(min(len(text), len(tag) - 1), 0, -1) if tag.startswith(text[-length:])), 0)
