from __future__ import annotations

import io
import json
import os
import sys

import pytest
import typer
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ondevice.safety.consoles import CleanConsole, read_line, run_app, secret_of_line, write_json

EVIL = "a\x1b[31m\x1b]8;;http://x\x07\x9b1m\u202eb\u2066\u200b\U000e0041\ud800 [red]c[/nothing] :smile:"

LINE_ENDS = "a\x0bb\x0cc\x1cd\x1de\x1ef\x85g\u2028h\u2029i\rj"


def is_clean(shown: str) -> bool:
    shown.encode("utf-8")
    return not {"\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u200b", "\U000e0041"} & set(shown)


def table() -> Table:
    made = Table(EVIL, title=Text(EVIL))
    made.add_row(EVIL)
    return made


@pytest.mark.parametrize(
    "view", [EVIL, Text(EVIL), table(), Panel(EVIL, title=Text(EVIL))], ids=["str", "text", "table", "panel"]
)
def test_whatever_is_shown_is_plain_text(view: object, capsys: pytest.CaptureFixture[str]) -> None:
    for console in (CleanConsole(), CleanConsole(stderr=True)):
        console.print(view, width=200)
    captured = capsys.readouterr()
    for shown in (captured.out, captured.err):
        assert is_clean(shown)
        assert "[red]c[/nothing] :smile:" in shown


def test_colours_are_still_the_programs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    CleanConsole().print(Text("\x1b[31mred", style="green"))
    assert stream.getvalue() == "\x1b[32m\N{REPLACEMENT CHARACTER}[31mred\x1b[0m\n"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_a_document_is_valid_in_every_encoding(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    write_json({"text": f"{EVIL} 🍕 Köln"})
    data = stream.buffer.getvalue()
    assert json.loads(data.decode("utf-8")) == {"text": f"{EVIL} 🍕 Köln"}
    assert b"\\u009b" in data
    assert ("🍕".encode() in data) == (encoding == "utf-8")


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        (b"words", b"words"),
        (b"words\n", b"words"),
        (b"words\r\n", b"words"),
        (b"words\r", b"words\r"),
        (b"words\r\r\n", b"words\r"),
        (f"{LINE_ENDS}\n".encode(), LINE_ENDS.encode()),
        (b" words \n more", b" words "),
    ],
)
def test_only_a_line_feed_ends_a_secret(line: bytes, secret: bytes) -> None:
    assert secret_of_line(line) == secret


def test_a_line_is_read_alone_and_no_further_than_its_limit() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"first\nsecond\nthird" + b"x" * 1000)  # nobody closes the writing end
    assert read_line(reader, limit_bytes=100) == b"first\n"
    assert read_line(reader, limit_bytes=100) == b"second\n"
    assert len(read_line(reader, limit_bytes=100)) == 102
    for descriptor in (reader, writer):
        os.close(descriptor)


def ran(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[object, str, str]:
    app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)

    @app.command("one")
    def one(number: int = 0) -> None:
        """Do one thing."""
        if number == 1:
            raise typer.Abort
        if number > 1:
            raise typer.Exit(number)

    @app.command("two")
    def two() -> None:
        """Do another thing."""

    with pytest.raises(SystemExit) as caught:
        run_app(app, "tool", arguments)
    captured = capsys.readouterr()
    return caught.value.code, captured.out, captured.err


@pytest.mark.parametrize("arguments", [["one", EVIL], ["one", "--number", EVIL], [EVIL], ["one", f"--{EVIL}"]])
def test_a_usage_error_quotes_nothing_that_steers(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = ran(arguments, capsys)
    assert (code, out) == (2, "")
    assert is_clean(err)
    assert err.startswith("Usage: tool")
    assert "error: " in err
    assert "--help" in err
    code, out, err = ran([*arguments, "--json"], capsys)
    assert (code, err) == (2, "")
    assert is_clean(out)
    assert json.loads(out)["error"]["type"] == "UsageError"


def test_how_a_command_ends_is_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(["one"], capsys) == (0, "", "")
    assert ran(["one", "--number", "5"], capsys) == (5, "", "")
    assert ran(["one", "--number", "1"], capsys) == (1, "", "aborted\n")
    assert ran(["one", "--help"], capsys)[0] == 0
