"""A server on this machine for many users: a profile for each, one model for all, answers in pieces.

It needs FastAPI and uvicorn (``pip install fastapi uvicorn``). Start it with
``python examples/server/app.py profiles/``, then in another terminal::

    J='Content-Type: application/json'
    curl -H "$J" -d '{"text": "The cat is called Tom."}' 127.0.0.1:8000/users/ann/items
    curl -H "$J" -d '{"text": "What is the cat called?"}' -N 127.0.0.1:8000/users/ann/answers

Every call of the SDK waits in a thread (``asyncio.to_thread``), so the event loop goes on. A client that goes away in
the middle of an answer stops the model. Who may speak for which user is for your own login to decide: here everybody
may.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, StringConstraints

from ondevice import ModelSet, Personalizer, SharedModels
from ondevice.errors import NotFoundError

User = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,40}$")]
"""What a user is called; it names a folder, so it may hold nothing else."""


class Text(BaseModel):
    """What a client says."""

    model_config = ConfigDict(hide_input_in_errors=True)
    text: str


class Profiles:
    """The open profiles of this process. A profile is opened when its user first speaks, and stays open."""

    def __init__(self, folder: Path, secret: bytes, shared: SharedModels) -> None:
        """Keep them in a folder; each user's key follows from the secret, which must be kept elsewhere."""
        self._folder, self._secret, self._shared = folder, secret, shared
        self._open: dict[str, Personalizer] = {}
        self._opening = asyncio.Lock()

    async def of(self, user: str) -> Personalizer:
        """Return a user's profile."""
        async with self._opening:
            if user not in self._open:
                key = hmac.digest(self._secret, user.encode(), hashlib.sha256)
                path = self._folder / f"{user}.profile"
                self._open[user] = await asyncio.to_thread(Personalizer.open, path, app_key=key, models=self._shared)
            return self._open[user]

    def close(self) -> None:
        """Close them all."""
        for profile in self._open.values():
            profile.close()


def make_app(folder: Path, secret: bytes, models: ModelSet) -> FastAPI:
    """Return the server's app, which opens models and profiles when it starts and closes them when it ends."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        with SharedModels(models) as shared:
            app.state.profiles = profiles = Profiles(folder, secret, shared)
            try:
                yield
            finally:
                await asyncio.to_thread(profiles.close)

    app = FastAPI(lifespan=life)

    @app.post("/users/{user}/items")
    async def add(user: User, said: Text) -> dict[str, str]:
        me = await app.state.profiles.of(user)
        item = await asyncio.to_thread(me.add, said.text)
        return {"id": item.id}

    @app.post("/users/{user}/answers")
    async def answer(user: User, said: Text) -> StreamingResponse:
        me = await app.state.profiles.of(user)
        stream = await asyncio.to_thread(me.stream, said.text, max_tokens=64)
        return StreamingResponse(stream.pieces(asyncio.to_thread), media_type="text/plain")

    @app.delete("/users/{user}/items/{item_id}")
    async def forget(user: User, item_id: str) -> dict[str, Any]:
        me = await app.state.profiles.of(user)
        try:
            receipt = await asyncio.to_thread(me.forget, item_id)
        except NotFoundError:
            raise HTTPException(404, "there is no such item") from None
        return {"verified": receipt.verified}

    return app


if __name__ == "__main__":
    place = Path(sys.argv[1])
    secret_file = place / "secret"  # for the example alone: keep it where the profiles are not
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not secret_file.exists():
        secret_file.touch(mode=0o600)
        secret_file.write_bytes(os.urandom(32))
    uvicorn.run(make_app(place, secret_file.read_bytes(), ModelSet()), host="127.0.0.1", access_log=False)
