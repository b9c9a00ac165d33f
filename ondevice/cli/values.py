"""Values typed on the command line: times, spans, ``name=value`` pairs and metadata conditions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ondevice.cli.failing import UsageError
from ondevice.records import Condition, Scalar

_SPAN = re.compile(r"(\d{1,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_CONDITION = re.compile(r"([^=<>!]+)(>=|<=|!=|=|>|<)(.*)", re.DOTALL)
_COMPARISONS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "!=": "ne"}


def parse_time(text: str, *, option: str, spans_lie: int) -> datetime:
    """Return an aware time from ISO 8601 (local where no zone is given) or a span such as ``30d``.

    Args:
        text: What was typed.
        option: The option's name, for the message.
        spans_lie: -1 where a span counts back from now, +1 where it counts forward.

    Raises:
        UsageError: If it is neither.
    """
    span = _SPAN.fullmatch(text)
    if span:
        return datetime.now().astimezone() + spans_lie * timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone() if moment.tzinfo is None else moment
        moment.astimezone(UTC)
        return moment
    except (ValueError, OverflowError, OSError):  # at the calendar's ends UTC has no name for some moments
        raise UsageError(f"{option} needs a time such as 2024-05-31, 2024-05-31T18:30, or a span such as 30d") from None


def parse_pairs(pairs: Sequence[str], *, option: str) -> Mapping[str, Scalar]:
    """Return ``name=value`` pairs; values that read as JSON scalars become numbers, booleans or null.

    Raises:
        UsageError: If a pair has no name or no equals sign.
    """
    found: dict[str, Scalar] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"{option} needs name=value")
        _require_unicode(pair, option)
        found[name] = parse_scalar(value)
    return found


def parse_conditions(conditions: Sequence[str], *, option: str) -> Mapping[str, Condition]:
    """Return metadata conditions from ``name=value``, ``name!=value``, ``name>=3`` and so on.

    Raises:
        UsageError: If one has another form, or a name is compared twice in different ways.
    """
    found: dict[str, Condition] = {}
    for condition in conditions:
        parts = _CONDITION.fullmatch(condition)
        if parts is None:
            raise UsageError(
                f"{option} needs name=value, name!=value, name>value, name>=value, name<value or name<=value"
            )
        _require_unicode(condition, option)
        name, sign, value = parts[1].strip(), parts[2], parse_scalar(parts[3].strip())
        before = found.get(name)
        if sign == "=" and before is None:
            found[name] = value
        elif sign in _COMPARISONS and (before is None or isinstance(before, Mapping)):
            found[name] = {**(before or {}), _COMPARISONS[sign]: value}
        else:
            raise UsageError(f"{option} names one key twice in ways that do not go together")
    return found


def parse_scalar(text: str) -> Scalar:
    """Return a JSON scalar where the text is one, otherwise the text."""
    try:
        value: Any = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return text
    is_number = isinstance(value, (int, float)) and -(2.0**63) <= value < 2.0**63
    return value if value is None or isinstance(value, (str, bool)) or is_number else text


def _require_unicode(text: str, option: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError(f"{option} must be valid Unicode") from None


def _refuse_constant(name: str) -> float:
    """Leave NaN and Infinity as text: JSON has no such numbers."""
    raise ValueError(name)
