"""Who may come in: programs with the token, and the browser that opened the page's address first."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from ondevice.errors import InputError, StorageError

TICKET_S = 600.0
"""So long the page's first address can be opened."""
MIN_TOKEN_CHARS = 32
_MAX_TOKEN_BYTES = 512
_OTHERS = 0o077
# A link may have been put there by another; a pipe would be waited for. Windows has neither flag.
_READING = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def make_token() -> str:
    """Return a new token: 256 random bits, which a URL and a header can hold."""
    return secrets.token_urlsafe(32)


def token_in(file: Path) -> str:
    """Return the token that a file holds; where there is no file, write it with a new one.

    Raises:
        InputError: If others may read it, it is no regular file, or it holds no token.
        StorageError: If it cannot be read or written.
    """
    try:
        descriptor = os.open(file, _READING)
    except FileNotFoundError:
        return _written(file)
    except OSError:
        raise StorageError(f"the token's file {file} cannot be read", hint="it must be a file of yours") from None
    try:
        kind = os.fstat(descriptor)
        if not stat.S_ISREG(kind.st_mode):
            raise InputError(f"{file} is no file", hint="name a file, or a path where nothing is yet")
        if os.name == "posix" and (kind.st_mode & _OTHERS or kind.st_uid != os.getuid()):
            raise InputError(f"others may read the token in {file}", hint=f"chmod 600 {file}, or name another")
        token = os.read(descriptor, _MAX_TOKEN_BYTES).strip()
    finally:
        os.close(descriptor)
    if not MIN_TOKEN_CHARS <= len(token) < _MAX_TOKEN_BYTES or not token.isascii() or len(token.split()) > 1:
        raise InputError(
            f"{file} does not hold one token of {MIN_TOKEN_CHARS} characters or more",
            hint="delete the file: the server writes a new one",
        )
    return token.decode("ascii")


def _written(file: Path) -> str:
    token = make_token()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as new:
            new.write(f"{token}\n".encode())
    except OSError:
        raise StorageError(f"the token's file {file} cannot be written") from None
    return token


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A browser that may read the page: what its cookie holds, and what its requests prove themselves with."""

    cookie: str = field(repr=False)
    proof: str = field(repr=False)


class Credentials:
    """Knows the token, and the one browser that opened the page; of both only hashes are compared.

    Args:
        token: What programs show.
    """

    def __init__(self, token: str) -> None:
        self._token = _hash(token)
        self._changing = threading.Lock()
        self._ticket: bytes | None = None
        self._ticket_until = 0.0
        self._session: Session | None = None

    def is_token(self, given: str) -> bool:
        """Whether this is the token; it takes the same time whatever is wrong."""
        return hmac.compare_digest(_hash(given), self._token)

    def issue_ticket(self) -> str:
        """Return what opens the page once, within ten minutes."""
        ticket = make_token()
        with self._changing:
            self._ticket, self._ticket_until = _hash(ticket), time.monotonic() + TICKET_S
        return ticket

    def redeem(self, ticket: str) -> Session | None:
        """Return a session for a ticket that is good; it is good no more."""
        with self._changing:
            kept, self._ticket = self._ticket, None
            is_good = kept is not None and hmac.compare_digest(_hash(ticket), kept)
            if not is_good or time.monotonic() > self._ticket_until:
                self._ticket = None if is_good else kept  # a wrong guess does not take it from the user
                return None
            self._session = Session(cookie=make_token(), proof=make_token())
            return self._session

    def session_of(self, cookie: str | None) -> Session | None:
        """Return the session of a cookie; ``None`` if there is none."""
        session = self._session
        is_known = (
            session is not None and cookie is not None and hmac.compare_digest(_hash(cookie), _hash(session.cookie))
        )
        return session if is_known else None

    def __repr__(self) -> str:
        """Tell nothing of them."""
        return "Credentials()"


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
