"""Errors are one line with a remedy and an exit code, and never hold what the user said."""

from __future__ import annotations

import inspect
import json

import pytest
import typer

from export import errors as export_errors
from ondevice import errors
from ondevice.cli.app import main
from ondevice.cli.failing import UsageError, reported
from ondevice.cli.output import Output
from ondevice.errors import OndeviceError

ALL = [
    value
    for room in (errors, export_errors)
    for name, value in vars(room).items()
    if inspect.isclass(value) and issubclass(value, OndeviceError) and value.__module__ == room.__name__
]
SECRET = "the cat sleeps in Lyon"


def failing(error: BaseException, *, as_json: bool) -> int:
    with pytest.raises(typer.Exit) as caught, reported(Output(as_json=as_json)):
        raise error
    return caught.value.exit_code


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_of_the_tree_has_its_exit_code(
    kind: type[OndeviceError], capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(kind("it failed", hint="do that"), as_json=False) == kind.exit_code
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "error: it failed\nhint: do that\n")


def test_with_json_the_error_is_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert failing(errors.LockedError("no key"), as_json=True) == 3
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"error": {"type": "LockedError", "message": "no key", "hint": None}}
    assert captured.err == ""


@pytest.mark.parametrize("as_json", [True, False])
def test_a_defect_shows_its_place_and_no_values(*, as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        said = SECRET
        raise KeyError(said)

    with pytest.raises(typer.Exit) as caught, reported(Output(as_json=as_json)):
        work()
    assert caught.value.exit_code == 70
    captured = capsys.readouterr()
    assert SECRET not in captured.out + captured.err
    assert "Lyon" not in captured.out + captured.err
    assert "unexpected KeyError at ondevice/cli/failing.py:" in captured.out + captured.err


def test_interruption_and_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert failing(KeyboardInterrupt(), as_json=False) == 130
    assert failing(UsageError("not both"), as_json=False) == 2
    assert failing(ImportError("pip install x"), as_json=False) == 1
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["show"], ["nonsense"], ["list", "--limit", "x"], ["list", "--nonsense"]])
def test_usage_errors_are_json_too(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*arguments, "--json"])
    assert caught.value.code == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out)["error"]["type"] == "UsageError"
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
