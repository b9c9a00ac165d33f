"""A filter as SQL: fixed fragments, with every value bound and every operator known."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ondevice.arguments import require_noun
from ondevice.records import Condition, Filter, Scalar, scalars_of
from ondevice.vault.content import check_scalar
from ondevice.vault.times import to_micros

ALIVE = "(items.expires_us IS NULL OR items.expires_us > ?)"
"""The condition every read has; its parameter is the present."""

MAX_CONDITIONS = 300
"""More than these in one filter, and those in it, SQLite could not nest."""

_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_VALUE = "@.type NOT IN ('null', 'array')"

_Part = tuple[str, list[Any]]
"""A fragment and its parameters. In a test of one value, ``@`` stands for where the value is."""


def where(filter: Filter | None) -> _Part:
    """Return the SQL condition on ``items``, and its parameters; ``1`` where everything passes.

    What the conditions mean: :data:`ondevice.records.Condition`.

    Raises:
        ValueError: If an operator is unknown, a value has no order, a time no zone, or there are too many conditions.
        TypeError: If a part of the filter has another type than it may have.
    """
    if filter is None:
        return "1", []
    require_noun(filter, "Filter", "a filter")
    if sum(map(_n_conditions, filter.parts())) > MAX_CONDITIONS:
        raise ValueError(
            f"a filter has at most {MAX_CONDITIONS} conditions, those of the filters in it included: "
            "name several values in one condition, as in kinds=(…) or metadata={'tags': [...]}"
        )
    return _whole(filter)


def is_everything(filter: Filter | None) -> bool:
    """Whether every item passes, because there is no filter or it asks for nothing.

    Raises:
        TypeError: If it is something else than a filter.
    """
    if filter is None:
        return True
    require_noun(filter, "Filter", "a filter")
    return filter.is_empty


def _whole(filter: Filter) -> _Part:
    parts = [*_own(filter), *map(_whole, filter.all_of)]
    if filter.any_of is not None:
        parts.append(_joined("OR", map(_whole, filter.any_of)))
    return _joined("AND", parts, in_brackets=False)


def _own(filter: Filter) -> list[_Part]:
    parts: list[_Part] = []
    for column, names in (("kind", filter.kinds), ("id", filter.ids)):
        if names is not None:
            _require_strings(names, column)
            parts.append((f"items.{column} IN (SELECT value FROM json_each(?))", [json.dumps(list(names))]))
    if filter.since is not None:
        parts.append(("items.time_us >= ?", [to_micros(filter.since, "since")]))
    if filter.until is not None:
        parts.append(("items.time_us < ?", [to_micros(filter.until, "until")]))
    _require_mapping(filter.metadata)
    for key, condition in filter.metadata.items():
        if not isinstance(key, str):
            raise TypeError(f"a metadata key is a str, not {type(key).__name__}")
        if "\0" in key:
            raise ValueError("a metadata key holds the character U+0000, which no item has")
        parts.append(_metadata(key, condition))
    return parts


def _metadata(key: str, condition: Condition) -> _Part:
    if isinstance(condition, Mapping):
        return _operators(key, condition)
    return _one_of(key, scalars_of(condition))


def _operators(key: str, condition: Mapping[str, Scalar]) -> _Part:
    if not condition:
        raise ValueError("a metadata condition has no operator: use gt, gte, lt, lte or ne")
    parts: list[_Part] = []
    bounds: list[_Part] = []
    for name, value in condition.items():
        if name == "ne":
            part, values = _one_of(key, [value])
            parts.append((f"NOT {part}", values))
        elif name in _COMPARISONS:
            check_scalar(value, "metadata")
            if value is None or isinstance(value, bool):
                raise ValueError(f"the metadata operator {name} needs a number or a text")
            bounds.append((f"{_type_of(value)} AND @.value {_COMPARISONS[name]} ?", [value]))
        else:
            raise ValueError(f"there is no metadata operator {name!r}: use gt, gte, lt, lte or ne")
    if bounds:  # together, so that one and the same value of a list lies between them
        parts.append(_some(key, _joined("AND", bounds)))
    return _joined("AND", parts)


def _one_of(key: str, wanted: Sequence[Scalar]) -> _Part:
    """Say that one of a key's values is one of these, or that it has none where ``None`` is among them."""
    for value in wanted:
        check_scalar(value, "metadata")
    texts = [value for value in wanted if isinstance(value, str)]
    numbers = [value for value in wanted if isinstance(value, int | float) and not isinstance(value, bool)]
    tests = [_equal(_type_of(same[0]), same) for same in (texts, numbers) if same]
    tests += [
        (f"@.type = '{str(value).lower()}'", []) for value in (True, False) if any(each is value for each in wanted)
    ]
    parts = [_some(key, _joined("OR", tests))] if tests else []
    if None in wanted:
        part, values = _some(key, (_VALUE, []))
        parts.append((f"NOT {part}", values))
    return _joined("OR", parts)


def _equal(of_type: str, wanted: Sequence[str | int | float]) -> _Part:
    if len(wanted) == 1:
        return f"({of_type} AND @.value = ?)", [wanted[0]]
    return f"({of_type} AND @.value IN (SELECT value FROM json_each(?)))", [json.dumps(wanted)]


def _some(key: str, test: _Part) -> _Part:
    """Say that one of a key's values passes a test: the scalar that it is, or a member of the list."""
    fragment, values = test
    of_scalar, of_member = fragment.replace("@", "m"), fragment.replace("@", "v")
    return (
        f"EXISTS (SELECT 1 FROM json_each(items.metadata) AS m WHERE m.key = ? AND ({of_scalar}"
        f" OR m.type = 'array' AND EXISTS (SELECT 1 FROM json_each(m.value) AS v WHERE {of_member})))",
        [key, *values, *values],
    )


def _joined(word: str, parts: Iterable[_Part], *, in_brackets: bool = True) -> _Part:
    """Join fragments by AND or OR; of none, all pass by AND, and nothing by OR."""
    listed = list(parts)
    joined = f" {word} ".join(part for part, _ in listed) or ("1" if word == "AND" else "0")
    return f"({joined})" if in_brackets and len(listed) > 1 else joined, [each for _, more in listed for each in more]


def _type_of(value: str | int | float) -> str:
    return "@.type = 'text'" if isinstance(value, str) else "@.type IN ('integer', 'real')"


def _n_conditions(filter: Filter) -> int:
    given = (filter.kinds, filter.ids, filter.since, filter.until)
    _require_mapping(filter.metadata)
    of_keys = (len(each) if isinstance(each, Mapping) else 1 for each in filter.metadata.values())
    return sum(each is not None for each in given) + sum(of_keys)


def _require_mapping(metadata: object) -> None:
    if not isinstance(metadata, Mapping):
        raise TypeError(f"a filter's metadata is a mapping, not {type(metadata).__name__}")


def _require_strings(values: object, what: str) -> None:
    if isinstance(values, str) or not isinstance(values, list | tuple | set | frozenset):
        raise TypeError(f"a filter's {what}s come as a tuple of str")
    if not all(isinstance(value, str) for value in values):
        raise TypeError(f"a filter's {what}s are str")
