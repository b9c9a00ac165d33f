"""What the server says where it does not do what was asked, in the form that OpenAI's clients read."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

from ondevice.errors import (
    ContextOverflowError,
    InputError,
    LockedError,
    NotFoundError,
    OndeviceError,
    ProfileBusyError,
)

_STATUS: dict[type[OndeviceError], int] = {
    ContextOverflowError: 400,
    InputError: 400,
    LockedError: 403,
    NotFoundError: 404,
    ProfileBusyError: 409,
}
_KINDS = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
_CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded"}


class Refusal(Exception):  # noqa: N818 - nothing went wrong: something is not done
    """A request that is not carried out.

    Args:
        status: The HTTP status.
        message: Why, and what to do; never a word of the request.
        param: The field that is meant.
        code: A word for programs; by default the status has one.
    """

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.code = status, message, param, code or _CODES.get(status)

    def to_json(self) -> dict[str, dict[str, str | None]]:
        """Return it as OpenAI's clients read it."""
        kind = _KINDS.get(self.status, "invalid_request_error" if self.status < 500 else "server_error")
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}

    def response(self) -> JSONResponse:
        """Return it as a response."""
        headers = {"Retry-After": "1"} if self.status == 429 else None
        return JSONResponse(self.to_json(), status_code=self.status, headers=headers)


def refusal_of(error: Exception) -> Refusal:
    """Return what is said of an error; of one that nobody foresaw its class alone: its message may be anything."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, OndeviceError):
        status = next((number for kind, number in _STATUS.items() if isinstance(error, kind)), 500)
        code = "context_length_exceeded" if isinstance(error, ContextOverflowError) else None
        return Refusal(status, str(error), code=code)
    return Refusal(500, f"unexpected {type(error).__name__} (this is a defect: please report it)")


async def respond_to_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer a request that failed."""
    return refusal_of(error).response()
