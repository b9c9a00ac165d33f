"""Bringing in what another program has kept: read as it goes, stored batch by batch, and told in one report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ondevice.arguments import require_known
from ondevice.errors import InputError, NotFoundError
from ondevice.importers.formats import format_named, formats_of, n_tables_beside
from ondevice.importers.found import Format, Found, ReadOptions, Skipped
from ondevice.importers.source import Source
from ondevice.personalizer.import_options import ImportOptions
from ondevice.personalizer.keyed import MARK, KeyedItems, origin_of
from ondevice.personalizer.reports import IntakeReport, joined
from ondevice.records import Filter
from ondevice.safety.strict_json import parse_json
from ondevice.vault.portable_lines import FORMAT as EXPORT_FORMAT

if TYPE_CHECKING:
    from ondevice.personalizer.forgetting import Forgetting
    from ondevice.personalizer.ingester import Ingester
    from ondevice.records import Receipt
    from ondevice.vault.portable import ImportReport
    from ondevice.vault.vault import Vault

EXPORT = "ondevice"
"""The format of what ``me.items.export`` writes, which is no other program's: its items keep their ids."""

_OF_ANY_SOURCE = {"format", "on_progress", "on_skipped", "should_stop", "skip_broken"}
_BATCH, _BATCH_CHARS = 64, 8 << 20
_TOLD_EVERY = 64
_MAY_BE_THERE = ("broken", "too long", "unsupported")
"""What is left out for these reasons may be an item of an earlier import: nobody can say that it is gone."""


class Importing:
    """Imports sources into one profile."""

    def __init__(
        self, vault: Vault, ingester: Ingester, forgetting: Forgetting, load: Callable[..., ImportReport]
    ) -> None:
        self._vault, self._ingester, self._forgetting, self._load = vault, ingester, forgetting, load

    def run(self, path: Path, options: ImportOptions) -> IntakeReport:
        """Do :meth:`ondevice.personalizer.items.Items.import_from`."""
        _check(options)
        source = Source(path)
        told = options.get("format")
        if told == EXPORT or (told is None and _is_export(source)):
            return self._load_export(path, options)
        forms = formats_of(source) if told is None else (format_named(told) if isinstance(told, str) else told,)
        if not options.get("skip_broken", True):
            for form in forms:
                _require_sound(form, source, options)
        n_tables = n_tables_beside(forms, source) if told is None else 0
        source.close()
        runs: list[_Run] = []
        reports: list[IntakeReport] = []
        for number, form in enumerate(forms):
            with Source(path) as read:
                runs.append(
                    _Run(self._vault, self._ingester, form, read, _shared(options, reports, number, len(forms)))
                )
                reports.append(runs[-1].report(is_alone=len(forms) == 1))
            if reports[-1].end in ("limit", "interrupted"):
                break
        report = replace(joined(reports), n_tables_beside=n_tables)
        if report.n_added or report.n_updated:
            self._log(report)
        if options.get("sync"):
            return self._synchronized(runs, reports, report)
        return report

    def _log(self, report: IntakeReport) -> None:
        if not report.is_dry_run:
            self._vault.events.append("imported", added=report.n_added, known=report.n_known, updated=report.n_updated)

    def _load_export(self, path: Path, options: ImportOptions) -> IntakeReport:
        given = [name for name in sorted(set(options) - _OF_ANY_SOURCE) if options.get(name)]
        if given:
            raise InputError(f"an export of a profile is imported as it is, so {given[0]} cannot be had with it")
        loaded = self._load(path, on_progress=options.get("on_progress"))
        return IntakeReport(format=EXPORT, source="", n_added=loaded.n_added, n_known=loaded.n_known)

    def _synchronized(
        self, runs: Sequence[_Run], reports: Sequence[IntakeReport], report: IntakeReport
    ) -> IntakeReport:
        """Forget what an earlier import took from the source, and what is not in it any more."""
        reason = next(filter(None, map(_why_not_whole, reports)), "")
        if reason:
            return replace(report, kept_because=reason)
        seen = frozenset[str]().union(*(run.seen for run in runs))
        wanted = (Filter(metadata={MARK: each.source}) for each in reports)
        gone = [item.id for one in wanted for item in self._vault.items.iterate(one) if item.id not in seen]
        receipt: Receipt | None = self._forgetting.forget(gone, everything=False) if gone else None
        return replace(report, receipt=receipt)


class _Run:
    """One reading of one source."""

    def __init__(self, vault: Vault, ingester: Ingester, form: Format, source: Source, options: ImportOptions) -> None:
        self._form, self._source, self._options = form, source, options
        self._origin = origin_of(vault, form.name, str(source.path.resolve()))
        self._items = KeyedItems(vault, ingester, self._origin, is_dry=options.get("dry_run", False))
        self._skipped: Counter[str] = Counter()
        self._fates: Counter[str] = Counter()
        self._waiting: list[Found] = []
        self._n_chars = 0
        self._on_progress = options.get("on_progress")
        self._n_bytes = 0 if self._on_progress is None else sum(member.size for member in source.members())

    @property
    def seen(self) -> frozenset[str]:
        """The ids of the items that the source still has."""
        return self._items.seen

    def report(self, *, is_alone: bool) -> IntakeReport:
        """Read and store, and say what became of it all.

        Args:
            is_alone: Whether it is an error that nothing of it can be read: nothing else is read of the source.
        """
        end, failure = self._take(is_alone=is_alone)
        self._store()
        return IntakeReport(
            format=self._form.name,
            source=self._origin.mark,
            n_added=self._fates["added"],
            n_known=self._fates["known"],
            n_updated=self._fates["updated"],
            skipped=dict(sorted(self._skipped.items())),
            end=end,
            failure=failure,
            is_dry_run=self._options.get("dry_run", False),
        )

    def _take(self, *, is_alone: bool) -> tuple[Literal["whole", "limit", "interrupted", "failed"], str]:
        """Read, and return how it ended."""
        should_stop, limit = self._options.get("should_stop"), self._options.get("limit")
        reading = self._form.read(self._source, _read_options(self._options))
        n_taken = n_read = 0
        while limit is None or n_taken < limit:
            if should_stop is not None and should_stop():
                return "interrupted", ""
            try:
                each = next(reading, None)
            except (ImportError, InputError, NotFoundError) as error:
                if is_alone and not n_taken and not self._skipped:
                    raise
                return "failed", str(error) if isinstance(error, ImportError) else error.message
            if each is None:
                self._tell(is_whole=True)
                return "whole", ""
            n_taken += self._consider(each)
            n_read += 1
            if n_read % _TOLD_EVERY == 0:
                self._tell()
        return "limit", ""

    def _consider(self, each: Found | Skipped) -> bool:
        """Let one thing wait to be stored, or leave it out; return whether it was taken."""
        if isinstance(each, Found):
            each = self._as_told(each)
        if isinstance(each, Skipped):
            self._leave_out(each)
            return False
        self._waiting.append(each)
        self._n_chars += len(each.draft.text)
        if len(self._waiting) >= _BATCH or self._n_chars >= _BATCH_CHARS:
            self._store()
        return True

    def _as_told(self, found: Found) -> Found | Skipped:
        """Return a thing as the options have it, or left out."""
        kind, since = self._options.get("kind"), self._options.get("since")
        if since is not None and found.draft.time is not None and found.draft.time < since:
            return Skipped(place=found.place, reason="too old", detail="it is older than what was asked for")
        if kind is not None:
            found = replace(found, draft=replace(found.draft, kind=kind))
        return found

    def _store(self) -> None:
        waiting, self._waiting, self._n_chars = self._waiting, [], 0
        try:
            self._fates.update(self._items.put(waiting))
        except (ValueError, TypeError):
            for each in waiting:  # one by one, to find the one that no item can be
                self._store_alone(each)

    def _store_alone(self, found: Found) -> None:
        try:
            self._fates.update(self._items.put([found]))
        except (ValueError, TypeError) as error:
            self._leave_out(Skipped(place=found.place, reason="broken", detail=str(error)))

    def _leave_out(self, skipped: Skipped) -> None:
        self._skipped[skipped.reason] += 1
        if (on_skipped := self._options.get("on_skipped")) is not None:
            on_skipped(skipped)

    def _tell(self, *, is_whole: bool = False) -> None:
        if self._on_progress is not None:
            done = self._n_bytes if is_whole else min(self._source.n_bytes_read, self._n_bytes)
            self._on_progress(done, self._n_bytes)


def _shared(options: ImportOptions, before: Sequence[IntakeReport], number: int, n_runs: int) -> ImportOptions:
    """Return the options of one reading of several: what is left of the limit, and its share of the progress."""
    shared: ImportOptions = {**options}
    limit, on_progress = options.get("limit"), options.get("on_progress")
    if limit is not None:
        shared["limit"] = limit - sum(each.n_read - each.n_skipped for each in before)
    if on_progress is not None:
        shared["on_progress"] = lambda done, whole: on_progress(number * whole + done, n_runs * whole)
    return shared


def _read_options(options: ImportOptions) -> ReadOptions:
    return ReadOptions(
        me=tuple(options.get("me", ())),
        only_mine=options.get("only_mine", False),
        keep_quotes=options.get("keep_quotes", False),
        with_rejected=options.get("with_rejected", False),
        columns=options.get("columns") or {},
        time_zone=options.get("time_zone"),
    )


def _check(options: ImportOptions) -> None:
    """Refuse a misspelt option, and what makes no sense."""
    require_known(options, ImportOptions, "an import has no option")
    since, limit = options.get("since"), options.get("limit")
    if since is not None and since.tzinfo is None:
        raise ValueError("since needs a time zone")
    if limit is not None and limit < 1:
        raise ValueError("limit must be at least 1")
    if options.get("sync"):
        for name in ("limit", "since", "dry_run"):
            if options.get(name):
                raise ValueError(f"sync forgets what is gone from the source, so it cannot be had with {name}")


def _require_sound(form: Format, source: Source, options: ImportOptions) -> None:
    """Read everything once, and raise for what is broken."""
    for each in form.read(source, _read_options(options)):
        if isinstance(each, Skipped) and each.reason == "broken":
            raise InputError(f"{each.place}: {each.detail}", hint="mend it, or leave out what is broken")


def _why_not_whole(report: IntakeReport) -> str:
    """Return why nobody can say what is gone from a source; empty where it was read whole."""
    if report.end != "whole":
        return "the source was not read to its end"
    if unread := sum(report.skipped.get(reason, 0) for reason in _MAY_BE_THERE):
        return f"{unread} things could not be read"
    if report.n_read == report.n_skipped:
        return "the source holds nothing to take"
    return ""


def _is_export(source: Source) -> bool:
    """Say whether a file begins as an export of a profile does."""
    if not source.is_single:
        return False
    first = next(source.members()).head().partition(b"\n")[0]
    try:
        header = parse_json(first)
    except ValueError:
        return False
    return isinstance(header, dict) and header.get("format") == EXPORT_FORMAT
