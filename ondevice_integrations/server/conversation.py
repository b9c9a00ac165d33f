"""A chat request as OpenAI's clients send it, and what it asks of the profile."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ondevice import Message, Sampling
from ondevice_integrations.server.bodies import Body
from ondevice_integrations.server.refusals import Refusal

MAX_ANSWER_TOKENS = 4096
_Zero = Annotated[float, Field(ge=0, le=0)]
_Share = Annotated[float, Field(gt=0, le=1)]
_Count = Annotated[int, Field(ge=1, le=MAX_ANSWER_TOKENS)]
_Stop = Annotated[str, Field(min_length=1, max_length=200)]


class TextPart(Body):
    """A part of a turn; there are no images and no sounds."""

    type: Literal["text"]
    text: str


class Turn(Body):
    """One turn of the conversation."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | Annotated[list[TextPart], Field(min_length=1)]
    name: str | None = None
    refusal: None = None

    @property
    def text(self) -> str:
        """What is said in it."""
        return self.content if isinstance(self.content, str) else "\n".join(part.text for part in self.content)


class SchemaOf(Body):
    """What an answer in JSON must look like."""

    name: str
    schema_: dict[str, Any] = Field(alias="schema")
    description: str | None = None
    strict: bool | None = None


class Format(Body):
    """The form of the answer."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: SchemaOf | None = None


class StreamOptions(Body):
    """What a stream tells besides the answer."""

    include_usage: bool = False
    include_obfuscation: bool | None = None


class Personal(Body):
    """What OpenAI's protocol has no word for: how the profile takes part."""

    personalize: bool = True
    k: Annotated[int, Field(ge=1, le=50)] | None = None
    kinds: Annotated[list[str], Field(min_length=1, max_length=50)] | None = None


class ChatBody(Body):
    """What ``/v1/chat/completions`` takes. What has no effect here may have no value but the one that asks for none."""

    model: str
    messages: Annotated[list[Turn], Field(min_length=1, max_length=1000)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: _Count | None = None
    max_completion_tokens: _Count | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: _Share | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None
    stop: _Stop | Annotated[list[_Stop], Field(max_length=4)] | None = None
    response_format: Format | None = None
    ondevice: Personal = Personal()
    user: str | None = None
    n: Literal[1] | None = None
    logprobs: Literal[False] | None = None
    presence_penalty: _Zero | None = None
    frequency_penalty: _Zero | None = None
    store: Literal[False] | None = None
    tools: list[Any] | None = None
    tool_choice: Any = None
    parallel_tool_calls: bool | None = None

    def require_servable(self, model: str | None) -> None:
        """Refuse what this server does not do.

        Raises:
            Refusal: If another model is named, tools are offered, or the conversation does not end with the user.
        """
        require_model(self.model, model)
        if self.tools or self.tool_choice not in (None, "none", "auto"):
            raise Refusal(400, "tools are not served: leave out tools and tool_choice", param="tools")
        if self.messages[-1].role != "user":
            raise Refusal(400, "the last message must be the user's", param="messages")
        if not self.messages[-1].text.strip():
            raise Refusal(400, "the last message is empty", param="messages")

    @property
    def request(self) -> str:
        """What the user asks."""
        return self.messages[-1].text

    def options(self) -> dict[str, Any]:
        """Return what goes with the request, as ``Personalizer.generate`` and ``stream`` take it.

        Raises:
            Refusal: If the form of the answer is not one.
        """
        said = self.messages[:-1]
        told: dict[str, Any] = {
            "system": "\n\n".join(turn.text for turn in said if turn.role in ("system", "developer")),
            "earlier": [
                Message(role=turn.role, content=turn.text) for turn in said if turn.role in ("user", "assistant")
            ],
            "sampling": self._sampling(),
            "stop": [self.stop] if isinstance(self.stop, str) else self.stop or (),
        }
        if longest := self.max_completion_tokens or self.max_tokens:
            told["max_tokens"] = longest
        if (schema := self._schema()) is not None:
            told["json_schema"] = schema
        return told | personal_options(self.ondevice)

    def _sampling(self) -> Sampling:
        default = Sampling()
        return Sampling(
            temperature=default.temperature if self.temperature is None else self.temperature,
            top_p=self.top_p or default.top_p,
            seed=default.seed if self.seed is None else self.seed,
        )

    def _schema(self) -> dict[str, Any] | None:
        form = self.response_format
        if form is None or form.type == "text":
            return None
        if form.type == "json_object":
            return {"type": "object"}
        if form.json_schema is None:
            raise Refusal(400, "json_schema is missing", param="response_format")
        return form.json_schema.schema_


def personal_options(personal: Personal) -> dict[str, Any]:
    """Return which items may take part, as options of a request."""
    from ondevice import Filter

    if not personal.personalize:
        return {"retriever": "none", "persona": False}
    return {
        "k": personal.k,
        "filter": None if personal.kinds is None else Filter(kinds=tuple(personal.kinds)),
    }


def require_model(asked: str, served: str | None) -> None:
    """Refuse another model than the one that is served.

    Raises:
        Refusal: If there is none, or it has another name.
    """
    if served is None or asked != served:
        names = "there is none for this" if served is None else f"there is {served}"
        raise Refusal(404, f"this server has no such model: {names}", param="model", code="model_not_found")
