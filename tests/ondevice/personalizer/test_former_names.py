"""What was called otherwise still works, and says what it is called now."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

import ondevice
from ondevice import ModelSet, Personalizer, SharedModels, errors, learned
from ondevice.bundle.model_set import ModelNames
from ondevice.personalizer.former_names import FORMER

KEY = b"k" * 32
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(ondevice.__file__).parent.parent)}


@pytest.fixture
def me(profile_path: Path) -> Any:
    with Personalizer.open(profile_path, app_key=KEY, encoder=None, generator=None) as opened:
        yield opened


@pytest.mark.parametrize("name", FORMER)
def test_a_former_name_is_the_present_one(me: Any, name: str) -> None:
    part, method = FORMER[name].split(".")
    with pytest.warns(DeprecationWarning, match=f"me.{name} is me.{part}.{method} now"):
        found = getattr(me, name)
    assert name == "rekey" or found == getattr(getattr(me, part), method)


def test_items_are_found_by_the_former_names(me: Any) -> None:
    item = me.add("the cat")
    with pytest.warns(DeprecationWarning, match="me.items.list"):
        assert [each.id for each in me.list()] == [item.id]
    with pytest.warns(DeprecationWarning, match="me.vault.rekey"):
        me.rekey(app_key=b"n" * 32)
    assert me.vault.epoch == 2
    with pytest.raises(AttributeError, match="no attribute 'lists'"):
        me.lists  # noqa: B018


def test_former_names_of_the_door_lead_to_their_rooms() -> None:
    with pytest.warns(DeprecationWarning, match=r"NotFoundError comes from ondevice\.errors now"):
        assert ondevice.NotFoundError is errors.NotFoundError  # type: ignore[attr-defined]
    with pytest.warns(DeprecationWarning, match=r"LoraRecipe comes from ondevice\.learned now"):
        assert ondevice.LoraRecipe is learned.LoraRecipe  # type: ignore[attr-defined]


def test_a_warning_shows_the_line_that_used_the_former_name(me: Any) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        me.list()
        ondevice.NotFoundError  # type: ignore[attr-defined]  # noqa: B018
        from ondevice import CorruptError  # type: ignore[attr-defined]  # noqa: F401
    assert len(caught) >= 3
    assert {warning.filename for warning in caught} == {__file__}


@pytest.mark.parametrize("name", ["Mapping", "ClassVar", "Any", "Literal"])
def test_what_a_room_imports_itself_is_not_at_the_door(name: str) -> None:
    assert not hasattr(ondevice, name)


def test_a_subclass_is_told_what_its_property_failed_for(profile_path: Path) -> None:
    class Mine(Personalizer):
        @property
        def newest(self) -> object:
            return self.vault.newest  # type: ignore[attr-defined]

    with Mine.open(profile_path, app_key=KEY, encoder=None, generator=None) as mine:
        with pytest.raises(AttributeError, match="'Vault' object has no attribute 'newest'"):
            mine.newest  # noqa: B018
        with pytest.raises(AttributeError, match="'Mine' object has no attribute 'nothing'"):
            mine.nothing  # type: ignore[attr-defined]  # noqa: B018
        assert not hasattr(mine, "__fspath__")


def test_an_open_profile_is_neither_copied_nor_pickled(me: Any) -> None:
    for take in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="neither pickled nor copied"):
            take(me)


def test_a_star_gives_the_public_names() -> None:
    found: dict[str, Any] = {}
    exec("from ondevice import *", found)
    assert set(ondevice.__all__) == set(found) - {"__builtins__"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("from ondevice import NotFoundError, TrainingConfig, Version", ""),
        ("from ondevice import Nonsense", "cannot import name 'Nonsense'"),
        ("import ondevice; ondevice.learned", "no attribute 'learned'"),
    ],
)
def test_in_a_fresh_process_names_are_found_or_refused(line: str, says: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", line], capture_output=True, text=True, env=ENVIRONMENT, check=False
    )
    assert (ran.returncode == 0) == (not says), ran.stderr
    assert says in ran.stderr
    assert "RecursionError" not in ran.stderr


def test_single_models_are_named_where_the_profile_is_opened(profile_path: Path, app_models: Path) -> None:
    named = {"encoder": None, "generator": "tiny-generator"}
    with Personalizer.create(profile_path, app_key=KEY, models=app_models, **named) as me:  # type: ignore[arg-type]
        assert (me.generator.name, me.encoders.models.encoder) == ("tiny-generator", None)
    with (
        Personalizer.open(profile_path, app_key=KEY, models=ModelSet(app_models), generator=None, encoder=None) as me,
        pytest.raises(ValueError, match="generator=None"),
    ):
        me.generate("what")


def test_a_misspelt_model_is_told_before_the_profile_is_touched(profile_path: Path) -> None:
    with pytest.raises(TypeError, match="no argument 'encodr': did you mean encoder"):
        Personalizer.open(profile_path, app_key=KEY, encodr=None)  # type: ignore[call-arg]
    with SharedModels(ModelSet(encoder=None, generator=None)) as shared, pytest.raises(TypeError, match="are shared"):
        Personalizer.open(profile_path, app_key=KEY, models=shared, generator=None)
    assert not profile_path.exists()


def test_what_may_be_named_is_what_a_model_set_has() -> None:
    assert {*ModelNames.__annotations__, "folder"} == set(ModelSet.__dataclass_fields__)
