"""Progress in whole steps, for work whose parts cannot be counted finer."""

from __future__ import annotations

from collections.abc import Callable


class Steps:
    """Tells a callback how many of a known number of steps are done."""

    def __init__(self, total: int, on_progress: Callable[[int, int], None] | None) -> None:
        """Expect ``total`` steps; without a callback nothing is told."""
        self._done, self._total, self._on_progress = 0, total, on_progress

    def advance(self) -> None:
        """Count one more step as done."""
        self._done += 1
        if self._on_progress is not None:
            self._on_progress(self._done, self._total)
