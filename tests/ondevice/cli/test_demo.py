"""How the demonstration ends: with what to type next. What it shows before is in tests/journeys."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from ondevice.cli.demo import as_typed
from ondevice.cli.demo_views import next_view


def test_what_next_is_three_lines() -> None:
    console = Console(width=80)
    with console.capture() as shown:
        console.print(next_view(".venv/bin/ondevice"))
    lines = shown.get().splitlines()
    assert len(lines) == 5  # with the frame
    assert "what next (in an app of your own: README.md, Use it)" in lines[0]
    assert ".venv/bin/ondevice init" in lines[1]
    assert ".venv/bin/ondevice import --help" in lines[2]
    assert '.venv/bin/ondevice ask "…"' in lines[3]


def test_the_program_is_named_as_it_can_be_typed_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / ".venv" / "bin" / "ondevice"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", "/nowhere")
    assert as_typed(program) == str(program)
    monkeypatch.chdir(tmp_path)
    assert as_typed(program) == as_typed(Path(".venv/bin/ondevice")) == ".venv/bin/ondevice"
    monkeypatch.setenv("PATH", str(program.parent))
    assert as_typed(program) == "ondevice"
    assert as_typed(tmp_path / "ondevice" / "cli" / "__main__.py") == "ondevice"
