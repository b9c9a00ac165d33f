"""Every road of a profile takes composed filters and lists, and refuses what is no filter before it does anything."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ondevice import Draft, Filter, ModelSet, Personalizer, Sampling
from ondevice.arguments import EXAMPLES
from ondevice.errors import MisspeltKeyWarning
from ondevice.learned.adapters import Adapters
from ondevice.learned.planner import Planner
from ondevice.learned.summaries import Summaries
from ondevice.personalizer.items import Items

DOORS = (Personalizer, Items, Adapters, Summaries, Planner)
HOME, MAIL = Filter(metadata={"tags": "home"}), Filter(kinds=("email",))


@pytest.fixture
def me(profile_path: Path, app_models: Path) -> Iterator[Personalizer]:
    models = ModelSet(app_models, encoder="tiny-encoder", generator="tiny-generator")
    with Personalizer.create(profile_path, app_key=b"k" * 32, models=models) as opened:
        opened.add("the cat and the rain", kind="email", metadata={"tags": ["home", "lyon"]})
        opened.add("the cat and the train", metadata={"tags": "home"})
        opened.add("the cat and the garden", kind="email", metadata={"tags": ["work"]})
        opened.add("the cat and the sun")
        yield opened


@pytest.mark.parametrize(
    ("filter_", "endings"),
    [
        (HOME, {"rain", "train"}),
        (HOME & MAIL, {"rain"}),
        (HOME | MAIL, {"rain", "train", "garden"}),
        (Filter(metadata={"tags": None}) | (MAIL & Filter(metadata={"tags": {"ne": "home"}})), {"sun", "garden"}),
    ],
    ids=range(4),
)
def test_every_road_takes_composed_filters_and_lists(
    me: Personalizer, filter_: Filter, endings: set[str], tmp_path: Path
) -> None:
    for retriever in ("bm25", "dense", "hybrid", "recency"):
        hits = me.search("cat", k=9, retriever=retriever, filter=filter_)
        assert {hit.item.text.split()[-1] for hit in hits} == endings
    answer = me.generate("where was the cat", k=9, filter=filter_, max_tokens=1)
    assert {hit.item.text.split()[-1] for hit in answer.sources} == endings
    assert {item.text.split()[-1] for item in me.items.list(filter_)} == endings
    assert me.items.export(tmp_path / "x.jsonl", filter=filter_) == len(endings)
    assert len(me.forget(filter_).item_ids) == len(endings)
    assert me.items.load(tmp_path / "x.jsonl").n_added == len(endings)
    assert {item.text.split()[-1] for item in me.items.list(filter_)} == endings


@pytest.mark.parametrize("wrong", [{"kinds": ["email"]}, {}, "email", 3, ["email"]], ids=repr)
def test_what_is_no_filter_is_refused_on_every_road(me: Personalizer, wrong: Any, tmp_path: Path) -> None:
    calls: tuple[Callable[[], object], ...] = (
        lambda: me.search("cat", filter=wrong),
        lambda: me.generate("cat", filter=wrong),
        lambda: me.prepare("cat", filter=wrong),
        lambda: me.stream("cat", filter=wrong),
        lambda: me.items.list(wrong),
        lambda: me.items.export(tmp_path / "x", filter=wrong),
        lambda: me.summaries.make(filter=wrong),
        lambda: me.adapters.train(filter=wrong),
    )
    for call in calls:
        with pytest.raises(
            TypeError, match=r'filter is a Filter, not an? \w+: write Filter\(kinds=\("note",\)\)'
        ) as caught:
            call()
        assert "email" not in str(caught.value)


def test_other_nouns_are_told_how_they_are_written(me: Personalizer) -> None:
    anything: Any = {"temperature": 1}
    for call, words in (
        (lambda: me.generate("cat", sampling=anything), "sampling is a Sampling, not a dict"),
        (lambda: me.generate("cat", earlier=[anything]), "each of earlier is a Message, not a dict"),
        (lambda: me.add_many([anything]), 'each of drafts is a Draft, not a dict: write Draft(text="…")'),
        (lambda: me.add_many(anything), "drafts come as a list of Draft, not as one dict"),
        (lambda: me.forget(anything), "selection is a str or a list of str or a Filter, not a dict"),
        (lambda: me.adapters.train(config=anything), "config is a TrainingConfig, not a dict"),
        (lambda: me.planner.plan(contrast=anything), "not a dict: write Contrast(alpha=0.1)"),
        (lambda: Personalizer.open("x", app_key=b"k" * 32, retrieval=anything), "retrieval is a RetrievalConfig"),
    ):
        with pytest.raises(TypeError, match=re.escape(words)):
            call()
    assert len(me.items.list()) == 4
    assert me.generate("cat", sampling=Sampling(), max_tokens=1).n_tokens <= 1
    assert me.add_many(Draft(text=f"{n}") for n in range(2)).n_added == 2


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_no_public_method_that_takes_a_noun_is_left_out(door: type) -> None:
    for name, method in inspect.getmembers(door, inspect.isroutine):
        hints = getattr(method, "__annotations__", {}) if not name.startswith("_") else {}
        takes = {hint for key, hint in hints.items() if key != "return"}
        if any(re.search(rf"\b{noun}\b", str(hint)) for noun in EXAMPLES for hint in takes):
            assert hasattr(method, "__wrapped__"), f"{door.__name__}.{name}"


def test_a_misspelt_key_is_told_once_by_a_search_of_two_retrievers(me: Personalizer) -> None:
    with pytest.warns(MisspeltKeyWarning, match="is 'tags' meant") as caught:
        assert me.search("cat", retriever="hybrid", filter=Filter(metadata={"tgas": "home"})) == []
    assert [each.filename for each in caught] == [__file__]
