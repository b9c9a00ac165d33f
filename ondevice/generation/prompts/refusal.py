"""What a model that reads numbered notes answers where they do not say it."""

from __future__ import annotations

REFUSAL = "Your notes do not say."
"""The whole answer then."""


def refuses(text: str) -> bool:
    """Return whether an answer says that the notes do not say it."""
    return " ".join(text.split()).casefold().startswith(REFUSAL.rstrip(".").casefold())
