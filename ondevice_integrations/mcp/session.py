"""One session with a host: from the first message to the end of the stream."""

from __future__ import annotations

import logging

import anyio
from mcp.server.stdio import stdio_server

from ondevice.errors import InputError
from ondevice_integrations.mcp.permissions import Permissions
from ondevice_integrations.mcp.server import ProfileServer
from ondevice_integrations.mcp.wire import MAX_MESSAGE_BYTES, Wire
from ondevice_integrations.profiles import HeldProfile


def hold_session(profile: HeldProfile, permissions: Permissions) -> None:
    """Serve a host over the process's standard streams, which nothing else uses from now on.

    Raises:
        InputError: If the host sent a message that is too long to be one.
        KeyboardInterrupt: If the program is told to end.
    """
    # The protocol's library logs what it cannot handle, messages included, and hosts keep stderr in readable files.
    logging.disable(logging.CRITICAL)
    wire = Wire()
    try:
        anyio.run(_serve, wire, ProfileServer(profile, permissions))
    except* OSError:
        pass  # the host has hung up
    if wire.lines.has_overflowed:
        raise InputError(f"the host sent a message of more than {MAX_MESSAGE_BYTES:,} bytes")


async def _serve(wire: Wire, answering: ProfileServer) -> None:
    server = answering.protocol()
    async with stdio_server(stdin=wire.lines, stdout=wire.out) as (read, write):
        await server.run(read, write, server.create_initialization_options())
