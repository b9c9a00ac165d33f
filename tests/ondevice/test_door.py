"""The public door: about as many names as an app needs, each stated once; errors have a namespace of their own."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import ondevice
from ondevice import learned

ROOT = Path(__file__).parent.parent.parent
MOST_NAMES = 30


def test_the_door_is_narrow() -> None:
    assert len(ondevice.__all__) <= MOST_NAMES


def test_type_checkers_see_what_runs() -> None:
    """The stub is what both read; its list of names is what it imports."""
    stub = (ROOT / "ondevice" / "__init__.pyi").read_text("utf-8")
    listed = {line.strip(' ",') for line in stub.split("__all__ = [")[1].split("]")[0].splitlines() if line.strip()}
    assert listed == set(ondevice.__all__)


def test_what_a_training_is_told_comes_from_one_place() -> None:
    for name in ("LoraRecipe", "TrainingConfig", "GateConfig", "AdapterInfo", "PersonalizationPlan"):
        assert getattr(learned, name).__module__.startswith("ondevice.")


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="Nonsense"):
        ondevice.Nonsense  # type: ignore[attr-defined]  # noqa: B018
    assert set(ondevice.__all__) <= set(dir(ondevice))


def test_version_is_the_distribution_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert ondevice.__version__ == project["version"]
