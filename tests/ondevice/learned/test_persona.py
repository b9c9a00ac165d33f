"""What the model is told of the whole history: real profiles, every way of answering, and what does not fit."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ondevice import EngineConfig, Filter, ModelSet, Personalizer, SharedModels
from ondevice.config import Contrast
from ondevice.errors import BundleError, ContextOverflowError, ModelMismatchError, NotFoundError
from ondevice.evaluation.answer_book import UNLEARNED, AnswerBook
from ondevice.evaluation.answers import AnswerStore
from ondevice.generation.prompts.chat import Message
from ondevice.learned import PersonaStatus
from ondevice.records import Draft
from tests.ondevice.learned.told_profiles import ASKED, TEXTS, OpenTold, ask, fill, rows_of
from tests.tiny_adapters import keep_adapter
from tests.tiny_selector import make_tiny_selector

KEY = b"k" * 32


def test_the_newest_items_by_their_time_have_a_part_whenever_they_were_added(open_told: OpenTold) -> None:
    me, fewer = open_told(persona="short"), open_told("fewer", persona="short")
    for day in (2, 4, 1, 3):
        me.add(TEXTS[day - 1], time=datetime(2024, 1, day, tzinfo=UTC))
    for day in (4, 3):
        fewer.add(TEXTS[day - 1], time=datetime(2024, 1, day, tzinfo=UTC))
    assert rows_of(ask(me)) == rows_of(ask(fewer))
    assert (me.persona.status().n_items, me.persona.status().max_items) == (2, 2)


def test_the_rows_shape_the_answer_and_cost_no_reading_of_the_prompt(open_told: OpenTold) -> None:
    me = open_told(engine=EngineConfig(threads=1))
    fill(me)
    plain = me.generate(ASKED, retriever="none", max_tokens=20, persona=False)
    told = me.generate(ASKED, retriever="none", max_tokens=20)
    assert (plain.has_persona, told.has_persona) == (False, True)
    assert plain.text != told.text
    assert told.n_prompt_tokens == plain.n_prompt_tokens + 3
    assert told.n_reused_tokens > 0, "the same prompt with other rows is not read anew"
    assert me.generate(ASKED, retriever="none", max_tokens=20, persona=False).text == plain.text
    before = me.generate(ASKED, retriever="none", labels=("yes", "no")).label_scores
    fill(me, "the cat and the rain in rome", first=20)
    assert me.generate(ASKED, retriever="none", labels=("yes", "no")).label_scores != before


def test_every_way_of_answering_reads_them(open_told: OpenTold) -> None:
    me = open_told()
    fill(me)
    whole = me.generate(ASKED, k=2, max_tokens=12)
    assert whole.has_persona
    assert len(whole.sources) == 2
    with me.stream(ASKED, k=2, max_tokens=12) as stream:
        assert "".join(stream) == whole.text
    assert stream.completion.has_persona
    labels = {"labels": ("yes", "no"), "retriever": "none"}
    told, plain = me.generate(ASKED, **labels), me.generate(ASKED, **labels, persona=False)  # type: ignore[arg-type]
    assert told.has_persona
    assert told.label_scores != plain.label_scores
    assert me.label_prior([ASKED], **labels) == plain.label_scores  # type: ignore[arg-type]
    assert me.label_prior([ASKED], **labels, persona=True) == told.label_scores  # type: ignore[arg-type]
    schema = {"type": "object", "properties": {"n": {"type": "integer", "maximum": 9, "minimum": 0}}, "required": ["n"]}
    assert set(json.loads(me.generate(ASKED, json_schema=schema, max_tokens=40).text)) == {"n"}
    earlier = [Message(role="user", content="hello"), Message(role="assistant", content="yes")]
    assert me.generate(ASKED, earlier=earlier, max_tokens=4).has_persona


@pytest.mark.parametrize("contrast", [None, Contrast(alpha=1.0, threshold=1e-6)])
def test_an_adapter_and_a_contrast_go_with_them(open_told: OpenTold, contrast: Contrast | None) -> None:
    me = open_told()
    ids = fill(me)
    bare = me.generate(ASKED, max_tokens=12).text
    keep_adapter(me, "style", ids)
    me.adapters.use("style", contrast=contrast)
    both = me.generate(ASKED, max_tokens=12)
    assert both.has_persona
    assert both.text not in (bare, me.generate(ASKED, max_tokens=12, persona=False).text)


def test_a_selector_chooses_with_them(open_told: OpenTold, persona_models: Path) -> None:
    make_tiny_selector(persona_models / "chooser", name="chooser", pool=("none", "bm25", "recency"), max_tokens=512)
    me = open_told(selector="chooser")
    fill(me)
    for mode in ("rspg-pre", "rspg-post"):
        answer = me.generate(ASKED, selector=mode, max_tokens=4)
        assert answer.has_persona
        assert answer.selection is not None


def test_explaining_names_the_items_and_what_is_nobodys(open_told: OpenTold) -> None:
    me = open_told()
    ids = fill(me)
    found = me.persona.explain("the dog on the beach", k=2)
    assert (found.task, found.n_items, len(found.shares)) == ("chat", 4, 2)
    assert found.shares[0].item.id == ids[1]
    assert found.shares[0].weight > found.shares[1].weight
    every = me.persona.explain("the dog on the beach", k=9)
    assert sum(share.weight for share in every.shares) + every.null == pytest.approx(1)
    assert me.persona.explain("rain", filter=Filter(ids=(ids[0],))).n_items == 1
    me.forget(ids)
    assert (me.persona.explain("rain").shares, me.persona.explain("rain").null) == ((), 1.0)
    with pytest.raises(ValueError, match="k must be at least 1"):
        me.persona.explain("rain", k=0)


def test_which_persona_is_used_is_the_apps_to_say_at_each_opening(open_told: OpenTold) -> None:
    me = open_told(persona=None)
    fill(me)
    assert me.persona.status() == PersonaStatus(in_use=None)
    assert ask(me).suffix is None
    with pytest.raises(ValueError, match=r"no persona is in use: name its bundle in ModelSet\(persona"):
        ask(me, persona=True)
    me.persona.use("persona")
    attended = rows_of(ask(me))
    assert me.persona.status().tasks == ("chat", "LaMP_1")
    me.persona.use("persona", weights="mean")
    assert rows_of(ask(me)) != attended
    me.persona.use("persona", weights="task")
    alone = ask(me)
    assert alone.suffix is not None
    assert len(alone.suffix) == 1
    assert alone.persona is not None
    assert alone.persona.item_rows == ()
    assert (me.persona.status().n_rows, me.persona.status().n_items) == (1, 0)
    me.close()
    assert open_told(persona=None).persona.status().in_use is None


def test_a_task_that_it_does_not_know_has_no_rows(open_told: OpenTold) -> None:
    me = open_told()
    fill(me)
    assert ask(me, task="LaMP_2").suffix is None
    assert ask(me, task="LaMP_1").suffix is not None
    assert ask(me, persona=False).suffix is None
    with pytest.raises(ValueError, match="does not know the task 'LaMP_2': it knows chat, LaMP_1"):
        ask(me, task="LaMP_2", persona=True)
    with pytest.raises(TypeError, match="persona is True, False or None, not str"):
        ask(me, persona="persona")


@pytest.mark.parametrize(
    ("given", "error", "match"),
    [
        ({"generator": "other-generator"}, ModelMismatchError, "the persona 'tiny-persona' was made for another base"),
        ({"persona": "for-other-vectors"}, ModelMismatchError, "of the encoder 'other-encoder-"),
        ({"encoder": None}, ModelMismatchError, "which the profile was not opened with"),
        ({"encoder": "other-encoder"}, ModelMismatchError, "of the encoder 'tiny-encoder-"),
        ({"persona": "too-long"}, ModelMismatchError, "takes vectors of 16 numbers"),
        ({"persona": "tiny-encoder"}, BundleError, "is of kind 'encoder', but 'persona' is needed"),
        ({"persona": "missing"}, NotFoundError, "missing"),
    ],
)
def test_a_persona_that_does_not_fit_is_refused(
    open_told: OpenTold, given: dict[str, Any], error: type[Exception], match: str
) -> None:
    me = open_told(**given)
    me.add("the cat and the rain")
    for ask_it in (lambda: ask(me), me.persona.status, lambda: me.persona.use(me.persona._in_use[0])):
        with pytest.raises(error, match=match):
            ask_it()
    assert me.generate(ASKED, retriever="none", max_tokens=2, persona=False).n_tokens > 0


def test_rows_that_are_as_wide_as_no_embedding_are_refused_when_they_are_read(open_told: OpenTold) -> None:
    me = open_told(persona="too-wide")
    with pytest.raises(ModelMismatchError, match="48 numbers, the model's embeddings have 64"):
        me.generate(ASKED, retriever="none", max_tokens=2)


def test_another_name_for_the_encoder_is_no_matter(open_told: OpenTold) -> None:
    me = open_told(encoder="other-encoder", retrievers=["tiny-encoder"])
    fill(me)
    assert rows_of(ask(me)) == rows_of(ask(_filled(open_told("plain"))))


def test_items_without_vectors_are_told_of_as_a_dense_search_tells(open_told: OpenTold) -> None:
    before = open_told(encoder=None, persona=None)
    fill(before)
    before.close()
    me = open_told()
    with pytest.raises(ModelMismatchError, match="4 of 4 items have no vector of the encoder") as told:
        ask(me)
    with pytest.raises(ModelMismatchError) as searched:
        me.search("cat", retriever="dense")
    assert (str(told.value), told.value.hint) == (str(searched.value), searched.value.hint)
    me.items.reencode()
    assert rows_of(ask(me)) == rows_of(ask(_filled(open_told("other"))))


def test_the_prompt_leaves_room_for_the_rows(open_told: OpenTold) -> None:
    me = open_told(persona="many-rows", engine=EngineConfig(threads=1, context_tokens=512))
    me.add_many([Draft(text=f"the cat and the rain and the snow {number}") for number in range(30)])
    prepared = me.prepare(ASKED, k=30, max_tokens=20)
    assert 0 < len(prepared.sources) < len(me.prepare(ASKED, k=30, max_tokens=20, persona=False).sources)
    assert me.answer(prepared).n_prompt_tokens <= me.generator.engine().context_tokens - 20
    with pytest.raises(ContextOverflowError):
        me.generate("cat " * 105, max_tokens=20)


def test_profiles_that_share_the_models_have_each_their_own_rows(persona_models: Path, tmp_path: Path) -> None:
    chosen = ModelSet(persona_models, encoder="tiny-encoder", generator="tiny-generator", persona="persona")
    with SharedModels(chosen) as shared:
        ann = Personalizer.open(tmp_path / "ann", app_key=KEY, models=shared)
        bob = Personalizer.open(tmp_path / "bob", app_key=KEY, models=shared)
        with ann, bob:
            fill(ann, *TEXTS[:2])
            fill(bob, *TEXTS[2:])
            assert rows_of(ask(ann)) != rows_of(ask(bob))
            bob.persona.use(None)
            assert (ask(ann).suffix is None, ask(bob).suffix is None) == (False, True)
        with pytest.raises(ValueError, match="closed"):
            ann.persona.status()


def test_rows_do_not_stand_in_what_is_shown_of_a_request(open_told: OpenTold) -> None:
    me = open_told()
    fill(me)
    prepared = ask(me)
    assert "array" not in repr(prepared)
    assert "array" not in repr(prepared.persona)
    assert prepared.suffix is not None
    with pytest.raises(ValueError, match="read-only"):
        prepared.suffix[0] = np.zeros(64)


def _filled(me: Personalizer) -> Personalizer:
    fill(me)
    return me


def test_kept_answers_and_likelihoods_are_those_behind_their_rows(open_told: OpenTold) -> None:
    me = open_told()
    fill(me)
    engine = me.generator.engine
    book = AnswerBook(AnswerStore(None), engine, adapter_id=None, context_tokens=None, threads=1)
    told, plain = ask(me), ask(me, persona=False)
    nats = {}
    for name, prepared in (("told", told), ("plain", plain)):
        assert not book.knows(prepared, UNLEARNED, "rain", None)
        nats[name] = book.likelihood(me, prepared, UNLEARNED, "rain", None)
        assert book.knows(prepared, UNLEARNED, "rain", None)
        scores = engine().log_likelihood(prepared.prompt, "rain", ends_turn=True, suffix=prepared.suffix)
        assert nats[name] == pytest.approx(-float(scores.mean()), rel=1e-5)
    assert nats["told"] != nats["plain"]
    fill(me, "the cat and the rain in rome", first=20)
    assert not book.knows(ask(me), UNLEARNED, "rain", None), "other rows, another answer"
    assert book.knows(ask(me, persona=False), UNLEARNED, "rain", None)
