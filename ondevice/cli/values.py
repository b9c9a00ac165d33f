"""Values typed on the command line: times, spans, ``name=value`` pairs and metadata conditions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from ondevice.cli.failing import UsageError
from ondevice.records import Condition, Filter, MetadataValue, Scalar, scalars_of
from ondevice.safety.strict_json import parse_json

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
        UsageError: If a pair has no name or no equals sign, or a name stands twice.
    """
    found: dict[str, Scalar] = {}
    for pair in pairs:
        name, value = _pair(pair, option)
        if name in found:
            raise UsageError(f"{option} names one name twice", hint="a list of values can stand in --meta alone")
        found[name] = parse_scalar(value)
    return found


def parse_metadata(pairs: Sequence[str], *, option: str) -> Mapping[str, MetadataValue]:
    """Return ``name=value`` pairs, of which a name may have a list: typed as JSON, or by naming it again.

    Raises:
        UsageError: If a pair has no name or no equals sign.
    """
    found: dict[str, MetadataValue] = {}
    for pair in pairs:
        name, text = _pair(pair, option)
        value = parse_value(text)
        found[name] = [*scalars_of(found[name]), *scalars_of(value)] if name in found else value
    return found


def parse_conditions(conditions: Sequence[str], *, option: str) -> Filter:
    """Return the filter that asks for all conditions: ``name=value``, ``name!=value``, ``name>=3`` and so on.

    Bounds of one name are meant for one and the same value; any other two conditions of a name must both hold.

    Raises:
        UsageError: If one has another form.
    """
    groups: list[dict[str, Condition]] = []
    for condition in conditions:
        name, wanted = _condition(condition, option)
        for group in groups:
            if name not in group:
                group[name] = wanted
                break
            if (together := _together(group[name], wanted)) is not None:
                group[name] = together
                break
        else:
            groups.append({name: wanted})
    return Filter(metadata=groups[0] if groups else {}, all_of=tuple(Filter(metadata=group) for group in groups[1:]))


def parse_alternatives(conditions: Sequence[str], *, option: str) -> Filter:
    """Return the filter that asks for at least one of these conditions, or for nothing where there is none.

    Raises:
        UsageError: If one has another form.
    """
    parts = tuple(Filter(metadata=dict([_condition(condition, option)])) for condition in conditions)
    return Filter(any_of=parts) if parts else Filter()


def parse_value(text: str) -> Scalar | list[Scalar]:
    """Return a JSON scalar or a list of some where the text is one, otherwise the text."""
    try:
        value = parse_json(text)
    except ValueError:
        return text
    is_list = isinstance(value, list) and all(map(_is_scalar, value))
    return value if is_list or _is_scalar(value) else text


def parse_scalar(text: str) -> Scalar:
    """Return a JSON scalar where the text is one, otherwise the text."""
    value = parse_value(text)
    return text if isinstance(value, list) else value


def _pair(pair: str, option: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not equals or not name:
        raise UsageError(f"{option} needs name=value")
    _require_unicode(pair, option)
    return name, value


def _condition(text: str, option: str) -> tuple[str, Condition]:
    parts = _CONDITION.fullmatch(text)
    if parts is None:
        raise UsageError(f"{option} needs name=value, name!=value, name>value, name>=value, name<value or name<=value")
    _require_unicode(text, option)
    name, sign, value = parts[1].strip(), parts[2], parts[3].strip()
    return name, parse_value(value) if sign == "=" else {_COMPARISONS[sign]: parse_scalar(value)}


def _together(before: Condition, wanted: Condition) -> Mapping[str, Scalar] | None:
    """Return two comparisons as one, or ``None`` where they cannot be one."""
    if isinstance(before, Mapping) and isinstance(wanted, Mapping) and not set(before) & set(wanted):
        return {**before, **wanted}
    return None


def _is_scalar(value: object) -> bool:
    is_number = isinstance(value, (int, float)) and -(2.0**63) <= value < 2.0**63
    return value is None or isinstance(value, (str, bool)) or is_number


def _require_unicode(text: str, option: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError(f"{option} must be valid Unicode") from None
