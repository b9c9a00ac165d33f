"""A group's options are those of its fields, in their place, and the body gets the group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from export.cli.option_groups import grouped


@dataclass(frozen=True, kw_only=True, slots=True)
class _Size:
    width: Annotated[int, typer.Option("--width", min=1)]
    depth: Annotated[int, typer.Option("--depth")] = 3

    def __post_init__(self) -> None:
        if self.depth > self.width:
            raise typer.BadParameter("deeper than wide")


def _command(
    name: Annotated[str, typer.Argument()], size: _Size, is_loud: Annotated[bool, typer.Option("--loud")]
) -> None:
    """Tell of a size."""
    typer.echo(f"{name} {size.width}x{size.depth} {is_loud}")


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        (["box", "--width", "4", "--loud"], 0, "box 4x3 True"),
        (["box", "--width", "4", "--depth", "1"], 2, "Missing option '--loud'"),
        (["box", "--loud"], 2, "Missing option '--width'"),
        (["box", "--width", "0", "--loud"], 2, "Invalid value for '--width'"),
        (["box", "--width", "2", "--loud"], 2, "deeper than wide"),
    ],
)
def test_a_group_is_read_from_its_options(given: list[str], code: int, told: str) -> None:
    app = typer.Typer()
    app.command()(grouped(_command))
    result = CliRunner().invoke(app, given, env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})
    assert (result.exit_code, told in result.output) == (code, True), result.output


def test_its_options_stand_where_it_stood() -> None:
    wrapped = grouped(_command)
    assert list(wrapped.__annotations__) == ["name", "width", "depth", "is_loud"]
    assert wrapped.__doc__ == "Tell of a size."
