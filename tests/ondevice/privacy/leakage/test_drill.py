"""Which items the drill compares: those an adapter saw, and others like them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ondevice import Filter, ModelSet, Personalizer
from ondevice.learned.adapter_notes import AdapterNote, AdapterPlan
from ondevice.learned.shelf import adapter_shelf
from ondevice.privacy.leakage.drill import Drill, _in_use
from tests.tiny_adapters import RECIPE, keep_adapter
from tests.tiny_generator import make_tiny_generator


@pytest.fixture
def me(tmp_path: Path) -> Iterator[Personalizer]:
    make_tiny_generator(tmp_path / "models" / "tiny-generator")
    models = ModelSet(tmp_path / "models", encoder=None, generator="tiny-generator")
    with Personalizer.create(tmp_path / "me", app_key=b"k" * 32, models=models) as opened:
        yield opened


def compared(me: Personalizer, filter: Filter | None = None, *, is_filter_gone: bool = False) -> tuple[set[str], ...]:
    """Return the ids of what an adapter saw, of others like it, and of what was changed since."""
    (kept,) = adapter_shelf(me.vault).kept()
    noted = AdapterNote.from_json(kept.note).plan
    plan = AdapterPlan(
        task="chat",
        filter=filter,
        recipe=RECIPE,
        config=noted.config,
        on_forget="drop",
        is_filter_gone=is_filter_gone,
    )
    seen, others, changed = Drill(me, lambda _done, _total: None)._items(kept, plan)
    return {item.id for item in seen}, {item.id for item in others}, changed


def test_others_are_of_the_kinds_that_it_saw_and_pass_its_filter_at_any_time(me: Personalizer) -> None:
    seen = [me.add(f"mail {number}", kind="email", metadata={"at": "work"}).id for number in range(2)]
    keep_adapter(me, "mine", seen)
    at_work = me.add("a later mail", kind="email", metadata={"at": "work"})
    at_home = me.add("another one", kind="email", metadata={"at": "home"})
    me.add("a diary's page", kind="diary", metadata={"at": "work"})
    assert compared(me) == (set(seen), {at_work.id, at_home.id}, set())
    ended = Filter(metadata={"at": "work"}, until=at_work.time)
    assert compared(me, ended) == (set(seen), {at_work.id}, set())
    assert compared(me, is_filter_gone=True) == (set(seen), set(), set())


def test_items_that_were_changed_since_are_told(me: Personalizer) -> None:
    before, after, never = (me.add(f"note {number}").id for number in range(3))
    me.items.update(before, text="what it learned")
    keep_adapter(me, "mine", [before, after, never])
    me.items.update(after, text="what it did not")
    assert compared(me)[2] == {after}


def test_what_is_noted_of_the_one_in_use_may_be_unreadable(me: Personalizer) -> None:
    assert _in_use(me) is None
    keep_adapter(me, "mine", [me.add("a note").id])
    me.adapters.use("mine")
    assert _in_use(me) == "mine"
    me.vault.settings.set("adapter/in-use", {"name": 3})
    assert _in_use(me) is None
