"""Every command line in the documents is one that the programs take."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from typer.main import get_command

from export.cli.export import app as export_app
from export.cli.models import app as models_app
from ondevice.cli.app import app
from ondevice_integrations.mcp.command import app as mcp_app
from ondevice_integrations.server.command import app as server_app
from tests.markdown_pages import blocks, inline_code, name_of, pages

PROGRAMS = {
    "ondevice": get_command(app),
    "ondevice-export": get_command(export_app),
    "ondevice-mcp": get_command(mcp_app),
    "ondevice-models": get_command(models_app),
    "ondevice-serve": get_command(server_app),
}
SHELL = {"", "sh", "console"}
PAGES = [page for page in pages() if name_of(page) != "docs/reference/cli.md"]  # made from the commands themselves


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_command_lines_are_taken(page: Path) -> None:
    for line in typed_lines(page):
        assert complaint(line) is None, line
    for line in quoted_lines(page):
        assert complaint(line, is_whole=False) is None, line


def test_a_wrong_command_line_is_found() -> None:
    assert complaint("ondevice serch x") == "no command 'serch'"
    assert complaint("ondevice search --kk 3 x") == "No such option: --kk"
    assert complaint("ondevice search --k") is not None
    assert complaint("ondevice forget") is None
    assert complaint("ondevice receipt verify") == "FILE is missing"
    assert complaint("ondevice receipt verify", is_whole=False) is None
    assert complaint("ondevice receipt verify a.json b.json") == "'b.json' is too much"
    assert complaint("ondevice eval lamp --data D --k 1,2 # all of them") is None


def typed_lines(page: Path) -> Iterator[str]:
    """Yield the lines of a page's shell blocks that begin with one of the programs."""
    for block in blocks(page):
        if block.info in SHELL:
            for line in block.text.replace("\\\n", " ").splitlines():
                if is_ours(line := line.strip().removeprefix("$ ")):
                    yield line


def quoted_lines(page: Path) -> Iterator[str]:
    """Yield what a page's prose quotes of the programs, once for each way to read ``adapt train|search [--judge]``."""
    for code in inline_code(page):
        if is_ours(code):
            words = re.sub(r"\[(--[^\]]+)\]", r"\1", code).split(" ")
            yield from (" ".join(each) for each in product(*(word.split("|") for word in words)))


def is_ours(line: str) -> bool:
    return line.split(" ", 1)[0] in PROGRAMS


def complaint(line: str, *, is_whole: bool = True) -> str | None:
    """Say what a program would have against a command line; one that is quoted may lack its arguments."""
    words = shlex.split(re.sub(r"\d<\S+", "", line), comments=True)
    command, rest = PROGRAMS[words[0]], words[1:]
    while hasattr(command, "commands"):
        if not rest or rest[0].startswith("-"):
            return None
        if rest[0] not in command.commands:
            return f"no command {rest[0]!r}"
        command, rest = command.commands[rest[0]], rest[1:]
    parser = command.make_parser(command.context_class(command, info_name=line))
    try:
        given, left, _ = parser.parse_args(rest)
    except Exception as error:  # typer has a click of its own inside, whose errors have no public name
        if not is_whole and "requires an argument" in str(error):
            return None
        return str(getattr(error, "message", error))
    if too_much := [word for word in left if word != "…"]:
        return f"{too_much[0]!r} is too much"
    missing = [each for each in command.params if each.required and given.get(each.name) is None]
    return f"{missing[0].metavar or missing[0].name} is missing" if missing and is_whole else None
