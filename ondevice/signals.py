"""What long work is told and asked, and how a place is named: the types of arguments that many calls share."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeAlias

StrPath: TypeAlias = "str | os.PathLike[str]"
"""A place in the file system."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told (steps done, steps in all)."""

Signal: TypeAlias = Callable[[], bool]
"""Asked between steps; true ends the work, or pauses it."""
