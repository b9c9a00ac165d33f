"""Places of this machine as a report may name them: their paths hold the user's name, or the profile's.

Checks name places inside the profile by themselves. This is for the path that slips into a sentence all the same, in an
operating system's error for one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class Places:
    """Which paths a text must not hold, and what stands for each."""

    def __init__(self, profile: Path, scratch: Path) -> None:
        """Take the audited profile and the audit's own folder; the home folder is asked for."""
        spoken = {scratch: "(scratch)", profile: "(profile)", **dict.fromkeys(_homes(), "~")}
        # A folder's own path before that of the folder around it. A path of one part or none, as a home of "/" has,
        # stands in too many others.
        known = sorted((str(path) for path in spoken if len(path.parts) > 1), key=len, reverse=True)
        self._spoken = {str(path): words for path, words in spoken.items()}
        self._pattern = re.compile(rf"(?:{'|'.join(map(re.escape, known))})(?![\w-])") if known else None

    def hidden_in(self, value: Any) -> Any:  # noqa: ANN401 (whatever JSON holds)
        """Return a JSON value whose texts name these places no more."""
        if isinstance(value, str):
            return self._hidden(value)
        if isinstance(value, dict):
            return {name: self.hidden_in(each) for name, each in value.items()}
        if isinstance(value, Sequence):
            return [self.hidden_in(each) for each in value]
        return value

    def _hidden(self, text: str) -> str:
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._spoken[found.group()], text)


def _homes() -> list[Path]:
    try:
        home = Path.home()
    except RuntimeError:  # an account without one
        return []
    return [home, home.resolve()]
