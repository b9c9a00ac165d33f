"""How the commands that download reach the hub, and how they say sizes."""

from __future__ import annotations

import os
from pathlib import Path

from export.models import Connection

CERTIFICATES_VARIABLE = "PIP_CERT"


def connection(hub_url: str | None) -> Connection:
    """Return how the hub is reached, as the user's environment says."""
    certificates = os.environ.get(CERTIFICATES_VARIABLE)
    return Connection(
        endpoint=hub_url or os.environ.get("HF_ENDPOINT") or Connection().endpoint,
        certificates=Path(certificates) if certificates else None,
        use_environment=True,
    )


def megabytes(n_bytes: int) -> str:
    """Return a size for people, in decimal megabytes."""
    return f"{n_bytes / 1e6:,.1f} MB"
