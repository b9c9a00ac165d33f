"""Reading a JSON object field by field, so that nothing missing, unknown or ill-typed passes."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from ondevice.safety.strict_json import Section

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Fields(Section):
    """One JSON object of the registry."""

    def take_sha256(self) -> str:
        """Return the field ``sha256``: 64 lowercase hex digits."""
        value = self.take("sha256", str)
        if not _SHA256.fullmatch(value):
            self.refuse(f"the sha-256 of {self._where} must be 64 lowercase hex digits")
        return value

    def take_path(self, name: str) -> str:
        """Return a relative path with forward slashes that stays below its folder."""
        value = self.take(name, str)
        path = PurePosixPath(value)
        if not path.parts or path.is_absolute() or ".." in path.parts or "\\" in value or ":" in value:
            self.refuse(f"the field {name!r} of {self._where} must stay inside its folder")
        return value
