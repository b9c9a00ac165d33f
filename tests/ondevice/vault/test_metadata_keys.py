"""A misspelt key of a filter is found out, and a key that nobody has used yet is none."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from ondevice.errors import InputError, MisspeltKeyWarning, NotFoundError
from ondevice.records import Draft, Filter
from ondevice.vault import Vault

SAID = "no item has the metadata key 'tgas', which the filter names: is 'tags' meant?"


@pytest.fixture
def tagged(vault: Vault) -> Vault:
    vault.items.put_many(
        [
            Draft(text="a word", metadata={"tags": ["work"], "folder": "inbox", "level1": 1, "Fällig": 3}),
            Draft(text="another word", metadata={"dr_okafor's mail": True}),
        ]
    )
    return vault


@pytest.mark.parametrize("condition", ["work", None, {"ne": "work"}, ["a", "b"], {"gt": 1}], ids=repr)
def test_reading_goes_on_with_a_warning_at_the_caller_s_line(tagged: Vault, condition: Any) -> None:
    with pytest.warns(MisspeltKeyWarning) as caught:
        tagged.items.list(Filter(metadata={"tgas": condition}))
    (warning,) = caught
    assert (str(warning.message), warning.filename) == (SAID, __file__)


def test_every_read_warns_and_each_key_once(tagged: Vault) -> None:
    items = tagged.items
    reads: tuple[Callable[[Filter], object], ...] = (
        items.list,
        items.count,
        items.rows,
        lambda filter: items.recent(filter, 3),
        lambda filter: list(items.iterate(filter)),
        lambda filter: tagged.lexical.match(["word"], filter=filter, limit=3),
    )
    for number, read in enumerate(reads):
        filter = Filter(kinds=("note",)) | Filter(
            metadata={("tgas", "atgs", "tgsa", "tagss", "tasg", "ttags")[number]: 1}
        )
        with pytest.warns(MisspeltKeyWarning, match="is 'tags' meant"):
            read(filter)
        read(filter)


@pytest.mark.parametrize(
    "key",
    ["tags", "folder", "archived", "level2", "labels", "t", ""],
)
def test_what_is_there_or_like_nothing_that_is_there_is_no_mistake(tagged: Vault, key: str) -> None:
    """An app asks for what no item has yet; it must not be told that it is wrong."""
    tagged.items.list(Filter(metadata={key: "x"}))
    with pytest.raises(NotFoundError, match="no item fits") as caught:
        tagged.forget(Filter(metadata={key: "x"}))
    assert caught.value.hint == "name items that are there, or look at the filter's kinds, times and metadata"


def test_an_empty_profile_has_no_mistakes(vault: Vault) -> None:
    assert vault.items.list(Filter(metadata={"tgas": "work"})) == []


def test_a_key_that_is_named_beside_its_twin_is_meant(tagged: Vault) -> None:
    """An app that renamed its key asks for both."""
    both = Filter(metadata={"tags": "work"}) | Filter(metadata={"tag": "work"})
    assert [item.text for item in tagged.items.list(both)] == ["a word"]
    assert tagged.forget(both).verified


@pytest.mark.parametrize("key", ["Tags", "tag", "TAGS", "folderr", "fällig"])
def test_cases_and_plurals_are_mistakes(tagged: Vault, key: str) -> None:
    with pytest.warns(MisspeltKeyWarning, match="meant"):
        tagged.items.count(Filter(metadata={key: "x"}))


def test_what_may_be_a_user_s_words_is_not_shown(tagged: Vault) -> None:
    for key in ("dr_okafors mail", "dr okafor's mail", "x" * 41):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            tagged.items.list(Filter(metadata={key: True}))
        assert all("okafor" not in str(each.message) for each in caught)
        assert [str(each.message) for each in caught] == (
            []
            if key.startswith("x")
            else ["no item has a metadata key that the filter names, and items have one that is spelt almost the same"]
        )


def test_a_key_counts_as_soon_and_as_long_as_an_item_has_it(tagged: Vault) -> None:
    wanted = Filter(metadata={"tgas": "work"})
    new = tagged.items.put_many([Draft(text="late", metadata={"tgas": "work"})])[0].item
    assert [item.text for item in tagged.items.list(wanted)] == ["late"]
    tagged.items.update(new.id, expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.warns(MisspeltKeyWarning):
        tagged.items.list(wanted)


def test_nothing_is_forgotten_by_a_misspelt_key(tagged: Vault) -> None:
    """Without the key in any item, each of these would fit every item."""
    for condition in (None, {"ne": "work"}):
        with pytest.raises(InputError) as caught:
            tagged.forget(Filter(metadata={"tgas": condition}))
        assert caught.value.message == f"nothing was forgotten: {SAID}"
    with pytest.raises(NotFoundError) as missing:
        tagged.forget(Filter(metadata={"tgas": "work"}))
    assert missing.value.hint == SAID
    assert tagged.items.count() == 2


def test_the_warning_is_not_kept_in_memory(tagged: Vault) -> None:
    """Python remembers warnings by their text, which would outlive the item whose key it names."""
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.showwarning = lambda *_, **__: None
        tagged.items.list(Filter(metadata={"tgas": "work"}))
    registries = [vars(module).get("__warningregistry__") for module in [*sys.modules.values()]]
    assert not any("tgas" in str(registry) for registry in registries)


def test_the_keys_are_counted(tagged: Vault) -> None:
    tagged.items.put_many([Draft(text="third", metadata={"tags": None})])
    assert tagged.items.count_by_key() == {"tags": 2, "Fällig": 1, "dr_okafor's mail": 1, "folder": 1, "level1": 1}


def test_a_wrong_selection_is_refused_before_anything_goes(tagged: Vault) -> None:
    for wrong in ({"kinds": ["note"]}, "some-id", 3, None):
        with pytest.raises(TypeError, match=r"a selection is a list of ids or a Filter, not one \w+: write Filter"):
            tagged.forget(wrong)  # type: ignore[arg-type]
    assert tagged.items.count() == 2
