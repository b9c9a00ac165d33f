"""``/v1/chat/completions``: an answer from the profile, whole or in pieces, with the items that it was given."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from ondevice_integrations.server.bodies import read_body
from ondevice_integrations.server.conversation import ChatBody
from ondevice_integrations.server.desk import Desk, OpenStream
from ondevice_integrations.server.refusals import refusal_of

if TYPE_CHECKING:
    from ondevice import Completion, Hit


async def complete_chat(request: Request) -> Response:
    """Answer a conversation."""
    desk: Desk = request.app.state.desk
    body = await read_body(request, ChatBody)
    body.require_servable(desk.generator)
    reply = _Reply(body)
    if body.stream:
        return _AnswerInPieces(await desk.open_stream(body.request, body.options()), reply)
    return JSONResponse(reply.whole(await desk.answer(request, body.request, body.options())))


class _Reply:
    """The objects of OpenAI's protocol that make up one reply."""

    def __init__(self, body: ChatBody) -> None:
        self._common = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": body.model}
        self.has_usage = body.stream_options is not None and body.stream_options.include_usage

    def whole(self, completion: Completion) -> dict[str, Any]:
        message = {"role": "assistant", "content": completion.text, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": _reason(completion), "logprobs": None}
        told = {"sources": sources_of(completion.sources), **support_of(completion)}
        return self._common | {
            "object": "chat.completion",
            "choices": [choice],
            "usage": _usage(completion),
            "ondevice": told,
        }

    def piece(self, delta: dict[str, str], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - values of JSON
        choice = {"index": 0, "delta": delta, "finish_reason": more.pop("finish_reason", None), "logprobs": None}
        return self._chunk([choice], more)

    def usage(self, completion: Completion) -> dict[str, Any]:
        return self._chunk([], {"usage": _usage(completion)})

    def _chunk(self, choices: list[Any], more: dict[str, Any]) -> dict[str, Any]:
        usage: dict[str, Any] = {"usage": None} if self.has_usage else {}
        return self._common | {"object": "chat.completion.chunk", "choices": choices} | usage | more


class _AnswerInPieces(StreamingResponse):
    """Server-sent events; however it ends, the model stops and the profile is let go."""

    def __init__(self, opened: OpenStream, reply: _Reply) -> None:
        super().__init__(_events(opened, reply), media_type="text/event-stream")
        self._opened = opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._opened.close()


async def _events(opened: OpenStream, reply: _Reply) -> AsyncIterator[str]:
    stream = opened.stream
    yield _event(reply.piece({"role": "assistant", "content": ""}, ondevice={"sources": sources_of(stream.sources)}))
    try:
        async for piece in stream.pieces(to_thread.run_sync):
            yield _event(reply.piece({"content": piece}))
    except Exception as error:
        yield _event(refusal_of(error).to_json())
        return
    done = stream.completion
    yield _event(reply.piece({}, finish_reason=_reason(done), ondevice=support_of(done)))
    if reply.has_usage:
        yield _event(reply.usage(done))
    yield "data: [DONE]\n\n"


def _event(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


def sources_of(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """Return which items stood in the prompt, without their texts."""
    return [
        {"id": hit.item.id, "kind": hit.item.kind, "time": hit.item.time.isoformat(), "rank": hit.rank} for hit in hits
    ]


def support_of(completion: Completion) -> dict[str, Any]:
    """Return which sentence rests on which items, and how far the answer may be relied on; null where unknown."""
    citations = [{"start": each.start, "end": each.end, "items": each.item_ids} for each in completion.citations]
    return {"citations": citations, "support": completion.support, "is_supported": completion.is_supported}


def _reason(completion: Completion) -> str:
    return "length" if completion.finish_reason == "length" else "stop"


def _usage(completion: Completion) -> dict[str, Any]:
    return {
        "prompt_tokens": completion.n_prompt_tokens,
        "completion_tokens": completion.n_tokens,
        "total_tokens": completion.n_prompt_tokens + completion.n_tokens,
        "prompt_tokens_details": {"cached_tokens": completion.n_reused_tokens},
    }
