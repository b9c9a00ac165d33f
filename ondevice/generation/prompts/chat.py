"""Messages, and the chat template that a GGUF file carries for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, NoReturn, get_args

from ondevice.errors import BundleError, GenerationError

Role = Literal["system", "user", "assistant"]


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

    The template is Jinja code from the model file, so it runs in Jinja's immutable sandbox. What stands in the
    messages is data to it, and control tokens written there are made inert (``neutralize``), so no item can close its
    own turn and open another. A template without a system role gets the system message in front of the next user
    message.
    """

    def __init__(self, source: str | None, *, begin: str, end: str, neutralize: Callable[[str], str]) -> None:
        """Keep the template; it is compiled at first use."""
        self._source = source
        self._begin = begin
        self._end = end
        self._neutralize = neutralize

    @cached_property
    def _template(self) -> Any:  # noqa: ANN401 - jinja2 loads at first use
        from jinja2 import TemplateError
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        if not self._source:
            raise BundleError("the model has no chat template", hint="use an instruction-tuned model")
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"], autoescape=False
        )
        environment.filters["tojson"] = _to_json
        environment.globals.update(raise_exception=_refuse, strftime_now=_now)
        try:
            return environment.from_string(self._source)
        except TemplateError:
            raise BundleError("the model's chat template is not valid") from None

    @cached_property
    def _knows_system(self) -> bool:
        probe = (Message(role="system", content="\u2042"), Message(role="user", content="."))
        try:
            return "\u2042" in self._render(probe)
        except GenerationError:
            return False

    def render(self, messages: Sequence[Message]) -> str:
        """Return the prompt for the assistant's next turn.

        Raises:
            BundleError: If the model has no chat template, or it is not valid.
            GenerationError: If the template refuses these messages.
        """
        safe = [replace(message, content=self._neutralize(message.content)) for message in messages]
        has_system = any(message.role == "system" for message in safe)
        return self._render(_fold_system(safe) if has_system and not self._knows_system else safe)

    def _render(self, messages: Sequence[Message]) -> str:
        template = self._template
        try:
            rendered: str = template.render(
                messages=[{"role": message.role, "content": message.content} for message in messages],
                bos_token=self._begin,
                eos_token=self._end,
                add_generation_prompt=True,
            )
        except Exception:  # template code may raise anything, and what it says may quote the messages
            raise GenerationError(
                f"the model's chat template refused the {len(messages)} messages",
                hint="roles usually have to alternate between user and assistant",
            ) from None
        return rendered


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
    return json.dumps(value, ensure_ascii=False, indent=indent)
