from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from export.cli.export import main
from export.cli.terminal import Terminal
from ondevice.errors import InputError

EVIL = "a\x1b[31mb\x1b]8;;http://x\x07\x9b1m\u202ec\u2066\u200bd\ud800 [red]e[/x]"


def is_clean(text: str) -> bool:
    text.encode("utf-8")
    return not {"\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u200b"} & set(text)


def test_what_a_builder_is_shown_steers_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(as_json=False)
    with terminal.progress(EVIL) as on_progress:
        on_progress(1, 2)
    terminal.result({}, EVIL)
    terminal.say(f"{EVIL}\nerror: fake")
    with pytest.raises(typer.Exit), terminal.reporting():
        raise InputError(EVIL, hint=EVIL)
    captured = capsys.readouterr()
    assert is_clean(captured.out + captured.err)
    assert "[red]e[/x]" in captured.out
    assert "\nerror: fake" not in captured.err


def test_a_builders_document_is_valid_and_clean(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal(as_json=True).result({"path": Path(EVIL)})
    shown = capsys.readouterr().out
    assert is_clean(shown)
    assert json.loads(shown) == {"path": str(Path(EVIL))}


@pytest.mark.parametrize("arguments", [["inspect", EVIL], ["keygen", f"gone/{EVIL}", "--unencrypted"], [EVIL]])
def test_a_name_in_a_builders_error_does_nothing(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code not in {0, 70}
    assert is_clean(capsys.readouterr().err)
