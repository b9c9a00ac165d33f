"""What the model is told of the whole history: real profiles, with rows that nothing forgotten has a part in."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ondevice import EngineConfig, Filter, ModelSet, Personalizer, SharedModels
from ondevice.config import Contrast
from ondevice.errors import BundleError, ContextOverflowError, ModelMismatchError, NotFoundError
from ondevice.generation.answering import Prepared
from ondevice.generation.prompts.chat import Message
from ondevice.learned import PersonaStatus
from ondevice.records import Draft
from tests.tiny_adapters import keep_adapter
from tests.tiny_generator import make_tiny_generator
from tests.tiny_models import make_tiny_encoder
from tests.tiny_persona import make_tiny_persona
from tests.tiny_selector import make_tiny_selector

KEY = b"k" * 32
ASKED = "where was the cat"
TEXTS = ("the cat and the rain", "the dog on the beach", "ten tickets to oslo", "a song and a poem")
Open = Callable[..., Personalizer]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    encoder = make_tiny_encoder(folder / "tiny-encoder")
    other = make_tiny_encoder(folder / "other-encoder", name="other-encoder", seed=9)
    bases = [make_tiny_generator(folder / "tiny-generator").files["model"].sha256]
    make_tiny_generator(folder / "other-generator", name="other-generator", seed=5)
    make_tiny_persona(folder / "persona", encoder=encoder.id, bases=bases)
    make_tiny_persona(folder / "short", encoder=encoder.id, bases=bases, max_items=2, rank=0)
    make_tiny_persona(folder / "for-other-vectors", encoder=other.id, bases=bases)
    make_tiny_persona(folder / "many-rows", encoder=encoder.id, bases=bases, n_task_rows=60)
    make_tiny_persona(folder / "too-wide", encoder=encoder.id, bases=bases, n_out=48)
    make_tiny_persona(folder / "too-long", encoder=encoder.id, bases=bases, n_in=16)
    return folder


@pytest.fixture
def open_me(models: Path, tmp_path: Path) -> Iterator[Open]:
    """Open a profile of this name, with a persona and with what else is given."""
    opened: list[Personalizer] = []

    def open_it(name: str = "me", **given: Any) -> Personalizer:
        chosen = {
            "encoder": "tiny-encoder",
            "generator": "tiny-generator",
            "persona": "persona",
            "engine": EngineConfig(threads=1, reuse_whole_batches=True),
            **given,
        }
        opened.append(Personalizer.open(tmp_path / name, app_key=KEY, models=ModelSet(models, **chosen)))
        return opened[-1]

    yield open_it
    for me in opened:
        me.close()


def fill(me: Personalizer, *texts: str, first: int = 1) -> list[str]:
    """Add texts, one a day."""
    return [
        me.add(text, time=datetime(2024, 1, first + place, tzinfo=UTC)).id for place, text in enumerate(texts or TEXTS)
    ]


def rows_of(prepared: Prepared) -> bytes:
    assert prepared.suffix is not None
    return prepared.suffix.tobytes()


def ask(me: Personalizer, **options: Any) -> Prepared:
    return me.prepare(ASKED, **{"retriever": "none", "max_tokens": 4, **options})


def test_after_forgetting_the_rows_are_those_of_a_profile_that_never_had_the_item(open_me: Open) -> None:
    had, never = open_me("had"), open_me("never")
    first, *_ = fill(had, "one secret", *TEXTS, "the secret again")
    last = had.items.list(limit=1)[0].id
    fill(never, first=2)
    before = rows_of(ask(had))
    assert before != rows_of(ask(never))
    assert had.forget([first, last]).verified
    assert rows_of(ask(had)) == rows_of(ask(never))
    assert (
        had.generate(ASKED, retriever="none", max_tokens=8).text
        == never.generate(ASKED, retriever="none", max_tokens=8).text
    )
    had.forget(Filter(), everything=True)
    assert rows_of(ask(had)) == rows_of(ask(open_me("new"))), "nobody's rows are what an empty profile has"


def test_an_update_counts_as_what_is_said_now(open_me: Open) -> None:
    changed, new = open_me("changed"), open_me("new")
    item, *_ = fill(changed, *TEXTS)
    changed.items.update(item, text="a museum in rome")
    fill(new, "a museum in rome", *TEXTS[1:])
    assert rows_of(ask(changed)) == rows_of(ask(new))


def test_the_filter_and_what_has_expired_restrict_what_counts(open_me: Open) -> None:
    me, fewer = open_me(), open_me("fewer")
    ids = fill(me)
    fill(fewer, *TEXTS[:3])
    assert rows_of(ask(me, filter=Filter(ids=tuple(ids[:3])))) == rows_of(ask(fewer))
    me.items.update(ids[3], expires_at=datetime.now(UTC) - timedelta(hours=1))
    assert rows_of(ask(me)) == rows_of(ask(fewer)), "an expired item has no part before it is pruned either"


def test_the_newest_items_by_their_time_have_a_part_whenever_they_were_added(open_me: Open) -> None:
    me, fewer = open_me(persona="short"), open_me("fewer", persona="short")
    for day in (2, 4, 1, 3):
        me.add(TEXTS[day - 1], time=datetime(2024, 1, day, tzinfo=UTC))
    for day in (4, 3):
        fewer.add(TEXTS[day - 1], time=datetime(2024, 1, day, tzinfo=UTC))
    assert rows_of(ask(me)) == rows_of(ask(fewer))
    assert (me.persona.status().n_items, me.persona.status().max_items) == (2, 2)


def test_the_rows_shape_the_answer_and_cost_no_reading_of_the_prompt(open_me: Open) -> None:
    me = open_me(engine=EngineConfig(threads=1))
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


def test_every_way_of_answering_reads_them(open_me: Open) -> None:
    me = open_me()
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
def test_an_adapter_and_a_contrast_go_with_them(open_me: Open, contrast: Contrast | None) -> None:
    me = open_me()
    ids = fill(me)
    bare = me.generate(ASKED, max_tokens=12).text
    keep_adapter(me, "style", ids)
    me.adapters.use("style", contrast=contrast)
    both = me.generate(ASKED, max_tokens=12)
    assert both.has_persona
    assert both.text not in (bare, me.generate(ASKED, max_tokens=12, persona=False).text)


def test_a_selector_chooses_with_them(open_me: Open, models: Path) -> None:
    make_tiny_selector(models / "chooser", name="chooser", pool=("none", "bm25", "recency"), max_tokens=512)
    me = open_me(selector="chooser")
    fill(me)
    for mode in ("rspg-pre", "rspg-post"):
        answer = me.generate(ASKED, selector=mode, max_tokens=4)
        assert answer.has_persona
        assert answer.selection is not None


ANSWERS: dict[str, Callable[[Personalizer, Prepared], object]] = {
    "answer": lambda me, prepared: me.answer(prepared).text,
    "stream": lambda me, prepared: "".join(me._responder.stream(lambda: prepared)),
}


@pytest.mark.parametrize("labels", [None, ("yes", "no")])
def test_rows_of_a_forgotten_item_are_made_anew_before_they_are_read(
    open_me: Open, labels: tuple[str, ...] | None
) -> None:
    me, never = open_me(), open_me("never")
    secret, *_ = fill(me, "one secret", *TEXTS)
    fill(never, first=2)
    prepared = ask(me, labels=labels)
    stale = rows_of(prepared)
    read: list[bytes] = []
    engine = me.generator.engine()

    def seen(kept: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            read.append(named["suffix"].tobytes())
            return kept(*given, **named)

        return call

    for name in ("stream", "choose"):
        kept = getattr(engine, name)
        setattr(engine, name, seen(kept))
    aside = threading.Thread(target=me.forget, args=(secret,))
    aside.start()
    aside.join()
    expected = never.generate(ASKED, retriever="none", max_tokens=4, labels=labels)
    assert me.answer(prepared).text == expected.text
    assert read[-1] == rows_of(ask(never, labels=labels)) != stale
    with pytest.raises(NotFoundError, match="1 of 5 items of the persona were forgotten"):
        me.persona.require_whole(prepared.persona)  # type: ignore[arg-type]


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_engine_refuses_rows_of_a_forgotten_item(
    open_me: Open, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look that nothing can come between is the engine's own: without remaking, nothing is answered."""
    me = open_me()
    secret, *_ = fill(me, "one secret", *TEXTS)
    prepared = ask(me)
    me.forget(secret)
    monkeypatch.setattr(me._responder, "_renewed", lambda prepared: prepared)
    with pytest.raises(NotFoundError, match="items of the persona were forgotten, or have expired") as caught:
        ANSWERS[answer](me, prepared)
    assert caught.value.hint == "prepare the request again"


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_item_of_the_prompt_that_is_gone_still_ends_it(open_me: Open, answer: str) -> None:
    me = open_me()
    secret, *_ = fill(me, "one secret", *TEXTS)
    prepared = me.prepare("the secret", k=1, retriever="bm25", max_tokens=4)
    assert [hit.item.id for hit in prepared.sources] == [secret]
    me.forget(secret)
    with pytest.raises(NotFoundError, match="1 of 1 items in the prompt were forgotten"):
        ANSWERS[answer](me, prepared)


def test_a_stream_that_an_erasure_overtakes_begins_again_with_new_rows(open_me: Open) -> None:
    me, never = open_me(), open_me("never")
    secret, *_ = fill(me, "one secret", *TEXTS)
    fill(never, first=2)
    stream = me.stream(ASKED, retriever="none", max_tokens=8)
    me.forget(secret)
    assert "".join(stream) == never.generate(ASKED, retriever="none", max_tokens=8).text


def test_an_answer_that_an_erasure_ends_midway_is_begun_again_with_new_rows(open_me: Open) -> None:
    me, never = open_me(), open_me("never")
    secret, *_ = fill(me, "one secret", *TEXTS)
    fill(never, first=2)
    forgetting: list[threading.Thread] = []

    def cancel() -> bool:
        """Let another thread forget in the middle of the answer, and go on when it waits for the answer's end."""
        if not forgetting:
            forgetting.append(threading.Thread(target=me.forget, args=(secret,)))
            forgetting[0].start()
            while forgetting[0].is_alive() and not me.generator.engine()._desk.turn.is_claimed():
                forgetting[0].join(0.001)
        return False

    answer = me.generate(ASKED, retriever="none", max_tokens=40, cancel=cancel)
    forgetting[0].join()
    assert answer.text == never.generate(ASKED, retriever="none", max_tokens=40).text


def test_the_model_keeps_no_rows_after_forgetting(open_me: Open) -> None:
    me = open_me()
    ids = fill(me)
    me.generate(ASKED, retriever="none", max_tokens=4)
    assert me.forget(ids[0]).verified
    state = me.generator.engine()._desk.state
    assert not state._held


def test_explaining_names_the_items_and_what_is_nobodys(open_me: Open) -> None:
    me = open_me()
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


def test_which_persona_is_used_is_the_apps_to_say_at_each_opening(open_me: Open) -> None:
    me = open_me(persona=None)
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
    assert open_me(persona=None).persona.status().in_use is None


def test_a_task_that_it_does_not_know_has_no_rows(open_me: Open) -> None:
    me = open_me()
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
    open_me: Open, given: dict[str, Any], error: type[Exception], match: str
) -> None:
    me = open_me(**given)
    me.add("the cat and the rain")
    for ask_it in (lambda: ask(me), me.persona.status, lambda: me.persona.use(me.persona._in_use[0])):
        with pytest.raises(error, match=match):
            ask_it()
    assert me.generate(ASKED, retriever="none", max_tokens=2, persona=False).n_tokens > 0


def test_rows_that_are_as_wide_as_no_embedding_are_refused_when_they_are_read(open_me: Open) -> None:
    me = open_me(persona="too-wide")
    with pytest.raises(ModelMismatchError, match="48 numbers, the model's embeddings have 64"):
        me.generate(ASKED, retriever="none", max_tokens=2)


def test_another_name_for_the_encoder_is_no_matter(open_me: Open) -> None:
    me = open_me(encoder="other-encoder", retrievers=["tiny-encoder"])
    fill(me)
    assert rows_of(ask(me)) == rows_of(ask(_filled(open_me("plain"))))


def test_items_without_vectors_are_told_of_as_a_dense_search_tells(open_me: Open) -> None:
    before = open_me(encoder=None, persona=None)
    fill(before)
    before.close()
    me = open_me()
    with pytest.raises(ModelMismatchError, match="4 of 4 items have no vector of the encoder") as told:
        ask(me)
    with pytest.raises(ModelMismatchError) as searched:
        me.search("cat", retriever="dense")
    assert (str(told.value), told.value.hint) == (str(searched.value), searched.value.hint)
    me.items.reencode()
    assert rows_of(ask(me)) == rows_of(ask(_filled(open_me("other"))))


def test_the_prompt_leaves_room_for_the_rows(open_me: Open) -> None:
    me = open_me(persona="many-rows", engine=EngineConfig(threads=1, context_tokens=512))
    me.add_many([Draft(text=f"the cat and the rain and the snow {number}") for number in range(30)])
    prepared = me.prepare(ASKED, k=30, max_tokens=20)
    assert 0 < len(prepared.sources) < len(me.prepare(ASKED, k=30, max_tokens=20, persona=False).sources)
    assert me.answer(prepared).n_prompt_tokens <= me.generator.engine().context_tokens - 20
    with pytest.raises(ContextOverflowError):
        me.generate("cat " * 105, max_tokens=20)


def test_profiles_that_share_the_models_have_each_their_own_rows(models: Path, tmp_path: Path) -> None:
    chosen = ModelSet(models, encoder="tiny-encoder", generator="tiny-generator", persona="persona")
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


def test_rows_do_not_stand_in_what_is_shown_of_a_request(open_me: Open) -> None:
    me = open_me()
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
