"""One session with a host: from the first message to the end of the stream."""

from __future__ import annotations

import io
import json
import logging
from contextlib import suppress

import anyio
from anyio import to_thread
from mcp.server.stdio import stdio_server

from ondevice.errors import InputError
from ondevice_integrations.mcp.permissions import Permissions
from ondevice_integrations.mcp.server import ProfileServer
from ondevice_integrations.mcp.wire import MAX_MESSAGE_BYTES, Wire
from ondevice_integrations.profiles import HeldProfile


class _Lines(anyio.AsyncFile[str]):
    """The host's messages, a line each."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(io.StringIO())  # the base's own file is not read
        self._wire = wire

    async def readline(self) -> str:
        """Wait for a line in a thread, which is left behind when the program is ended: it cannot be woken."""
        return _mended(await to_thread.run_sync(self._wire.read_line, abandon_on_cancel=True))


def _mended(line: str) -> str:
    """Replace halves of characters, as where a host cut an emoji in two: the message would be lost in silence."""
    if "\\ud" in line.lower():
        with suppress(ValueError):  # no JSON: the protocol's library drops it
            return json.dumps(json.loads(line), ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
    return line


def hold_session(wire: Wire, profile: HeldProfile, permissions: Permissions) -> None:
    """Serve a host until it closes the stream.

    Raises:
        InputError: If the host sent a message that is too long to be one.
        KeyboardInterrupt: If the program is told to end.
    """
    # The protocol's library logs what it cannot handle, messages included, and hosts keep stderr in readable files.
    logging.disable(logging.CRITICAL)
    try:
        anyio.run(_serve, wire, ProfileServer(profile, permissions))
    except* OSError:
        pass  # the host has hung up
    if wire.has_overflowed:
        raise InputError(f"the host sent a message of more than {MAX_MESSAGE_BYTES:,} bytes")


async def _serve(wire: Wire, answering: ProfileServer) -> None:
    server = answering.protocol()
    async with stdio_server(stdin=_Lines(wire), stdout=anyio.wrap_file(wire.sink)) as (read, write):
        await server.run(read, write, server.create_initialization_options())
