"""One profile for a program that runs for long: opened when it is first needed, locked again when nobody needs it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ondevice import ModelSet
from ondevice.errors import LockedError, NotFoundError, OndeviceError
from ondevice_integrations.secrets_in import SecretSource

if TYPE_CHECKING:
    from ondevice import Personalizer

CLOSING_S = 10.0
"""Patience with those who are still at work when the profile is closed for good."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileChoice:
    """Which profile, how it is unlocked, and with which models.

    Args:
        profile: Its folder.
        secret: What unlocks it, read when it is needed.
        models: Its models, which load at first use.
    """

    profile: Path
    secret: SecretSource
    models: ModelSet

    def require_profile(self) -> None:
        """Make sure that there is something to open, before anybody relies on it.

        Raises:
            NotFoundError: If there is no such folder.
        """
        if not self.profile.is_dir():
            raise NotFoundError(
                f"there is no profile at {self.profile}", hint="run: ondevice init, or name it with --profile"
            )

    def open(self) -> Personalizer:
        """Unlock the profile; raises as :meth:`ondevice.Personalizer.open` and :meth:`SecretSource.read`.

        From then on a secret lies in memory, and this process is an app of its own: nobody else is to read it.
        """
        from ondevice import Personalizer, protect_process

        protect_process()
        place, models, way = self.profile, self.models, self.secret.way
        if way == "keystore":
            return Personalizer.open(place, create_missing=False, keystore=True, models=models)
        if way == "passphrase":
            return Personalizer.open(place, create_missing=False, passphrase=self.secret.read(), models=models)
        return Personalizer.open(place, create_missing=False, recovery_code=self.secret.read(), models=models)


def models_of(folder: Path | None, encoder: str | None, *, generator: bool = False) -> ModelSet:
    """Return the models that a program names.

    Args:
        folder: Where they lie; ``None``: the default place.
        encoder: Instead of the default one; ``none`` works without vectors.
        generator: Whether the program answers, with the default language model.
    """
    default = ModelSet(folder)
    chosen = {None: default.encoder, "none": None}.get(encoder, encoder)
    return ModelSet(folder, encoder=chosen, generator=default.generator if generator else None)


class HeldProfile:
    """A profile that many threads use, open from its first use until it has been idle for a while, or is closed.

    While it is open no other process can open it. Where opening fails, the next use tries again.

    Args:
        choice: Which profile.
        lock_after_s: Lock it when nobody has used it for so long; ``None`` keeps it open. A secret from a pipe is not
            kept for longer, so that the profile then stays locked.
    """

    def __init__(self, choice: ProfileChoice, *, lock_after_s: float | None = None) -> None:
        self._choice = choice
        self._lock_after_s = lock_after_s
        self._changed = threading.Condition()
        self._me: Personalizer | None = None
        self._n_users = 0
        self._idle_since = 0.0
        self._is_closed = False

    @property
    def is_open(self) -> bool:
        """Whether the profile is unlocked at this moment."""
        with self._changed:
            return self._me is not None

    @contextmanager
    def use(self) -> Iterator[Personalizer]:
        """Give the open profile to the block, and keep it open meanwhile.

        Raises:
            LockedError: If it has been locked or closed and cannot be opened again, or the secret is not the right one.
            OndeviceError: If it cannot be opened; see :meth:`ondevice.Personalizer.open`.
        """
        me = self._enter()
        try:
            yield me
        finally:
            with self._changed:
                self._n_users -= 1
                self._idle_since = time.monotonic()
                self._changed.notify_all()

    def close(self) -> None:
        """Lock the profile for good; calling again has no effect. Whoever uses it may finish, for some seconds."""
        with self._changed:
            self._is_closed = True
            self._changed.wait_for(lambda: self._n_users == 0, timeout=CLOSING_S)
            self._choice.secret.drop()
            self._close_now()

    def _enter(self) -> Personalizer:
        with self._changed:
            if self._me is None:
                self._me = self._opened()
                if self._lock_after_s is not None:
                    threading.Thread(target=self._lock_when_idle, name="ondevice-idle", daemon=True).start()
            self._n_users += 1
            return self._me

    def _opened(self) -> Personalizer:
        if self._is_closed:
            raise LockedError("the profile has been closed")
        if not self._choice.secret.can_be_read:
            raise LockedError(
                f"the profile was locked after {self._lock_after_s:g} s without use, and its secret was not kept",
                hint="start the program again; with --keystore, or a secret in a file, it unlocks by itself",
            )
        return self._choice.open()

    def _lock_when_idle(self) -> None:
        """Wait until nobody has used the profile for long enough, and lock it."""
        assert self._lock_after_s is not None  # noqa: S101 - else this thread is not started
        with self._changed:
            while self._me is not None:
                left = self._idle_since + self._lock_after_s - time.monotonic()
                if self._n_users == 0 and left <= 0:
                    with suppress(OndeviceError):  # nobody is here to be told; the folder is unlocked all the same
                        self._close_now()
                    self._choice.secret.drop()
                else:
                    self._changed.wait(left if self._n_users == 0 else None)

    def _close_now(self) -> None:
        me, self._me = self._me, None
        self._changed.notify_all()
        if me is not None:
            me.close()
