"""Messages, and the chat template that a GGUF file carries for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, NoReturn, get_args

from ondevice.errors import BundleError, GenerationError
from ondevice.generation.prompts.thoughts import closed

Role = Literal["system", "user", "assistant", "tool"]
"""Who says it; ``tool`` is what a tool that the assistant asked for gave back."""

_PROBE = "\u2042"
_MOST_INDENT = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what no chat template knows.

        Raises:
            TypeError: If the content is no text.
            ValueError: If there is no such role.
        """
        if self.role not in get_args(Role):  # a template writes it down unchecked
            raise ValueError(f"the role of a message is one of {', '.join(get_args(Role))}")
        if not isinstance(self.content, str):
            raise TypeError(f"the content of a message is a text, not of type {type(self.content).__name__}")


def turns(texts: Sequence[str]) -> tuple[Message, ...]:
    """Return the turns of a conversation that the user begins and in which both take turns."""
    roles: tuple[Role, Role] = ("user", "assistant")
    return tuple(Message(role=roles[place % 2], content=text) for place, text in enumerate(texts))


class ChatTemplate:
    """Turns messages into the text a model was tuned on.

    The template is Jinja code from the model file, so it runs in Jinja's immutable sandbox, and only for as long as a
    prompt can need. What stands in the messages is data to it, and control tokens written there are made inert
    (``neutralize``), so no item can close its own turn and open another. What a template does not know is said in
    another way: a system message goes in front of the next user message, what a tool gave back becomes the user's, and
    a text becomes a list of parts.
    """

    def __init__(self, source: str | None, *, begin: str, end: str, neutralize: Callable[[str], str]) -> None:
        """Keep the template; it is compiled at first use."""
        self._source = source
        self._begin = begin
        self._end = end
        self._neutralize = neutralize

    @cached_property
    def _template(self) -> Any:  # noqa: ANN401 - jinja2 loads at first use
        if not self._source:
            raise BundleError("the model has no chat template", hint="use an instruction-tuned model")
        from ondevice.generation.prompts.bounded_templates import BoundedEnvironment, TooMuchError

        names = {"raise_exception": _refuse, "strftime_now": _now}
        try:
            return BoundedEnvironment(filters={"tojson": _to_json}, names=names).from_string(self._source)
        except TooMuchError as error:
            raise _does_too_much(error) from None
        except Exception:  # a parser that nests too deep, or Python's own, refuses in its own way
            raise BundleError(
                "the model's chat template is not valid",
                hint="use a newer file of the model, or another model",
            ) from None

    @cached_property
    def _takes_parts(self) -> bool:
        """Whether a content must be a list of typed parts, as of models that also read images."""
        probe = (Message(role="user", content=_PROBE),)
        return not self._shows(probe, has_parts=False) and self._shows(probe, has_parts=True)

    @cached_property
    def _knows_system(self) -> bool:
        probe = (Message(role="system", content=_PROBE), Message(role="user", content="."))
        return self._shows(probe, has_parts=self._takes_parts)

    @cached_property
    def _knows_tools(self) -> bool:
        said = (Message(role="user", content="."), Message(role="assistant", content="."))
        return self._shows((*said, Message(role="tool", content=_PROBE)), has_parts=self._takes_parts)

    def render(self, messages: Sequence[Message], *, thinking: bool = False) -> str:
        """Return the prompt for the assistant's next turn.

        Args:
            messages: The conversation.
            thinking: Whether a model that can think aloud is to do so before it answers.

        Raises:
            BundleError: If the model has no chat template, it is not valid, or it does more than a prompt can need.
            GenerationError: If the template refuses these messages.
        """
        safe = [replace(message, content=self._neutralize(message.content)) for message in messages]
        roles = {message.role for message in safe}
        if "tool" in roles and not self._knows_tools:
            safe = _fold_tools(safe)
        if "system" in roles and not self._knows_system:
            safe = _fold_system(safe)
        prompt = self._render(safe, thinking=thinking, has_parts=self._takes_parts)
        return prompt if thinking else closed(prompt)

    def _shows(self, probe: Sequence[Message], *, has_parts: bool) -> bool:
        try:
            return _PROBE in self._render(probe, has_parts=has_parts)
        except GenerationError:
            return False

    def _render(self, messages: Sequence[Message], *, thinking: bool = False, has_parts: bool = False) -> str:
        template = self._template
        from ondevice.generation.prompts.bounded_templates import TooMuchError, bounded

        try:
            with bounded():
                rendered: str = template.render(
                    messages=[_spoken(message, has_parts=has_parts) for message in messages],
                    bos_token=self._begin,
                    eos_token=self._end,
                    add_generation_prompt=True,
                    # As transformers does: a template may ask whether they are none.
                    tools=None,
                    documents=None,
                    # Two names of one switch.
                    enable_thinking=thinking,
                    thinking=thinking,
                )
        except TooMuchError as error:
            raise _does_too_much(error) from None
        except Exception:  # template code may raise anything, and what it says may quote the messages
            raise GenerationError(
                f"the model's chat template refused the {len(messages)} messages",
                hint="roles usually have to alternate between user and assistant",
            ) from None
        return rendered


def _spoken(message: Message, *, has_parts: bool) -> dict[str, Any]:
    content = [{"type": "text", "text": message.content}] if has_parts else message.content
    return {"role": message.role, "content": content}


def _does_too_much(error: Exception) -> BundleError:
    return BundleError(
        f"the model's chat template does too much for one prompt: {error}",
        hint="it is broken or hostile: use another model",
    )


def _fold_tools(messages: Sequence[Message]) -> list[Message]:
    """Let the user say what tools gave back; one turn of the user's follows no other, which many templates refuse."""
    folded: list[Message] = []
    for message in messages:
        said = replace(message, role="user") if message.role == "tool" else message
        if folded and said.role == folded[-1].role == "user":
            said = replace(said, content=f"{folded.pop().content}\n\n{said.content}")
        folded.append(said)
    return folded


def _fold_system(messages: Sequence[Message]) -> list[Message]:
    folded: list[Message] = []
    waiting: list[str] = []
    for message in messages:
        if message.role == "system":
            waiting.append(message.content)
        elif message.role == "user" and waiting:
            folded.append(replace(message, content="\n\n".join([*waiting, message.content])))
            waiting = []
        else:
            folded.append(message)
    return folded + [Message(role="user", content=content) for content in waiting]


def _refuse(reason: str) -> NoReturn:
    raise ValueError(reason)


def _now(pattern: str) -> str:
    return datetime.now().astimezone().strftime(pattern)


def _to_json(value: object, indent: int | None = None) -> str:
    if indent is not None and not 0 <= indent <= _MOST_INDENT:
        raise ValueError("a wide indent")
    return json.dumps(value, ensure_ascii=False, indent=indent)
