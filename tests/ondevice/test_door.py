"""The public door: every name comes from a room that has it, and types agree with run time."""

from __future__ import annotations

import ast
import inspect
import tomllib
from pathlib import Path

import pytest

import ondevice
from ondevice import errors

ROOT = Path(__file__).parent.parent.parent


def test_every_error_stands_in_the_door() -> None:
    tree = {name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)}
    assert tree <= set(ondevice.__all__)


def test_type_checkers_see_what_runs() -> None:
    """The imports for type checkers and the table for run time name the same rooms."""
    module = ast.parse((ROOT / "ondevice" / "__init__.py").read_text("utf-8"))
    block = next(node for node in module.body if isinstance(node, ast.If))
    typed = {alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert typed == ondevice._ROOM_OF
    assert {*typed, "__version__"} == set(ondevice.__all__)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        ondevice.Nonsense  # noqa: B018
    assert set(ondevice.__all__) <= set(dir(ondevice))


def test_version_is_the_distribution_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert ondevice.__version__ == project["version"]
