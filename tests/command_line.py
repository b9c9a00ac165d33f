"""What tests of the command line share: a command's result, and secrets on descriptors."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


Run = Callable[..., Ran]


def descriptor(text: str) -> str:
    """Return the number of a readable descriptor that holds ``text``."""
    reader, writer = os.pipe()
    os.write(writer, text.encode())
    os.close(writer)
    return str(reader)
