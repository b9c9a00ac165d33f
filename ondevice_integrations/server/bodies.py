"""What clients may send: bounded in size and in time, and nothing that is not named."""

from __future__ import annotations

from typing import TypeVar

import anyio
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import ClientDisconnect, Request

from ondevice_integrations.server.refusals import Refusal

MAX_BODY_BYTES = 1 << 20
PATIENCE_S = 10.0
"""So long a body may take to come."""
_MAX_NAME_CHARS = 100


class Body(BaseModel):
    """Base of what an address takes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


Kind = TypeVar("Kind", bound=Body)


async def read_body(request: Request, kind: type[Kind]) -> Kind:
    """Read and check what a client sent.

    Raises:
        Refusal: If it is no JSON, too long, too slow, or a field is missing, unknown or has a value that it may not
            have; the value is not repeated.
    """
    media, _, _ = request.headers.get("content-type", "").partition(";")
    if media.strip().lower() != "application/json":
        raise Refusal(415, "a body must be JSON, with Content-Type: application/json")
    try:
        with anyio.fail_after(PATIENCE_S):
            raw = await _bytes_of(request)
    except TimeoutError:
        raise Refusal(408, f"the body did not come within {PATIENCE_S:g} s") from None
    except ClientDisconnect:
        raise Refusal(400, "the client has hung up") from None
    try:
        return kind.model_validate_json(raw)
    except ValidationError as error:
        raise _refused(error, kind) from None


async def _bytes_of(request: Request) -> bytes:
    parts, n_bytes = [], 0
    async for part in request.stream():
        n_bytes += len(part)
        if n_bytes > MAX_BODY_BYTES:
            raise Refusal(413, f"a body has at most {MAX_BODY_BYTES:,} bytes")
        parts.append(part)
    return b"".join(parts)


def _refused(error: ValidationError, kind: type[Body]) -> Refusal:
    """Return what is wrong first, by the field's name: a name that nobody gave out may hold anything, so it is cut."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    name = ".".join(str(part) for part in first["loc"])[:_MAX_NAME_CHARS]
    if first["type"] == "json_invalid":
        return Refusal(400, "the body is not JSON")
    if first["type"] == "extra_forbidden":
        return Refusal(400, f"{name!r} is not known here: there are {', '.join(kind.model_fields)}", param=name)
    wrong = {"missing": "it is missing"}.get(first["type"], first["msg"].replace("Input should", "it should", 1))
    return Refusal(400, f"{name!r}: {wrong}" if name else wrong, param=name or None)
