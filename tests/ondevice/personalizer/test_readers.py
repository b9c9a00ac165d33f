"""A model whose bundle brings a reader wears it for questions over notes alone; all else is as without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ondevice import EngineConfig, ModelSet, Personalizer, SharedModels
from ondevice.bundle import Bundle
from ondevice.cli.views import resting_lines
from ondevice.config import Sampling
from ondevice.errors import ModelMismatchError
from ondevice.generation import checking
from ondevice.generation.answer_stream import Stream
from ondevice.generation.llama.engine import Engine
from ondevice.generation.llama.reading import Reading
from ondevice.generation.preparation import prepare
from ondevice.generation.prepared import Prepared
from ondevice.generation.request import Request
from ondevice.personalizer.options import AnswerOptions
from tests.tiny_adapters import keep_adapter
from tests.tiny_generator import make_tiny_adapter, make_tiny_generator

KEY = b"k" * 32
NOW = datetime(2026, 3, 18, 9, tzinfo=UTC)
ASKED = "when is the dentist"
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}
BY_READER = Reading(by_reader=True)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_tiny_generator(folder / "reader", name="reader", reader=make_tiny_adapter(seed=5))
    make_tiny_generator(folder / "bare", name="bare")
    make_tiny_generator(folder / "both", name="both", reads_notes=True, reader=make_tiny_adapter(seed=5))
    return folder


def set_of(models: Path, name: str) -> ModelSet:
    return ModelSet(models, encoder=None, generator=name, engine=EngineConfig(threads=1))


@pytest.fixture
def open_one(models: Path, tmp_path: Path) -> Iterator[Callable[[str], Personalizer]]:
    opened: list[Personalizer] = []

    def open_one(name: str) -> Personalizer:
        me = Personalizer.open(tmp_path / name, app_key=KEY, models=set_of(models, name))
        opened.append(me)
        me.add("the dentist is on friday", time=NOW)
        return me

    yield open_one
    for me in opened:
        me.close()


def said(me: Personalizer, **options: object) -> str:
    return me.generate(ASKED, now=NOW, max_tokens=12, **options).text  # type: ignore[arg-type]


def test_it_is_worn_for_notes_and_shapes_the_answer(models: Path) -> None:
    prompt = "a prompt"
    with (
        Engine.open(Bundle.open(models / "reader", kind="generator")) as with_reader,
        Engine.open(Bundle.open(models / "bare", kind="generator")) as bare,
    ):
        assert (with_reader.reading_form, with_reader.prompt_form) == ("numbered", "plain")
        assert (bare.reading_form, bare.prompt_form) == ("plain", "plain")
        plain = bare.generate(prompt, max_tokens=12).text
        assert with_reader.generate(prompt, max_tokens=12).text == plain
        read = with_reader.generate(prompt, max_tokens=12, reading=BY_READER).text
        assert read != plain
        assert "".join(with_reader.stream(prompt, max_tokens=12, reading=BY_READER)) == read
        assert with_reader.generate(prompt, max_tokens=12).text == plain, "it is taken off again"
        with pytest.raises(ModelMismatchError, match="built for a language model with a reader, and this one has none"):
            bare.generate(prompt, max_tokens=12, reading=BY_READER)
        own = with_reader.load_adapter(make_tiny_adapter(seed=9))
        with_reader.use(own)
        assert with_reader.reading_form == "plain"
        styled = with_reader.generate(prompt, max_tokens=12).text
        assert styled != plain
        assert with_reader.generate(prompt, max_tokens=12, reading=BY_READER).text == read, "a prompt for it stays one"
        assert with_reader.generate(prompt, max_tokens=12).text == styled


def test_only_questions_over_notes_are_read_by_it(open_one: Callable[[str], Personalizer]) -> None:
    me, bare = open_one("reader"), open_one("bare")
    assert "[1] note: the dentist is on friday" in me.prepare(ASKED, now=NOW).prompt
    assert me.prepare(ASKED, now=NOW).is_cited
    assert said(me) != said(bare)
    with me.stream(ASKED, now=NOW, max_tokens=12) as stream:
        assert "".join(stream) == said(me)
    for options in ({"retriever": "none"}, {"labels": ("yes", "no")}, {"json_schema": SCHEMA}):
        assert me.prepare(ASKED, now=NOW, **options).prompt == bare.prepare(ASKED, now=NOW, **options).prompt
        assert said(me, **options) == said(bare, **options)
    story = "Write a story about the dentist"
    assert me.generate(story, now=NOW, max_tokens=12).text == bare.generate(story, now=NOW, max_tokens=12).text
    mail = "Generate a subject for the following email: the dentist"
    assert (
        me.generate(mail, max_tokens=12, task="LaMP_6").text == bare.generate(mail, max_tokens=12, task="LaMP_6").text
    )


def test_where_the_model_reads_notes_itself_too_only_questions_are_left_to_the_reader(
    open_one: Callable[[str], Personalizer],
) -> None:
    me = open_one("both")
    question, story = (me.prepare(asked, now=NOW) for asked in (ASKED, "Write a story about the dentist"))
    assert (len(question.numbered), question.reads) == (1, True)
    assert (len(story.numbered), story.reads) == (1, False)
    keep_adapter(me, "style", [me.items.list()[0].id])
    me.adapters.use("style")
    styled = me.prepare(ASKED, now=NOW)
    assert (len(styled.numbered), styled.reads) == (1, False)


def test_a_request_to_write_is_answered_whatever_is_to_be_checked(open_one: Callable[[str], Personalizer]) -> None:
    me = open_one("reader")
    story = "Write a story about the dentist"
    plain = me.generate(story, now=NOW, max_tokens=12).text
    for wanted in ("say", "empty"):
        assert me.generate(story, now=NOW, max_tokens=12, on_unsupported=wanted).text == plain
        with me.stream(story, now=NOW, max_tokens=12, on_unsupported=wanted) as stream:
            assert "".join(stream) == plain
    for given in ({"task": "LaMP_4"}, {"labels": ("yes", "no")}):
        with pytest.raises(ValueError, match="on_unsupported='say'"):
            me.generate(story, now=NOW, max_tokens=12, on_unsupported="say", **given)
    keep_adapter(me, "style", [me.items.list()[0].id])
    me.adapters.use("style")
    with pytest.raises(ValueError, match="needs a language model that reads numbered notes"):
        me.generate(story, now=NOW, max_tokens=12, on_unsupported="say")


def test_an_adapter_or_a_merged_model_of_the_user_s_own_takes_its_place(
    open_one: Callable[[str], Personalizer],
) -> None:
    me = open_one("reader")
    keep_adapter(me, "style", [me.items.list()[0].id])
    me.adapters.use("style")
    assert me.prepare(ASKED, now=NOW).numbered == ()
    me.adapters.use(None)
    assert len(me.prepare(ASKED, now=NOW).numbered) == 1
    me.merged.make("style")
    me.merged.use("style")
    assert me.prepare(ASKED, now=NOW).numbered == ()


def test_a_prompt_is_answered_by_what_it_was_built_for(open_one: Callable[[str], Personalizer]) -> None:
    me = open_one("reader")
    keep_adapter(me, "style", [me.items.list()[0].id])
    for_reader = me.prepare(ASKED, now=NOW, max_tokens=12)
    read = me.answer(for_reader).text
    me.adapters.use("style")
    for_style = me.prepare(ASKED, now=NOW, max_tokens=12)
    assert (for_reader.reads, for_style.reads) == (True, False)
    assert me.answer(for_reader).text == read, "numbered notes are not given to an adapter that never saw any"
    me.adapters.use(None)
    plain = me.answer(for_style).text
    me.adapters.drop("style")
    assert me.answer(for_style).text == plain, "nor plain ones to the reader"


def test_a_model_without_a_reader_that_comes_meanwhile_gets_no_numbered_notes(
    open_one: Callable[[str], Personalizer],
) -> None:
    me = open_one("reader")
    keep_adapter(me, "style", [me.items.list()[0].id])
    me.merged.make("style")
    prepared = me.prepare(ASKED, now=NOW, max_tokens=12)
    begun, held = (me.stream(ASKED, now=NOW, max_tokens=12, on_unsupported=way) for way in ("answer", "say"))
    me.merged.use("style")
    with pytest.raises(ModelMismatchError, match=r"with a reader, and this one has none \(prepare the request again"):
        me.answer(prepared)
    assert "".join(begun) == said(me), "nothing of it was read, so it was prepared again"
    assert begun.completion.support is None
    with pytest.raises(ValueError, match="needs a language model that reads numbered notes"):
        list(held)


def test_a_request_is_prepared_again_for_the_model_that_came(open_one: Callable[[str], Personalizer]) -> None:
    me = open_one("reader")
    keep_adapter(me, "style", [me.items.list()[0].id])
    me.merged.make("style")
    options: AnswerOptions = {"now": NOW, "max_tokens": 12}
    forms: list[bool] = []

    def prepare() -> Prepared:
        prepared = me.prepare(ASKED, **options)
        forms.append(prepared.reads)
        if len(forms) == 1:
            me.merged.use("style")
        return prepared

    answer = me._responder.generate(prepare)
    assert forms == [True, False]
    assert answer.text == said(me)


def test_users_who_share_the_model_share_it_too(models: Path, tmp_path: Path) -> None:
    with (
        SharedModels(set_of(models, "reader")) as shared,
        Personalizer.open(tmp_path / "ann", app_key=KEY, models=shared) as ann,
        Personalizer.open(tmp_path / "bob", app_key=KEY, models=shared) as bob,
    ):
        for me in (ann, bob):
            me.add("the dentist is on friday", time=NOW)
        first = said(ann)
        ann.close()
        assert said(bob) == first


def test_a_reader_of_another_model_is_refused(tmp_path: Path) -> None:
    bundle = make_tiny_generator(tmp_path / "odd", reader=make_tiny_adapter(embedding=32))
    with pytest.raises(ModelMismatchError, match="made for another base model"):
        Engine.open(bundle)


def test_a_question_about_none_of_the_notes_is_answered_without_them_where_the_model_is_sure(
    open_one: Callable[[str], Personalizer], monkeypatch: pytest.MonkeyPatch
) -> None:
    me, bare = open_one("reader"), open_one("bare")
    general, hits, engine = "which planet is large", me.search(ASKED), me.generator.engine()
    assert hits

    def prepared(text: str, nearest: float | None, **options: object) -> Prepared:
        request = Request(
            text=text,
            task="chat",
            retriever="hybrid",
            max_tokens=12,
            sampling=Sampling(),
            stop=(),
            now=NOW,
            **options,  # type: ignore[arg-type]
        )
        return prepare(request, lambda _: hits, engine, nearest=lambda _: nearest)

    both = prepared(general, 0.1)
    assert (len(both.sources), both.reads) == (1, True)
    assert both.alone is not None
    assert (both.alone.sources, both.alone.reads, both.alone.has_notes) == ((), False, False)
    assert both.alone.prompt == bare.prepare(general, retriever="none", now=NOW).prompt
    for near in (prepared(general, 0.9), prepared(general, None), prepared(ASKED, 0.1)):
        assert near.alone is None
    for options in ({"on_unsupported": "say"}, {"summary": "likes planets"}):
        assert prepared(general, 0.1, **options).alone is None, "what is known of the user was asked for"
    plain, read = said_of(bare, general), me.generate(general, now=NOW, max_tokens=12, retriever="bm25").text
    for least, wanted in ((0.0, plain), (1.1, read)):
        monkeypatch.setattr(checking, "LEAST_SURE", least)
        told = me.answer(both)
        with Stream(replace(both, request=replace(both.request, on_unsupported="answer")), me.generator) as stream:
            assert stream.sources == both.sources
            assert (pieces := list(stream))
            given = stream.completion
        assert told.text == wanted
        if wanted == plain:
            assert (told.sources, told.is_supported, pieces) == ((), False, [plain])
            assert "not from the notes" in resting_lines(told)[-1]
            assert 0 < (told.support or 0) < 1
        else:
            assert len(told.sources) == len(given.sources) == 1
        assert (given.text == plain) == (wanted == plain)
    with Stream(both, me.generator) as left:
        pass
    assert (left.completion.text, left.completion.finish_reason) == ("", "cancelled")


def said_of(me: Personalizer, text: str) -> str:
    return me.generate(text, retriever="none", now=NOW, max_tokens=12).text
