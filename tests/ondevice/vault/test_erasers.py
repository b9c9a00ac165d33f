"""Whoever keeps something of items in memory is told of every erasure, and says what it had."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import ondevice
from ondevice import ModelSet, Personalizer, Receipt
from ondevice.records import ArtifactOutcome, Draft
from ondevice.vault.erasers import Erasers

KEY = b"k" * 32
QUERY = "the code of the safe is 4711"


@pytest.fixture
def me(tmp_path: Path, app_models: Path) -> Iterator[Personalizer]:
    with Personalizer.open(
        tmp_path / "me", app_key=KEY, models=ModelSet(app_models, encoder="tiny-encoder", generator="tiny-generator")
    ) as opened:
        yield opened


def outcome(receipt: Receipt | None, kind: str) -> ArtifactOutcome:
    assert receipt is not None
    assert receipt.verified
    (found,) = (each for each in receipt.artifacts if each.kind == kind)
    return found


def test_queries_are_forgotten_with_any_item(me: Personalizer) -> None:
    ids = [me.add(f"note {number}").id for number in range(4)]
    assert outcome(me.forget(ids[3]), "queries").outcome == "absent"
    for query, retriever in ((QUERY, "dense"), (QUERY, "hybrid"), ("another", "dense")):
        me.search(query, retriever=retriever)
    assert outcome(me.forget(ids[2]), "queries") == ArtifactOutcome(
        kind="queries", name="in memory", outcome="cleared", count=2
    )
    assert all(not len(each._remembered) for each in me._searcher._retrievers.values() if hasattr(each, "_remembered"))
    assert len(me.search(QUERY, retriever="dense")) == 2


TOLD_BY_OTHERS = {"VectorIndex", "Accelerator", "Graph", "Engine"}
"""Those to whom an enlisted searcher and generator pass it on."""


def test_everything_that_erases_is_enlisted_once(me: Personalizer) -> None:
    """Whatever part of a profile can erase is told; the vault's own parts and an index are told by others."""
    enlisted = [type(each).__name__ for each in me.vault.erasers]
    assert len(set(enlisted)) == len(enlisted) == len(me.vault.erasers)
    parts = {
        name
        for module in ondevice_modules()
        for name, part in inspect.getmembers(module, inspect.isclass)
        if part.__module__ == module.__name__ and "erase" in vars(part) and not getattr(part, "_is_protocol", False)
    }
    assert set(enlisted) == parts - TOLD_BY_OTHERS


def ondevice_modules() -> list[ModuleType]:
    import importlib
    import pkgutil

    found = pkgutil.walk_packages(ondevice.__path__, "ondevice.")
    return [importlib.import_module(each.name) for each in found if not each.name.endswith("__main__")]


def test_erasers_are_told_in_the_order_they_enlisted() -> None:
    class Eraser:
        def erase(self, rows: object) -> ArtifactOutcome:
            return ArtifactOutcome(kind="x", name="x", outcome="absent")

    first, second = Eraser(), Eraser()
    erasers = Erasers()
    erasers.enlist(first)
    erasers.enlist(second)
    assert list(erasers) == [first, second]


def test_the_words_that_were_looked_for_do_not_stay_in_the_cache_of_patterns(me: Personalizer) -> None:
    import re

    item = me.add("zanzibarquartz is the word").id
    me.add_many([Draft(text="another note")])
    assert me.forget(item).verified
    cached = [repr(key) for key in re._cache]  # type: ignore[attr-defined]
    assert not any("quartz" in each for each in cached)
