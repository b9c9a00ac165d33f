"""Answers beside erasures: none is cut off unsaid, and nothing forgotten is read once its receipt is there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from ondevice import EngineConfig, Filter, ModelSet, Personalizer
from ondevice.errors import GenerationError, NotFoundError
from ondevice.generation.prepared import Prepared
from ondevice.generation.prompts.summary import SummaryConfig
from tests.tiny_adapters import keep_adapter

KEY = b"k" * 32
SECRET = "the code of the safe is 4711"


@pytest.fixture
def me(tmp_path: Path, app_models: Path) -> Iterator[Personalizer]:
    with Personalizer.open(
        tmp_path / "me",
        app_key=KEY,
        models=ModelSet(app_models, encoder=None, generator="tiny-generator", engine=EngineConfig(threads=1)),
    ) as me:
        yield me


def aside(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def held(me: Personalizer) -> str:
    """Return what the model's memory holds as text."""
    desk = me.generator.engine()._desk
    return b"".join(desk.vocabulary.piece(token) for token in desk.state._held or ()).decode("utf-8", "replace")


ANSWERS: dict[str, Callable[[Personalizer, Prepared], object]] = {
    "answer": lambda me, prepared: me.answer(prepared),
    "stream": lambda me, prepared: list(me._responder.stream(lambda: prepared)),
}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("labels", [None, ("yes", "no")])
def test_a_request_prepared_before_an_erasure_is_refused_after_it(
    me: Personalizer, answer: str, labels: tuple[str, ...] | None
) -> None:
    secret = me.add(SECRET).id
    prepared = me.prepare("what is the code of the safe?", labels=labels, max_tokens=5)
    assert SECRET in prepared.prompt
    assert me.forget(secret).verified
    with pytest.raises(NotFoundError, match="1 of 1 items in the prompt were forgotten") as caught:
        ANSWERS[answer](me, prepared)
    assert caught.value.hint == "prepare the request again"
    assert "4711" not in held(me)


def test_a_stream_that_has_not_begun_is_refused_too(me: Personalizer) -> None:
    secret, other = me.add(SECRET).id, me.add("roses are red").id
    me.generate("warm", max_tokens=2)
    refused = me.stream("what is the code of the safe?", k=1, max_tokens=5)
    begun = me.stream("what is red?", k=1, max_tokens=5)
    assert [hit.item.id for hit in (*refused.sources, *begun.sources)] == [secret, other]
    aside(lambda: me.forget(secret))
    with pytest.raises(NotFoundError, match="in the prompt were forgotten"):
        list(refused)
    assert len("".join(begun)) > 0
    assert begun.completion.finish_reason == "length", "a stream of other items begins when it is read"
    assert "4711" not in held(me)


def test_what_has_expired_or_stands_in_a_summary_is_refused_too(me: Personalizer) -> None:
    me.add("a sale of roses", expires_at=datetime.now(UTC) + timedelta(hours=1))
    prepared = me.prepare("roses", max_tokens=2)
    assert me.prune(now=datetime.now(UTC) + timedelta(hours=2)) is not None
    with pytest.raises(NotFoundError, match="have expired"):
        me.answer(prepared)
    ids = [me.add(f"{SECRET}, note {number}").id for number in range(3)]
    me.summaries.make()
    prepared = me.prepare("hello", retriever="none", summary=True, max_tokens=2)
    assert prepared.has_summary
    assert prepared.sources == ()
    me.forget(ids[0])
    with pytest.raises(NotFoundError, match="1 of 3 items in the prompt"):
        me.answer(prepared)


def test_an_update_leaves_a_prepared_request_as_it_is(me: Personalizer) -> None:
    item = me.add("roses are red")
    prepared = me.prepare("roses", max_tokens=2)
    me.items.update(item.id, text="roses are white")
    assert me.answer(prepared).sources[0].item.text == "roses are red"


def test_generating_while_another_thread_forgets_is_begun_again(me: Personalizer) -> None:
    items = [me.add(f"note {number} about gardens").id for number in range(3)]
    expected = me.generate("roses", retriever="none", max_tokens=60).text
    forgetting: list[threading.Thread] = []

    def cancel() -> bool:
        """Let another thread forget in the middle of the answer, and go on when it waits for the answer's end."""
        if not forgetting:
            forgetting.append(threading.Thread(target=me.forget, args=(items[0],)))
            forgetting[0].start()
            while forgetting[0].is_alive() and not me.generator.engine()._desk.turn.is_claimed():
                forgetting[0].join(0.001)
        return False

    completion = me.generate("roses", retriever="none", max_tokens=60, cancel=cancel)
    forgetting[0].join()
    assert (completion.text, completion.finish_reason, completion.n_tokens) == (expected, "length", 60)


def test_generating_looks_items_up_again_where_one_is_forgotten_meanwhile(me: Personalizer) -> None:
    secret, other = me.add(SECRET).id, me.add("the code of the door is 12").id
    prepared: list[list[str]] = []
    prepare = me._responder.prepare

    def forget_behind(*given: object, **named: object) -> Prepared:
        found = prepare(*given, **named)  # type: ignore[arg-type]
        prepared.append([hit.item.id for hit in found.sources])
        if len(prepared) == 1:
            me.forget(secret)
        return found

    me._responder.prepare = forget_behind  # type: ignore[method-assign]
    completion = me.generate("what is the code of the safe?", k=1, max_tokens=5)
    assert prepared == [[secret], [other]]
    assert [hit.item.id for hit in completion.sources] == [other]
    assert "4711" not in held(me)


def test_a_reader_in_another_thread_is_told_why_its_answer_ended(me: Personalizer) -> None:
    me.add("roses are red")
    other = me.add("the weather is fine").id
    stream = me.stream("roses", max_tokens=300, k=1)
    pieces = iter(stream)
    next(pieces)
    aside(lambda: me.forget(other))
    with pytest.raises(GenerationError, match="the answer was ended: items were forgotten"):
        list(pieces)


def test_whoever_ends_the_answer_he_reads_is_not_told(me: Personalizer) -> None:
    item = me.add("roses are red").id
    with me.stream("roses", max_tokens=300) as stream:
        pieces = iter(stream)
        next(pieces)
        me.forget(item)
        assert list(pieces) == []
    assert stream.completion.finish_reason == "cancelled"


@pytest.mark.parametrize("labels", [None, ("yes", "no")])
def test_generating_while_the_language_model_is_changed_goes_on_with_the_next(
    me: Personalizer, labels: tuple[str, ...] | None
) -> None:
    """Whatever moment the model is freed at, who asked gets an answer, and never hears of it."""
    me.add("roses are red")
    stop, told = threading.Event(), []

    def unload() -> None:
        moments = Random(1)
        while not stop.wait(moments.uniform(0, 0.02)):  # without a pause an answer begins a hundred times
            me.generator.free()

    thread = threading.Thread(target=unload)
    thread.start()
    try:
        for _ in range(15):
            told.append(me.generate("roses", max_tokens=3, labels=labels).finish_reason)
    finally:
        stop.set()
        thread.join()
    assert set(told) == ({"length"} if labels is None else {"stop"})


def test_generating_while_adapters_go_and_come_never_hears_of_it(me: Personalizer) -> None:
    ids = [me.add(f"note {number} about roses").id for number in range(2)]
    stop, told = threading.Event(), []

    def swap() -> None:
        seed = 0
        while not stop.is_set():
            seed += 1
            keep_adapter(me, "style", ids, seed=seed)
            me.adapters.use("style")
            me.adapters.drop("style")

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for number in range(40):
            labels = ("yes", "no") if number % 2 else None
            told.append(me.generate("roses", max_tokens=3, labels=labels).finish_reason)
    finally:
        stop.set()
        thread.join()
    assert set(told) == {"length", "stop"}
    assert me.generator.engine()._adapters == set()


def test_a_summary_is_not_given_up_because_another_item_is_forgotten(me: Personalizer) -> None:
    ids = [me.add(f"notes on {what}").id for what in ("rain", "sun", "snow")]
    other = me.add("a letter", kind="letter").id
    forgetting: list[threading.Thread] = []

    def cancel() -> bool:
        if not forgetting:
            forgetting.append(threading.Thread(target=me.forget, args=(other,)))
            forgetting[0].start()
            while forgetting[0].is_alive() and not me.generator.engine()._desk.turn.is_claimed():
                forgetting[0].join(0.001)
        return False

    made = me.summaries.make(
        by="model", filter=Filter(kinds=("note",)), config=SummaryConfig(max_tokens=24), cancel=cancel
    )
    forgetting[0].join()
    assert made is not None
    assert set(made.item_ids) == set(ids)
