"""Settings and reports of trainings as JSON values, which notes and checkpoints keep."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, cast

from ondevice.errors import InputError
from ondevice.safety.strict_json import read_record

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Stored:
    """A dataclass of scalars and tuples of them that is kept as JSON."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values; :meth:`from_json` reads them."""
        fields = dataclasses.asdict(cast("DataclassInstance", self))
        return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return what :meth:`to_json` wrote.

        Raises:
            InputError: If a field is missing, unknown, of the wrong type or out of range.
        """
        return read_record(cls, values, f"a stored {cls.__name__}", InputError)
