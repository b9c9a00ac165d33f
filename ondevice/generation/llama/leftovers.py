"""What is out of use but may still serve an open stream: it is freed by the next one who gives the turn back.

So nobody who takes an adapter out of use has to wait for a stream, or to end it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ondevice.generation.llama.adapters import Adapter
    from ondevice.generation.llama.cache import PromptState


class Leftovers:
    """Adapters and a plain context that wait to be freed. Threads may add at once; who clears has the turn."""

    def __init__(self, state: PromptState) -> None:
        """Free nothing that this state still uses without telling it."""
        self._state = state
        self._adapters: list[Adapter] = []
        self._has_contrast = False
        self._is_closed = False

    def add(self, adapter: Adapter) -> None:
        """Let an adapter go."""
        self._adapters.append(adapter)

    def add_contrast(self) -> None:
        """Let go what a contrast needs."""
        self._has_contrast = True

    def clear(self) -> None:
        """Free what is out of use; the caller has the turn, and no stream rests."""
        while self._adapters and not self._is_closed:
            adapter = self._adapters.pop()
            try:
                self._state.release(adapter)
            finally:
                adapter.close()
        if self._has_contrast and not self._is_closed:
            self._has_contrast = False
            self._state.release_contrast()

    def close(self) -> None:
        """Free nothing any more: what is left goes with the model."""
        self._is_closed = True
