"""The page: what the profile holds, for the user's own browser, and what the page asks the server for."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from ondevice import Filter
from ondevice_integrations.server.bodies import Body, read_body
from ondevice_integrations.server.chat import sources_of, support_of
from ondevice_integrations.server.credentials import Credentials, Session
from ondevice_integrations.server.desk import Desk
from ondevice_integrations.server.guard import cookie_name
from ondevice_integrations.server.refusals import Refusal
from ondevice_integrations.server.views import Listing, audit_view, forgotten, item_view, learned_view, listing_view

_FILES = Path(__file__).parent / "page_files"
_KINDS_OF_FILES = {"style.css": "text/css", "page.js": "text/javascript"}
_ENTER = '<!doctype html><html lang="en"><title>ondevice</title><meta http-equiv="refresh" content="0; url=/">'

ItemId = Annotated[str, Field(min_length=1, max_length=100)]
_Query = Annotated[str, Field(max_length=2_000)]


class ItemsBody(Body):
    """Which items are to be listed; without a query the newest."""

    query: _Query = ""
    kind: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    offset: Annotated[int, Field(ge=0, lt=2**31)] = 0


class ItemBody(Body):
    """One item."""

    id: ItemId


class AskBody(Body):
    """A question."""

    question: Annotated[str, Field(min_length=1, max_length=2_000)]


class NoBody(Body):
    """Nothing."""


async def open_page(request: Request) -> Response:
    """Take the ticket of the page's first address, and give the browser its cookie."""
    credentials: Credentials = request.app.state.credentials
    session = credentials.redeem(request.query_params.get("ticket", ""))
    if session is None:
        raise Refusal(401, "this address has been opened already, or is too old: start the server again for another")
    # A page of our own leads on: a redirect would count as the link's, whose cookies are not sent.
    response = HTMLResponse(_ENTER)
    name = cookie_name(request.app.state.port)
    response.set_cookie(name, session.cookie, httponly=True, samesite="strict", path="/")
    return response


async def show_page(request: Request) -> Response:
    """Return the page, with what its requests prove themselves with."""
    session: Session = request.scope["session"]
    page = (_FILES / "page.html").read_text("utf-8")
    return HTMLResponse(page.replace("{proof}", html.escape(session.proof)))


async def send_file(request: Request) -> Response:
    """Return what the page loads."""
    name = request.url.path.removeprefix("/")
    return Response((_FILES / name).read_bytes(), media_type=_KINDS_OF_FILES[name])


async def list_items(request: Request) -> JSONResponse:
    """List or search items."""
    body = await read_body(request, ItemsBody)
    kinds = None if body.kind is None else (body.kind,)
    asked = Listing(
        query=body.query.strip(), filter=Filter(kinds=kinds, since=body.since, until=body.until), offset=body.offset
    )
    return JSONResponse(await _desk(request).do(lambda me: listing_view(me, asked)))


async def read_item(request: Request) -> JSONResponse:
    """Return one item, with what it said before."""
    body = await read_body(request, ItemBody)
    return JSONResponse(await _desk(request).do(lambda me: item_view(me, body.id)))


async def ask(request: Request) -> JSONResponse:
    """Answer a question, with its sources."""
    body, desk = await read_body(request, AskBody), _desk(request)
    if desk.generator is None:
        raise Refusal(404, "this server has no language model")
    done = await desk.answer(request, body.question, {}, is_for_program=False)
    return JSONResponse({"text": done.text, "sources": sources_of(done.sources), **support_of(done)})


async def forget(request: Request) -> JSONResponse:
    """Erase one item for good, and return the receipt."""
    body = await read_body(request, ItemBody)
    return JSONResponse(await _desk(request).do(lambda me: forgotten(me, body.id)))


async def list_learned(request: Request) -> JSONResponse:
    """List what was learned, and what it rests on."""
    await read_body(request, NoBody)
    return JSONResponse(await _desk(request).do(learned_view))


async def audit(request: Request) -> JSONResponse:
    """Look for damage, and tell the verdict of the report that the user has named."""
    await read_body(request, NoBody)
    report: Path | None = request.app.state.audit_report
    return JSONResponse(await _desk(request).do(lambda me: audit_view(me, report)))


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


PAGE_ROUTES = (
    Route("/open", open_page),
    Route("/", show_page),
    *(Route(f"/{name}", send_file) for name in _KINDS_OF_FILES),
    Route("/page/items", list_items, methods=["POST"]),
    Route("/page/item", read_item, methods=["POST"]),
    Route("/page/ask", ask, methods=["POST"]),
    Route("/page/forget", forget, methods=["POST"]),
    Route("/page/learned", list_learned, methods=["POST"]),
    Route("/page/audit", audit, methods=["POST"]),
)
