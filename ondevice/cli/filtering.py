"""The options that say which items count, shared by every command that reads or erases several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import typer

from ondevice.cli.access import Options
from ondevice.cli.failing import UsageError
from ondevice.cli.values import parse_alternatives, parse_conditions, parse_time
from ondevice.records import Filter

PANEL = "Which items"

KindsOption = Annotated[
    list[str] | None, typer.Option("--kind", metavar="KIND", help="Of this kind; repeatable.", rich_help_panel=PANEL)
]
SinceOption = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help="At or after this time, or a span ago (30d).", rich_help_panel=PANEL),
]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="TIME", help="Before this time, or a span ago.", rich_help_panel=PANEL)
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="CONDITION",
        help="Metadata condition: name=value, name!=value, name>=3 …; repeatable, all must hold.",
        rich_help_panel=PANEL,
    ),
]
AnyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--any",
        metavar="CONDITION",
        help="Metadata condition as for --where; repeatable, at least one of these must hold.",
        rich_help_panel=PANEL,
    ),
]


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemOptions:
    """The items a command is about."""

    OPTIONS: ClassVar[Options] = {
        "kinds": (KindsOption, None),
        "since": (SinceOption, None),
        "until": (UntilOption, None),
        "where": (WhereOption, None),
        "any": (AnyOption, None),
    }

    filter: Filter | None

    @classmethod
    def from_options(cls, given: Mapping[str, Any]) -> ItemOptions:
        """Read the shared options of a call; no option at all is no filter."""
        chosen = Filter(
            kinds=tuple(given["kinds"]) if given["kinds"] else None,
            since=parse_time(given["since"], option="--since", spans_lie=-1) if given["since"] else None,
            until=parse_time(given["until"], option="--until", spans_lie=-1) if given["until"] else None,
        )
        chosen = chosen & parse_conditions(given["where"] or (), option="--where")
        chosen = chosen & parse_alternatives(given["any"] or (), option="--any")
        _check(chosen)
        return cls(filter=None if chosen.is_empty else chosen)


def _check(chosen: Filter) -> None:
    """Refuse a filter that the store does not know, before a secret is asked for."""
    from ondevice.vault.filters import where

    try:
        where(chosen)
    except (ValueError, TypeError) as error:
        raise UsageError(str(error)) from None
