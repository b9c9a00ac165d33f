"""Slack's own markup as plain text: people and channels by their names, links by their labels."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ANGLE = re.compile(r"<([^<>\n|]{1,4000})(?:\|([^<>\n]{0,4000}))?>")


def plain_text(text: str, people: Mapping[str, str], channels: Mapping[str, str]) -> str:
    """Return what a message says.

    Args:
        text: As Slack keeps it.
        people: Names by the ids of users.
        channels: Names by the ids of channels.
    """
    said = _ANGLE.sub(lambda found: _said(found[1], found[2], people, channels), text)
    return said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _said(target: str, label: str | None, people: Mapping[str, str], channels: Mapping[str, str]) -> str:
    sign, name = target[0], target[1:]
    if sign == "@":
        return f"@{people.get(name) or label or name}"
    if sign == "#":
        return f"#{channels.get(name) or label or name}"
    if sign == "!":
        # !here, !subteam^S1|@team, !date^1392734382^{date}|a day
        return label or f"@{name.partition('^')[0]}"
    link = target.removeprefix("mailto:").removeprefix("tel:")
    return link if not label or label in (link, target) else f"{label} ({link})"
