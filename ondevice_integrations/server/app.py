"""Which address leads where."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from ondevice.errors import OndeviceError
from ondevice_integrations.server.chat import complete_chat
from ondevice_integrations.server.credentials import Credentials
from ondevice_integrations.server.desk import Desk
from ondevice_integrations.server.embeddings import embed
from ondevice_integrations.server.guard import Guard
from ondevice_integrations.server.page import PAGE_ROUTES
from ondevice_integrations.server.refusals import Refusal, respond_to_error


def make_app(desk: Desk, credentials: Credentials, *, port: int, audit_report: Path | None = None) -> ASGIApp:
    """Return the server's app, behind its door.

    Args:
        desk: Carries out what is asked.
        credentials: Who may come in.
        port: Where the server listens, which requests must name.
        audit_report: The file of an audit's report, whose verdict the page tells.
    """
    app = Starlette(
        routes=[
            Route("/v1/models", _list_models),
            Route("/v1/chat/completions", complete_chat, methods=["POST"]),
            Route("/v1/embeddings", embed, methods=["POST"]),
            *PAGE_ROUTES,
        ],
        exception_handlers={
            Refusal: respond_to_error,
            OndeviceError: respond_to_error,
            HTTPException: _refuse_address,
            Exception: respond_to_error,
        },
    )
    app.router.redirect_slashes = False
    app.state.desk, app.state.credentials = desk, credentials
    app.state.port, app.state.audit_report = port, audit_report
    return Guard(app, credentials, port)


async def _list_models(request: Request) -> JSONResponse:
    desk: Desk = request.app.state.desk
    names = [name for name in (desk.generator, desk.encoder) if name is not None]
    models = [{"id": name, "object": "model", "created": 0, "owned_by": "ondevice"} for name in names]
    return JSONResponse({"object": "list", "data": models})


async def _refuse_address(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return Refusal(status, "there is nothing at this address, or it takes another method").response()
