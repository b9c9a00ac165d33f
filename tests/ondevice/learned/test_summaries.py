"""A summary of the user: made from items, kept sealed, put into prompts, and gone with any item it came from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ondevice import EngineConfig, Filter, ModelSet, Personalizer
from ondevice.errors import GenerationError, NotFoundError
from ondevice.generation.prompts.summary import SummaryConfig
from ondevice.records import ArtifactOutcome
from tests.tiny_adapters import keep_adapter

KEY = b"k" * 32


def opened(profile: Path, models: Path) -> Personalizer:
    return Personalizer.open(
        profile,
        app_key=KEY,
        models=ModelSet(models, encoder=None, generator="tiny-generator", engine=EngineConfig(threads=1)),
    )


@pytest.fixture
def me(profile_path: Path, app_models: Path) -> Iterator[Personalizer]:
    with opened(profile_path, app_models) as it:
        for number, tag in enumerate(["comedy", "comedy", "drama"]):
            it.add(f"movie number {number} about rain", kind="movie", fields={"tag": tag})
        yield it


def test_a_counted_summary_is_kept_and_stands_in_the_prompt(
    me: Personalizer, profile_path: Path, app_models: Path
) -> None:
    made = me.summaries.make("LaMP_2")
    assert made is not None
    assert "comedy" in made.text
    assert (made.made_by, made.task, len(made.item_ids)) == ("count", "LaMP_2", 3)
    assert "comedy" not in repr(made)
    me.close()
    with opened(profile_path, app_models) as again:
        assert again.summaries.get("LaMP_2") == made
        assert again.summaries.list() == [made]
        prepared = again.prepare("Which tag? description: rain", task="LaMP_2", retriever="none", summary=True)
        assert made.text in prepared.prompt
        assert prepared.has_summary
        completion = again.answer(prepared)
        assert (completion.has_summary, completion.sources) == (True, ())
        labelled = again.generate("Which tag? description: x", task="LaMP_2", labels=["comedy", "drama"], summary=True)
        assert labelled.has_summary
        assert not again.generate("rain", max_tokens=2).has_summary
    assert b"comedy" not in b"".join(path.read_bytes() for path in profile_path.rglob("*") if path.is_file())


def test_a_stream_takes_it_too(me: Personalizer) -> None:
    me.summaries.make()
    with me.stream("what do I like", summary=True, max_tokens=2) as stream:
        list(stream)
    assert stream.completion.has_summary


def test_forgetting_an_item_drops_it(me: Personalizer) -> None:
    made = me.summaries.make("LaMP_2")
    assert made is not None
    receipt = me.forget(made.item_ids[0])
    assert receipt.verified
    assert ArtifactOutcome(kind="summary", name="lamp_2@1", outcome="dropped", count=1) in receipt.artifacts
    assert me.summaries.list() == []
    with pytest.raises(NotFoundError, match="no summary for the task 'LaMP_2'"):
        me.generate("rain", task="LaMP_2", summary=True)
    again = me.summaries.make("LaMP_2")
    assert again is not None
    assert len(again.item_ids) == 2


def test_what_the_model_wrote_with_an_adapter_goes_with_the_adapters_items_too(me: Personalizer) -> None:
    others = [me.add(f"a letter about {word}", kind="letter").id for word in ("roses", "trains")]
    keep_adapter(me, "style", others)
    me.adapters.use("style")
    movies = Filter(kinds=("movie",))
    made = me.summaries.make(by="model", filter=movies, config=SummaryConfig(max_tokens=12))
    assert made is not None
    assert made.made_by == "model"
    assert set(others) < set(made.item_ids)
    me.forget(others[0])
    assert me.summaries.list() == []


def test_a_cancelled_one_leaves_what_was_there(me: Personalizer) -> None:
    made = me.summaries.make()
    assert me.summaries.make(by="model", cancel=lambda: True) is None
    assert me.summaries.get() == made


def test_drop(me: Personalizer) -> None:
    me.summaries.make()
    me.summaries.drop()
    assert me.summaries.list() == []
    with pytest.raises(NotFoundError):
        me.summaries.drop()
    assert me.vault.sealed.names() == []


def test_nothing_to_describe_is_told(me: Personalizer) -> None:
    with pytest.raises(GenerationError, match="none of 0 items"):
        me.summaries.make(filter=Filter(kinds=("mail",)))


def test_misuse_is_a_value_error(me: Personalizer) -> None:
    with pytest.raises(ValueError, match="one of count, model, not 'hand'"):
        me.summaries.make(by="hand")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="LaMP_9"):
        me.summaries.make("LaMP_9")
