"""What comes from outside is shown and steers nothing: in tables, errors, hints, labels of progress, and documents."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ondevice import Draft, ModelSet, Personalizer
from ondevice.cli.output import Output
from tests.command_line import Ran, Run

EVIL = "a\x1b[31mb\x1b]8;;http://x\x07\x9b1m\u202ec\u2066\u200b\ufeff\U000e0041d [red]e[/x] :smile:"
STEERING = {"\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u200b", "\ufeff", "\U000e0041"}


def is_clean(ran: Ran) -> bool:
    (ran.out + ran.err).encode("utf-8")
    return not STEERING & set(ran.out + ran.err)


@pytest.fixture
def _history(profile: Path, code: str) -> None:
    draft = Draft(
        text=EVIL,
        kind="note [red]",
        id="a",
        fields={"title": EVIL, EVIL: EVIL},
        metadata={EVIL: EVIL},
        time=datetime.min.replace(tzinfo=UTC),
    )
    with Personalizer.open(profile, recovery_code=code, models=ModelSet(encoder=None)) as me:
        me.vault.items.put_many([draft])
        me.items.update("a", text=f"{EVIL} again")


@pytest.mark.usefixtures("_history")
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_an_item_is_shown_as_it_is_written_and_does_nothing(
    on_profile: Run, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        shown = [
            on_profile("list"),
            on_profile("list", "--full"),
            on_profile("show", "a"),
            on_profile("search", "again", "--encoder", "none"),
            on_profile("stats", "--encoder", "none"),
        ]
    finally:
        monkeypatch.undo()
        time.tzset()
    for ran in shown:
        assert ran.code == 0
        assert is_clean(ran)
    for ran in shown[:-1]:
        assert "[red]e[/x] :smile:" in ran.out
        assert "0001-01-01" in ran.out


@pytest.mark.usefixtures("_history")
def test_a_document_holds_the_same_text_and_shows_nothing_else(on_profile: Run) -> None:
    for arguments in (["list"], ["show", "a"], ["search", "again", "--encoder", "none"]):
        ran = on_profile(*arguments, "--json")
        assert is_clean(ran)
        assert "\\u009b" in ran.out
    assert on_profile("show", "a", "--json").document["item"]["fields"][EVIL] == EVIL


@pytest.mark.parametrize("command", ["jsonl", "csv", "text", "mbox", "locomo", "ondevice"])
def test_a_files_name_in_an_error_does_nothing(on_profile: Run, tmp_path: Path, command: str) -> None:
    path = tmp_path / os.fsdecode(b"x\x1b[31m\xe2\x80\xae\xff\nerror: fake [red].md")
    path.write_bytes(b"\xff\0 nothing")
    for ran in (
        on_profile("import", command, str(path), "--encoder", "none"),
        on_profile("import", command, str(tmp_path / "gone" / path.name), "--encoder", "none"),
    ):
        assert ran.code in {6, 12, 13}
        assert is_clean(ran)
        assert "\nerror: fake" not in ran.err
        assert "[red]" in ran.err
    as_document = on_profile("import", command, str(path), "--encoder", "none", "--json")
    assert is_clean(as_document)
    assert as_document.document["error"]["type"] == "InputError"


@pytest.mark.parametrize(
    "arguments",
    [
        ["add", "--encoder", "none", "--file"],
        ["search", "--encoder", "none", "--file"],
        ["list", "--profile"],
        ["ask", "x", "--encoder", "none", "--json-schema"],
        ["search", "x", "--encoder", "none", "--publisher"],
        ["search", "x", "--encoder", "none", "--retriever"],
        ["import", "text"],
        ["bundle", "install"],
        ["bundle", "verify"],
        ["bundle", "rollback"],
        ["receipt", "verify"],
        ["restore"],
        ["show"],
        ["slots", "remove"],
    ],
    ids=" ".join,
)
def test_a_name_in_any_error_does_nothing(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    place = () if "--profile" in arguments else ("--profile", str(tmp_path / "p"))
    given = place if arguments[0] not in {"bundle", "receipt"} else ()
    ran = run(*arguments, f"{EVIL}\nerror: fake", *given)
    assert ran.code not in {0, 70}
    assert is_clean(ran)
    assert "\nerror: fake" not in ran.err


def test_labels_of_progress_and_hints_do_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=False)
    with output.progress(EVIL, unit=EVIL) as on_progress:
        on_progress(1, 2)
    with output.working(EVIL):
        output.say(f"{EVIL}\nnext")
    output.result({}, EVIL)
    captured = capsys.readouterr()
    assert is_clean(Ran(0, captured.out, captured.err))
    assert captured.err.count("next") == 1


def test_pieces_of_an_answer_do_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=False)
    for piece in ("a\x1b", "[31m", "\n\u202eb"):
        output.write(piece)
    assert capsys.readouterr().out == "a\N{REPLACEMENT CHARACTER}[31m\n\N{REPLACEMENT CHARACTER}b"
