"""Checks of an audit that tests make up, and a report that holds one of everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from ondevice.privacy.checks import CHECKS, Check
from ondevice.privacy.findings import Fact, Finding, Level, Plot, Section, Table
from ondevice.privacy.report import Report, signed
from ondevice.privacy.subject import Subject
from ondevice.privacy.system import System
from ondevice.vault.identity import Identity
from ondevice.vault.statements import Signatory

SIGNATORY = Signatory(Identity(b"\1" * 32))
STRANGER = Signatory(Identity(b"\2" * 32))


def section(name: str = "at-rest", *findings: Finding, text: str = "words", was_run: bool = True) -> Section:
    """Return a section with one of everything; ``text`` stands wherever a text may stand."""
    return Section(
        name=name,
        title=text,
        question=text,
        findings=findings,
        facts=(Fact(name=text, value=text, unit=text), Fact(name="n", value=3), Fact(name="none", value=None)),
        tables=(Table(title=text, header=(text, "x"), rows=((text, 1.5), (text, 2))),),
        plots=(Plot(title=text, x_label=text, y_label=text, lines=((text, ((0.0, 1.0), (2.0, 3.5))),)),),
        not_tested=(text,),
        seconds=0.25,
        was_run=was_run,
    )


def finding(level: Level = "low", text: str = "words", code: str = "at-rest/mode") -> Finding:
    return Finding(code=code, level=level, text=text, hint=text)


def report(*sections: Section, signatory: Signatory = SIGNATORY) -> Report:
    """Return a signed report."""
    unsigned = Report(
        profile_id="0f" * 16,
        made_at=datetime(2026, 11, 30, 9, 30, 0, 123456, tzinfo=UTC),
        sdk="0.1.0",
        system=System(python="3.12.3", os="Linux 6.8", machine="x86_64"),
        deep=False,
        sections=sections or (section("at-rest", finding()), section("egress", was_run=False)),
        public_key="",
    )
    return signed(unsigned, signatory)


def use_checks(monkeypatch: pytest.MonkeyPatch, checks: Mapping[str, Check]) -> None:
    """Let an audit have these checks and no others."""
    for name in list(CHECKS):
        monkeypatch.delitem(CHECKS, name)
    for name, check in checks.items():
        monkeypatch.setitem(CHECKS, name, check)


def saying(level: Level | None, name: str = "at-rest") -> Check:
    """Return a check that finds one thing of this level, or nothing."""
    return lambda _subject: section(name, *([finding(level)] if level else []))


def counting_files(subject: Subject) -> Section:
    """Look at a real profile, and try something on a copy."""
    files = [path for path in subject.profile.rglob("*") if path.is_file()]
    with subject.copied() as copy, copy.open() as vault:
        n_items = vault.items.count()
    for done in range(len(files)):
        subject.on_progress(done + 1, len(files))
    return Section(
        name="files",
        title="Files",
        question="How many files are there?",
        facts=(Fact(name="files", value=len(files)), Fact(name="items", value=n_items)),
        not_tested=("what is in them",),
    )


def failing(error: Exception) -> Callable[[Subject], Section]:
    """Return a check that ends with an error."""

    def check(_subject: Subject) -> Section:
        raise error

    return check
