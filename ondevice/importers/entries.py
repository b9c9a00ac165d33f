"""Objects whose values have names, such as a JSON object or a table's row: from the names to an item's parts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ondevice.importers.columns import roles_of
from ondevice.importers.dates import moment_of
from ondevice.importers.drafting import MAX_KEY_CHARS, RecordPlace, check_str, make_draft, type_name
from ondevice.importers.found import Found, ReadOptions
from ondevice.importers.zones import zone_named
from ondevice.records import Draft

NESTED = ("fields", "metadata")


class Entries:
    """Makes things found of the objects of one source."""

    def __init__(
        self, options: ReadOptions, *, roles: Mapping[str, str] | None = None, day_first: bool | None = None
    ) -> None:
        """Know what the user told of the names.

        Args:
            options: Its ``columns`` and ``time_zone`` count.
            roles: What each name is, where all objects have the same; by default each object's own names tell.
            day_first: Whether 3/4/2024 is in April.

        Raises:
            InputError: If the user told a role or a zone that there is not.
        """
        self._told = options.columns
        self._zone = zone_named(options.time_zone)
        self._day_first = day_first
        self._is_fixed = roles is not None
        self._names: tuple[str, ...] = ()
        self.roles: Mapping[str, str] = roles_of((), self._told) if roles is None else roles

    def has_text(self, entry: Mapping[str, object]) -> bool:
        """Say whether an object has something that is its text."""
        return "text" in self._roles_in(entry).values()

    def found(self, place: RecordPlace, entry: Mapping[str, object]) -> Found:
        """Return the thing that an object is; its ``id``, if it has one, is its key.

        Raises:
            InputError: If a value is missing or has the wrong form.
        """
        draft = self.draft(place, entry)
        key = draft.metadata.get("id")
        return Found(draft=draft, place=str(place), key=None if key in (None, "") else str(key), time_counts=True)

    def draft(self, place: RecordPlace, entry: Mapping[str, object]) -> Draft:
        """Return the draft alone; raises as :meth:`found`."""
        roles = self._roles_in(entry)
        if "text" not in roles.values():
            place.refuse("the field 'text' is missing", hint="name the one that is the text: --map text=NAME")
        fields, metadata = (_nested(place, entry, name) for name in NESTED)
        known: dict[str, object] = {}
        times: dict[str, datetime | None] = {}
        for name, value in entry.items():
            role = roles.get(name)
            if role in ("time", "expires_at"):
                moment = self._moment(place, name, value, role)
                if moment is not None or value in (None, ""):
                    times[role] = moment
                    continue
            elif role is not None and role != "title":
                known[role] = value
                continue
            if name in NESTED:
                continue
            where, others = ("metadata", metadata) if isinstance(value, list) else ("fields", fields)
            put = "title" if role == "title" else f"{name} (other)" if name == "text" else name
            if put in others:
                place.refuse(f"the field {put[:MAX_KEY_CHARS]!r} stands both by itself and in {where!r}")
            others[put] = value
        if known.get("id") is not None:
            if "id" in metadata:
                place.refuse("the field 'id' stands both by itself and in 'metadata'")
            metadata["id"] = known["id"]
        return make_draft(
            place,
            text=known["text"],
            kind="note" if known.get("kind") is None else known["kind"],
            time=times.get("time"),
            expires_at=times.get("expires_at"),
            fields=fields,
            metadata=metadata,
        )

    def _roles_in(self, entry: Mapping[str, object]) -> Mapping[str, str]:
        """Return the roles of an object's names: most objects have those of the one before."""
        names = tuple(entry)
        if not self._is_fixed and names != self._names:
            self._names, self.roles = names, roles_of(names, self._told)
        return self.roles

    def _moment(self, place: RecordPlace, name: str, value: object, role: str) -> datetime | None:
        """Return a time; a name that only looks like one's may hold something else, which is then a field."""
        if value is None or value == "":
            return None
        moment = moment_of(value, self._zone, day_first=self._day_first)
        if moment is None and (name == role or self._told.get(role) == name):
            if not isinstance(value, int | float):
                check_str(place, value, name, MAX_KEY_CHARS)
            place.refuse(f"the field {role!r} must be an ISO 8601 time such as 2024-05-31T18:30:00+02:00")
        return moment


def _nested(place: RecordPlace, entry: Mapping[str, object], name: str) -> dict[str, object]:
    value = entry.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        place.refuse(f"the field {name!r} must be an object, not {type_name(value)}")
    return dict(value)
