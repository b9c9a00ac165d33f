"""``ondevice list``, ``show`` and ``search``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ondevice import Draft, ModelSet, Personalizer
from tests.command_line import Run


@pytest.fixture(autouse=True)
def _history(profile: Path, code: str, app_models: Path) -> None:
    drafts = [
        Draft(
            text="the cat and the rain",
            time=datetime(2024, 1, 5, tzinfo=UTC),
            metadata={"place": "oslo", "tags": ["wet"]},
        ),
        Draft(text="a train ticket", kind="email", time=datetime(2024, 2, 5, tzinfo=UTC), fields={"title": "rome"}),
        Draft(text="piano concert", time=datetime(2024, 3, 5, tzinfo=UTC), metadata={"place": "lyon", "rooms": 3}),
    ]
    with Personalizer.open(profile, recovery_code=code, models=ModelSet(app_models, encoder="tiny-encoder")) as me:
        me.add_many(drafts)


def test_list_shows_the_newest_first_and_counts_all(on_profile: Run) -> None:
    document = on_profile("list", "--json", "--limit", "2").document
    assert [item["text"] for item in document["items"]] == ["piano concert", "a train ticket"]
    assert document["n_items"] == 3
    people = on_profile("list", "--limit", "1", "--offset", "1")
    assert "rome: a train ticket" in people.out
    assert "1 of 3" in people.err


@pytest.mark.parametrize(
    ("options", "texts"),
    [
        (["--kind", "email"], ["a train ticket"]),
        (["--since", "2024-02-05T00:00:00+00:00"], ["piano concert", "a train ticket"]),
        (["--until", "2024-02-05T00:00:00+00:00"], ["the cat and the rain"]),
        (["--where", "place=oslo"], ["the cat and the rain"]),
        (["--where", "rooms>=3"], ["piano concert"]),
        (["--since", "1d"], []),
        (["--where", "tags=wet"], ["the cat and the rain"]),
        (["--where", "place=oslo", "--where", "place=lyon"], []),
        (["--any", "rooms>=3", "--any", "tags=wet"], ["piano concert", "the cat and the rain"]),
        (["--any", "rooms>=3", "--any", "tags=wet", "--where", "place=oslo"], ["the cat and the rain"]),
        (["--any", "rooms>=3", "--kind", "email"], []),
    ],
)
def test_every_filter(on_profile: Run, options: list[str], texts: list[str]) -> None:
    assert [item["text"] for item in on_profile("list", "--json", *options).document["items"]] == texts


@pytest.mark.parametrize(
    "options",
    [["--where", "rooms>true"], ["--where", "\ud800=1"], ["--since", "0001-01-01T00:00+14:00"]],
)
def test_a_filter_that_cannot_be_is_a_usage_error(on_profile: Run, options: list[str]) -> None:
    assert on_profile("list", *options).code == 2


def test_search_by_argument_stdin_and_filter(with_models: Run) -> None:
    hits = with_models("search", "--json", "cat rain", "-k", "1").document["hits"]
    assert [(hit["rank"], hit["item"]["text"]) for hit in hits] == [(1, "the cat and the rain")]
    for retriever in ("bm25", "dense", "hybrid"):
        hits = with_models("search", "--json", "--retriever", retriever, stdin="piano").document["hits"]
        assert hits[0]["item"]["text"] == "piano concert"
    filtered = with_models("search", "--json", "--kind", "email", "cat rain").document["hits"]
    assert {hit["item"]["kind"] for hit in filtered} == {"email"}
    nothing = with_models("search", "--retriever", "bm25", "zebra")
    assert "nothing found" in nothing.err
    assert with_models("search", "cat", "--retriever", "semantic").code == 2


def test_an_unknown_item(on_profile: Run) -> None:
    ran = on_profile("show", "0123456789", "--json")
    assert ran.code == 6
    assert ran.document["error"]["type"] == "NotFoundError"


def test_a_misspelt_key_is_named_on_stderr(on_profile: Run, with_models: Run) -> None:
    for run, command, found in ((on_profile, ["list"], "items"), (with_models, ["search", "piano"], "hits")):
        ran = run(*command, "--json", "--where", "plaec=lyon")
        assert ran.code == 0
        assert ran.err.startswith(
            "note: no item has the metadata key 'plaec', which the filter names: is 'place' meant?\n"
        )
        assert not ran.document[found]
