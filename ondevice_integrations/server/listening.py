"""The one socket: on the loopback interface, so that no other machine reaches it."""

from __future__ import annotations

import logging
import os
import signal
import socket
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from ondevice.errors import StorageError

LOOPBACK = "127.0.0.1"
_MOST_CONNECTIONS = 64
_GRACE_S = 3


def listen(port: int) -> socket.socket:
    """Return a socket that listens on this machine alone; port 0 takes a free one.

    Raises:
        StorageError: If the port is taken, or the system refuses it.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let another program take the port too
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((LOOPBACK, port))
        listening.listen(_MOST_CONNECTIONS)
    except OSError:
        listening.close()
        hint = "another program has it: name another with --port"
        raise StorageError(f"port {port} cannot be listened on", hint=hint) from None
    return listening


def serve_until_ended(app: ASGIApp, listening: socket.socket) -> None:
    """Serve until the user ends the program.

    Raises:
        KeyboardInterrupt: When it is told to end, in either way; answers that are under way have ended then.
    """
    # A library's log of a failed request would hold its text.
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGTERM, _interrupt)  # the server's own handler passes the signal on when it is done
    uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            http="h11",
            loop="asyncio",
            server_header=False,
            date_header=False,
            proxy_headers=False,
            limit_concurrency=_MOST_CONNECTIONS,
            h11_max_incomplete_event_size=1 << 15,
            timeout_graceful_shutdown=_GRACE_S,
        )
    ).run(sockets=[listening])


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
