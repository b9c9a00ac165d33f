"""JSON read strictly: every name once, every number one, every field known, there and of its type.

Python's own reader keeps the last of two equal names, takes ``NaN`` for a number and ends a text that is nested too
deeply with a ``RecursionError``. What is sealed, signed or installed must have one meaning only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from functools import partial
from types import NoneType, UnionType
from typing import Any, Literal, NoReturn, TypeVar, Union, cast, get_args, get_origin, get_type_hints

_MAX_NUMBER = 1e300
_MAX_NAME = 64

_T = TypeVar("_T")


class LooseJsonError(ValueError):
    """A text that Python's reader takes, and that has more than one meaning, or none; it names nothing of the text."""


def parse_json(data: str | bytes, *, has_fractions: bool = True, mend: Callable[[str], str] | None = None) -> Any:  # noqa: ANN401 (whatever the text says)
    """Return the value of a JSON text.

    Args:
        data: The text, or its bytes.
        has_fractions: Whether numbers may have one, or an exponent.
        mend: What every name, and every text that stands behind one, is read as.

    Raises:
        ValueError: If it is not such JSON; a :class:`LooseJsonError` where Python's reader would take it.
    """
    try:
        return json.loads(
            data,
            object_pairs_hook=partial(_object, mend=mend),
            parse_float=_finite if has_fractions else _no_fraction,
            parse_constant=_no_constant,
        )
    except RecursionError:
        raise LooseJsonError("it is nested too deeply") from None


class Section:
    """One JSON object, read field by field; what nobody asked for is an error."""

    def __init__(self, value: object, where: str, error: Callable[[str], Exception] = ValueError) -> None:
        """Take a copy of the object.

        Args:
            value: The object.
            where: What errors call it.
            error: Makes the error of a reason.
        """
        self._where = where
        self._error = error
        if not isinstance(value, Mapping):
            self.refuse(f"{where} must be an object")
        self._left: dict[str, object] = dict(value)

    def take(self, name: str, kind: type[_T]) -> _T:
        """Return a field that must be there, with exactly that type."""
        value = self.take_any(name)
        if type(value) is not kind:
            self.refuse(f"the field {name!r} of {self._where} must be {kind.__name__}, not {type(value).__name__}")
        return value

    def take_any(self, name: str) -> object:
        """Return a field that must be there, of whatever type."""
        if name not in self._left:
            self.refuse(f"the field {name!r} of {self._where} is missing")
        return self._left.pop(name)

    def has(self, name: str) -> bool:
        """Say whether a field is there and has not been taken."""
        return name in self._left

    def names(self) -> tuple[str, ...]:
        """Return the names of the fields that have not been taken, in their order."""
        return tuple(self._left)

    def take_optional(self, name: str, kind: type[_T]) -> _T | None:
        """Return a field, or ``None`` where it is absent; an explicit null is not accepted."""
        return self.take(name, kind) if name in self._left else None

    def take_number(self, name: str) -> float:
        """Return a field that may be written as a whole number or with a fraction."""
        number = self.take(name, int if type(self._left.get(name)) is int else float)
        if abs(number) > _MAX_NUMBER:
            self.refuse(f"the field {name!r} of {self._where} must be a finite number")
        return float(number)

    def take_number_or_null(self, name: str) -> float | None:
        """Return a field that is a number, or explicitly null."""
        if name in self._left and self._left[name] is None:
            del self._left[name]
            return None
        return self.take_number(name)

    def take_texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        values = self.take(name, list)
        if not all(type(value) is str for value in values):
            self.refuse(f"the field {name!r} of {self._where} must hold texts only")
        return tuple(values)

    def end(self) -> None:
        """Refuse what was not asked for."""
        if self._left:
            self.refuse(f"{self._where} has the unknown field {min(map(str, self._left))[:_MAX_NAME]!r}")

    def refuse(self, reason: str) -> NoReturn:
        """Raise this object's error."""
        raise self._error(reason)


def read_record(kind: type[_T], value: object, where: str, error: Callable[[str], Exception]) -> _T:
    """Build a dataclass of an object that has exactly its fields, each of the type that its annotation says.

    Scalars, ``None``, literals, tuples of scalars and mappings from texts to scalars are known; a whole number may
    stand for a fraction, and a list stands for a tuple.

    Args:
        kind: The dataclass; a ``ValueError`` of its own checks becomes an ``error`` too.
        value: The object.
        where: What errors call it.
        error: Makes the error of a reason.
    """
    section = Section(value, where, error)
    fields = {}
    for name, hint in get_type_hints(kind).items():
        field = section.take_any(name)
        if not _fits(field, hint):
            section.refuse(f"the field {name!r} of {where} must be {_said(hint, field)}")
        fields[name] = tuple(field) if isinstance(field, list) else field
    section.end()
    try:
        return kind(**fields)
    except ValueError as reason:
        raise error(f"{where} cannot be used: {reason}") from None


def _said(hint: Any, given: object) -> str:  # noqa: ANN401 (an annotation)
    if get_origin(hint) is Literal:
        return f"one of {', '.join(map(str, get_args(hint)))}"
    if type(given) in (int, float) and _is_for_numbers(hint):
        return "a finite number"
    wanted = hint.__name__ if isinstance(hint, type) else str(hint).removeprefix("typing.")
    return f"{wanted}, not {type(given).__name__}"


def _fits(value: object, hint: Any) -> bool:  # noqa: ANN401 (an annotation)
    origin = get_origin(hint)
    if origin in (UnionType, Union):  # the latter where a literal is among them
        return any(_fits(value, each) for each in get_args(hint))
    if origin is Literal:
        return isinstance(value, str) and value in get_args(hint)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, dict) and all(_fits(each, get_args(hint)[1]) for each in value.values())
    if origin is tuple:
        return isinstance(value, list) and all(_fits(each, get_args(hint)[0]) for each in value)
    if hint is float:
        return type(value) in (int, float) and abs(cast("float", value)) <= _MAX_NUMBER
    return type(value) is (NoneType if hint is None else hint)


def _is_for_numbers(hint: Any) -> bool:  # noqa: ANN401 (an annotation)
    return hint is float or float in get_args(hint)


def _object(pairs: list[tuple[str, Any]], mend: Callable[[str], str] | None) -> dict[str, Any]:
    if mend is not None:
        pairs = [(mend(name), mend(value) if isinstance(value, str) else value) for name, value in pairs]
    found = dict(pairs)
    if len(found) != len(pairs):
        raise LooseJsonError("a name stands twice in an object")
    return found


def _no_fraction(number: str) -> NoReturn:
    raise LooseJsonError("a number is not whole")


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise LooseJsonError("a number is too large")
    return value


def _no_constant(name: str) -> NoReturn:
    raise LooseJsonError(f"{name} is not a number")
