"""In which order locks are taken: the one place where it is written down.

Whoever holds one of these may wait for those below it, and for none above it:

1. **The model's turn** (``generation.turns``). An open stream keeps it while its reader does what it likes: adds items,
   forgets, searches. So nothing else may be held by a thread that waits for it.
2. **The generator** (``Models``): held while the language model loads.
3. **Changing** (:class:`Changing`, one a profile): held by whoever writes items, forgets, or changes which adapter or
   language model answers. Which language model is loaded does not change while it is held.
4. **The database** (``vault.database``): the one writer. Whoever reads waits for no more than the moment in which a
   rekeying changes over, which waits for nobody: reading may be done under all of these.
5. **The other models** (``Models``): held while an encoder or the selector loads.
6. **The rest**, each held for a moment and over nothing above: an index's two locks (``retrieval.accelerator`` says in
   which order), what is loaded of adapters, remembered queries.

An erasure needs the turn *and* changing, so it takes the turn first: it ends the answer under way, and takes the turn
from a stream that waits for its reader (``Turn.claim``). Whoever holds changing and needs an adapter freed leaves that
to the next one who has the turn (``generation.leftovers``).

An app's own functions are called with the turn held (``cancel``), while a stream rests (its reader), or with changing
held (``on_progress`` of a rekeying). The first may not forget or close, the last may not wait for an answer: rather
than wait for ever, both are told so by an error, which is what :func:`is_changing` is for.
"""

from __future__ import annotations

import os
import threading
from types import TracebackType

_here = threading.local()


class Changing:
    """The lock of whoever changes a profile; its thread may take it again."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._process = os.getpid()

    def __enter__(self) -> None:
        """Wait for it, but not for a thread that a fork has left in the other process: the vault refuses to be used."""
        _held().append(self._lock.acquire(blocking=self._process == os.getpid()))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the next one in."""
        if _held().pop():
            self._lock.release()


def is_changing() -> bool:
    """Whether this thread is changing a profile, and must not wait for an answer."""
    return bool(_held())


def _held() -> list[bool]:
    """Return for each block that this thread is in, of whatever profile, whether it took the lock."""
    if not hasattr(_here, "held"):
        _here.held = []
    held: list[bool] = _here.held
    return held
