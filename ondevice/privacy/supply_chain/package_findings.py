"""What is wrong with the distributions that the SDK depends on, and how much it matters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import PurePath

from ondevice.privacy.findings import Finding, Table
from ondevice.privacy.supply_chain.advisories import Advisories
from ondevice.privacy.supply_chain.distributions import ROOT, Dependencies, Installed
from ondevice.privacy.supply_chain.records import Verified
from ondevice.safety.printable import one_line

_MAX_NAMED = 5


def record_findings(one: Installed, verified: Verified) -> Iterator[Finding]:
    """Give where a distribution's files are not those that were installed."""
    again = f"pip install --force-reinstall --no-deps {one.name}=={one.version}"
    if one.origin == "editable folder":
        yield Finding(
            code="supply-chain/editable",
            level="note",
            text=f"{one.name} runs from a folder of sources: no record says what its files should be",
            hint="install it as a wheel where it is to be audited",
        )
    elif not verified.has_record:
        yield Finding(
            code="supply-chain/no-record",
            level="low",
            text=f"{one.name} {one.version} has no record of its files, so they were not compared",
            hint=again,
        )
    if verified.changed:
        yield Finding(
            code="supply-chain/package-changed",
            level="medium",
            text=f"{one.name} {one.version} has files of other bytes than were installed: {_some(verified.changed)}",
            hint=again,
        )
    if verified.unhashed:
        yield Finding(
            code="supply-chain/package-unhashed",
            level="low",
            text=f"{one.name} {one.version} has files of which its record gives no usable hash:"
            f" {_some(verified.unhashed)}",
            hint=again,
        )
    if verified.missing:
        yield Finding(
            code="supply-chain/package-incomplete",
            level="low",
            text=f"{one.name} {one.version} lacks files that were installed: {_some(verified.missing)}",
            hint=again,
        )
    if verified.unlisted:
        yield Finding(
            code="supply-chain/package-extended",
            level="low",
            text=f"{one.name} {one.version} has files in its folders that no installer wrote:"
            f" {_count(len(verified.unlisted), 'file')}",
            hint="look at them, or make the environment anew",
        )


def shadow_finding(one: Installed, modules: Sequence[str]) -> Finding:
    """Return that an import takes other code than what is installed."""
    return Finding(
        code="supply-chain/shadowed",
        level="medium",
        text=f"an import of {', '.join(modules)} takes other files than those of {one.name} {one.version}",
        hint="look at PYTHONPATH and at the folder that Python is started in",
    )


def environment_findings(dependencies: Dependencies, startup: Sequence[str]) -> Iterator[Finding]:
    """Give what is wrong with the environment as a whole."""
    if not dependencies.needed:
        yield Finding(
            code="supply-chain/not-installed",
            level="note",
            text=f"{ROOT} is not installed as a distribution, so what it depends on was not looked at",
            hint=f"pip install {ROOT}",
        )
    for name, wanted in dependencies.unmet:
        yield Finding(
            code="supply-chain/unmet-requirement",
            level="low",
            text=f"{name} asks for {wanted}, which is not what is installed",
            hint=f"pip install '{wanted}'",
        )
    if startup:
        yield Finding(
            code="supply-chain/startup-code",
            level="low",
            text=f"{_count(len(startup), 'file')} that no installer wrote {'runs' if len(startup) == 1 else 'run'} at"
            " each start of Python (.pth, sitecustomize)",
            hint="look at them; virtualenv, coverage and some editors put such files there",
        )


def advisory_findings(needed: Sequence[Installed], known: Advisories) -> Iterator[Finding]:
    """Give each known vulnerability of what is installed."""
    for one in needed:
        for advisory in known.against(one.name, one.version):
            mended = f"; mended in {advisory.fixed_in}" if advisory.fixed_in else ""
            named = ", ".join((advisory.id, *advisory.aliases[:2]))
            what = "is known to be malicious" if advisory.is_malicious else "has a known vulnerability"
            yield Finding(
                code="supply-chain/malicious" if advisory.is_malicious else "supply-chain/vulnerable",
                level="high" if advisory.is_malicious else "medium",
                text=f"{one.name} {one.version} {what}: {named}{mended}",
                hint=f"remove {one.name}" if advisory.is_malicious else f"pip install --upgrade {one.name}",
            )
    if known.n_unreadable or not known.n_read:
        yield Finding(
            code="supply-chain/advisories-unreadable",
            level="note",
            text=f"{_count(known.n_unreadable, 'file')} of the advisories could not be read, and"
            f" {known.n_read:,} could",
            hint="give OSV's files for PyPI: a JSON file, a zip file or a folder of them",
        )


def licence_findings(needed: Sequence[Installed]) -> Iterator[Finding]:
    """Give the licences that ask for more than a notice, and those that are not known."""
    kinds: Mapping[str, tuple[str, str]] = {
        "copyleft": ("copyleft-licence", "may ask that what embeds it comes with its source"),
        "weak copyleft": ("weak-copyleft-licence", "asks that its own files stay under it"),
        "unknown": ("licence-unknown", "is not known here, or is not stated in the metadata"),
    }
    for standing, (code, meaning) in kinds.items():
        those = [f"{one.name} ({one.licence.shown})" for one in needed if one.licence.standing == standing]
        if those:
            yield Finding(
                code=f"supply-chain/{code}",
                level="note",
                text=f"the licence of {_count(len(those), 'package')} {meaning}: {', '.join(those)}",
                hint="read these licences before you give the app to others",
            )


def python_findings(version: str, ends: date, today: date) -> Iterator[Finding]:
    """Give that nobody mends this Python any more."""
    if today >= ends:
        yield Finding(
            code="supply-chain/python-ended",
            level="low",
            text=f"{version} gets no security fixes any more: support was to end in {ends:%Y-%m}",
            hint="run the app on a newer Python",
        )


def package_table(needed: Sequence[Installed], verified: Mapping[str, Verified]) -> Table:
    """Return one row for each distribution."""
    return Table(
        title="Packages that the SDK depends on",
        header=("package", "version", "licence", "kind of licence", "from", "files compared", "files changed"),
        rows=tuple(
            (
                one.name,
                one.version,
                one.licence.shown,
                one.licence.standing,
                one.origin,
                verified[one.name].n_files,
                len(verified[one.name].changed),
            )
            for one in needed
        ),
    )


def native_table(verified: Mapping[str, Verified]) -> Table:
    """Return one row for each library of machine code."""
    return Table(
        title="Machine code in these packages, as it lies there",
        header=("package", "file", "bytes", "sha-256"),
        rows=tuple(
            (name, _shown(native.path), native.bytes, native.sha256)
            for name, one in sorted(verified.items())
            for native in one.natives
        ),
    )


def _some(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _MAX_NAMED:,} more" if len(paths) > _MAX_NAMED else ""
    return ", ".join(_shown(path) for path in paths[:_MAX_NAMED]) + more


def _shown(path: str) -> str:
    """Return a path of a record; of one that leads anywhere else, the file's name alone."""
    return one_line(path if not path.startswith(("/", "\\")) and ":" not in path else PurePath(path).name)


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
